/** Laws of a schema's types that no single type text can show: names exist, values are finite, keys have an order. */
import { conformsTo } from "./conforms.ts";
import * as Path from "./Path.ts";
import type { Place, Problem } from "./Problem.ts";
import { unknownType } from "./parseType.ts";
import { printName, printType } from "./printType.ts";
import { rootsOf, type Schema } from "./Schema.ts";
import * as T from "./Type.ts";
import { typeAt } from "./typeAt.ts";

/** Type nodes of one schema; keeps the canonical form's refinement and every diff within a second. */
export const SCHEMA_NODES_MAX = 16_384;
export const SCHEMA_NAMES_MAX = 1024;

interface Root {
  readonly name: string;
  readonly type: T.Type;
}

export function checkTypes(schema: Schema): readonly Problem[] {
  const { types } = schema;
  const roots: readonly Root[] = [...rootsOf(schema), ...[...types].map(([name, type]) => ({ name, type }))];
  const problems = [...checkNames(roots, schema)];
  // Later checks follow names, so they wait until every name leads to a type.
  if (problems.length > 0) return problems;
  problems.push(...checkAliases(types, schema.at));
  if (problems.length > 0) return problems;
  problems.push(...checkFinite(schema), ...checkParts(roots, schema), ...checkReserved(schema));
  if (problems.length > 0) return problems;
  return [...checkDefaults(roots, schema)];
}

function* checkNames(roots: readonly Root[], schema: Schema): Iterable<Problem> {
  let nodes = 0;
  for (const root of roots) {
    for (const { type, at } of nodesOf(root.type, schema.at)) {
      nodes++;
      if (type.kind === "ref" && !schema.types.has(type.name)) {
        yield unknownType(type.name, at ?? { file: root.name, line: 1, column: 1 }, schema.types.keys());
      }
    }
  }
  if (nodes > SCHEMA_NODES_MAX || schema.types.size > SCHEMA_NAMES_MAX) {
    yield {
      code: "SCH0115",
      what: `the schema has ${nodes} type nodes and ${schema.types.size} names, more than ${SCHEMA_NODES_MAX} and ${SCHEMA_NAMES_MAX}`,
      ...placed(schema.at),
    };
  }
}

/** Every type inside one type text, with the nearest field or case to point at. Not through names. */
export function* nodesOf(
  root: T.Type,
  at: Place | undefined,
): Iterable<{ readonly type: T.Type; readonly at: Place | undefined }> {
  yield { type: root, at };
  if (root.kind === "record") for (const field of root.fields) yield* nodesOf(field.type, field.at ?? at);
  else if (root.kind === "variant") {
    for (const c of root.cases) if (c.payload !== undefined) yield* nodesOf(c.payload, c.at ?? at);
  } else for (const part of T.partsOf(root)) yield* nodesOf(part, at);
}

/** `A = "B"`, `B = "A"` names nothing. */
function* checkAliases(types: T.Types, at: Place | undefined): Iterable<Problem> {
  for (const [name, type] of types) {
    const seen = new Set([name]);
    for (let next = type; next.kind === "ref"; next = types.get(next.name)!) {
      if (seen.has(next.name)) {
        yield { code: "SCH0112", what: `type \`${printName(name)}\` is only another name for itself`, ...placed(at) };
        break;
      }
      seen.add(next.name);
    }
  }
}

/** A named type needs a value that does not contain itself: a least fixpoint over the names. */
function checkFinite(schema: Schema): readonly Problem[] {
  const { types } = schema;
  const finite = new Set<string>();
  const hasValue = (type: T.Type): boolean => {
    switch (type.kind) {
      case "ref":
        return finite.has(type.name);
      case "list":
        return type.length === undefined || type.length === 0 || hasValue(type.item);
      case "tuple":
        return type.items.every(hasValue);
      case "record":
        return type.fields.every((f) => hasValue(f.type));
      case "variant":
        return type.cases.some((c) => c.payload === undefined || hasValue(c.payload));
      default:
        return true;
    }
  };
  for (let grew = true; grew; ) {
    grew = false;
    for (const [name, type] of types) {
      if (finite.has(name) || !hasValue(type)) continue;
      finite.add(name);
      grew = true;
    }
  }
  return [...types.keys()]
    .filter((name) => !finite.has(name))
    .map((name) => ({
      code: "SCH0112" as const,
      what: `every value of type \`${printName(name)}\` would contain another one, so it has none`,
      fix: `make the inner one optional: \`option<${printName(name)}>\` or \`list<${printName(name)}>\``,
      ...placed(schema.at),
    }));
}

function* checkParts(roots: readonly Root[], schema: Schema): Iterable<Problem> {
  const { types } = schema;
  for (const root of roots) {
    for (const { type, at } of nodesOf(root.type, schema.at)) {
      if (type.kind === "option" && T.resolve(type.item, types).kind === "option") {
        yield {
          code: "SCH0114",
          what: `${printType(type)} is an option of an option`,
          why: "JSON and coercions could not tell None from Some(None)",
          fix: "use one option, or a variant with named cases",
          ...placed(at),
        };
      }
      if (type.kind === "option" && T.resolve(type.item, types).kind === "untyped") {
        yield { code: "SCH0103", what: "a field without a type cannot be an option", ...placed(at) };
      }
      const key = type.kind === "map" ? type.key : type.kind === "set" ? type.item : undefined;
      if (key !== undefined && reaches(key, types, (part) => part.kind === "float")) {
        yield {
          code: "SCH0113",
          what: `${printType(type)} has a float in its keys`,
          why: "equal floats may have different bits (0 and −0), so a key could be lost",
          fix: "use `decimal`",
          ...placed(at),
        };
      }
    }
  }
}

/** Whether a type, looking through names, contains one with the property. */
export function reaches(type: T.Type, types: T.Types, test: (part: T.Type) => boolean): boolean {
  const seen = new Set<T.Type>();
  const work = [type];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const part = T.resolve(next, types);
    if (seen.has(part)) continue;
    seen.add(part);
    if (test(part)) return true;
    work.push(...T.partsOf(part));
  }
  return false;
}

/** A name that is retired cannot be declared beside it. */
function* checkReserved(schema: Schema): Iterable<Problem> {
  for (const { path, at } of schema.reserved) {
    const steps = Path.parse(path);
    if (steps === undefined || typeAt(schema.state, steps, schema.types) === undefined) continue;
    yield {
      code: "SCH0118",
      what: `${path} is reserved and declared`,
      why: "a retired name stays retired: old states, logs and rollbacks still hold its values",
      fix: "choose another name for the field",
      ...placed(at),
    };
  }
}

function* checkDefaults(roots: readonly Root[], schema: Schema): Iterable<Problem> {
  const conforms = conformsTo(schema.types);
  for (const root of roots) {
    for (const { type } of nodesOf(root.type, undefined)) {
      if (type.kind !== "record") continue;
      for (const field of type.fields) {
        const mismatch = field.default === undefined ? undefined : conforms(field.type)(field.default);
        if (mismatch === undefined) continue;
        yield {
          code: "SCH0116",
          what: `the default of \`${printName(field.name)}\` is not a ${printType(field.type)}: ${mismatch.what}`,
          ...placed(field.at),
        };
      }
    }
  }
}

const placed = (at: Place | undefined): { readonly at?: Place } => (at === undefined ? {} : { at });
