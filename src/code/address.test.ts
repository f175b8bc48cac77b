import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  mapReferences,
  random,
  randomUnit,
  renamed,
  renumbered,
  table,
  unfoldings,
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
        const fresh = new Map<string, string>();
        for (const name of before.definitions.keys())
          fresh.set(
            name,
            name === "m.PriceOf" ? "other.PriceOf" : `${r.pick(["z", "a.b", "m"])}.x${r.below(1000)}_${fresh.size}`,
          );
        const other = renumbered(
          renamed(original, (name) => fresh.get(name)!),
          r,
        );
        const after = address({
          definitions: r.shuffle(other.definitions),
          types: r.shuffle(other.types),
          outside: other.outside,
          programs: other.programs,
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

  test("changes with every edit of what a definition says", () => {
    let edits = 0;
    fc.assert(
      fc.property(anySeed, (seed) => {
        const r = random(seed);
        const original = randomUnit(r, 4);
        const at = r.below(original.definitions.length);
        const edited = edit(original.definitions[at]!, r);
        if (edited === undefined) return;
        edits++;
        const definitions = original.definitions.with(at, edited);
        const before = address(original).definitions.get(edited.name);
        expect(address({ ...original, definitions }).definitions.get(edited.name)).not.toBe(before);
      }),
      seeds(1000),
    );
    expect(edits).toBeGreaterThan(400);
  });

  test("changes with every edit of what a type, a fact, a signature or a program says", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anySeed, (seed) => {
        const r = random(seed);
        const original = randomUnit(r, 4);
        const edited = editOutline(original, r);
        if (edited === undefined) return;
        kinds.add(edited.what);
        const before = address(original).definitions.get(edited.name);
        expect([edited.what, address(edited.unit).definitions.get(edited.name)]).not.toEqual([edited.what, before]);
      }),
      seeds(2000),
    );
    expect([...kinds].sort()).toEqual([
      "another migration",
      "entry's effects",
      "entry's exclusiveness",
      "entry's name",
      "entry's result",
      "fact's parameter",
      "fact's result",
      "field's name",
      "field's order",
      "field's type",
      "signature's effects",
      "signature's result",
      "state's name",
      "state's type",
      "trigger's time",
      "type's parameters",
    ]);
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

/** One random edit that means something else; undefined when the definition has no place for it. */
function edit(definition: Core.Definition, r: ReturnType<typeof random>): Core.Definition | undefined {
  const places: ((node: Record<string, unknown>) => void)[] = [];
  const body = structuredClone(definition.body) as unknown;
  const found: Record<string, unknown>[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null || node instanceof Uint8Array) return;
    if (!Array.isArray(node)) found.push(node as Record<string, unknown>);
    for (const part of Object.values(node)) walk(part);
  };
  walk(body);
  const changes: { readonly [kind: string]: (node: Record<string, unknown>) => void } = {
    literal: (node) => {
      node["value"] = node["value"] === 77 ? 78 : 77;
    },
    builtin: (node) => {
      node["name"] = node["name"] === "int.add" ? "int.multiply" : "int.add";
      node["arguments"] = [Core.literal(5), Core.literal(5)];
    },
    stateGet: (node) => {
      node["field"] = `${node["field"]}2`;
    },
    stateSet: (node) => {
      node["field"] = `${node["field"]}2`;
    },
    field: (node) => {
      node["name"] = `${node["name"]}2`;
    },
    item: (node) => {
      node["index"] = (node["index"] as number) + 1;
    },
    variant: (node) => {
      node["case"] = "Other";
    },
    wait: (node) => {
      node["mode"] = node["mode"] === "at" ? "after" : "at";
    },
    perform: (node) => {
      node["label"] = "Act";
    },
    fault: (node) => {
      node["code"] = "other";
    },
    tuple: (node) => {
      node["kind"] = "list";
    },
    list: (node) => {
      node["kind"] = "tuple";
    },
    par: (node) => {
      node["names"] = ["b", "c"];
    },
    race: (node) => {
      node["branches"] = [...(node["branches"] as unknown[]), Core.literal(1)];
    },
    if: (node) => {
      [node["then"], node["else"]] = [{ kind: "atom", atom: Core.literal("edited") }, node["then"]];
    },
    return: (node) => {
      node["kind"] = "abort";
    },
    abort: (node) => {
      node["kind"] = "return";
    },
  };
  for (const node of found) {
    const change = changes[node["kind"] as string];
    if (change !== undefined) places.push(() => change(node));
  }
  if (places.length === 0 || r.chance(10)) {
    const kind = definition.kind === "function" ? "test" : "function";
    if (definition.parameters > 0 || definition.kind === "value") return undefined;
    return { ...definition, kind };
  }
  r.pick(places)({});
  return { ...definition, body: body as Core.Expression };
}

