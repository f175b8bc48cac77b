/** `tb gc`: removes blocks that nothing leads to. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { note, print, printJson, progress } from "../output.ts";
import { type CommonOptions, onInterrupt, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly dryRun?: boolean;
  readonly keep?: string;
}

/** Removed in one transaction. */
const BATCH_BLOCKS = 1000;

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("gc")
      .description("remove blocks that no name (now or in its history), log or trace leads to")
      .option("--dry-run", "show what would be removed, and remove nothing")
      .option(
        "--keep <n>",
        "keep only the newest n values of each name; older ones can then not be viewed or undone to",
      ),
  ).action(run);
}

async function run(options: Options): Promise<void> {
  const { count } = await import("../node/codebase.ts");
  const { findGarbage } = await import("../../../src/code/index.ts");
  const keep = options.keep === undefined ? undefined : Number(options.keep);
  if (keep !== undefined && (!Number.isSafeInteger(keep) || keep < 1))
    throw new CliFailure(Exit.usage, `--keep takes a number from 1, not ${options.keep}`);
  await withStore(options, async (store) => {
    const garbage = findGarbage(store, keep);
    const kinds = new Map<string, { blocks: number; bytes: number }>();
    for (const [, size, kind] of garbage.hashes) {
      const known = kinds.get(kind) ?? { blocks: 0, bytes: 0 };
      kinds.set(kind, { blocks: known.blocks + 1, bytes: known.bytes + size });
    }
    let stopped = false;
    if (options.dryRun !== true) {
      const release = onInterrupt(() => {
        stopped = true;
      });
      const shown = progress();
      for (let at = 0; at < garbage.hashes.length && !stopped; at += BATCH_BLOCKS) {
        shown.update(`removed ${at} of ${garbage.blocks} blocks`);
        const batch = garbage.hashes.slice(at, at + BATCH_BLOCKS);
        await store.write((tx) => {
          for (const [hash] of batch) tx.remove(hash);
        });
      }
      shown.done();
      release();
    }
    const { blocks, bytes, kept, keptBytes } = garbage;
    if (options.json === true) {
      printJson({
        ok: true,
        dryRun: options.dryRun === true,
        blocks,
        bytes,
        kept,
        keptBytes,
        kinds: Object.fromEntries(kinds),
      });
      return;
    }
    for (const [kind, sum] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)))
      print(`  ${kind}: ${count(sum.blocks, "block")}, ${sum.bytes} bytes`);
    const verb = options.dryRun === true ? "would be removed" : "removed";
    print(`${count(blocks, "block")} (${bytes} bytes) ${verb}; ${count(kept, "block")} (${keptBytes} bytes) kept`);
    if (options.dryRun === true) note("nothing was removed (--dry-run)");
  });
}
