/**
 * A real Ethereum node on loopback, for development, demo and tests: the platform binary of `@foundry-rs/anvil`,
 * spawned directly so that its process id is the node's, on a port that the system picks.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { err, ok, type Result } from "../../std/index.ts";

export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly chainId: number;
  readonly pid: number;
  /** Resolves when the process ends, however it ends; `reason` is in plain words. */
  readonly ended: Promise<{ readonly reason: string }>;
  stop(): Promise<void>;
}

export type AnvilError =
  | { readonly kind: "NotInstalled"; readonly packageName: string }
  | { readonly kind: "Died"; readonly reason: string; readonly output: string }
  | { readonly kind: "Silent"; readonly milliseconds: number };

export function showAnvilError(error: AnvilError): string {
  switch (error.kind) {
    case "NotInstalled":
      return `the Ethereum node is not installed: ${error.packageName} is missing; run npm ci without --omit=optional`;
    case "Died":
      return `the Ethereum node did not start: ${error.reason}${error.output === "" ? "" : `\n${error.output}`}`;
    case "Silent":
      return `the Ethereum node did not listen within ${error.milliseconds} ms`;
  }
}

export interface AnvilOptions {
  readonly chainId: number;
  /** 0, the default: a free port. */
  readonly port?: number;
  /** Seconds between blocks; without it each transaction is mined at once. */
  readonly blockTimeSeconds?: number;
  /** A file that the node loads when it is there, and writes when it is stopped: a chain that outlives its process. */
  readonly stateFile?: string;
}

/** Keys of the node's first funded accounts: public knowledge ("test test … junk"), worthless elsewhere. */
export const DEVELOPMENT_KEYS: readonly string[] = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

const START_MILLISECONDS_MAX = 20_000;
const STOP_MILLISECONDS_MAX = 5000;
const OUTPUT_CHARS_MAX = 4000;
/** Pinned, so that a newer node does not bring a newer header. */
const HARDFORK = "prague";

const running = new Set<ChildProcess>();
let isWatchingExit = false;

export function startAnvil(options: AnvilOptions): Promise<Result<Anvil, AnvilError>> {
  const binary = findBinary();
  if (!binary.ok) return Promise.resolve(binary);
  const args = ["--host", "127.0.0.1", "--port", String(options.port ?? 0), "--chain-id", String(options.chainId)];
  args.push("--hardfork", HARDFORK);
  if (options.blockTimeSeconds !== undefined) args.push("--block-time", String(options.blockTimeSeconds));
  if (options.stateFile !== undefined) args.push("--state", options.stateFile);
  const child = spawn(binary.value, args, { stdio: ["ignore", "pipe", "pipe"] });
  killOnExit(child);

  let output = "";
  const ended = new Promise<{ readonly reason: string }>((resolve) => {
    child.once("error", (error) => resolve({ reason: error.message }));
    child.once("exit", (code, signal) =>
      resolve({ reason: signal === null ? `it exited with code ${code}` : `it was ended by ${signal}` }),
    );
  }).finally(() => running.delete(child));

  return new Promise((resolve) => {
    const silence = setTimeout(() => {
      child.kill("SIGKILL");
      resolve(err({ kind: "Silent", milliseconds: START_MILLISECONDS_MAX }));
    }, START_MILLISECONDS_MAX);
    void ended.then(({ reason }) => {
      clearTimeout(silence);
      resolve(err({ kind: "Died", reason, output: output.trim() }));
    });
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-OUTPUT_CHARS_MAX);
      const port = /Listening on 127\.0\.0\.1:([0-9]+)/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(silence);
      // The node logs each request: the pipes must stay drained, or it would block.
      for (const stream of [child.stdout, child.stderr]) {
        stream.off("data", read);
        stream.resume();
      }
      resolve(
        ok({
          url: `http://127.0.0.1:${port}`,
          port: Number(port),
          chainId: options.chainId,
          pid: child.pid!,
          ended,
          stop: () => stop(child, ended),
        }),
      );
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
}

/** SIGINT lets the node write its state; one that does not end is killed. */
async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const patience = setTimeout(() => child.kill("SIGKILL"), STOP_MILLISECONDS_MAX);
  await ended;
  clearTimeout(patience);
}

function findBinary(): Result<string, AnvilError> {
  const require = createRequire(import.meta.url);
  const packageName = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const file = process.platform === "win32" ? "anvil.exe" : "anvil";
  // The platform package is a dependency of `@foundry-rs/anvil`, so it is looked up from there.
  for (const from of ["@foundry-rs/anvil/package.json", undefined]) {
    try {
      const resolver = from === undefined ? require : createRequire(require.resolve(from));
      const binary = join(dirname(resolver.resolve(`${packageName}/package.json`)), "bin", file);
      if (existsSync(binary)) return ok(binary);
    } catch {
      // Not installed there; the next place is tried.
    }
  }
  return err({ kind: "NotInstalled", packageName });
}

/** A node never outlives this process, unless the process is killed outright. */
function killOnExit(child: ChildProcess): void {
  running.add(child);
  if (isWatchingExit) return;
  isWatchingExit = true;
  const killAll = () => {
    for (const one of running) one.kill("SIGKILL");
  };
  process.on("exit", killAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // An application that handles the signal decides itself when to exit; else the signal ends the process as it would.
    const end = () => {
      if (process.listenerCount(signal) > 1) return;
      killAll();
      process.removeListener(signal, end);
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}
