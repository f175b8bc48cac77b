/**
 * Declared migrations: small lens operations, and `call` for the rest. Each is a function on schemas and on values;
 * what they do not touch evolves by the rules. Text form: `[[schema.migrations]]`, docs/spec/schema.md §7.
 */
import type { Place } from "./Problem.ts";

export type Migration = Rename | Split | Merge | Hoist | Plunge | Fill | Call;
export type MigrationOp = Migration["op"];
export const MIGRATION_OPS: readonly MigrationOp[] = ["rename", "split", "merge", "hoist", "plunge", "fill", "call"];

interface Placed {
  readonly at: Place | undefined;
}

/** An operation on the fields of one record: the state's own, or one inside it. */
interface Lens extends Placed {
  /** Names from the state down to the record; none for the state's own. In files: `in = "limits.daily"`. */
  readonly inside: readonly string[];
}

/** A field keeps its value under another name of the same record. Paths as `Path.normal` gives them. */
export interface Rename extends Placed {
  readonly op: "rename";
  readonly from: string;
  readonly to: string;
}

/**
 * One field becomes several. `part` is a field's name (record), an index (tuple, list of fixed length), or undefined
 * with `by`: the pieces of a text between separators, `otherwise` standing in for missing ones.
 */
export interface Split extends Lens {
  readonly op: "split";
  readonly from: string;
  readonly into: readonly Part[];
  readonly by: string | undefined;
  readonly otherwise: string | undefined;
}

/** Several fields become one: a record of them, a tuple of them, or with `by` one text. */
export interface Merge extends Lens {
  readonly op: "merge";
  readonly from: readonly Part[];
  readonly to: string;
  readonly by: string | undefined;
}

export interface Part {
  readonly field: string;
  /** Name inside the record; undefined: by position, or by the same name. */
  readonly part: string | undefined;
}

/** A field of a nested record moves to the record around it. */
export interface Hoist extends Lens {
  readonly op: "hoist";
  /** Names from the record down to the field. */
  readonly from: readonly string[];
  readonly to: string;
}

/** The inverse of hoist: a field moves into a nested record. */
export interface Plunge extends Lens {
  readonly op: "plunge";
  readonly from: string;
  readonly to: readonly string[];
}

/** A value for states that have none: `option<T>` becomes `T`, a required field is added, a value outside the new type is replaced. */
export interface Fill extends Placed {
  readonly op: "fill";
  readonly field: string;
  /** JSON source of the value, read by the new field's type. */
  readonly value: string;
  readonly valueAt: Place | undefined;
}

/** A pure, content-addressed function from some fields to others. */
export interface Call extends Placed {
  readonly op: "call";
  readonly function: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly history: History | undefined;
}

/** A fold over a pinned prefix of the program's log. */
export interface History {
  readonly effects: readonly string[];
  readonly from: string;
  readonly fold: string;
}
