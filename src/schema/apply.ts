/** Edits compiled into closures that carry a value from the old schema to the new one, and keep what they take away. */
import { Decimal, show, Value } from "../content/index.ts";
import { conformsTo } from "./conforms.ts";
import { type Edit, type Edits, KEEP, reaching } from "./Edit.ts";
import { readerOf } from "./json/readValue.ts";
import { Scanner, smallDecimal } from "./json/Scanner.ts";
import { writeUntyped } from "./json/untyped.ts";
import { showStep } from "./Path.ts";
import type { Tombstone } from "./Tombstone.ts";

/** The value is not of the type that the edits start from. Leaves the run; the caller finds out where. */
export class Mismatch {}

/** Where a run is, and what it has taken away. Only edits that can take something away keep the path up to date. */
export interface Trail {
  readonly step: number;
  readonly path: string[];
  readonly tombstones: Tombstone[];
}

export type Run = (value: Value.Value, trail: Trail) => Value.Value;

export const showPath = (path: readonly string[]): string => `$${path.join("")}`;
export const fieldStep = (name: string): string => showStep({ kind: "field", name });
/** Distinct keys give distinct steps: `show` writes every part of a value. */
export const keyStep = (key: Value.Value): string => `{${show(key)}}`;

const mismatch = (): never => {
  throw new Mismatch();
};

/** Whether an edit can take something away by itself. */
export const takes = (edit: Edit): boolean =>
  edit.op === "unwrap" || edit.op === "admit" || (edit.op === "record" && edit.drop.length > 0);

/** Runs one edit of the table on a value; used where plans are joined, and nothing is lost there. */
export function runEdits(edits: Edits): (at: number, value: Value.Value) => Value.Value {
  let runs: readonly Run[] | undefined;
  return (at, value) => {
    runs ??= compileEdits(edits);
    return runs[at]!(value, { step: 0, path: [], tombstones: [] });
  };
}

/** One closure for each edit; they call each other through the table, so recursive types need no recursion here. */
export function compileEdits(edits: Edits): readonly Run[] {
  const { table } = edits;
  const taking = reaching(
    table,
    table.flatMap((edit, at) => (takes(edit) ? [at] : [])),
  );
  const runs: Run[] = [];
  for (const [at, edit] of table.entries()) runs.push(compile(edit, runs, taking.has(at), edits));
  return runs;
}

function compile(edit: Edit, runs: readonly Run[], taking: boolean, edits: Edits): Run {
  switch (edit.op) {
    case "keep":
      return (value) => value;
    case "decimal":
      return (value) =>
        typeof value === "number"
          ? smallDecimal(value, 0)
          : typeof value === "bigint"
            ? (Decimal.fromLargeInt(value) ?? mismatch())
            : mismatch();
    case "float":
      return (value) => (typeof value === "number" ? Value.float(value) : mismatch());
    case "some":
      return (value, trail) => Value.some(runs[edit.then]!(value, trail));
    case "option":
      return (value, trail) => {
        const { payload } = expectTag(value, "variant") as Value.Variant;
        return payload === undefined ? value : Value.some(runs[edit.then]!(payload, trail));
      };
    case "unwrap":
      return (value, trail) => {
        const { payload } = expectTag(value, "variant") as Value.Variant;
        if (payload !== undefined) return runs[edit.then]!(payload, trail);
        trail.tombstones.push({ step: trail.step, path: showPath(trail.path), value });
        return edit.otherwise;
      };
    case "admit":
      return compileAdmit(edit, edits);
    case "list":
      return taking ? listTaking(runs, edit.then) : listOf(runs, edit.then);
    case "map":
      return taking ? mapTaking(runs, edit.then) : mapOf(runs, edit.then);
    case "tuple":
      return (value, trail) => {
        const { items } = expectTag(value, "tuple") as Value.Tuple;
        if (items.length !== edit.items.length) mismatch();
        return Value.tuple(
          items.map((item, i) => {
            trail.path.push(`.${i}`);
            const moved = runs[edit.items[i]!]!(item, trail);
            trail.path.pop();
            return moved;
          }),
        );
      };
    case "record":
      return compileRecord(edit, runs, taking);
    case "variant": {
      const cases = new Map(edit.cases.map((c) => [c.name, c.then]));
      return (value, trail) => {
        const { case: name, payload } = expectTag(value, "variant") as Value.Variant;
        const then = cases.get(name);
        if (payload === undefined || then === KEEP) return value;
        if (then === undefined) return mismatch();
        trail.path.push(`#${name}`);
        const moved = runs[then]!(payload, trail);
        trail.path.pop();
        return Value.variant(name, moved);
      };
    }
  }
}

