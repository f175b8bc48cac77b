/** Declared migrations on the level of values: each turns the state's fields into others, and back. */
import { type Node, Value } from "../content/index.ts";
import { err, type Result } from "../std/index.ts";
import type { Call, History } from "./Migration.ts";
import type * as T from "./Type.ts";

export type Operation =
  | {
      readonly op: "split-record";
      readonly from: string;
      readonly into: readonly { readonly field: string; readonly index: number }[];
      /** Every field of the record is taken, so joining the parts gives it back. */
      readonly whole: boolean;
      readonly names: readonly string[];
    }
  | {
      readonly op: "split-items";
      readonly from: string;
      readonly into: readonly { readonly field: string; readonly index: number }[];
      readonly whole: boolean;
      readonly tag: "tuple" | "list";
    }
  | {
      readonly op: "split-text";
      readonly from: string;
      readonly into: readonly string[];
      readonly by: string;
      readonly otherwise: string;
    }
  | {
      readonly op: "merge-record";
      readonly from: readonly { readonly field: string; readonly name: string }[];
      readonly to: string;
    }
  | { readonly op: "merge-tuple"; readonly from: readonly string[]; readonly to: string }
  | { readonly op: "merge-text"; readonly from: readonly string[]; readonly to: string; readonly by: string }
  | { readonly op: "hoist"; readonly from: readonly string[]; readonly to: string }
  | { readonly op: "plunge"; readonly from: string; readonly to: readonly string[] }
  /** One of those above, on the fields of a record inside the state. */
  | { readonly op: "inside"; readonly path: readonly string[]; readonly then: Operation }
  | {
      readonly op: "call";
      readonly function: string;
      readonly reads: readonly string[];
      readonly writes: readonly string[];
      /** Read fields that the new state no longer has. */
      readonly dropped: readonly string[];
      readonly history: History | undefined;
      readonly run: MigrationFunction["run"];
    };

/** A migration function as this layer sees it: pure, total, found by its hash. */
export interface MigrationFunction {
  readonly reads: ReadonlyMap<string, T.Type>;
  readonly writes: ReadonlyMap<string, T.Type>;
  /** Named types of both. */
  readonly types: T.Types;
  /** A refusal carries a reason for people. Values that are not of the declared types are refused by the caller. */
  readonly run: (reads: ReadonlyMap<string, Value.Value>) => Result<ReadonlyMap<string, Value.Value>, string>;
}

/** Why a function cannot serve a `call`, and what to do about it. */
export interface NoFunction {
  readonly why: string;
  readonly fix: string;
}

/** The port through which `call` finds its function, and its fold over the log if it declares one. */
export type MigrationFunctions = (call: Call) => Result<MigrationFunction, NoFunction>;

export const noFunctions = (call: Call): Result<never, NoFunction> =>
  err({
    why: `the migration function ${call.function} is not in this store, so nothing can check or run it`,
    fix: "add the function to the store (tb add), or name the store that has it: --store DIR",
  });

type Fields = Map<string, Value.Value>;

/** A migration function refused or broke its word; leaves the upgrade untouched. */
export class OperationFailure {
  readonly operation: string;
  readonly reason: string;
  constructor(operation: string, reason: string) {
    this.operation = operation;
    this.reason = reason;
  }
}

/** Keeps an old value that the operation cannot give back by itself, under its old field's name. */
export type Keep = (field: string, value: Value.Value) => void;

