/**
 * Codebases of three sizes side by side: opening one, adding one definition that uses another (in this process, and as
 * the whole command), and looking definitions up. Asked for: opening 200,000 definitions under 50 ms, and adding one
 * whatever the size. Rounds go through all sizes in turn, so that each meets the same disk.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  addressUnit,
  applyAdd,
  codeRepository,
  knownCode,
  NameRegistry,
  planAdd,
  type Typing,
  typed,
  written,
} from "../src/code/index.ts";
import type { Store } from "../src/execution/index.ts";
import { Core, check } from "../src/language/index.ts";
import { openLmdbStore } from "../src/stores/lmdb/index.ts";

const json = process.argv.includes("--json");
const sizes = (process.env["TB_BENCH_DEFINITIONS"] ?? "1000 20000 200000").split(" ").map(Number);
const MODULE_SIZE = 1000;
const ROUNDS = 60;
const PROCESS_ROUNDS = 7;
const root = mkdtempSync(join(tmpdir(), "tb-bench-"));
const tb = resolve("bin/tb.js");

const int: Core.Type = { kind: "builtin", name: "Int", arguments: [] };
const pure: Core.Row = { labels: [], variable: undefined };

/** Modules in which each function calls the one before. */
async function fill(store: Store, size: number): Promise<void> {
  for (let module = 0; module < size / MODULE_SIZE; module++) {
    const name = (i: number) => `m${module}.f${i}`;
    const text = (i: number) => `fn f${i}() -> Int { ${module * MODULE_SIZE + i}${i === 0 ? "" : ` + f${i - 1}()`} }`;
    const definitions = Array.from({ length: MODULE_SIZE }, (_, i): Core.Definition => {
      const literal: Core.Expression = { kind: "atom", atom: Core.literal(module * MODULE_SIZE + i) };
      const call: Core.Expression = { kind: "call", reference: Core.symbol(name(i - 1)), arguments: [] };
      return {
        name: name(i),
        kind: "function",
        parameters: 0,
        captured: 0,
        locals: 1,
        body: i === 0 ? literal : { kind: "let", local: 0, value: literal, body: call },
        signature: { kind: "function", parameters: [], result: int, row: pure },
        localNames: ["n"],
        doc: undefined,
      };
    });
    const typing = (name: string): Typing.TypingEntry => ({
      known: {
        kind: "function",
        name,
        parameters: [],
        result: int,
        row: pure,
        constraints: [],
        touches: [],
        isTotal: true,
        doc: undefined,
      },
      types: new Map(),
      effects: new Map(),
    });
    const source = (name: string) => {
      const i = Number(name.slice(name.indexOf("f") + 1));
      return { file: "m.tel", start: i, parts: [text(i)], timelines: [], companions: [] };
    };
    const unit = addressUnit({ definitions, types: [], outside: [], programs: [] }, { source, typing });
    await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { author: "bench", time: module, reason: "fill" }));
  }
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1]!;

/** Checks a file beside the codebase, addresses and adds what it declares. */
async function addOne(store: Store, number: number): Promise<number> {
  const source = { path: "own.tel", text: `module own${number}\nuse m0 (f7)\nfn mine() -> Int { ${number} + f7() }\n` };
  const start = performance.now();
  const { known, addresses } = knownCode(store, ["m0.f7"], () => false);
  const checked = check([source], { known });
  const texts = new Map([[source.path, source.text]]);
  const unit = addressUnit(checked.unit!, {
    known: addresses,
    source: written(checked, texts),
    typing: typed(checked),
  });
  const plan = planAdd(store, unit);
  await store.write((tx) =>
    applyAdd(tx, unit, plan, NameRegistry.freshNote(tx, { author: "bench", time: 0, reason: "add" })),
  );
  return performance.now() - start;
}

function run(where: string, ...args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [tb, ...args, "--store", where], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tb ${args.join(" ")} exits ${status}: ${stderr}`);
  return performance.now() - start;
}

const folders = sizes.map((size) => join(root, String(size)));
const rows: Record<string, string | number>[] = [];
/** A row of medians, one for each size, and how the largest compares with the smallest. */
function row(what: string, times: readonly (readonly number[])[]): void {
  const found = times.map(median);
  const columns = sizes.map((size, i) => [`${size}`, Number(found[i]!.toFixed(2))]);
  rows.push({
    what: `${what}, ms`,
    ...Object.fromEntries(columns),
    ratio: Number((found.at(-1)! / found[0]!).toFixed(2)),
  });
}

for (const [i, size] of sizes.entries()) {
  const store = await openLmdbStore(join(folders[i]!, "store"));
  await fill(store, size);
  await store.close();
}
const opening = sizes.map((): number[] => []);
for (let round = 0; round < PROCESS_ROUNDS; round++) {
  for (const [i, folder] of folders.entries()) {
    const start = performance.now();
    const store = await openLmdbStore(join(folder, "store"));
    const first = codeRepository(store).get(store.name("m0.f7")!);
    opening[i]!.push(performance.now() - start);
    if (!first.ok) throw new Error("the codebase does not read");
    await store.close();
  }
}
row("open it and read one definition", opening);

const stores = await Promise.all(folders.map((folder) => openLmdbStore(join(folder, "store"))));
const adding = sizes.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++)
  for (const [i, store] of stores.entries()) adding[i]!.push(await addOne(store, round));
row("add one definition, in process", adding);
for (const store of stores) await store.close();

const commands: readonly (readonly [string, (round: number) => readonly string[]])[] = [
  [
    "tb add",
    (round) => {
      const file = join(root, "own.tel");
      writeFileSync(file, `module own\nuse m0 (f7)\nfn mine${round}() -> Int { ${round} + f7() }\n`);
      return ["add", file];
    },
  ],
  ["tb view", () => ["view", "m0.f7"]],
  ["tb dependents --all", () => ["dependents", "m0.f990", "--all"]],
  ["tb todo", () => ["todo"]],
  ["tb find NAME", () => ["find", "f777"]],
  ["tb find --type", () => ["find", "--type", "fn(Int) -> Int"]],
];
for (const [what, args] of commands) {
  const times = sizes.map((): number[] => []);
  for (let round = 0; round < PROCESS_ROUNDS; round++)
    for (const [i, folder] of folders.entries()) times[i]!.push(run(folder, ...args(round)));
  row(what, times);
}
rmSync(root, { recursive: true, force: true });

if (json) console.log(JSON.stringify({ bench: "codebase", rows }, null, 2));
else console.table(rows);
