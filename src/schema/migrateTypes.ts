/**
 * Declared migrations on the level of types: split, merge, hoist, plunge and call turn the old state's type into one that
 * lies between old and new, and yield the operations that do the same to a value. Rename and fill only guide the diff.
 * What no operation touches evolves by the rules: the diff starts from the type in between.
 */
import type { Value } from "../content/index.ts";
import { closest } from "../std/index.ts";
import type { Found } from "./diff.ts";
import { readerOf } from "./json/readValue.ts";
import { JsonRefusal, Scanner } from "./json/Scanner.ts";
import type { Call, Hoist, Merge, Migration, Part, Plunge, Split } from "./Migration.ts";
import type { MigrationFunctions, Operation } from "./Operation.ts";
import * as Path from "./Path.ts";
import type { Place, Problem } from "./Problem.ts";
import { printName, printType } from "./printType.ts";
import type { Schema } from "./Schema.ts";
import * as T from "./Type.ts";
import { typeAt } from "./typeAt.ts";

export interface Between {
  readonly state: T.RecordType;
  readonly operations: readonly Operation[];
  readonly found: readonly Found[];
  readonly problems: readonly Problem[];
  /** New path → old path. */
  readonly renames: ReadonlyMap<string, string>;
  readonly fills: ReadonlyMap<string, Value.Value>;
  readonly settled: ReadonlySet<string>;
  /** Paths of old fields that an operation took. */
  readonly consumed: readonly string[];
  /** Old path → new path of fields that moved; what is retired under the one is retired under the other. */
  readonly moved: readonly (readonly [string, string])[];
}

/** A migration that does not fit; leaves the one operation, the others are still checked. */
class Misfit {
  readonly what: string;
  readonly fix: string | undefined;
  constructor(what: string, fix?: string) {
    this.what = what;
    this.fix = fix;
  }
}

