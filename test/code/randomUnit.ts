/** Random checked units for the properties of addresses: types, functions, lambdas, values and programs that refer to each other. */

import type { Intrinsic } from "../../src/code/index.ts";
import { Value } from "../../src/content/index.ts";
import { Core } from "../../src/language/index.ts";

export const table: ReadonlyMap<string, Intrinsic> = new Map([
  ["int.add", { arity: 2, version: 1 }],
  ["int.multiply", { arity: 2, version: 1 }],
  ["int.negate", { arity: 1, version: 1 }],
  ["list.map", { arity: 2, version: 2 }],
]);

/** Deterministic random numbers (mulberry32), so that a failing seed is a test case. */
export interface Random {
  below(limit: number): number;
  chance(percent: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => items[below(items.length)]!,
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
  };
}

const NAMES = ["alpha", "beta", "gamma", "delta", "eth", "quote", "price"];

interface Shape {
  readonly name: string;
  readonly kind: Core.DefinitionKind;
  readonly parameters: number;
  readonly captured: number;
}

/** A unit of 1 to `sizeMax` functions (and some types), small enough that recursive groups and equal definitions are common. */
export function randomUnit(r: Random, sizeMax: number): Core.Unit {
  const shapes = Array.from({ length: 1 + r.below(sizeMax) }, (_, i): Shape => {
    const kind = r.pick(["function", "function", "function", "lambda", "value", "test"] as const);
    const parameters = kind === "value" || kind === "test" ? 0 : r.below(3);
    return { name: `m.f${i}`, kind, parameters, captured: kind === "lambda" ? r.below(parameters + 1) : 0 };
  });
  const typeCount = r.below(4);
  const types = Array.from({ length: typeCount }, (_, i) => randomType(r, i, typeCount));
  return {
    definitions: shapes.map((shape) => randomDefinition(r, shape, shapes, types)),
    types,
    outside: r.chance(30) ? randomOutside(r, types) : [],
    programs: r.chance(20) ? [randomProgram(r, shapes, types)] : [],
  };
}

function randomType(r: Random, at: number, count: number): Core.TypeDefinition {
  const parameters = r.chance(20) ? 2 : 0;
  const fieldType = (fuel = 2): Core.Type => {
    const choice = r.below(fuel > 0 ? 10 : 6);
    if (choice < 3) return { kind: "declared", reference: Core.symbol(`m.T${r.below(count)}`), arguments: [] };
    if (choice < 6 && parameters > 0) return { kind: "variable", index: r.below(parameters) };
    if (choice < 6) return { kind: "builtin", name: r.pick(["Int", "Text"]), arguments: [] };
    const inner = () => fieldType(fuel - 1);
    if (choice === 6) return { kind: "builtin", name: "Map", arguments: [inner(), inner()] };
    if (choice === 7) return { kind: "tuple", items: [inner(), inner()] };
    if (choice === 8) return { kind: "record", names: ["alpha", "beta"], types: [inner(), inner()] };
    const labels = ["Act", "Observe"].slice(r.below(3));
    return { kind: "function", parameters: [inner(), inner()], result: inner(), row: { labels, variable: undefined } };
  };
  const fields = () => Array.from({ length: r.below(3) }, (_, i) => ({ name: NAMES[i]!, type: fieldType() }));
  const name = `m.T${at}`;
  return r.chance(50)
    ? { kind: "record", name, parameters, fields: fields(), doc: undefined }
    : {
        kind: "sum",
        name,
        parameters,
        cases: [
          { name: "None", fields: [] },
          { name: "Some", fields: fields() },
        ],
        doc: undefined,
      };
}

function randomOutside(r: Random, types: readonly Core.TypeDefinition[]): readonly Core.OutsideDefinition[] {
  const all = [
    ["fact", "m.PriceOf", "Decimal"],
    ["action", "m.Trade", "Decimal"],
    ["event", "m.Traded", "Unit"],
    ["operation", "m.Oracle.price", "Decimal"],
  ] as const;
  return r.shuffle(all.slice(r.below(all.length))).map(([kind, name, result]) => ({
    kind,
    name,
    parameters: ["pair", "size"].slice(r.below(2)).map((word) => ({ name: word, type: declaredOrInt(r, types) })),
    result: { kind: "builtin", name: result, arguments: [] },
    doc: "What it costs.",
  }));
}

