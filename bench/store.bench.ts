/**
 * Durable appends of the LMDB store, one writer and 64 in flight, beside the bare rate of append + fdatasync of the same
 * minute on the same disk.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentHash, encode, encodeValue, Kind } from "../src/content/index.ts";
import type { Store } from "../src/execution/index.ts";
import { openLmdbStore } from "../src/stores/lmdb/index.ts";

const json = process.argv.includes("--json");
const root = mkdtempSync(join(tmpdir(), "tb-bench-"));
const rows: { readonly what: string; readonly value: number; readonly unit: string; readonly beside?: number }[] = [];
const row = (what: string, value: number, unit: string, beside?: number) =>
  rows.push({ what, value, unit, ...(beside === undefined ? {} : { beside }) });

const MEASURE_MILLISECONDS = 2000;

/** Rounds per second of `work`, which says how many it did. */
async function rate(work: () => number | Promise<number>): Promise<number> {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < MEASURE_MILLISECONDS) done += await work();
  return done / ((performance.now() - start) / 1000);
}

const payload = "x".repeat(150);
let counter = 0;

function append(store: Store, stream: string): Promise<unknown> {
  return store.write((tx) => tx.append(stream, tx.logHead(stream)?.entry, encodeValue(`${payload}${counter++}`)));
}

const bytes = encodeValue(payload);
const bare = (): number => {
  writeSync(file, bytes);
  fdatasyncSync(file);
  return 1;
};
const file = openSync(join(root, "bare"), "w");
const before = await rate(bare);
const log = await openLmdbStore(join(root, "log"));
const one = await rate(async () => {
  await append(log, "one");
  return 1;
});
const FLIGHT = 64;
const many = await rate(async () => {
  await Promise.all(Array.from({ length: FLIGHT }, (_, i) => append(log, `stream ${i}`)));
  return FLIGHT;
});
const after = await rate(bare);
closeSync(file);
const sync = (before + after) / 2;
row("append + fdatasync, bare", sync, "/s");
row("durable append, one writer", one, "/s", one / sync);
row(`durable appends, ${FLIGHT} in flight`, many, "/s", many / sync);
await log.close();

// The hashes of a node of code size, alone and with its encoding.
const node = [Kind.component, 1, [[0, 2, 0, null, [1, [4, "int.add", 1, 0, 1], [4, "int.multiply", 1, 2, 2]]]]];
const encoded = encode(node);
const HASHES = 2000;
row("hash of a block", await rate(() => hashes(() => ContentHash.of(encoded))), "/s");
row("encode and hash a block", await rate(() => hashes(() => ContentHash.of(encode(node)))), "/s");
function hashes(work: () => unknown): number {
  for (let i = 0; i < HASHES; i++) work();
  return HASHES;
}

rmSync(root, { recursive: true, force: true });

if (json) console.log(JSON.stringify({ bench: "store", rows }, null, 2));
else
  for (const { what, value, unit, beside } of rows)
    console.log(
      `${what.padEnd(46)} ${(unit === "ms" ? value.toFixed(2) : Math.round(value).toLocaleString("en")).padStart(12)} ${unit.padEnd(3)}${beside === undefined ? "" : ` ${beside.toFixed(2)}×`}`,
    );
