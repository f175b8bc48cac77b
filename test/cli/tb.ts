/** `tb` as a process, as people and scripts run it: arguments in, two streams and an exit code out. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const example = (name: string): string => join(root, "examples", name);

export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Tb {
  readonly folder: string;
  /** A process of its own, to its end. */
  (...args: readonly string[]): Promise<Ended>;
  /** A process whose results go to a file or device of its own instead. */
  into(path: string, ...args: readonly string[]): Promise<Ended>;
  /** The same command table in this process, with `--json`: what it prints must be one document. */
  json(...args: readonly string[]): Promise<{ readonly exit: number | null; readonly document: Json }>;
  /** Sends the signal when a line of stderr or stdout matches. */
  interrupt(signal: NodeJS.Signals, when: RegExp, ...args: readonly string[]): Promise<Ended>;
  /** Runs until it is stopped; resolves when a line matches. */
  background(when: RegExp, ...args: readonly string[]): Promise<ChildProcess>;
  dispose(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: documents of many shapes are looked into by tests
export type Json = any;

/** A process takes most of a second to begin; what a command says and decides is the same without. */
async function runHere(
  folder: string,
  args: readonly string[],
  environment: { readonly [name: string]: string },
): Promise<Pick<Ended, "exit" | "out">> {
  const { main } = await import("../../apps/cli/main.ts");
  const write = { out: process.stdout.write, err: process.stderr.write };
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => [signal, process.listeners(signal)] as const);
  const streams = [process.stdout, process.stderr].map((stream) => [stream, stream.listeners("error")] as const);
  const before = { TB_STORE: process.env["TB_STORE"], TB_PASSPHRASE: process.env["TB_PASSPHRASE"] };
  let out = "";
  process.stdout.write = ((text: string) => {
    out += text;
    return true;
  }) as typeof process.stdout.write;
  process.stderr.write = (() => true) as typeof process.stderr.write;
  Object.assign(process.env, { TB_PASSPHRASE: PASSPHRASE, ...environment, TB_STORE: join(folder, ".tb") });
  process.exitCode = 0;
  try {
    const exit = await main(args);
    return { exit, out };
  } finally {
    process.stdout.write = write.out;
    process.stderr.write = write.err;
    process.exitCode = 0;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    for (const [stream, known] of streams)
      for (const listener of stream.listeners("error"))
        if (!known.includes(listener)) stream.off("error", listener as () => void);
    for (const [signal, known] of listeners)
      for (const listener of process.listeners(signal)) if (!known.includes(listener)) process.off(signal, listener);
  }
}

const PASSPHRASE = "correct horse";

/** Bundles the command once, and runs it in a new folder with a passphrase in its environment. */
export async function makeTb(environment: { readonly [name: string]: string } = {}): Promise<Tb> {
  const outdir = join(root, "dist", "cli-test", String(process.pid));
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["apps/cli/main.ts"],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    outdir,
    logLevel: "error",
  });
  if (result.errors.length > 0) throw new Error("tb cannot be bundled");
  const folder = mkdtempSync(join(tmpdir(), "tb-cli-"));
  const start = join(outdir, "main.js");
  const script = `import(${JSON.stringify(start)}).then((tb) => tb.main(process.argv.slice(1))).then((exit) => { process.exitCode = exit; })`;
  const begin = (args: readonly string[], out: "pipe" | number = "pipe") => {
    const { TB_STORE: _, FORCE_COLOR: __, ...inherited } = process.env;
    return spawn(process.execPath, ["-e", script, "--", ...args], {
      cwd: folder,
      env: { ...inherited, TB_PASSPHRASE: PASSPHRASE, NO_COLOR: "1", ...environment },
      stdio: ["ignore", out, "pipe"],
    });
  };
  const collect = (child: ReturnType<typeof begin>, onText: (text: string) => void = () => {}): Promise<Ended> =>
    new Promise((resolve) => {
      let out = "";
      let err = "";
      child.stdout?.on("data", (chunk) => {
        out += chunk;
        onText(out + err);
      });
      child.stderr?.on("data", (chunk) => {
        err += chunk;
        onText(out + err);
      });
      child.on("close", (exit) => resolve({ exit, out, err }));
    });
  const run = (...args: readonly string[]) => collect(begin(args));
  return Object.assign(run, {
    folder,
    async into(path: string, ...args: readonly string[]) {
      const file = openSync(path, "w");
      const ended = await collect(begin(args, file));
      closeSync(file);
      return ended;
    },
    async json(...args: readonly string[]) {
      const { exit, out } = await runHere(folder, [...args, "--json"], environment);
      return { exit, document: JSON.parse(out) as Json };
    },
    interrupt(signal: NodeJS.Signals, when: RegExp, ...args: readonly string[]) {
      const child = begin(args);
      let isSent = false;
      return collect(child, (text) => {
        if (isSent || !when.test(text)) return;
        isSent = true;
        child.kill(signal);
      });
    },
    background(when: RegExp, ...args: readonly string[]): Promise<ChildProcess> {
      const child = begin(args);
      return new Promise((resolve, reject) => {
        void collect(child, (text) => {
          if (when.test(text)) resolve(child);
        }).then(({ exit, err }) => reject(new Error(`tb ${args.join(" ")} ended with ${exit}: ${err}`)));
      });
    },
    dispose() {
      rmSync(folder, { recursive: true, force: true });
      rmSync(outdir, { recursive: true, force: true });
    },
  });
}
