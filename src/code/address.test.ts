import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editsOf } from "../../test/code/edits.ts";
import {
  mapReferences,
  random,
  randomUnit,
  renamed,
  renumbered,
  table,
  unfoldings,
  unrolled,
} from "../../test/code/randomUnit.ts";
import { type ContentHash, decode } from "../content/index.ts";
import { Core } from "../language/index.ts";
import { addressUnit } from "./address.ts";
import { type Code, decodeDefinition } from "./decode.ts";

const address = (unit: Core.Unit) => addressUnit(unit, { table });
const seeds = (runs: number) => ({ numRuns: runs, seed: 20_261_122 });
const anySeed = fc.integer({ min: 0, max: 0xffffffff });

const call = (name: string, ...given: Core.Atom[]): Core.Expression => ({
  kind: "call",
  reference: Core.symbol(name),
  arguments: given,
});

const fn = (
  name: string,
  body: Core.Expression,
  parameters = 0,
  kind: Core.DefinitionKind = "function",
): Core.Definition => ({
  name,
  kind,
  parameters,
  captured: 0,
  locals: parameters,
  body,
  signature: undefined,
  localNames: [],
  doc: undefined,
});

const unit = (...definitions: Core.Definition[]): Core.Unit => ({ definitions, types: [], outside: [], programs: [] });

describe("an address", () => {
  test("does not depend on names of definitions and locals, numbers of locals, docs or order", () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const r = random(seed);
        const original = randomUnit(r, 6);
        const before = address(original);
        // The declared name of a fact is what an adapter is asked for, so it stays.
        const outside = new Set(original.outside.map((one) => one.name));
        const fresh = new Map<string, string>();
        for (const name of before.definitions.keys())
          fresh.set(
            name,
            outside.has(name)
              ? name.replace(/^m/, "other")
              : `${r.pick(["z", "a.b", "m"])}.x${r.below(1000)}_${fresh.size}`,
          );
        const other = renumbered(
          renamed(original, (name) => fresh.get(name)!),
          r,
        );
        const after = address({
          definitions: r.shuffle(other.definitions),
          types: r.shuffle(other.types),
          outside: r.shuffle(other.outside),
          programs: other.programs.map((one) => ({
            ...one,
            state: r.shuffle(one.state),
            entries: r.shuffle(one.entries),
            migrations: r.shuffle(one.migrations),
          })),
        });
        for (const [name, hash] of before.definitions) expect(after.definitions.get(fresh.get(name)!)).toBe(hash);
        expect(new Set(after.blocks.map((block) => block.hash))).toEqual(
          new Set(before.blocks.map((block) => block.hash)),
        );
      }),
      seeds(2000),
    );
  });

  test("is one for definitions exactly when they unfold alike", () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const original = randomUnit(random(seed), 5);
        const { definitions, links } = address(original);
        const names = [...definitions.keys()];
        const tree = unfoldings(original, names.length + 2);
        for (const a of names) {
          for (const b of names) {
            const [x, y] = [definitions.get(a)!, definitions.get(b)!];
            if (x === y) expect(tree.get(a)).toBe(tree.get(b));
            // Outside one group, a definition may unfold like the recursive one that it calls, and yet be another.
            else if (reaches(links, x, y) && reaches(links, y, x)) expect(tree.get(a)).not.toBe(tree.get(b));
          }
        }
      }),
      seeds(1000),
    );
  });

  test("changes with every edit that means something else, and so do those of all that depends on it", () => {
    const tried = new Set<string>();
    fc.assert(
      fc.property(anySeed, fc.nat(), (seed, which) => {
        const original = withOther(randomUnit(random(seed), 4));
        const before = address(original).definitions;
        const [list, at] = pickItem(original, random(which));
        const items: readonly { readonly name: string }[] = original[list];
        const item = items[at]!;
        const edits = editsOf(item, OTHER);
        if (edits.length === 0) return;
        const what = random(which).pick([...new Set(edits.map((one) => one.what))]);
        const edited = random(which).pick(edits.filter((one) => one.what === what));
        if (meaning(edited.item, before) === meaning(item, before)) return;
        tried.add(edited.what);
        const after = address({ ...original, [list]: items.with(at, edited.item) }).definitions;
        const same = dependentsOf(original, item.name).filter((name) => before.get(name) === after.get(name));
        expect([edited.what, same]).toEqual([edited.what, []]);
      }),
      seeds(3000),
    );
    const kinds = new Set([...tried].map((what) => what.split(/[.,](?! reference)/)[0]!));
    expect(EDITED.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(PARTS_OF_PROGRAMS.filter((part) => ![...tried].some((what) => what.startsWith(part)))).toEqual([]);
  });

  test("of code that is read back is the same, and the code is the same tree", () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const original = randomUnit(random(seed), 6);
        const addressed = address(original);
        const blocks = new Map(addressed.blocks.map((block) => [block.hash, block.bytes]));
        const read = new Map<string, Code>();
        for (const [name, hash] of addressed.definitions) {
          const code = decodeDefinition(blocks.get(hash)!, hash, { table, load: (one) => blocks.get(one) });
          if (!code.ok) throw new Error(`${name}: ${JSON.stringify(code.error)}`);
          expect(code.value.hash).toBe(hash);
          expect(code.value.links).toEqual(addressed.links.get(hash));
          read.set(name, code.value);
        }
        // Put back into a unit, with symbols where the members of a group refer to one another.
        const nameOf = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
        const kept = new Map([...read].filter(([name, code]) => nameOf.get(code.hash) === name));
        const again = mapReferences(unitOf(kept), (reference) =>
          reference.kind === "hash" ? Core.symbol(nameOf.get(reference.hash)!) : reference,
        );
        for (const [name, hash] of address(again).definitions) expect(hash).toBe(addressed.definitions.get(name));
      }),
      seeds(500),
    );
  });
});