function expectTag(value: Value.Value, tag: string): Value.Value {
  return typeof value === "object" && value.tag === tag ? value : mismatch();
}

function listOf(runs: readonly Run[], then: number): Run {
  return (value, trail) => {
    const { items } = expectTag(value, "list") as Value.List;
    const moved = new Array<Value.Value>(items.length);
    const run = runs[then]!;
    for (let i = 0; i < items.length; i++) moved[i] = run(items[i]!, trail);
    return { tag: "list", items: moved };
  };
}

function listTaking(runs: readonly Run[], then: number): Run {
  return (value, trail) => {
    const { items } = expectTag(value, "list") as Value.List;
    return Value.list(
      items.map((item, i) => {
        trail.path.push(`[${i}]`);
        const moved = runs[then]!(item, trail);
        trail.path.pop();
        return moved;
      }),
    );
  };
}

function mapOf(runs: readonly Run[], then: number): Run {
  return (value, trail) => {
    const { entries } = expectTag(value, "map") as Value.MapValue;
    const moved = new Array<readonly [Value.Value, Value.Value]>(entries.length);
    const run = runs[then]!;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      moved[i] = [entry[0], run(entry[1], trail)];
    }
    return { tag: "map", entries: moved };
  };
}

function mapTaking(runs: readonly Run[], then: number): Run {
  return (value, trail) => {
    const { entries } = expectTag(value, "map") as Value.MapValue;
    const moved = entries.map(([key, item]) => {
      trail.path.push(keyStep(key));
      const next = runs[then]!(item, trail);
      trail.path.pop();
      return [key, next] as const;
    });
    return { tag: "map", entries: moved };
  };
}

function compileRecord(edit: Extract<Edit, { op: "record" }>, runs: readonly Run[], taking: boolean): Run {
  const names = edit.fields.map((f) => f.name);
  const from = edit.fields.map((f) => ("from" in f ? edit.before.indexOf(f.from) : -1));
  const then = edit.fields.map((f) => ("from" in f ? f.then : KEEP));
  const fill = edit.fields.map((f) => ("from" in f ? Value.unit : f.fill));
  const steps = edit.fields.map((f) => fieldStep("from" in f ? f.from : f.name));
  const drops = edit.drop.map((name) => ({ at: edit.before.indexOf(name), step: fieldStep(name) }));
  const size = names.length;
  // Records of one reader share their list of names, so one look at it serves them all.
  let known: readonly string[] | undefined;
  return (value, trail) => {
    const record = expectTag(value, "record") as Value.Record;
    if (record.names !== known) {
      if (!sameNames(record.names, edit.before)) mismatch();
      known = record.names;
    }
    const { values } = record;
    const moved = new Array<Value.Value>(size);
    for (let i = 0; i < size; i++) {
      const at = from[i]!;
      const next = then[i]!;
      if (at < 0) moved[i] = fill[i]!;
      else if (next === KEEP) moved[i] = values[at]!;
      else if (taking) {
        trail.path.push(steps[i]!);
        moved[i] = runs[next]!(values[at]!, trail);
        trail.path.pop();
      } else moved[i] = runs[next]!(values[at]!, trail);
    }
    for (const drop of drops) {
      trail.tombstones.push({ step: trail.step, path: showPath(trail.path) + drop.step, value: values[drop.at]! });
    }
    return { tag: "record", names, values: moved };
  };
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function compileAdmit(edit: Extract<Edit, { op: "admit" }>, edits: Edits): Run {
  const admit = admission(edit, edits);
  return (value, trail) => {
    const admitted = admit(value);
    // A value read anew has lost how it was written, so it is kept too.
    if (admitted === undefined || edit.untyped) {
      trail.tombstones.push({ step: trail.step, path: showPath(trail.path), value });
    }
    return admitted ?? edit.otherwise;
  };
}

/** The value in the new type; `undefined` when it has no place there. */
export function admission(
  edit: Extract<Edit, { op: "admit" }>,
  edits: Edits,
): (value: Value.Value) => Value.Value | undefined {
  const conforms = conformsTo(edits.types)(edit.type);
  if (!edit.untyped) return (value) => (conforms(value) === undefined ? value : undefined);
  const read = readerOf(edits.types)(edit.type);
  return (value) => {
    try {
      return read(new Scanner(writeUntyped(value)), 0);
    } catch {
      return undefined;
    }
  };
}
