/**
 * Durable appends of the LMDB store, one writer and 64 in flight, beside the bare rate of append + fdatasync of the same
 * minute on the same disk; and a codebase of 200,000 definitions: opening it, and adding one definition to it and to an
 * empty one. Asked for: opening under 50 ms, adding independent of the size.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressUnit, applyAdd, codeRepository, NameRegistry, planAdd } from "../src/code/index.ts";
import { ContentHash, encode, encodeValue, Kind } from "../src/content/index.ts";
import type { Store } from "../src/execution/index.ts";
import { Core, check } from "../src/language/index.ts";
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

// A codebase of many small modules, each definition with a dependency, added as a unit per module.
const DEFINITIONS = Number(process.env["TB_BENCH_DEFINITIONS"] ?? 200_000);
const MODULE_SIZE = 1000;
const where = join(root, "codebase");
const big = await openLmdbStore(where);
const started = performance.now();
for (let module = 0; module < DEFINITIONS / MODULE_SIZE; module++) {
  const definitions = Array.from({ length: MODULE_SIZE }, (_, i): Core.Definition => {
    const number = module * MODULE_SIZE + i;
    const literal: Core.Expression = { kind: "atom", atom: Core.literal(number) };
    const body: Core.Expression =
      i === 0
        ? literal
        : {
            kind: "let",
            local: 0,
            value: literal,
            body: { kind: "call", reference: Core.symbol(`m${module}.f${i - 1}`), arguments: [] },
          };
    return {
      name: `m${module}.f${i}`,
      kind: "function",
      parameters: 0,
      captured: 0,
      locals: 1,
      body,
      signature: {
        kind: "function",
        parameters: [],
        result: { kind: "builtin", name: "Int", arguments: [] },
        row: { labels: [], variable: undefined },
      },
      localNames: ["n"],
      doc: undefined,
    };
  });
  const core = { definitions, types: [], outside: [], programs: [] };
  const unit = addressUnit(core);
  await big.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { author: "bench", time: module, reason: "fill" }));
}
row(`address and add ${DEFINITIONS} definitions`, DEFINITIONS / ((performance.now() - started) / 1000), "/s");
await big.close();

const opened = performance.now();
const again = await openLmdbStore(where);
const first = codeRepository(again).get(again.name("m1.f7")!);
if (!first.ok) throw new Error("the codebase does not read");
row("open it and read one definition", performance.now() - opened, "ms");

async function addOne(store: Store, number: number): Promise<number> {
  const text = `module own${number}\nfn mine() -> Int { ${number} + 1 }\n`;
  const { unit: core } = check([{ path: "own.tel", text }]);
  const start = performance.now();
  const unit = addressUnit(core!);
  const plan = planAdd(store, unit);
  await store.write((tx) =>
    applyAdd(tx, unit, plan, NameRegistry.freshNote(tx, { author: "bench", time: 0, reason: "add" })),
  );
  return performance.now() - start;
}
const median = (all: number[]): number => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
async function addMany(store: Store): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 30; i++) times.push(await addOne(store, i));
  return median(times);
}
const empty = await openLmdbStore(join(root, "empty"));
const small = await addMany(empty);
const large = await addMany(again);
row("add one definition to an empty codebase", small, "ms");
row(`add one definition to ${DEFINITIONS}`, large, "ms", large / small);
await empty.close();
await again.close();
rmSync(root, { recursive: true, force: true });

if (json) console.log(JSON.stringify({ bench: "store", rows }, null, 2));
else
  for (const { what, value, unit, beside } of rows)
    console.log(
      `${what.padEnd(46)} ${(unit === "ms" ? value.toFixed(2) : Math.round(value).toLocaleString("en")).padStart(12)} ${unit.padEnd(3)}${beside === undefined ? "" : ` ${beside.toFixed(2)}×`}`,
    );