describe("recursive groups", () => {
  test("unrolled into copies that refer to one another crosswise are the same groups", () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 1, max: 4 }), (seed, copies) => {
        const r = random(seed);
        const original = randomUnit(r, 5);
        const { definitions, blocks } = address(original);
        const again = address(unrolled(original, copies, r));
        for (const [name, hash] of again.definitions)
          expect(hash).toBe(definitions.get(`m.${name.split(".").slice(1).join(".")}`));
        expect(again.definitions.size).toBe(definitions.size * copies);
        expect(new Set(again.blocks.map((block) => block.hash))).toEqual(new Set(blocks.map((block) => block.hash)));
      }),
      seeds(1000),
    );
  });

  test("rings of like members are one, whatever their length; one that differs tells all apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 4 }), anySeed, (period, turns, seed) => {
        const r = random(seed);
        const count = period * turns;
        const names = r.shuffle(Array.from({ length: count }, (_, i) => `m.f${i}`));
        const ring = names.map((name, i) =>
          fn(name, call(names[(i + 1) % count]!, Core.literal(i % period === 0 ? "mark" : "plain"))),
        );
        const { definitions } = address(unit(...r.shuffle(ring)));
        const short = Array.from({ length: period }, (_, i) =>
          fn(`s${i}`, call(`s${(i + 1) % period}`, Core.literal(i === 0 ? "mark" : "plain"))),
        );
        const once = address(unit(...short)).definitions;
        names.forEach((name, i) => {
          expect(definitions.get(name)).toBe(once.get(`s${i % period}`));
        });
        expect(new Set(definitions.values()).size).toBe(period);
      }),
      seeds(300),
    );
  });

  test("a function that calls itself refers to member 0 and is its own component", () => {
    const { definitions, blocks } = address(unit(fn("loop", call("loop"))));
    expect(blocks).toHaveLength(1);
    expect(blocks[0]!.hash).toBe(definitions.get("loop"));
    expect(decode(blocks[0]!.bytes)).toEqual({ ok: true, value: [2, 1, [[0, 0, 0, null, [2, 0]]]] });
  });

  test("members that unfold alike are merged: foo = bar(), bar = foo() is loop = loop()", () => {
    const loop = address(unit(fn("loop", call("loop")))).definitions.get("loop");
    const { definitions, blocks } = address(unit(fn("foo", call("bar")), fn("bar", call("foo"))));
    expect(definitions.get("foo")).toBe(loop);
    expect(definitions.get("bar")).toBe(loop);
    expect(blocks).toHaveLength(1);
  });

  test("members that differ only in what their neighbours do are told apart, whatever they are called", () => {
    const cycle = (a: string, b: string, c: string) =>
      address(
        unit(
          fn(a, { kind: "if", condition: Core.literal(true), then: call(b), else: call(c) }),
          fn(b, { kind: "if", condition: Core.literal(true), then: call(c), else: call(a) }),
          fn(c, { kind: "if", condition: Core.literal(false), then: call(a), else: call(b) }),
        ),
      ).definitions;
    const first = cycle("x", "y", "z");
    const second = cycle("z", "x", "y");
    expect([second.get("z"), second.get("x"), second.get("y")]).toEqual([
      first.get("x"),
      first.get("y"),
      first.get("z"),
    ]);
    expect(new Set(first.values()).size).toBe(3);
  });

  test("a member is a small block that links its component", () => {
    const { definitions, blocks, links } = address(
      unit(fn("even", call("odd")), fn("odd", call("even", Core.literal(1)))),
    );
    const [component, ...members] = blocks;
    expect(members).toHaveLength(2);
    for (const [i, member] of members.entries())
      expect(decode(member.bytes)).toEqual({ ok: true, value: [3, 1, { link: component!.hash }, i] });
    expect(links.get(definitions.get("even")!)).toEqual([definitions.get("odd")]);
  });

  test("types form groups too, and are structural", () => {
    const field = (name: string, of: string): Core.Field => ({
      name,
      type: { kind: "declared", reference: Core.symbol(of), arguments: [] },
    });
    const record = (name: string, ...fields: Core.Field[]): Core.TypeDefinition => ({
      kind: "record",
      name,
      parameters: 0,
      fields,
      doc: undefined,
    });
    const { definitions } = address({
      definitions: [],
      types: [record("A", field("next", "B")), record("B", field("next", "A")), record("C", field("next", "C"))],
      outside: [],
      programs: [],
    });
    expect(new Set(definitions.values()).size).toBe(1);
  });

  test("20,000 definitions in one chain are addressed", () => {
    const count = 20_000;
    const chain = Array.from({ length: count }, (_, i) =>
      fn(`f${i}`, i === 0 ? { kind: "atom", atom: Core.literal(0) } : call(`f${i - 1}`)),
    );
    expect(address(unit(...chain)).blocks).toHaveLength(count);
  });
});

