/** A process of its own around a store: what happens to it when it dies, is refused, or runs out of disk. */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { buildSync } from "esbuild";

/** What a child does, and what it prints: one line for each acknowledged write, `kind:` lines for failures. */
export type Role =
  /** Opens the store, prints "open", and waits. */
  | "hold"
  /** Appends to a log and sets a name in each transaction, up to 8 in flight, and prints each acknowledged sequence. */
  | "append"
  /** The same with large blocks, until the store fails; prints the failure's kind, then closes. */
  | "fill";

const program = buildSync({
  entryPoints: [resolve(import.meta.dirname, "childMain.ts")],
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  packages: "external",
  target: "node20",
}).outputFiles[0]!.text;

const root = resolve(import.meta.dirname, "../..");

/** `fileBlocksMax` limits the size of any file it writes, in units of 1024 bytes. */
export function startChild(role: Role, directory: string, fileBlocksMax?: number): ChildProcess {
  const node = [process.execPath, "--input-type=module", "-", role, directory];
  const limited = `ulimit -f ${fileBlocksMax}; trap "" XFSZ; exec "$@"`;
  const [command, ...args] = fileBlocksMax === undefined ? node : ["bash", "-c", limited, "bash", ...node];
  const child = spawn(command!, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin!.end(program);
  return child;
}

/** Lines of the child's output as they come. */
export async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of child.stdout!) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once("exit", () => done());
  });
