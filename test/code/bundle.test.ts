import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressUnit,
  applyAdd,
  type Bundle,
  type CodeBlock,
  findGarbage,
  pack,
  planAdd,
  putBundle,
  unpack,
  written,
} from "../../src/code/index.ts";
import { ContentHash, encode, encodeValue, Kind, link, type Node } from "../../src/content/index.ts";
import { check } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

const note = { author: "ann", time: 1, reason: "add" };
const sources = [
  { path: "base.tel", text: "module base\nfact Price(of: Text) -> Decimal\nfn one() -> Int { 1 }\n" },
  {
    path: "pair.tel",
    text: `module pair
use base (Price, one)
/// Whether a number is even.
fn even(n: Int) -> Bool { if n == 0 { true } else { odd(n - one()) } }
fn odd(n: Int) -> Bool { if n == 0 { false } else { even(n - one()) } }
fn price(of: Text) -> Fact<Decimal> { Price(of) }
`,
  },
];

async function filled() {
  const store = openMemoryStore();
  const checked = check(sources);
  const unit = addressUnit(checked.unit!, {
    source: written(checked, new Map(sources.map((source) => [source.path, source.text]))),
  });
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  return store;
}

function packed(store: Awaited<ReturnType<typeof filled>>, names: readonly string[], withNames: boolean): Bundle {
  const bundle = pack(store, { entries: names.map((name) => store.name(name)!), withNames });
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error));
  return bundle.value;
}

const nothing = () => undefined;
const open = (
  bundle: Bundle,
  blocks: readonly CodeBlock[] = bundle.blocks,
  present = nothing as Parameters<typeof unpack>[2],
) => unpack(bundle.root.hash, [bundle.root, ...blocks], present);
const reasonOf = (result: ReturnType<typeof unpack>): string => (result.ok ? "accepted" : result.error.reason);
const blockOf = (node: Node): CodeBlock => {
  const bytes = encode(node);
  return { hash: ContentHash.of(bytes), bytes };
};