export function migrateTypes(before: Schema, after: Schema, functions: MigrationFunctions): Between {
  const own = new Map(before.state.fields.map((f) => [f.name, f]));
  // The record that the operation is about: the state's own, or one inside it.
  let fields = own;
  let target = new Map(after.state.fields.map((f) => [f.name, f]));
  let inside: readonly string[] = [];
  let here = Path.ROOT;
  const operations: Operation[] = [];
  const found: Found[] = [];
  const problems: Problem[] = [];
  const renames = new Map<string, string>();
  const fills = new Map<string, Value.Value>();
  const settled = new Set<string>();
  const consumed: string[] = [];
  const moved: [string, string][] = [];
  const describe = (names: readonly string[]): string =>
    names
      .map((name) => `${printName(name)}: ${printType(fields.get(name)?.type ?? target.get(name)?.type ?? T.untyped)}`)
      .join(", ");

  const take = (name: string): T.Field => {
    const field = fields.get(name);
    if (field !== undefined) return field;
    const near = closest(name, fields.keys());
    throw new Misfit(
      `${whose("old", inside)} has no field \`${name}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
    );
  };
  const aim = (name: string): T.Field => {
    const field = target.get(name);
    if (field === undefined) {
      const near = closest(name, target.keys());
      throw new Misfit(
        `${whose("new", inside)} has no field \`${name}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
      );
    }
    return field;
  };
  const free = (name: string): T.Field => {
    if (fields.has(name)) throw new Misfit(`${whose("old", inside)} already has a field \`${name}\``);
    return aim(name);
  };
  const consume = (name: string): void => {
    fields.delete(name);
    consumed.push(Path.field(here, name));
  };
  const give = (name: string, type: T.Type, at: Place | undefined): void => {
    fields.set(
      name,
      T.field(name, type, { at, meaning: target.get(name)?.meaning, default: target.get(name)?.default }),
    );
  };
  const tell = (migration: Migration, path: string, was: string, becomes: string): void => {
    found.push({
      path,
      rule: migration.op,
      before: was,
      after: becomes,
      oldAt: undefined,
      newAt: migration.at,
      migrated: true,
    });
  };

  const operate = (operation: Operation): void => {
    operations.push(inside.length === 0 ? operation : { op: "inside", path: inside, then: operation });
  };
  /** Does an operation on the record at `path`, and puts back the type that it leaves there. */
  const within = (path: readonly string[], work: () => void): void => {
    const [outer, ...deeper] = path;
    if (outer === undefined) {
      work();
      return;
    }
    const state = target;
    const record = recordAt(own, path, before.types, "old");
    fields = new Map(record.fields.map((f) => [f.name, f]));
    target = new Map(recordAt(state, path, after.types, "new").fields.map((f) => [f.name, f]));
    inside = path;
    here = path.reduce(Path.field, Path.ROOT);
    try {
      work();
      const host = own.get(outer)!;
      own.set(outer, { ...host, type: withRecord(host.type, deeper, T.record([...fields.values()]), before.types) });
    } finally {
      fields = own;
      target = state;
      inside = [];
      here = Path.ROOT;
    }
  };

  const split = (m: Split): void => {
    const source = take(m.from);
    const type = T.resolve(source.type, before.types);
    const was = describe([m.from]);
    if (m.into.length === 0) throw new Misfit("`into` names no field");
    for (const part of m.into) free(part.field);
    const names = m.into.map((part) => part.field);
    if (type.kind === "record") {
      const into = m.into.map((part) => {
        const index = type.fields.findIndex((f) => f.name === (part.part ?? part.field));
        if (index < 0)
          throw new Misfit(
            `\`${m.from}\` has no field \`${part.part ?? part.field}\`; it has ${type.fields.map((f) => f.name).join(", ")}`,
          );
        return { field: part.field, index };
      });
      consume(m.from);
      for (const { field, index } of into) give(field, type.fields[index]!.type, m.at);
      operate({
        op: "split-record",
        from: m.from,
        into,
        whole: covers(into, type.fields.length),
        names: type.fields.map((f) => f.name),
      });
    } else if (type.kind === "tuple" || (type.kind === "list" && type.length !== undefined)) {
      const types = type.kind === "tuple" ? type.items : new Array<T.Type>(type.length!).fill(type.item);
      const into = m.into.map((part, i) => ({ field: part.field, index: indexOf(part, i, types.length) }));
      consume(m.from);
      for (const { field, index } of into) give(field, types[index]!, m.at);
      operate({ op: "split-items", from: m.from, into, whole: covers(into, types.length), tag: type.kind });
    } else if (type.kind === "text") {
      if (m.by === undefined || m.by === "") throw new Misfit("a text is split `by` a separator", 'by = "/"');
      consume(m.from);
      for (const name of names) give(name, T.text, m.at);
      operate({ op: "split-text", from: m.from, into: names, by: m.by, otherwise: m.otherwise ?? "" });
    } else {
      throw new Misfit(
        `\`${m.from}\` is ${printType(source.type)}; only records, tuples, lists of fixed length and texts can be split`,
        'op = "call" with a migration function can split anything',
      );
    }
    tell(m, Path.field(here, m.from), was, describe(names));
  };

  const merge = (m: Merge): void => {
    const to = free(m.to);
    const type = T.resolve(to.type, after.types);
    const names = m.from.map((part) => part.field);
    const sources = names.map(take);
    const was = describe(names);
    if (m.by !== undefined) {
      if (sources.some((f) => T.resolve(f.type, before.types).kind !== "text"))
        throw new Misfit("only texts are merged `by` a separator");
      names.forEach(consume);
      give(m.to, T.text, m.at);
      operate({ op: "merge-text", from: names, to: m.to, by: m.by });
    } else if (type.kind === "record") {
      const from = m.from.map((part) => ({ field: part.field, name: part.part ?? part.field }));
      const made = from.map(({ name }, i) => T.field(name, sources[i]!.type, { at: m.at }));
      if (new Set(from.map((f) => f.name)).size !== from.length) throw new Misfit("two fields merge into one name");
      names.forEach(consume);
      give(m.to, T.record(made), m.at);
      operate({ op: "merge-record", from: [...from].sort((a, b) => T.compareNames(a.name, b.name)), to: m.to });
    } else if (type.kind === "tuple") {
      names.forEach(consume);
      give(m.to, T.tuple(sources.map((f) => f.type)), m.at);
      operate({ op: "merge-tuple", from: names, to: m.to });
    } else
      throw new Misfit(
        `\`${m.to}\` is ${printType(to.type)}; fields merge into a record, a tuple, or with \`by\` a text`,
      );
    tell(m, Path.field(here, m.to), was, describe([m.to]));
  };

  const hoist = (m: Hoist): void => {
    const [outer, ...path] = m.from;
    if (outer === undefined || path.length === 0)
      throw new Misfit("`from` must lead into a record", 'from = "limits.maxSlippage"');
    free(m.to);
    const source = take(outer);
    const lifted = without(source.type, path, before.types, m.from);
    fields.set(outer, { ...source, type: lifted.rest });
    give(m.to, lifted.taken, m.at);
    operate({ op: "hoist", from: m.from, to: m.to });
    moved.push([
      Path.show(
        m.from.map((name) => ({ kind: "field", name })),
        here,
      ),
      Path.field(here, m.to),
    ]);
    consumed.push(moved.at(-1)![0]);
    tell(m, Path.field(here, m.to), `${m.from.join(".")}: ${printType(lifted.taken)}`, describe([m.to]));
  };

  const plunge = (m: Plunge): void => {
    const [outer, ...path] = m.to;
    if (outer === undefined || path.length === 0)
      throw new Misfit("`to` must lead into a record", 'to = "limits.maxSlippage"');
    const source = take(m.from);
    const host = take(outer);
    if (outer === m.from) throw new Misfit("a field cannot move into itself");
    const type = withField(host.type, path, source.type, before.types, m.to, m.at);
    const was = describe([m.from]);
    consume(m.from);
    fields.set(outer, { ...host, type });
    operate({ op: "plunge", from: m.from, to: m.to });
    moved.push([
      Path.field(here, m.from),
      Path.show(
        m.to.map((name) => ({ kind: "field", name })),
        here,
      ),
    ]);
    tell(m, moved.at(-1)![1], was, `${m.to.join(".")}: ${printType(source.type)}`);
  };

  const call = (m: Call): void => {
    const reads = m.reads.map(take);
    const writes = m.writes.map(aim);
    if (writes.length === 0) throw new Misfit("`writes` names no field");
    const wanted = functions(m);
    const dropped = m.reads.filter((name) => !target.has(name));
    for (const { name, type } of writes) {
      const old = fields.get(name);
      found.push({
        path: Path.field(here, name),
        rule: "call",
        before: old === undefined ? undefined : printType(old.type),
        after: printType(type),
        oldAt: old?.at ?? reads[0]?.at,
        newAt: m.at,
        function: m.function,
        ...(wanted.ok ? { migrated: true } : wanted.error),
      });
    }
    for (const name of dropped) {
      found.push({
        path: Path.field(here, name),
        rule: "call",
        before: printType(fields.get(name)!.type),
        after: undefined,
        oldAt: fields.get(name)!.at,
        newAt: m.at,
        function: m.function,
        migrated: true,
      });
    }
    for (const name of m.writes) settled.add(Path.field(here, name));
    for (const name of dropped) consume(name);
    for (const name of m.writes) give(name, T.untyped, m.at);
    if (!wanted.ok) return;
    const definition = wanted.value;
    reads.forEach((field) => {
      const parameter = definition.reads.get(field.name);
      if (parameter === undefined || !T.takes(parameter, definition.types, field.type, before.types)) {
        throw new Misfit(
          `the function takes ${field.name} as ${parameter === undefined ? "nothing" : printType(parameter)}, the old state has ${printType(field.type)}`,
        );
      }
    });
    writes.forEach((field) => {
      const given = definition.writes.get(field.name);
      if (given === undefined || !T.same(given, definition.types, field.type, after.types)) {
        throw new Misfit(
          `the function gives ${field.name} as ${given === undefined ? "nothing" : printType(given)}, the new state needs ${printType(field.type)}`,
        );
      }
    });
    operations.push({
      op: "call",
      function: m.function,
      reads: m.reads,
      writes: m.writes,
      dropped,
      history: m.history,
      run: definition.run,
    });
  };

  const apply = (m: Migration): void => {
    switch (m.op) {
      case "rename":
        if (parentOf(m.from) !== parentOf(m.to)) {
          throw new Misfit(
            "a rename stays inside one record",
            'op = "hoist" and op = "plunge" move fields between records',
          );
        }
        renames.set(m.to, m.from);
        moved.push([m.from, m.to]);
        return;
      case "fill":
        fills.set(m.field, readFill(m.field, m.value, after));
        return;
      case "split":
        within(m.inside, () => split(m));
        return;
      case "merge":
        within(m.inside, () => merge(m));
        return;
      case "hoist":
        within(m.inside, () => hoist(m));
        return;
      case "plunge":
        within(m.inside, () => plunge(m));
        return;
      case "call":
        call(m);
    }
  };

  for (const migration of after.migrations) {
    try {
      apply(migration);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      problems.push({
        code: "SCH0150",
        what: `migration ${migration.op}: ${error.what}`,
        ...(migration.at === undefined ? {} : { at: migration.at }),
        ...(error.fix === undefined ? {} : { fix: error.fix }),
      });
    }
  }
  return {
    state: T.record([...own.values()]),
    operations,
    found,
    problems,
    renames,
    fills,
    settled,
    consumed,
    moved,
  };
}