/** Changes the fields in place. The fields are of the type that the operation was checked against. */
export function forward(operation: Operation, fields: Fields, keep: Keep): void {
  switch (operation.op) {
    case "split-record":
    case "split-items": {
      const source = fields.get(operation.from) as Value.Record | Value.Tuple;
      const parts = source.tag === "record" ? source.values : source.items;
      if (!operation.whole) keep(operation.from, source);
      fields.delete(operation.from);
      for (const { field, index } of operation.into) fields.set(field, parts[index]!);
      return;
    }
    case "split-text": {
      const source = fields.get(operation.from) as string;
      const pieces = piecesOf(source, operation.by, operation.into.length);
      if (pieces.length < operation.into.length) keep(operation.from, source);
      fields.delete(operation.from);
      operation.into.forEach((field, i) => {
        fields.set(field, pieces[i] ?? operation.otherwise);
      });
      return;
    }
    case "merge-record": {
      const values = operation.from.map(({ field }) => taken(fields, field));
      fields.set(operation.to, { tag: "record", names: operation.from.map((part) => part.name), values });
      return;
    }
    case "merge-tuple":
      fields.set(operation.to, Value.tuple(operation.from.map((field) => taken(fields, field))));
      return;
    case "merge-text": {
      const texts = operation.from.map((field) => taken(fields, field) as string);
      // Separators inside a text would not come apart again as they were joined.
      if (!rejoins(texts, operation.by)) for (const [i, field] of operation.from.entries()) keep(field, texts[i]!);
      fields.set(operation.to, texts.join(operation.by));
      return;
    }
    case "hoist": {
      const [outer, ...path] = operation.from as [string, ...string[]];
      const { rest, value } = lift(fields.get(outer) as Value.Record, path);
      fields.set(outer, rest);
      fields.set(operation.to, value);
      return;
    }
    case "plunge": {
      const [outer, ...path] = operation.to as [string, ...string[]];
      const value = taken(fields, operation.from);
      fields.set(outer, sink(fields.get(outer) as Value.Record, path, value));
      return;
    }
    case "inside":
      change(operation.path, fields, (inner) => forward(operation.then, inner, keep));
      return;
    case "call":
      callForward(operation, fields, keep);
  }
}

function callForward(operation: Extract<Operation, { op: "call" }>, fields: Fields, keep: Keep): void {
  const reads = new Map(operation.reads.map((name) => [name, fields.get(name)!]));
  const result = operation.run(reads);
  if (!result.ok) throw new OperationFailure(operation.function, result.error);
  for (const name of operation.dropped) keep(name, taken(fields, name));
  for (const name of operation.writes) {
    const value = result.value.get(name);
    if (value === undefined) throw new OperationFailure(operation.function, `it gave no value for ${name}`);
    const old = fields.get(name);
    if (old !== undefined) keep(name, old);
    fields.set(name, value);
  }
}

/** Undoes `forward`. `kept` gives back what was kept under a field's name. */
export function backward(operation: Operation, fields: Fields, kept: (field: string) => Value.Value | undefined): void {
  switch (operation.op) {
    case "split-record":
    case "split-items": {
      const old = kept(operation.from);
      const parts = new Map(operation.into.map(({ field, index }) => [index, taken(fields, field)]));
      fields.set(operation.from, old ?? rejoined(operation, parts));
      return;
    }
    case "split-text": {
      const old = kept(operation.from);
      const pieces = operation.into.map((field) => taken(fields, field) as string);
      fields.set(operation.from, old ?? pieces.join(operation.by));
      return;
    }
    case "merge-record": {
      const merged = taken(fields, operation.to) as Value.Record;
      for (const [i, { field }] of operation.from.entries()) fields.set(field, merged.values[i]!);
      return;
    }
    case "merge-tuple": {
      const merged = taken(fields, operation.to) as Value.Tuple;
      for (const [i, field] of operation.from.entries()) fields.set(field, merged.items[i]!);
      return;
    }
    case "merge-text": {
      const pieces = piecesOf(taken(fields, operation.to) as string, operation.by, operation.from.length);
      for (const [i, field] of operation.from.entries()) fields.set(field, kept(field) ?? pieces[i] ?? "");
      return;
    }
    case "hoist": {
      const [outer, ...path] = operation.from as [string, ...string[]];
      fields.set(outer, sink(fields.get(outer) as Value.Record, path, taken(fields, operation.to)));
      return;
    }
    case "plunge": {
      const [outer, ...path] = operation.to as [string, ...string[]];
      const { rest, value } = lift(fields.get(outer) as Value.Record, path);
      fields.set(outer, rest);
      fields.set(operation.from, value);
      return;
    }
    case "inside":
      change(operation.path, fields, (inner) => backward(operation.then, inner, kept));
      return;
    case "call": {
      for (const name of operation.writes) fields.delete(name);
      for (const name of [...operation.writes, ...operation.dropped]) {
        const old = kept(name);
        if (old !== undefined) fields.set(name, old);
      }
      return;
    }
  }
}