const declaredOrInt = (r: Random, types: readonly Core.TypeDefinition[]): Core.Type =>
  types.length > 0 && r.chance(50)
    ? { kind: "declared", reference: Core.symbol(r.pick(types).name), arguments: [] }
    : { kind: "builtin", name: "Int", arguments: [] };

function randomProgram(
  r: Random,
  shapes: readonly Shape[],
  types: readonly Core.TypeDefinition[],
): Core.ProgramDefinition {
  const entry = r.pick(shapes);
  const part = () => Core.symbol(r.pick(shapes).name);
  return {
    name: "m.P",
    state: r.shuffle(["balances", "last"]).map((name) => ({
      name,
      type: declaredOrInt(r, types),
      initial: r.chance(50) ? Core.symbol(entry.name) : undefined,
    })),
    entries: [
      {
        name: "go",
        function: Core.symbol(entry.name),
        parameters: [{ name: "size", type: declaredOrInt(r, types) }],
        result: { kind: "builtin", name: "Unit", arguments: [] },
        row: ["Observe", "Emit"],
        exclusive: r.chance(50),
      },
      { name: "ask", function: part(), parameters: [], result: declaredOrInt(r, types), row: [], exclusive: false },
    ],
    triggers: r
      .shuffle<Core.Trigger>([
        { kind: "every", time: Value.duration(60_000), entry: "go", arguments: [1] },
        { kind: "at", time: Value.instant(60_000), entry: "ask", arguments: [] },
        { kind: "fact", timeline: "ethereum", fact: Value.variant("PriceOf"), entry: "go", arguments: [2] },
      ])
      .slice(r.below(3)),
    handshake: r.chance(50) ? part() : undefined,
    migrations: r
      .shuffle([
        { from: "1.0.0", to: "1.1.0", function: part() },
        { from: "1.0.0", to: "2.0.0", function: part() },
      ])
      .slice(r.below(3)),
    doc: undefined,
  };
}