const whose = (version: "old" | "new", inside: readonly string[]): string =>
  inside.length === 0 ? `the ${version} state` : `\`${inside.map(printName).join(".")}\` of the ${version} state`;

/** The record type at a path of names. */
function recordAt(
  fields: ReadonlyMap<string, T.Field>,
  path: readonly string[],
  types: T.Types,
  version: "old" | "new",
): T.RecordType {
  let at = fields;
  let record: T.RecordType | undefined;
  for (const [i, name] of path.entries()) {
    const type = at.get(name)?.type;
    const found = type === undefined ? undefined : T.resolve(type, types);
    if (found?.kind !== "record")
      throw new Misfit(`\`in\`: ${whose(version, path.slice(0, i))} has no record \`${name}\``);
    record = found;
    at = new Map(found.fields.map((f) => [f.name, f]));
  }
  return record!;
}

/** A record type with another record at a path of names. */
function withRecord(type: T.Type, path: readonly string[], inner: T.RecordType, types: T.Types): T.Type {
  const [name, ...deeper] = path;
  if (name === undefined) return inner;
  const record = T.resolve(type, types) as T.RecordType;
  return T.record(
    record.fields.map((f) => (f.name === name ? { ...f, type: withRecord(f.type, deeper, inner, types) } : f)),
  );
}