describe("a bundle", () => {
  test("holds what an entry needs, each block once, and what its text mentions when names go along", async () => {
    const store = await filled();
    const bare = packed(store, ["pair.even"], false);
    const read = open(bare);
    if (!read.ok) throw new Error(read.error.reason);
    const hashes = ["pair.even", "base.one", "pair.odd"].map((name) => store.name(name));
    expect(read.value.code.map((code) => code.hash)).toEqual([hashes[0], hashes[1], hashes[2]]);
    expect(read.value).toMatchObject({ names: [], metas: [] });
    expect(new Set(bare.blocks.map((block) => block.hash)).size).toBe(bare.blocks.length);

    const named = open(packed(store, ["pair.price"], true));
    expect(named.ok && named.value.names.map(([name]) => name)).toEqual(["base.Price", "pair.price"]);
  });

  test("is the same whatever else the codebase holds, and put elsewhere it packs to itself", async () => {
    const [store, other] = [await filled(), openMemoryStore()];
    const bundle = packed(store, ["pair.price", "pair.even"], true);
    const read = open(bundle);
    if (!read.ok) throw new Error(read.error.reason);
    await other.write((tx) => {
      tx.put(encodeValue("something else"));
      putBundle(tx, read.value, note);
      for (const [name, hash] of read.value.names) tx.setName(name, undefined, hash, note);
    });
    expect(packed(other, ["pair.price", "pair.even"], true)).toEqual(bundle);
  });

  test("leaves out what the receiver has, and is complete with it", async () => {
    const store = await filled();
    const [even, one] = [store.name("pair.even")!, store.name("base.one")!];
    const part = pack(store, { entries: [even], withNames: false, present: (hash) => hash === one });
    if (!part.ok) throw new Error("not packed");
    expect(reasonOf(open(part.value))).toBe(`block #${one} is needed and missing`);
    expect(open(part.value, part.value.blocks, (hash) => (hash === one ? store.blocks.get(hash) : undefined)).ok).toBe(
      true,
    );
  });

  test("of code that is not whole is not packed", async () => {
    const store = await filled();
    const one = store.name("base.one")!;
    await store.write((tx) => tx.remove(one));
    expect(pack(store, { entries: [store.name("pair.even")!], withNames: false })).toMatchObject({
      ok: false,
      error: { kind: "MissingBlock", hash: one },
    });
  });

  test("is refused when a block is missing, changed, foreign or without use", async () => {
    const bundle = packed(await filled(), ["pair.even", "pair.price"], true);
    bundle.blocks.forEach((_, i) => {
      expect(reasonOf(open(bundle, bundle.blocks.toSpliced(i, 1)))).toMatch(/is needed and missing|is missing/);
    });
    bundle.blocks.forEach((block, i) => {
      const changed = { hash: block.hash, bytes: block.bytes.with(block.bytes.length - 1, block.bytes.at(-1)! ^ 1) };
      expect(reasonOf(open(bundle, bundle.blocks.with(i, changed)))).toMatch(/has other bytes than its address says/);
    });
    const stray = blockOf([Kind.value, 1, [2, 1]]);
    expect(reasonOf(open(bundle, [...bundle.blocks, stray]))).toBe(`nothing leads to block #${stray.hash}`);
    expect(reasonOf(unpack(bundle.root.hash, bundle.blocks, nothing))).toBe("the root block is missing");
    for (const again of [bundle.root, ...bundle.blocks])
      expect(reasonOf(open(bundle, [...bundle.blocks, again]))).toBe(`block #${again.hash} is there twice`);
  });

  test("with another root is refused", async () => {
    const bundle = packed(await filled(), ["base.one"], true);
    const entry = link(bundle.blocks[0]!.hash);
    const metas = [link(bundle.blocks.at(-1)!.hash)];
    const roots: readonly (readonly [Node, RegExp])[] = [
      [[Kind.value, 1, [2, 1]], /not an export/],
      [[Kind.export, 2, [entry], [], []], /version 2/],
      [[Kind.export, 1, "x", [], []], /wrong shape/],
      [[Kind.export, 1, [entry], [["base.one"]], []], /wrong shape/],
      [
        [
          Kind.export,
          1,
          [entry],
          [
            ["b", entry],
            ["a", entry],
          ],
          [],
        ],
        /sorted/,
      ],
      [
        [
          Kind.export,
          1,
          [entry],
          [
            ["a", entry],
            ["a", entry],
          ],
          [],
        ],
        /each once/,
      ],
      [[Kind.export, 1, [entry], [["not a name", entry]], []], /is not a name/],
      [[Kind.export, 1, [entry], [["meta:x", entry]], []], /is not a name/],
      [[Kind.export, 1, [entry], [["m.P.migration/1.0.0->x", entry]], []], /is not a name/],
      [[Kind.export, 1, [entry], [["m\n.migration/1.0.0->1.1.0", entry]], []], /is not a name/],
      [[Kind.export, 1, [entry], [["test \u001b[2J", entry]], []], /is not a name/],
      [[Kind.export, 1, [], [], metas], /tells of code that is not in the bundle/],
      [[Kind.export, 1, metas, [], []], /not code/],
      [[Kind.export, 1, [entry], [], []], /nothing leads to/],
    ];
    for (const [node, reason] of roots) {
      const root = blockOf(node);
      expect(reasonOf(open({ root, blocks: bundle.blocks }))).toMatch(reason);
    }
  });

  test("of code that links more than a call of the host takes arguments is refused like any other", () => {
    const digest = (i: number) => new Uint8Array(new Uint32Array([i, 0, 0, 0, 0, 0, 0, 0]).buffer);
    const hashes = Array.from({ length: 126_000 }, (_, i) => ContentHash.fromDigest(digest(i)));
    const links = hashes.map((hash): Node => [1, link(hash)]);
    const code = blockOf([Kind.component, 1, [[0, 0, 0, null, [6, ...links]]]]);
    const root = blockOf([Kind.export, 1, [link(code.hash)], [], []]);
    expect(reasonOf(open({ root, blocks: [code] }))).toMatch(/is needed and missing/);
  });

  test("that was tampered with in any way is refused or means the same", async () => {
    const bundle = packed(await filled(), ["pair.even", "pair.price"], true);
    const all = [bundle.root, ...bundle.blocks];
    const edit = fc.tuple(fc.nat(), fc.nat(), fc.nat(255), fc.constantFrom("byte", "cut", "drop", "twice", "rehash"));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let blocks = all;
        for (const [which, at, byte, how] of edits) {
          const i = which % blocks.length;
          const block = blocks[i];
          if (block === undefined || block.bytes.length === 0) return;
          const bytes =
            how === "cut"
              ? block.bytes.slice(0, at % block.bytes.length)
              : block.bytes.with(at % block.bytes.length, byte);
          if (how === "drop") blocks = blocks.toSpliced(i, 1);
          else if (how === "twice") blocks = [...blocks, block];
          else blocks = blocks.with(i, { hash: how === "rehash" ? ContentHash.of(bytes) : block.hash, bytes });
        }
        const read = unpack(bundle.root.hash, blocks, nothing);
        if (read.ok)
          expect(new Set(blocks.map((block) => block.hash))).toEqual(new Set(all.map((block) => block.hash)));
      }),
      { numRuns: 500, seed: 20_261_122 },
    );
  });
});