/** One random edit outside of bodies; undefined when what it would change is not there. */
function editOutline(
  unit: Core.Unit,
  r: ReturnType<typeof random>,
): { readonly what: string; readonly name: string; readonly unit: Core.Unit } | undefined {
  const other: Core.Type = { kind: "builtin", name: "Hash", arguments: [] };
  const edits: { readonly what: string; readonly name: string; readonly unit: Core.Unit }[] = [];
  const types = (what: string, at: number, to: Core.TypeDefinition) =>
    edits.push({ what, name: to.name, unit: { ...unit, types: unit.types.with(at, to) } });
  unit.types.forEach((type, at) => {
    if (type.kind !== "record") return;
    const [first, second] = type.fields;
    types("type's parameters", at, { ...type, parameters: type.parameters + 1 });
    if (first === undefined) return;
    types("field's name", at, { ...type, fields: type.fields.with(0, { ...first, name: `${first.name}2` }) });
    types("field's type", at, { ...type, fields: type.fields.with(0, { ...first, type: other }) });
    if (second !== undefined) types("field's order", at, { ...type, fields: [second, first, ...type.fields.slice(2)] });
  });
  unit.outside.forEach((one, at) => {
    const put = (what: string, to: Core.OutsideDefinition) =>
      edits.push({ what, name: one.name, unit: { ...unit, outside: unit.outside.with(at, to) } });
    put("fact's result", { ...one, result: other });
    put("fact's parameter", { ...one, parameters: [...one.parameters, { name: "more", type: other }] });
  });
  unit.definitions.forEach((one, at) => {
    if (one.signature === undefined) return;
    const { signature } = one;
    const put = (what: string, to: Core.FunctionType) => {
      const definitions = unit.definitions.with(at, { ...one, signature: to });
      edits.push({ what, name: one.name, unit: { ...unit, definitions } });
    };
    put("signature's result", { ...signature, result: other });
    put("signature's effects", { ...signature, row: { ...signature.row, labels: [...signature.row.labels, "Zzz"] } });
  });
  unit.programs.forEach((program, at) => {
    const put = (what: string, to: Partial<Core.ProgramDefinition>) =>
      edits.push({
        what,
        name: program.name,
        unit: { ...unit, programs: unit.programs.with(at, { ...program, ...to }) },
      });
    const [state] = program.state;
    if (state !== undefined) {
      put("state's name", { state: program.state.with(0, { ...state, name: `${state.name}2` }) });
      put("state's type", { state: program.state.with(0, { ...state, type: other }) });
    }
    const [entry] = program.entries;
    if (entry !== undefined) {
      const entries = (to: Partial<Core.EntryDefinition>) => ({
        entries: program.entries.with(0, { ...entry, ...to }),
      });
      put("entry's name", entries({ name: `${entry.name}2` }));
      put("entry's result", entries({ result: other }));
      put("entry's effects", entries({ row: [...entry.row, "Zzz"] }));
      put("entry's exclusiveness", entries({ exclusive: !entry.exclusive }));
    }
    const [trigger] = program.triggers;
    if (trigger !== undefined && trigger.kind !== "fact")
      put("trigger's time", {
        triggers: program.triggers.with(0, { ...trigger, kind: trigger.kind === "at" ? "every" : "at" }),
      });
    if (entry !== undefined)
      put("another migration", { migrations: [{ from: "1.0.0", to: "2.0.0", function: entry.function }] });
  });
  if (edits.length === 0) return undefined;
  const whats = [...new Set(edits.map((one) => one.what))];
  const what = r.pick(whats);
  return r.pick(edits.filter((one) => one.what === what));
}

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