const covers = (into: readonly { readonly index: number }[], size: number): boolean =>
  new Set(into.map((part) => part.index)).size === size;

function indexOf(part: Part, position: number, size: number): number {
  const index = part.part === undefined ? position : Number(part.part);
  if (!Number.isInteger(index) || index < 0 || index >= size)
    throw new Misfit(`there is no item ${part.part ?? position} of ${size}`);
  return index;
}

function parentOf(path: string): string {
  const steps = Path.parse(path) ?? [];
  if (steps.at(-1)?.kind !== "field") throw new Misfit(`${path} is not a field`);
  return Path.show(steps.slice(0, -1));
}

function readFill(path: string, json: string, after: Schema): Value.Value {
  const type = typeAt(after.state, Path.parse(path) ?? [], after.types);
  if (type === undefined) throw new Misfit(`the new state has no ${path}`);
  const scanner = new Scanner(json);
  try {
    const value = readerOf(after.types)(type)(scanner, 0);
    if (!Number.isNaN(scanner.peek())) scanner.fail("text follows the value");
    return value;
  } catch (error) {
    if (error instanceof JsonRefusal) throw new Misfit(`the value of \`fill\` for ${path}: ${error.what}`);
    throw error;
  }
}

/** A record type without the field at a path of names, and the type of that field. */
function without(
  type: T.Type,
  path: readonly string[],
  types: T.Types,
  whole: readonly string[],
): { readonly rest: T.Type; readonly taken: T.Type } {
  const record = T.resolve(type, types);
  const [name, ...deeper] = path;
  const field = record.kind === "record" ? record.fields.find((f) => f.name === name) : undefined;
  if (record.kind !== "record" || field === undefined)
    throw new Misfit(`${whole.join(".")} does not lead to a field through records`);
  if (deeper.length === 0) return { rest: T.record(record.fields.filter((f) => f !== field)), taken: field.type };
  const inner = without(field.type, deeper, types, whole);
  return {
    rest: T.record(record.fields.map((f) => (f === field ? { ...f, type: inner.rest } : f))),
    taken: inner.taken,
  };
}

/** A record type with a field more at a path of names. */
function withField(
  type: T.Type,
  path: readonly string[],
  added: T.Type,
  types: T.Types,
  whole: readonly string[],
  at: Place | undefined,
): T.Type {
  const record = T.resolve(type, types);
  const [name, ...deeper] = path as [string, ...string[]];
  if (record.kind !== "record") throw new Misfit(`${whole.join(".")} does not lead through records`);
  const field = record.fields.find((f) => f.name === name);
  if (deeper.length === 0) {
    if (field !== undefined) throw new Misfit(`${whole.join(".")} exists already`);
    return T.record([...record.fields, T.field(name, added, { at })]);
  }
  if (field === undefined) throw new Misfit(`${whole.join(".")} does not lead through records`);
  return T.record(
    record.fields.map((f) => (f === field ? { ...f, type: withField(f.type, deeper, added, types, whole, at) } : f)),
  );
}