/** Lets `work` change the fields of the record at a path of names. */
function change(path: readonly string[], fields: Fields, work: (inner: Fields) => void): void {
  const [name, ...deeper] = path;
  if (name === undefined) {
    work(fields);
    return;
  }
  const record = fields.get(name) as Value.Record;
  const inner: Fields = new Map(record.names.map((one, i) => [one, record.values[i]!]));
  change(deeper, inner, work);
  fields.set(name, Value.record(inner));
}

function taken(fields: Fields, name: string): Value.Value {
  const value = fields.get(name)!;
  fields.delete(name);
  return value;
}

function rejoined(
  operation: Extract<Operation, { op: "split-record" | "split-items" }>,
  parts: ReadonlyMap<number, Value.Value>,
): Value.Value {
  const values = [...parts.keys()].sort((a, b) => a - b).map((index) => parts.get(index)!);
  if (operation.op === "split-record") return { tag: "record", names: operation.names, values };
  return operation.tag === "tuple" ? Value.tuple(values) : Value.list(values);
}

/** At most so many pieces; the last one keeps the separators that are left. */
function piecesOf(text: string, by: string, most: number): string[] {
  const pieces = text.split(by);
  return pieces.length <= most ? pieces : [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(by)];
}

const rejoins = (texts: readonly string[], by: string): boolean => {
  const pieces = piecesOf(texts.join(by), by, texts.length);
  return by !== "" && pieces.length === texts.length && pieces.every((piece, i) => piece === texts[i]);
};

function lift(
  record: Value.Record,
  path: readonly string[],
): { readonly rest: Value.Record; readonly value: Value.Value } {
  const [name, ...deeper] = path as [string, ...string[]];
  const at = record.names.indexOf(name);
  if (deeper.length > 0) {
    const inner = lift(record.values[at] as Value.Record, deeper);
    return { rest: { ...record, values: record.values.with(at, inner.rest) }, value: inner.value };
  }
  const rest: Value.Record = {
    tag: "record",
    names: record.names.toSpliced(at, 1),
    values: record.values.toSpliced(at, 1),
  };
  return { rest, value: record.values[at]! };
}

function sink(record: Value.Record, path: readonly string[], value: Value.Value): Value.Record {
  const [name, ...deeper] = path as [string, ...string[]];
  if (deeper.length === 0) {
    return Value.record([...record.names.map((n, i) => [n, record.values[i]!] as const), [name, value]]);
  }
  const at = record.names.indexOf(name);
  return { ...record, values: record.values.with(at, sink(record.values[at] as Value.Record, deeper, value)) };
}

/** The operation as part of a block. A function stands there by its hash. */
export function toNode(operation: Operation): Node {
  switch (operation.op) {
    case "split-record":
    case "split-items":
      return [operation.op, operation.from, operation.into.map((part) => [part.field, part.index]), operation.whole];
    case "split-text":
      return [operation.op, operation.from, operation.into, operation.by, operation.otherwise];
    case "merge-record":
      return [operation.op, operation.from.map((part) => [part.field, part.name]), operation.to];
    case "merge-tuple":
      return [operation.op, operation.from, operation.to];
    case "merge-text":
      return [operation.op, operation.from, operation.to, operation.by];
    case "hoist":
    case "plunge":
      return [operation.op, operation.from, operation.to];
    case "inside":
      return [operation.op, operation.path, toNode(operation.then)];
    case "call": {
      const { history } = operation;
      return [
        operation.op,
        operation.function,
        operation.reads,
        operation.writes,
        operation.dropped,
        history === undefined ? null : [history.effects, history.from, history.fold],
      ];
    }
  }
}