test("a program with a migration is exported and imported, with the name of the migration", async () => {
  const text = `module m
program Keeper {
  state { n: Int = 0 }
  migration 1.0.0 -> 1.1.0 (old) { State(n: old.count) }
}
`;
  const unit = addressUnit(check([{ path: "m.tel", text }]).unit!);
  const store = openMemoryStore();
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), note));
  const opened = open(packed(store, ["m.Keeper"], true));
  expect(reasonOf(opened)).toBe("accepted");
  if (opened.ok) expect(opened.value.names.map(([name]) => name)).toContain("m.Keeper.migration/1.0.0->1.1.0");
});

describe("garbage", () => {
  test("is what no name, history or log leads to", async () => {
    const store = await filled();
    expect(findGarbage(store).blocks).toBe(0);
    const [loose, logged, inside] = ["loose", "logged", "inside"].map((text) => encodeValue(text));
    await store.write((tx) => {
      tx.put(loose!);
      const target = tx.put(inside!);
      tx.append("run", undefined, encode([Kind.logEntry, 1, link(target)]));
      tx.append("run", tx.logHead("run")!.entry, logged!);
    });
    const garbage = findGarbage(store);
    expect(garbage.hashes.map(([hash, size, kind]) => [hash, size, kind])).toEqual([
      [ContentHash.of(loose!), loose!.length, "value"],
    ]);
    expect(garbage.kept).toBe(store.blockSizes(undefined, 1000).length - 1);
  });

  test("old versions are garbage only when histories are cut, and words keep no code alive", async () => {
    const store = await filled();
    const old = store.name("base.one")!;
    const changed = check([{ path: "base.tel", text: "module base\nfn one() -> Int { 2 }\n" }]);
    const unit = addressUnit(changed.unit!);
    await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { ...note, time: 2 }));
    expect(findGarbage(store).blocks).toBe(0);
    // The even and odd functions still use it.
    expect(findGarbage(store, 1).hashes.map(([hash]) => hash)).not.toContain(old);
    await store.write((tx) => {
      for (const name of ["pair.even", "pair.odd"])
        tx.setName(name, tx.name(name), tx.name("base.one"), { ...note, time: 3 });
    });
    expect(findGarbage(store, 1).hashes.map(([hash]) => hash)).toContain(old);
  });
});
