/** The rows of a match that is being compiled: tests still to be made, names bound so far. */
import type { Value } from "../../content/index.ts";
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

export const testOn = (row: Row, atom: Atom): Test | undefined => row.tests.find((test) => sameAtom(test.atom, atom));

export const without = (row: Row, test: Test): readonly Test[] => row.tests.filter((each) => each !== test);

export type Take = (key: string, value: () => Expression) => Atom;

export function projections(
  l: Lowering,
  atom: Atom,
  pattern: Pattern,
  take: Take = (_, value) => bind(l, value()),
): readonly Test[] {
  const made: Test[] = [];
  const add = (inner: Pattern, key: string, value: () => Expression): void => {
    if (inner.kind !== "any") made.push({ atom: take(key, value), pattern: inner });
  };
  if (pattern.kind === "tuple") {
    pattern.items.forEach((item, index) => {
      add(item, `${index}`, () => ({ kind: "item", tuple: atom, index }));
    });
  } else if (pattern.kind === "record") {
    pattern.items.forEach((item, i) => {
      const name = pattern.names[i]!;
      add(item, name, () => ({ kind: "field", record: atom, name }));
    });
  } else if (pattern.kind === "construct") {
    pattern.items.forEach((item, i) => {
      const { name } = pattern.of.fields[i]!;
      add(item, name, () => ({ kind: "field", record: atom, name }));
    });
  }
  return made;
}

export const casePayload = (l: Lowering, atom: Atom, pattern: Pattern & { kind: "construct" }): readonly Test[] =>
  pattern.of.bare ? [{ atom, pattern: pattern.items[0]! }] : projections(l, atom, pattern);

/** Spreads alternatives, so that each row has at most one constructor for `atom`. */
export function spread(l: Lowering, rows: readonly Row[], atom: Atom): readonly Row[] {
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
