/**
 * What differs between two schemas: a simultaneous walk by name through every part of both, which yields findings (not
 * yet judged, see judge.ts) and the edits that carry a value across.
 *
 * Recursive types are compared coinductively: a pair that is met again below itself is taken as compared, and its edit
 * refers back. A named type that is used in two places is compared in both, since what is unused in one may be used in
 * the other.
 */
import type { Value } from "../content/index.ts";
import { Value as V } from "../content/index.ts";
import { defaultToPaste, insteadOf, isNarrowing, renameToPaste } from "./advice.ts";
import { coercion } from "./coercion.ts";
import { type CaseEdit, type Edit, type Edits, type FieldEdit, KEEP, keep, simplify } from "./Edit.ts";
import { writerOf } from "./json/writeValue.ts";
import * as Path from "./Path.ts";
import type { Place } from "./Problem.ts";
import { printName, printType } from "./printType.ts";
import type { Finding, Rule } from "./Rule.ts";
import * as T from "./Type.ts";

/** One difference, before anyone has said whether it is allowed. */
export interface Found {
  readonly path: string;
  readonly rule: Rule | Finding;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly oldAt: Place | undefined;
  readonly newAt: Place | undefined;
  /** JSON of the value that existing states get. */
  readonly value?: string;
  readonly why?: string;
  readonly fix?: string;
  /** No migration of this field makes it safe. */
  readonly forbidden?: boolean;
  /** A declared migration takes care of it. */
  readonly migrated?: boolean;
  /** Of a `call`: the hash of its function. */
  readonly function?: string;
}

/** What files and logs say beside the types. All paths in the form of `Path.normal`. */
export interface Guidance {
  /** Names that may not come back. */
  readonly retired: ReadonlySet<string>;
  /** New path → old path of fields that keep their value under another name. */
  readonly renames: ReadonlyMap<string, string>;
  /** New fields declared not to be renames. */
  readonly notRenames: ReadonlySet<string>;
  /** Values for states that have none, read by the new field's type. */
  readonly fills: ReadonlyMap<string, Value.Value>;
  /** Fields of the state that a migration has already brought to their new type. */
  readonly settled: ReadonlySet<string>;
}

export const noGuidance: Guidance = {
  retired: new Set(),
  renames: new Map(),
  notRenames: new Set(),
  fills: new Map(),
  settled: new Set(),
};

export interface Difference {
  readonly found: readonly Found[];
  readonly edits: Edits;
  /** Renames and fills that met their field. */
  readonly used: ReadonlySet<string>;
  /** Paths of fields that are gone; their names are retired. */
  readonly removed: readonly string[];
  /** True when the schemas are too entangled to compare within the bound. */
  readonly exceeded: boolean;
}

/** Pairs of types that one comparison may meet. */
export const DIFF_PAIRS_MAX = 20_000;
/** Named pairs inside each other: cycles of coprime lengths meet in as many as the product of their lengths. */
const DIFF_DEPTH_MAX = 500;

interface Pair {
  readonly at: number;
  readonly before: T.Type;
  readonly after: T.Type;
  readonly path: string;
  readonly oldAt: Place | undefined;
  readonly newAt: Place | undefined;
  readonly above: Above | undefined;
  /** The step that led here has been reported already (T → option<U> speaks for T → U). */
  readonly told: boolean;
}

/** The named pairs that enclose a pair. */
interface Above {
  readonly before: T.Type;
  readonly after: T.Type;
  readonly at: number;
  readonly depth: number;
  readonly above: Above | undefined;
}

function* enclosing(above: Above | undefined): Iterable<readonly [T.Type, T.Type]> {
  for (let at = above; at !== undefined; at = at.above) yield [at.before, at.after];
}

