/** The rows of a match that is being compiled: tests still to be made, names bound so far. */

import type { Value } from "../../content/index.ts";
import { appended } from "../../std/index.ts";
import type { Local } from "../names/Tree.ts";
import type { Pattern } from "../types/Tree.ts";
import { bind, type Lowering } from "./Lowering.ts";
import type { Atom, Expression } from "./Tree.ts";

export interface Test {
  readonly atom: Atom;
  readonly pattern: Pattern;
}

export interface Row {
  readonly tests: readonly Test[];
  readonly binds: readonly (readonly [Local, Atom])[];
  readonly arm: number;
}

/** What happens where a row has matched; `rest` goes on with the rows after it. */
export type Leaf = (row: Row, rest: () => Expression) => Expression;

export interface Matching {
  readonly l: Lowering;
  readonly leaf: Leaf;
  /** Lengths already taken, by the list's local. */
  readonly lengths: ReadonlyMap<number, Atom>;
}

/** Names are bound and wildcards forgotten, so that the first test of a row really tests. */
export function settleRow(row: Row): Row {
  if (row.tests.every(isTest)) return row;
  const tests: Test[] = [];
  const binds = [...row.binds];
  for (const test of row.tests) {
    let { pattern } = test;
    while (pattern.kind === "as") {
      binds.push([pattern.local, test.atom]);
      pattern = pattern.pattern;
    }
    const settled = { atom: test.atom, pattern };
    if (pattern.kind === "bind") binds.push([pattern.local, test.atom]);
    else if (isTest(settled)) tests.push(settled);
  }
  return { tests, binds, arm: row.arm };
}

const isTest = ({ pattern }: Test): boolean =>
  pattern.kind !== "as" &&
  pattern.kind !== "bind" &&
  pattern.kind !== "any" &&
  !(pattern.kind === "literal" && isUnit(pattern.value));

const isUnit = (value: Value.Value): boolean => typeof value === "object" && value.tag === "unit";

export const sameAtom = (a: Atom, b: Atom): boolean =>
  a === b || (a.kind === "local" && b.kind === "local" && a.index === b.index);

export function testOn(row: Row, atom: Atom): Test | undefined {
  for (const test of row.tests) if (sameAtom(test.atom, atom)) return test;
  return undefined;
}

const none: readonly Test[] = [];

export const without = (row: Row, test: Test): readonly Test[] =>
  row.tests.length === 1 && row.tests[0] === test ? none : row.tests.filter((each) => each !== test);

/** Binds a part of a value. */
export type Take = (key: string, part: Expression) => Atom;

/** Takes each part once. */
export function once(l: Lowering): Take {
  let taken: Map<string, Atom> | undefined;
  return (key, part) => {
    taken ??= new Map();
    const known = taken.get(key);
    if (known !== undefined) return known;
    const made = bind(l, part);
    taken.set(key, made);
    return made;
  };
}

export function projections(
  l: Lowering,
  atom: Atom,
  pattern: Pattern,
  take: Take = (_, part) => bind(l, part),
): readonly Test[] {
  if (pattern.kind !== "tuple" && pattern.kind !== "record" && pattern.kind !== "construct") return none;
  let made: Test[] = [];
  for (const [i, item] of pattern.items.entries()) {
    if (item.kind !== "any") made = appended(made, { atom: projected(atom, pattern, i, take), pattern: item });
  }
  return made;
}

function projected(
  atom: Atom,
  pattern: Pattern & { kind: "tuple" | "record" | "construct" },
  i: number,
  take: Take,
): Atom {
  if (pattern.kind === "tuple") return take(`${i}`, { kind: "item", tuple: atom, index: i });
  const name = pattern.kind === "record" ? pattern.names[i]! : pattern.of.fields[i]!.name;
  return take(name, { kind: "field", record: atom, name });
}

/** Of what a case holds. */
export const casePayload = (
  l: Lowering,
  atom: Atom,
  pattern: Pattern & { kind: "construct" },
  take?: Take,
): readonly Test[] => (pattern.of.bare ? [{ atom, pattern: pattern.items[0]! }] : projections(l, atom, pattern, take));

/** Spreads alternatives, so that each row has at most one constructor for `atom`. */
export function spread(l: Lowering, rows: readonly Row[], atom: Atom): readonly Row[] {
  if (rows.every((row) => testOn(row, atom)?.pattern.kind !== "or")) return rows;
  return rows.flatMap((row): readonly Row[] => {
    const test = testOn(row, atom);
    if (test?.pattern.kind !== "or") return [row];
    const rest = without(row, test);
    return spread(
      l,
      test.pattern.options.map((option) => settleRow({ ...row, tests: [{ atom, pattern: option }, ...rest] })),
      atom,
    );
  });
}
