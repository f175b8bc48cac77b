/**
 * What an upgrade does to a value, as data: a table of edits that refer to each other by index, so that recursive types
 * have finite plans. Edit 0 keeps the value. Made by diff.ts, joined by fuse.ts, run by apply.ts.
 */
import { type Node, type Value, valueToNode } from "../content/index.ts";
import type * as T from "./Type.ts";

export type Edit =
  | { readonly op: "keep" }
  /** An integer becomes a decimal, or a float that holds it exactly. */
  | { readonly op: "decimal" }
  | { readonly op: "float" }
  /** T becomes option<T>. */
  | { readonly op: "some"; readonly then: number }
  | { readonly op: "option"; readonly then: number }
  /** option<T> becomes T; None becomes `otherwise`. */
  | { readonly op: "unwrap"; readonly then: number; readonly otherwise: Value.Value }
  /** Values that are of the new type stay, others become `otherwise`. From a field without a type they are read anew. */
  | { readonly op: "admit"; readonly type: T.Type; readonly otherwise: Value.Value; readonly untyped: boolean }
  | { readonly op: "list"; readonly then: number }
  | { readonly op: "map"; readonly then: number }
  | { readonly op: "tuple"; readonly items: readonly number[] }
  | {
      readonly op: "record";
      /** All names of the old record, sorted. */
      readonly before: readonly string[];
      /** The new record's fields, sorted. */
      readonly fields: readonly FieldEdit[];
      /** Old fields that the new record has no place for. */
      readonly drop: readonly string[];
    }
  | { readonly op: "variant"; readonly cases: readonly CaseEdit[] };

export type FieldEdit =
  | { readonly name: string; readonly from: string; readonly then: number }
  | { readonly name: string; readonly fill: Value.Value };

export interface CaseEdit {
  readonly name: string;
  /** Undefined: the case has no payload. */
  readonly then: number | undefined;
}

export interface Edits {
  readonly root: number;
  readonly table: readonly Edit[];
  /** Named types of the schema that the edits lead to; `admit` looks into them. */
  readonly types: T.Types;
}

export const KEEP = 0;
export const keep: Edit = { op: "keep" };

export const nothing = (types: T.Types): Edits => ({ root: KEEP, table: [keep], types });

/** The edits directly inside. */
function innerOf(edit: Edit): readonly number[] {
  switch (edit.op) {
    case "some":
    case "option":
    case "unwrap":
    case "list":
    case "map":
      return [edit.then];
    case "tuple":
      return edit.items;
    case "record":
      return edit.fields.flatMap((f) => ("from" in f ? [f.then] : []));
    case "variant":
      return edit.cases.flatMap((c) => (c.then === undefined ? [] : [c.then]));
    default:
      return [];
  }
}

/** Whether the edit changes a value by itself, whatever its inner edits do. */
function changes(edit: Edit): boolean {
  switch (edit.op) {
    case "decimal":
    case "float":
    case "some":
    case "unwrap":
    case "admit":
      return true;
    case "record":
      return edit.drop.length > 0 || edit.fields.some((f) => !("from" in f) || f.from !== f.name);
    default:
      return false;
  }
}

/** Edits that are, or lead to, one of those given. */
export function reaching(table: readonly Edit[], from: Iterable<number>): ReadonlySet<number> {
  const users: number[][] = table.map(() => []);
  table.forEach((edit, at) => {
    for (const inner of innerOf(edit)) users[inner]!.push(at);
  });
  const reached = new Set<number>();
  const work = [...from];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    work.push(...users[at]!);
  }
  return reached;
}

/** Replaces every edit that changes nothing by `keep`, and drops those that nothing refers to any more. */
export function simplify(edits: Edits): Edits {
  const { table } = edits;
  const active = reaching(
    table,
    table.flatMap((edit, at) => (changes(edit) ? [at] : [])),
  );
  const order = new Map<number, number>([[KEEP, KEEP]]);
  const kept: number[] = [];
  const number = (at: number): number => {
    if (!active.has(at)) return KEEP;
    const known = order.get(at);
    if (known !== undefined) return known;
    kept.push(at);
    order.set(at, kept.length);
    return kept.length;
  };
  const root = number(edits.root);
  const simplified: Edit[] = [keep];
  for (let i = 0; i < kept.length; i++) simplified.push(renumber(table[kept[i]!]!, number));
  return { root, table: simplified, types: edits.types };
}

export function renumber(edit: Edit, number: (at: number) => number): Edit {
  switch (edit.op) {
    case "some":
    case "option":
    case "unwrap":
    case "list":
    case "map":
      return { ...edit, then: number(edit.then) };
    case "tuple":
      return { ...edit, items: edit.items.map(number) };
    case "record":
      return { ...edit, fields: edit.fields.map((f) => ("from" in f ? { ...f, then: number(f.then) } : f)) };
    case "variant":
      return {
        ...edit,
        cases: edit.cases.map((c) => (c.then === undefined ? c : { ...c, then: number(c.then) })),
      };
    default:
      return edit;
  }
}

/** The edits as part of a block, for the hash of a plan. */
export const toNode = (edits: Edits): Node => [
  edits.root,
  edits.table.map((edit): Node => {
    switch (edit.op) {
      case "some":
      case "option":
      case "list":
      case "map":
        return [edit.op, edit.then];
      case "unwrap":
        return [edit.op, edit.then, valueToNode(edit.otherwise)];
      case "admit":
        return [edit.op, valueToNode(edit.otherwise), edit.untyped];
      case "tuple":
        return [edit.op, edit.items];
      case "record":
        return [
          edit.op,
          edit.before,
          edit.fields.map((f) => ("from" in f ? [f.name, f.from, f.then] : [f.name, valueToNode(f.fill)])),
          edit.drop,
        ];
      case "variant":
        return [edit.op, edit.cases.map((c) => (c.then === undefined ? [c.name] : [c.name, c.then]))];
      default:
        return [edit.op];
    }
  }),
];