export function diff(
  before: T.Type,
  beforeTypes: T.Types,
  after: T.Type,
  afterTypes: T.Types,
  guidance: Guidance = noGuidance,
  root: string = Path.ROOT,
): Difference {
  const found: Found[] = [];
  const used = new Set<string>();
  const removed: string[] = [];
  const table: (Edit | undefined)[] = [keep];
  const work: Pair[] = [];
  let exceeded = false;
  const write = writerOf(afterTypes);

  const enter = (pair: Omit<Pair, "at">): number => {
    if (pair.before.kind === "ref" || pair.after.kind === "ref") {
      const x = T.resolve(pair.before, beforeTypes);
      const y = T.resolve(pair.after, afterTypes);
      for (let a = pair.above; a !== undefined; a = a.above) if (a.before === x && a.after === y) return a.at;
      const depth = (pair.above?.depth ?? 0) + 1;
      if (depth > DIFF_DEPTH_MAX) {
        exceeded = true;
        return KEEP;
      }
      const at = table.push(undefined) - 1;
      work.push({ ...pair, at, above: { before: x, after: y, at, depth, above: pair.above } });
      return at;
    }
    const at = table.push(undefined) - 1;
    work.push({ ...pair, at });
    return at;
  };
  const inner = (pair: Pair, x: T.Type, y: T.Type, step: string, oldAt?: Place, newAt?: Place, told = false): number =>
    enter({
      before: x,
      after: y,
      path: pair.path + step,
      oldAt: oldAt ?? pair.oldAt,
      newAt: newAt ?? pair.newAt,
      above: pair.above,
      told,
    });
  const tell = (pair: Pair, rule: Rule | Finding, more: Partial<Found> = {}): void => {
    if (pair.told && rule === "coerce-lossless") return;
    found.push({
      path: pair.path,
      rule,
      before: printType(pair.before),
      after: printType(pair.after),
      oldAt: pair.oldAt,
      newAt: pair.newAt,
      ...more,
    });
  };

  const compare = (pair: Pair): Edit => {
    const x = T.resolve(pair.before, beforeTypes);
    const y = T.resolve(pair.after, afterTypes);
    if (y.kind === "option" && x.kind !== "option" && x.kind !== "untyped") {
      tell(pair, "coerce-lossless");
      return { op: "some", then: inner(pair, pair.before, y.item, "?", undefined, undefined, true) };
    }
    const fill = guidance.fills.get(Path.withoutOptions(pair.path));
    if (fill !== undefined && !T.same(x, beforeTypes, y, afterTypes)) {
      used.add(Path.withoutOptions(pair.path));
      if (x.kind === "option" && y.kind !== "option") {
        tell(pair, "fill", { migrated: true });
        return { op: "unwrap", then: inner(pair, x.item, pair.after, "?"), otherwise: fill };
      }
      if (isNarrowing(x, y)) {
        tell(pair, "fill", { migrated: true });
        return { op: "admit", type: y, otherwise: fill, untyped: x.kind === "untyped" };
      }
    }
    if (x.kind === "record" && y.kind === "record") return records(pair, x, y);
    if (x.kind === "variant" && y.kind === "variant") return variants(pair, x, y);
    if (x.kind === "option" && y.kind === "option") return { op: "option", then: inner(pair, x.item, y.item, "?") };
    if (x.kind === "list" && y.kind === "list") {
      if (x.length !== y.length) {
        if (y.length === undefined) tell(pair, "coerce-lossless");
        else tell(pair, "change-type", { why: `lists of another length than ${y.length} exist or may exist` });
      }
      return { op: "list", then: inner(pair, x.item, y.item, "[]") };
    }
    if (x.kind === "map" && y.kind === "map") {
      if (!T.same(x.key, beforeTypes, y.key, afterTypes)) tellKey(pair, x.key, y.key, "{key}");
      return { op: "map", then: inner(pair, x.item, y.item, "{}") };
    }
    if (x.kind === "set" && y.kind === "set") {
      if (!T.same(x.item, beforeTypes, y.item, afterTypes)) tellKey(pair, x.item, y.item, "[]");
      return keep;
    }
    if (x.kind === "tuple" && y.kind === "tuple") {
      if (x.items.length !== y.items.length) {
        tell(pair, "change-type", { why: `a tuple of ${x.items.length} items cannot become one of ${y.items.length}` });
        return keep;
      }
      return { op: "tuple", items: x.items.map((item, i) => inner(pair, item, y.items[i]!, `.${i}`)) };
    }
    const result = coercion(x, y);
    if (result.kind === "lossless") {
      tell(pair, "coerce-lossless");
      return { op: result.edit };
    }
    if (result.kind === "refused") {
      tell(pair, "change-type", {
        why: result.why,
        ...(result.forbidden ? { forbidden: true } : {}),
        ...insteadOf(pair, x, y),
      });
    }
    return keep;
  };

  const tellKey = (pair: Pair, x: T.Type, y: T.Type, step: string) =>
    tell(pair, "change-key-type", {
      path: pair.path + step,
      before: printType(x),
      after: printType(y),
      why: "keys decide which entries are one and in what order they stand, so their type is fixed",
      forbidden: true,
    });

  const records = (pair: Pair, x: T.RecordType, y: T.RecordType): Edit => {
    const old = new Map(x.fields.map((f) => [f.name, f]));
    const moves = movesOf(pair.path, y, old);
    const leaving = new Set(moves.values());
    const matched = new Set<string>();
    const pairs = new Map<string, T.Field>();
    for (const field of y.fields) {
      const same = old.get(field.name);
      // An old field that goes elsewhere leaves its name to a field that starts afresh.
      const match = moves.get(field.name) ?? (same !== undefined && leaving.has(same) ? undefined : same);
      if (match === undefined) continue;
      matched.add(match.name);
      pairs.set(field.name, match);
    }
    const gone = x.fields.filter((f) => !matched.has(f.name));
    const come = y.fields.filter((f) => !pairs.has(f.name));
    const explained = lookAlikes(pair, gone, come);
    const fields = y.fields.map((field): FieldEdit => {
      const match = pairs.get(field.name);
      return match === undefined ? added(pair, field, explained) : kept(pair, match, field);
    });
    for (const field of gone) {
      removed.push(Path.withoutOptions(Path.field(pair.path, field.name)));
      if (explained.has(field)) continue;
      tell(pair, "remove-unused-field", {
        path: Path.field(pair.path, field.name),
        before: printType(field.type),
        after: undefined,
        oldAt: field.at ?? pair.oldAt,
        newAt: pair.newAt,
      });
    }
    return { op: "record", before: x.fields.map((f) => f.name), fields, drop: gone.map((f) => f.name) };
  };

  /** New name → the old field that a declared rename gives it. */
  const movesOf = (path: string, y: T.RecordType, old: ReadonlyMap<string, T.Field>): ReadonlyMap<string, T.Field> => {
    const moves = new Map<string, T.Field>();
    if (guidance.renames.size === 0) return moves;
    const byPath = new Map([...old.values()].map((f) => [Path.withoutOptions(Path.field(path, f.name)), f]));
    for (const field of y.fields) {
      const to = Path.withoutOptions(Path.field(path, field.name));
      const from = byPath.get(guidance.renames.get(to) ?? "");
      if (from === undefined) continue;
      used.add(to);
      moves.set(field.name, from);
    }
    return moves;
  };

  const kept = (pair: Pair, from: T.Field, to: T.Field): FieldEdit => {
    const path = Path.field(pair.path, to.name);
    const spot = { path, oldAt: from.at ?? pair.oldAt, newAt: to.at ?? pair.newAt };
    if (from.name !== to.name) {
      removed.push(Path.withoutOptions(Path.field(pair.path, from.name)));
      tell(pair, "rename", {
        ...spot,
        before: `${printName(from.name)}: ${printType(from.type)}`,
        after: `${printName(to.name)}: ${printType(to.type)}`,
        migrated: true,
      });
    }
    const settled = guidance.settled.has(Path.withoutOptions(path));
    if (from.meaning !== undefined && from.meaning !== to.meaning && !settled) {
      tell(pair, "change-meaning", {
        ...spot,
        before: JSON.stringify(from.meaning),
        after: to.meaning === undefined ? undefined : JSON.stringify(to.meaning),
        why: "the type stays, but the same value says something else, and no rule can see how to translate it",
      });
    }
    if (!sameDefault(from.default, to.default) && !settled) {
      tell(pair, "change-default", {
        ...spot,
        before: from.default === undefined ? undefined : writerOf(beforeTypes)(from.type)(from.default),
        after: to.default === undefined ? undefined : write(to.type)(to.default),
      });
    }
    if (settled) return { name: to.name, from: from.name, then: KEEP };
    const then = enter({
      before: from.type,
      after: to.type,
      path,
      oldAt: spot.oldAt,
      newAt: spot.newAt,
      above: pair.above,
      told: false,
    });
    return { name: to.name, from: from.name, then };
  };

  const added = (pair: Pair, field: T.Field, explained: ReadonlySet<T.Field>): FieldEdit => {
    const path = Path.field(pair.path, field.name);
    const own = Path.withoutOptions(path);
    const spot = {
      path,
      before: undefined,
      after: printType(field.type),
      oldAt: pair.oldAt,
      newAt: field.at ?? pair.newAt,
    };
    const optional = T.resolve(field.type, afterTypes).kind === "option";
    const given = guidance.fills.get(own);
    if (given !== undefined) used.add(own);
    const fill = given ?? field.default ?? (optional ? V.none : undefined);
    const value = fill === undefined ? {} : { value: write(field.type)(fill) };
    if (guidance.retired.has(own)) {
      tell(pair, "reuse-retired-name", {
        ...spot,
        why: `\`${field.name}\` was a field before and was removed; old states, logs and rollbacks still hold its old values`,
        fix: "choose another name",
        forbidden: true,
      });
    } else if (explained.has(field)) {
      // Reported with the field that it looks like.
    } else if (given !== undefined) tell(pair, "fill", { ...spot, ...value, migrated: true });
    else if (field.default !== undefined) tell(pair, "add-default-field", { ...spot, ...value });
    else if (optional) tell(pair, "add-optional-field", { ...spot, ...value });
    else {
      tell(pair, "add-required-field", {
        ...spot,
        why: "existing states have no value for it, and it has neither a default nor an optional type",
        fix: defaultToPaste(path, field),
      });
    }
    return fill === undefined ? { name: field.name, fill: V.unit } : { name: field.name, fill };
  };

  /** Removals and additions of one type: each pair is one finding, and its two fields are not reported again. */
  const lookAlikes = (pair: Pair, gone: readonly T.Field[], come: readonly T.Field[]): ReadonlySet<T.Field> => {
    const explained = new Set<T.Field>();
    for (const to of come) {
      const path = Path.field(pair.path, to.name);
      const own = Path.withoutOptions(path);
      if (guidance.notRenames.has(own) || guidance.retired.has(own)) continue;
      const from = gone.find(
        // A recursive type differs by the very rename in question, so the pairs around it are taken as the same.
        (f) => !explained.has(f) && T.same(f.type, beforeTypes, to.type, afterTypes, enclosing(pair.above)),
      );
      if (from === undefined) continue;
      explained.add(from).add(to);
      const oldPath = Path.field(pair.path, from.name);
      tell(pair, "rename", {
        path,
        before: `${printName(from.name)}: ${printType(from.type)}`,
        after: `${printName(to.name)}: ${printType(to.type)}`,
        oldAt: from.at ?? pair.oldAt,
        newAt: to.at ?? pair.newAt,
        why: `\`${from.name}\` is removed and \`${to.name}\` of the same type is added; if it is a rename, dropping \`${from.name}\` would lose its values`,
        fix: renameToPaste(pair.path, oldPath, path, from.name, to.name),
      });
    }
    return explained;
  };

  const variants = (pair: Pair, x: T.VariantType, y: T.VariantType): Edit => {
    const next = new Map(y.cases.map((c) => [c.name, c]));
    const known = new Set(x.cases.map((c) => c.name));
    const cases = x.cases.map((from): CaseEdit => {
      const path = `${pair.path}#${printName(from.name)}`;
      const to = next.get(from.name);
      const spot = { path, oldAt: from.at ?? pair.oldAt, newAt: to?.at ?? pair.newAt };
      const before = from.payload === undefined ? "(no payload)" : printType(from.payload);
      if (to === undefined) {
        tell(pair, "remove-variant-case", {
          ...spot,
          before,
          after: undefined,
          why: `states that hold \`${from.name}\` would have no value of the new type`,
          fix: `keep the case, or declare a migration that says what \`${from.name}\` becomes`,
        });
        return { name: from.name, then: undefined };
      }
      if ((from.payload === undefined) !== (to.payload === undefined)) {
        tell(pair, "change-type", {
          ...spot,
          before,
          after: to.payload === undefined ? "(no payload)" : printType(to.payload),
          why: "a case cannot gain or lose its payload: values of the old form have no new form",
          fix: "add a case of another name",
        });
        return { name: from.name, then: undefined };
      }
      if (from.payload === undefined) return { name: from.name, then: undefined };
      return {
        name: from.name,
        then: inner(pair, from.payload, to.payload!, `#${printName(from.name)}`, spot.oldAt, spot.newAt),
      };
    });
    for (const to of y.cases) {
      if (known.has(to.name)) continue;
      const path = `${pair.path}#${printName(to.name)}`;
      const after = to.payload === undefined ? "(no payload)" : printType(to.payload);
      const spot = { path, before: undefined, after, newAt: to.at ?? pair.newAt };
      if (guidance.retired.has(Path.withoutOptions(path))) {
        tell(pair, "reuse-retired-name", {
          ...spot,
          why: `\`${to.name}\` was a case before and was removed`,
          fix: "choose another name",
          forbidden: true,
        });
      } else tell(pair, "add-variant-case", spot);
    }
    return { op: "variant", cases };
  };

  const rootAt = enter({
    before,
    after,
    path: root,
    oldAt: undefined,
    newAt: undefined,
    above: undefined,
    told: false,
  });
  let next = 0;
  for (; next < work.length && next < DIFF_PAIRS_MAX; next++) table[work[next]!.at] = compare(work[next]!);
  exceeded ||= next < work.length;
  const complete = table.map((edit) => edit ?? keep);
  const edits = simplify({ root: rootAt, table: complete, types: afterTypes });
  return { found, edits, used, removed, exceeded };
}

const sameDefault = (a: Value.Value | undefined, b: Value.Value | undefined): boolean =>
  a === undefined || b === undefined ? a === b : V.equal(a, b);