function randomDefinition(
  r: Random,
  shape: Shape,
  shapes: readonly Shape[],
  types: readonly Core.TypeDefinition[],
): Core.Definition {
  let next = shape.parameters;
  const scope = Array.from({ length: shape.parameters }, (_, i) => i);
  const callable = shapes.filter((one) => one.kind !== "test");

  const atom = (): Core.Atom => {
    if (scope.length > 0 && r.chance(60)) return Core.local(r.pick(scope));
    const functions = callable.filter((one) => one.kind === "function");
    if (functions.length > 0 && r.chance(15))
      return { kind: "function", reference: Core.symbol(r.pick(functions).name) };
    return Core.literal(
      r.pick<Value.Value>([0, 1, 2, "a", "b", true, Value.unit, 2n ** 60n, Value.none, Value.float(-0)]),
    );
  };
  const atoms = (count: number) => Array.from({ length: count }, atom);
  const scoped = <T>(work: () => T): T => {
    const depth = scope.length;
    const made = work();
    scope.length = depth;
    return made;
  };

  const expression = (fuel: number): Core.Expression => {
    const choice = fuel <= 0 ? r.below(4) : r.below(18);
    switch (choice) {
      case 0:
        return { kind: "atom", atom: atom() };
      case 1:
      case 2:
      case 3: {
        if (callable.length === 0) return { kind: "atom", atom: atom() };
        const target = r.pick(callable);
        if (target.kind === "lambda")
          return { kind: "closure", reference: Core.symbol(target.name), captured: atoms(target.captured) };
        return { kind: "call", reference: Core.symbol(target.name), arguments: atoms(target.parameters) };
      }
      case 4:
      case 5:
      case 6: {
        const value = scoped(() => expression(fuel - 1));
        const local = next++;
        scope.push(local);
        return { kind: "let", local, value, body: expression(fuel - 1) };
      }
      case 7:
      case 8: {
        const condition = atom();
        const then = scoped(() => expression(fuel - 1));
        return { kind: "if", condition, then, else: scoped(() => expression(fuel - 1)) };
      }
      case 9: {
        const name = r.pick([...table.keys()]);
        return { kind: "builtin", name, arguments: atoms(table.get(name)!.arity) };
      }
      case 10: {
        const subject = atom();
        const cases = ["None", "Some"].map((name) =>
          scoped(() => {
            const local = name === "Some" ? next++ : undefined;
            if (local !== undefined) scope.push(local);
            return { case: name, local, body: expression(fuel - 1) };
          }),
        );
        return {
          kind: "switch",
          subject,
          cases,
          otherwise: r.chance(30) ? scoped(() => expression(fuel - 1)) : undefined,
        };
      }
      case 11: {
        const names = ["alpha", "beta"].slice(0, 1 + r.below(2));
        return { kind: "record", names, values: atoms(names.length) };
      }
      case 12:
        return { kind: "perform", label: "Observe", operation: "observe", arguments: atoms(2) };
      case 13:
        return r.chance(50) ? { kind: "list", items: atoms(r.below(3)) } : { kind: "map", entries: [[atom(), atom()]] };
      case 14:
      case 15:
      case 16:
        return r.pick<() => Core.Expression>([
          () => ({ kind: "return", value: atom() }),
          () => ({ kind: "fault", code: "assert", message: atom() }),
          () => ({ kind: "field", record: atom(), name: r.pick(NAMES) }),
          () => ({ kind: "item", tuple: atom(), index: r.below(3) }),
          () => ({ kind: "stateGet", field: r.pick(NAMES) }),
          () => ({ kind: "stateSet", field: r.pick(NAMES), value: atom() }),
          () => ({ kind: "wait", mode: r.pick(["after", "at"] as const), time: atom() }),
          () => ({ kind: "variant", case: "Some", payload: r.chance(50) ? atom() : undefined }),
          () => ({ kind: "apply", function: atom(), arguments: atoms(r.below(3)) }),
          () => ({ kind: "par", names: ["b", "a"], branches: atoms(2) }),
          () => ({ kind: "race", branches: atoms(2) }),
          () => ({ kind: "tuple", items: atoms(2) }),
          () => ({ kind: "abort", value: atom() }),
          () => ({
            kind: "entry",
            program: Core.symbol(r.pick(shapes).name),
            entry: r.pick(NAMES),
            arguments: atoms(2),
          }),
        ])();
      default: {
        const duration = atom();
        const body = scoped(() => expression(fuel - 1));
        if (r.chance(50)) return { kind: "with", handler: duration, body };
        return { kind: "within", duration, body, otherwise: scoped(() => expression(fuel - 1)) };
      }
    }
  };

  const body = expression(1 + r.below(4));
  return {
    ...shape,
    locals: next,
    body,
    signature:
      shape.kind === "function" && r.chance(50)
        ? {
            kind: "function",
            parameters: Array.from({ length: shape.parameters }, () =>
              r.chance(50) ? { kind: "variable", index: 7 + r.below(2) } : declaredOrInt(r, types),
            ),
            result: { kind: "variable", index: 7 },
            row: { labels: ["Observe", "Emit"].slice(0, r.below(3)), variable: r.chance(30) ? 9 : undefined },
          }
        : undefined,
    localNames: Array.from({ length: next }, (_, i) => `local${i}`),
    doc: r.chance(20) ? "Words." : undefined,
  };
}

/** Every definition's new name; references follow. */
export function renamed(unit: Core.Unit, rename: (name: string) => string): Core.Unit {
  return mapReferences(
    unit,
    (reference) => (reference.kind === "symbol" ? Core.symbol(rename(reference.name)) : reference),
    rename,
  );
}

/**
 * So many copies of a unit, `c0`, `c1` … instead of `m`: each mention in copy i is of some copy, by a permutation of its
 * own. What is strongly connected stays so, and each copy unfolds like the original.
 */
export function unrolled(unit: Core.Unit, copies: number, r: Random): Core.Unit {
  const turns: (readonly number[])[] = [];
  const all = Array.from({ length: copies }, (_, copy) => copy);
  const made = all.map((copy) => {
    let mention = 0;
    return mapReferences(
      unit,
      (reference) => {
        turns[mention] ??= r.shuffle(all);
        const to = turns[mention++]![copy]!;
        return reference.kind === "symbol" ? Core.symbol(reference.name.replace(/^m/, `c${to}`)) : reference;
      },
      (name) => name.replace(/^m/, `c${copy}`),
    );
  });
  return {
    definitions: made.flatMap((one) => one.definitions),
    types: made.flatMap((one) => one.types),
    outside: made.flatMap((one) => one.outside),
    programs: made.flatMap((one) => one.programs),
  };
}