describe("aliases", () => {
  const one = fn("one", { kind: "atom", atom: Core.literal(1) }, 0, "value");
  test("a value that only names another value has its address", () => {
    const { definitions, blocks } = address(
      unit(one, fn("uno", call("one"), 0, "value"), fn("eins", call("uno"), 0, "value")),
    );
    expect(new Set(definitions.values()).size).toBe(1);
    expect(blocks).toHaveLength(1);
  });
  test("what mentions an alias is what mentions its target", () => {
    const uno = fn("uno", call("one"), 0, "value");
    const user = (of: string) => address(unit(one, uno, fn("user", call(of)))).definitions.get("user");
    expect(user("uno")).toBe(user("one"));
  });
  test("values that name each other in a circle are a group", () => {
    const { definitions } = address(unit(fn("a", call("b"), 0, "value"), fn("b", call("a"), 0, "value")));
    expect(definitions.get("a")).toBe(definitions.get("b"));
  });
});

describe("what is too large is refused by name", () => {
  test("a long circle of definitions that look alike", () => {
    const ring = (count: number) =>
      unit(
        ...Array.from({ length: count }, (_, i) => fn(`m.f${i}`, call(`m.f${(i + 1) % count}`, Core.literal(i === 0)))),
      );
    expect(address(ring(300)).definitions.size).toBe(300);
    expect(() => address(ring(400))).toThrow(
      /m\.f0 is too large: too many definitions that look alike call one another/,
    );
  });
  test("a chain of steps longer than a reader accepts", () => {
    let body: Core.Expression = { kind: "atom", atom: Core.literal(0) };
    for (let i = 20_001; i > 0; i--)
      body = { kind: "let", local: i, value: { kind: "atom", atom: Core.literal(i) }, body };
    expect(() => address(unit(fn("m.long", body)))).toThrow(/m\.long is too large: more than 20000 steps in a row/);
  });
  test("nesting deeper than a block may be", () => {
    let body: Core.Expression = { kind: "atom", atom: Core.literal(0) };
    for (let i = 0; i < 1500; i++) body = { kind: "with", handler: Core.literal(0), body };
    expect(() => address(unit(fn("m.deep", body)))).toThrow(/m\.deep is too large: it is nested too deeply/);
  });
});

