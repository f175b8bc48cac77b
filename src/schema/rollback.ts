/**
 * Edits compiled into closures that carry a value back. On a state that has not changed since, with its tombstones, the
 * result is exactly the old state. On one that has, it is the newest values in the old form: what has none is refused,
 * what only the new version had is reported as left behind.
 */
import { Decimal, Value } from "../content/index.ts";
import { admission, fieldStep, keyStep, showPath } from "./apply.ts";
import { type Edit, type Edits, KEEP } from "./Edit.ts";
import { Scanner } from "./json/Scanner.ts";
import { readUntyped } from "./json/untyped.ts";
import { writerOf } from "./json/writeValue.ts";
import { keyOf } from "./Tombstone.ts";

/** The value has no form in the old schema. */
export class NoWayBack {
  readonly path: string;
  readonly why: string;
  constructor(path: string, why: string) {
    this.path = path;
    this.why = why;
  }
}

export interface BackTrail {
  readonly step: number;
  readonly path: string[];
  readonly tombstones: ReadonlyMap<string, Value.Value>;
  /** Paths of new fields whose value is no longer the one they were filled with. */
  readonly left: string[];
}

export type Back = (value: Value.Value, trail: BackTrail) => Value.Value;

export function compileBack(edits: Edits): readonly Back[] {
  const backs: Back[] = [];
  for (const edit of edits.table) backs.push(compile(edit, backs, edits));
  return backs;
}

const noWay = (trail: BackTrail, why: string): never => {
  throw new NoWayBack(showPath(trail.path), why);
};
const tombstone = (trail: BackTrail, step = ""): Value.Value | undefined =>
  trail.tombstones.get(keyOf(trail.step, showPath(trail.path) + step));

function compile(edit: Edit, backs: readonly Back[], edits: Edits): Back {
  const at = (step: string, then: number, value: Value.Value, trail: BackTrail): Value.Value => {
    if (then === KEEP) return value;
    trail.path.push(step);
    const moved = backs[then]!(value, trail);
    trail.path.pop();
    return moved;
  };
  switch (edit.op) {
    case "keep":
      return (value) => value;
    case "decimal":
      return (value, trail) => {
        const decimal = value as Decimal.Decimal;
        return Decimal.isInteger(decimal)
          ? Decimal.truncate(decimal)
          : noWay(trail, `${Decimal.print(decimal)} is not whole`);
      };
    case "float":
      return (value, trail) => {
        const { value: double } = value as Value.Float;
        return Number.isSafeInteger(double) ? double + 0 : noWay(trail, `${double} is not whole`);
      };
    case "some":
      return (value, trail) => {
        const { payload } = value as Value.Variant;
        return payload === undefined ? noWay(trail, "None has no older form") : backs[edit.then]!(payload, trail);
      };
    case "option":
      return (value, trail) => {
        const { payload } = value as Value.Variant;
        return payload === undefined ? value : Value.some(backs[edit.then]!(payload, trail));
      };
    case "unwrap":
      return (value, trail) => {
        const old = tombstone(trail);
        return old !== undefined && Value.equal(value, edit.otherwise)
          ? old
          : Value.some(backs[edit.then]!(value, trail));
      };
    case "admit":
      return compileAdmitBack(edit, edits);
    case "list":
      return (value, trail) =>
        Value.list((value as Value.List).items.map((item, i) => at(`[${i}]`, edit.then, item, trail)));
    case "map":
      return (value, trail) => ({
        tag: "map",
        entries: (value as Value.MapValue).entries.map(
          ([key, item]) => [key, at(keyStep(key), edit.then, item, trail)] as const,
        ),
      });
    case "tuple":
      return (value, trail) =>
        Value.tuple((value as Value.Tuple).items.map((item, i) => at(`.${i}`, edit.items[i]!, item, trail)));
    case "record":
      return compileRecordBack(edit, at);
    case "variant": {
      const cases = new Map(edit.cases.map((c) => [c.name, c.then]));
      return (value, trail) => {
        const { case: name, payload } = value as Value.Variant;
        if (!cases.has(name)) return noWay(trail, `the old variant has no case \`${name}\``);
        const then = cases.get(name);
        return payload === undefined || then === undefined
          ? value
          : Value.variant(name, at(`#${name}`, then, payload, trail));
      };
    }
  }
}

function compileRecordBack(
  edit: Extract<Edit, { op: "record" }>,
  at: (step: string, then: number, value: Value.Value, trail: BackTrail) => Value.Value,
): Back {
  const names = edit.before;
  // Where each old field's value comes from: a field of the new record, or a tombstone.
  const sources = names.map((name) => edit.fields.findIndex((f) => "from" in f && f.from === name));
  return (value, trail) => {
    const { values } = value as Value.Record;
    edit.fields.forEach((f, i) => {
      if (!("from" in f) && !Value.equal(values[i]!, f.fill)) trail.left.push(showPath(trail.path) + fieldStep(f.name));
    });
    return {
      tag: "record",
      names,
      values: names.map((name, i) => {
        const source = edit.fields[sources[i]!];
        if (source !== undefined && "from" in source)
          return at(fieldStep(name), source.then, values[sources[i]!]!, trail);
        return tombstone(trail, fieldStep(name)) ?? noWay(trail, `the tombstone of \`${name}\` is missing`);
      }),
    };
  };
}

function compileAdmitBack(edit: Extract<Edit, { op: "admit" }>, edits: Edits): Back {
  const admit = admission(edit, edits);
  const write = writerOf(edits.types)(edit.type);
  return (value, trail) => {
    const old = tombstone(trail);
    if (old !== undefined && Value.equal(admit(old) ?? edit.otherwise, value)) return old;
    return edit.untyped ? readUntyped(new Scanner(write(value)), 0) : value;
  };
}