/** The same unit with references (and names) changed: a plain walk over the data. */
export function mapReferences(
  unit: Core.Unit,
  change: (reference: Core.Reference) => Core.Reference,
  rename: (name: string) => string = (name) => name,
): Core.Unit {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
    const kind = (node as { kind?: unknown }).kind;
    if (kind === "symbol" || kind === "hash") return change(node as Core.Reference);
    if (kind === "literal") return node;
    return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, walk(part)]));
  };
  const named = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...(walk(item) as T), name: rename(item.name) }));
  return {
    definitions: named(unit.definitions),
    types: named(unit.types),
    outside: named(unit.outside),
    programs: named(unit.programs),
  };
}

/** The locals of every definition under other numbers, as another compiler might have given them. */
export function renumbered(unit: Core.Unit, r: Random): Core.Unit {
  return {
    ...unit,
    definitions: unit.definitions.map((definition) => {
      const later = Array.from(
        { length: definition.locals - definition.parameters },
        (_, i) => definition.parameters + i,
      );
      const shuffled = r.shuffle(later);
      const to = (local: number) => (local < definition.parameters ? local : shuffled[local - definition.parameters]!);
      const walk = (node: unknown, key = ""): unknown => {
        if (Array.isArray(node)) return node.map((part) => walk(part));
        if (typeof node === "number" && key === "local") return to(node);
        if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
        const { kind, index } = node as { kind?: unknown; index?: number };
        if (kind === "literal") return node;
        if (kind === "local") return Core.local(to(index!));
        return Object.fromEntries(Object.entries(node).map(([name, part]) => [name, walk(part, name)]));
      };
      return {
        ...definition,
        body: walk(definition.body) as Core.Expression,
        localNames: definition.localNames.map((name) => `other_${name}`),
        doc: "Other words.",
      };
    }),
  };
}

/**
 * The definitions of a unit by what they unfold to, down to `depth` references: names with equal numbers have the same
 * unfolding. To more levels than there are definitions, that means the same infinite tree. Written without looking at
 * how addresses are made: plain text, interned level by level.
 */
export function unfoldings(unit: Core.Unit, depth: number): ReadonlyMap<string, number> {
  const items = [...unit.definitions, ...unit.types, ...unit.outside, ...unit.programs];
  const all = new Map(items.map((one) => [one.name, one] as const));
  const numbers = new Map<string, number>();
  const cache = new Map<string, number>();

  const walk = (node: unknown, left: number): unknown => {
    if (typeof node === "bigint") return `${node}n`;
    if (Object.is(node, -0)) return "-0";
    if (Array.isArray(node)) return node.map((part) => walk(part, left));
    if (typeof node !== "object" || node === null) return node;
    if ((node as { kind?: unknown }).kind === "symbol") return `#${at((node as { name: string }).name, left - 1)}`;
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => key !== "localNames" && key !== "doc" && key !== "locals")
        .map(([key, part]) => [key, key === "signature" ? variablesNumbered(walk(part, left)) : walk(part, left)]),
    );
  };
  const at = (name: string, left: number): number => {
    if (left < 0) return -1;
    const key = `${aliased(all, name)} ${left}`;
    let number = cache.get(key);
    if (number === undefined) {
      const item = all.get(aliased(all, name))!;
      const shown = unit.outside.some((one) => one.name === name) ? name : "";
      const text = `${left} ${JSON.stringify(walk({ ...item, name: shown }, left))}`;
      number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      cache.set(key, number);
    }
    return number;
  };
  return new Map(items.map((one) => [one.name, at(one.name, depth)]));
}

/** Type and row variables by first occurrence. */
function variablesNumbered(signature: unknown): unknown {
  const seen = new Map<string, number>();
  return JSON.stringify(signature ?? null).replace(/"(index|variable)":(\d+)/g, (text) => {
    if (!seen.has(text)) seen.set(text, seen.size);
    return `v${seen.get(text)}`;
  });
}

/** A value that only names another value stands for it, unless that goes round in a circle. */
function aliased(all: ReadonlyMap<string, { readonly name: string }>, name: string): string {
  const next = (from: string): string | undefined => {
    const item = all.get(from) as Partial<Core.Definition> | undefined;
    const body = item?.body;
    if (item?.kind !== "value" || body?.kind !== "call" || body.reference.kind !== "symbol") return undefined;
    return (all.get(body.reference.name) as Partial<Core.Definition>).kind === "value"
      ? body.reference.name
      : undefined;
  };
  const seen = new Set<string>();
  let last = name;
  for (let to = next(name); to !== undefined; to = next(to)) {
    if (seen.has(to)) return name;
    seen.add(to);
    last = to;
  }
  return last;
}