/** Whether `to` is among what `from` depends on, however far. */
function reaches(
  links: ReadonlyMap<ContentHash.ContentHash, readonly ContentHash.ContentHash[]>,
  from: ContentHash.ContentHash,
  to: ContentHash.ContentHash,
): boolean {
  const seen = new Set<ContentHash.ContentHash>();
  const todo = [...(links.get(from) ?? [])];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    todo.push(...(links.get(at) ?? []));
  }
  return false;
}

/** A definition like no other. */
const OTHER = "other.definition";
const withOther = (one: Core.Unit): Core.Unit => ({
  ...one,
  definitions: [...one.definitions, fn(OTHER, { kind: "atom", atom: Core.literal("like no other") })],
});

const LISTS = ["definitions", "types", "outside", "programs"] as const;

/** One list of a unit, all that are not empty alike likely, and a place in it. */
function pickItem(one: Core.Unit, r: ReturnType<typeof random>): readonly [(typeof LISTS)[number], number] {
  const list = r.pick(LISTS.filter((name) => one[name].some((item) => item.name !== OTHER)));
  return [list, r.below(one[list].filter((item) => item.name !== OTHER).length)];
}

/** Equal for items that differ at most in which of several names of one address they mention. */
const meaning = (item: unknown, addresses: ReadonlyMap<string, string>): string =>
  JSON.stringify(item, (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    const { kind, name } = (part ?? {}) as { readonly kind?: unknown; readonly name?: string };
    return kind === "symbol" ? `#${addresses.get(name!)}` : part;
  });

/** The names of a definition and of all that mention it, however far. */
function dependentsOf(one: Core.Unit, name: string): readonly string[] {
  const items = LISTS.flatMap((list) => one[list] as readonly { readonly name: string }[]);
  const found = [name];
  for (const at of found) {
    for (const item of items) {
      const mentions = JSON.stringify(item, (_key, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
      if (!found.includes(item.name) && mentions.includes(JSON.stringify(Core.symbol(at)))) found.push(item.name);
    }
  }
  return found;
}

/** What must have been tried, lest the property holds of nothing. */
const EDITED = [
  ...["action", "event", "fact", "operation", "record", "sum", "function", "lambda", "test", "value"],
  ...["literal", "local", "declared", "type variable", "tuple", "apply", "builtin", "call", "closure", "list", "map"],
  ...["variant", "field", "item", "if", "switch", "fault", "perform", "stateGet", "stateSet", "within", "wait", "par"],
  ...["race", "entry", "kind of return", "kind of abort", "kind of tuple", "kind of function", "kind of fact"],
];
const PARTS_OF_PROGRAMS = [
  ...["entries.name", "entries.function", "entries.parameters", "entries.row", "entries.exclusive", "handshake"],
  ...["state.name", "state.initial", "migrations.from", "migrations.to", "migrations.function", "triggers, swapped"],
].map((part) => `definition.${part}`);

function unitOf(read: ReadonlyMap<string, Code>): Core.Unit {
  const definitions: Core.Definition[] = [];
  const types: Core.TypeDefinition[] = [];
  const outside: Core.OutsideDefinition[] = [];
  const programs: Core.ProgramDefinition[] = [];
  for (const [name, code] of read) {
    if (code.form === "definition") definitions.push({ ...code.item, name });
    else if (code.form === "type") types.push({ ...code.item, name });
    else if (code.form === "outside") outside.push({ ...code.item, name: `m.${code.item.name}` });
    else programs.push({ ...code.item, name });
  }
  return { definitions, types, outside, programs };
}
