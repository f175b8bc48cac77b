/**
 * Patterns compiled to tests. Each value is looked at once per path: a row set is split by the first test of its first
 * row (Maranget, "Compiling pattern matching to good decision trees", 2008, with the left-to-right heuristic).
 *
 *     match q { [a, .., b] => f(a, b); _ => g }       let $n = list.length(q); if 2 <= $n then … else …
 *
 * An arm that several paths reach is not copied, unless it is tiny: the tests then give a tuple (arm, bound values),
 * and a second step runs the arm.
 */
import { Decimal, Int, Value } from "../../content/index.ts";
import { appended } from "../../std/index.ts";
import type { Local } from "../names/Tree.ts";
import type { Arm, Expr, Pattern } from "../types/Tree.ts";
import * as T from "../types/Type.ts";
import { atomOf, bind, fresh, type Lowering, nameAtom, scope, trial } from "./Lowering.ts";
import { expression } from "./lowerExpression.ts";
import {
  casePayload,
  type Leaf,
  type Matching,
  once,
  projections,
  type Row,
  settleRow,
  spread,
  type Test,
  testOn,
  without,
} from "./Matrix.ts";
import { listItems, listTest } from "./matchList.ts";
import { type Atom, type Expression, literal, local as localAtom } from "./Tree.ts";

export function match(l: Lowering, subject: Atom, arms: readonly Arm[]): Expression {
  const rows = arms.map((arm, i): Row => ({ tests: [{ atom: subject, pattern: arm.pattern }], binds: [], arm: i }));
  if (!arms.every(isCase) && isShared(l, arms, rows)) return staged(l, arms, rows);
  const leaf: Leaf = (row, rest) => guarded(l, arms[row.arm]!, row, rest, () => expression(l, arms[row.arm]!.body));
  return compile({ l, leaf, lengths: new Map() }, rows);
}

/** One case of a sum with nothing but names inside: only one path leads to such an arm. */
const isCase = ({ pattern }: Arm): boolean =>
  pattern.kind === "construct" && pattern.items.every(({ kind }) => kind === "any" || kind === "bind");

/** Whether several paths lead to an arm that is too large to be copied. */
function isShared(l: Lowering, arms: readonly Arm[], rows: readonly Row[]): boolean {
  const uses = arms.map(() => 0);
  trial(l, () => {
    const count: Leaf = (row, rest) => {
      uses[row.arm]!++;
      if (arms[row.arm]!.guard !== undefined) rest();
      return atomOf(literal(Value.unit));
    };
    scope(l, () => compile({ l, leaf: count, lengths: new Map() }, rows));
  });
  return arms.some((arm, i) => uses[i]! > 1 && !isTiny(arm.body));
}

/** `subject matches pattern` */
export function matches(l: Lowering, subject: Atom, pattern: Pattern): Expression {
  const row: Row = { tests: [{ atom: subject, pattern }], binds: [], arm: 0 };
  const any: Row = { tests: [], binds: [], arm: 1 };
  return compile({ l, leaf: (at) => atomOf(literal(at.arm === 0)), lengths: new Map() }, [row, any]);
}

/** Binds what an irrefutable pattern names. */
export function destructure(l: Lowering, subject: Atom, pattern: Pattern): void {
  let row = settleRow({ tests: [{ atom: subject, pattern }], binds: [], arm: 0 });
  while (row.tests.length > 0) {
    const [test, ...others]: readonly Test[] = row.tests;
    row = settleRow({ ...row, tests: [...parts(l, test!), ...others] });
  }
  bindRow(l, row);
}

/** The parts of a value whose shape is certain. */
function parts(l: Lowering, test: Test): readonly Test[] {
  const { atom, pattern } = test;
  switch (pattern.kind) {
    case "tuple":
    case "record":
      return projections(l, atom, pattern);
    case "construct":
      if (pattern.of.owner.kind === "record") return projections(l, atom, pattern);
      return payload(l, atom, pattern);
    case "list": {
      const length = bind(l, { kind: "builtin", name: "list.length", arguments: [atom] });
      return listItems(l, atom, pattern, length);
    }
    case "or":
      return [{ atom, pattern: pattern.options[0]! }];
    default:
      return [];
  }
}

/** Of the only case of a sum. */
function payload(l: Lowering, atom: Atom, pattern: Pattern & { kind: "construct" }): readonly Test[] {
  if (pattern.of.fields.length === 0) return [];
  const local = fresh(l);
  const cases = [{ case: pattern.of.name, local, body: atomOf({ kind: "local", index: local }) }];
  const inside = bind(l, { kind: "switch", subject: atom, cases, otherwise: undefined });
  return casePayload(l, inside, pattern);
}

function isTiny(body: Expr): boolean {
  switch (body.kind) {
    case "constant":
    case "int":
    case "local":
      return true;
    case "construct":
      return body.args.length === 0 || (body.args.length === 1 && isTiny(body.args[0]!.value));
    case "block":
      return (
        body.steps.length === 0 ||
        (body.steps.length === 1 && body.steps[0]!.kind === "expr" && isTiny(body.steps[0]!.value))
      );
    default:
      return false;
  }
}

const bindRow = (l: Lowering, row: Row): void => {
  for (const [local, atom] of row.binds) {
    l.locals.set(local, atom);
    nameAtom(l, atom, local.name);
  }
};

function guarded(l: Lowering, arm: Arm, row: Row, rest: () => Expression, body: () => Expression): Expression {
  bindRow(l, row);
  if (arm.guard === undefined) return body();
  const condition = bind(l, expression(l, arm.guard));
  const yes = scope(l, body);
  return { kind: "if", condition, then: yes, else: scope(l, rest) };
}

/** First which arm and what it binds, then the arm. */
function staged(l: Lowering, arms: readonly Arm[], rows: readonly Row[]): Expression {
  const bound = arms.map((): Local[] => []);
  const pick: Leaf = (row, rest) => {
    const names = row.binds.map(([local]) => local).sort((a, b) => a.span.start - b.span.start);
    const locals = [...new Set(names)];
    bound[row.arm] = locals;
    return guarded(l, arms[row.arm]!, row, rest, () => {
      const last = new Map(row.binds);
      const items = locals.map((local) => last.get(local)!);
      return { kind: "tuple", items: [literal(row.arm), ...items] };
    });
  };
  const picked = bind(
    l,
    scope(l, () => compile({ l, leaf: pick, lengths: new Map() }, rows)),
  );
  const which = bind(l, { kind: "item", tuple: picked, index: 0 });
  const run = (i: number): Expression => {
    bound[i]!.forEach((local, at) => {
      l.locals.set(local, bind(l, { kind: "item", tuple: picked, index: at + 1 }, local.name));
    });
    return expression(l, arms[i]!.body);
  };
  const from = (i: number): Expression => {
    if (i === arms.length - 1) return run(i);
    const condition = bind(l, { kind: "builtin", name: "int.equal", arguments: [which, literal(i)] });
    const yes = scope(l, () => run(i));
    return { kind: "if", condition, then: yes, else: scope(l, () => from(i + 1)) };
  };
  return from(0);
}

export function compile(m: Matching, all: readonly Row[]): Expression {
  if (all.length === 0) {
    return { kind: "fault", code: "NoMatch", message: literal("no case fits") };
  }
  const rows = all.map((row) => settleRow(row));
  const first = rows[0]!;
  const test = first.tests[0];
  if (test === undefined) return m.leaf(first, () => compile(m, rows.slice(1)));
  switch (test.pattern.kind) {
    case "or": {
      const others = first.tests.slice(1);
      const expanded = test.pattern.options.map(
        (option): Row => ({ ...first, tests: [{ atom: test.atom, pattern: option }, ...others] }),
      );
      return compile(m, [...expanded, ...rows.slice(1)]);
    }
    case "tuple":
    case "record":
      return compile(m, projectAll(m.l, rows, test.atom));
    case "construct":
      return test.pattern.of.owner.kind === "record"
        ? compile(m, projectAll(m.l, rows, test.atom))
        : switchOn(m, rows, test.atom, test.pattern.of.owner);
    case "literal":
    case "int":
      return literalTest(m, rows, test.atom, test.pattern);
    case "list":
      return listTest(m, rows, test.atom, test.pattern);
    case "any":
    case "bind":
    case "as":
      throw new Error("internal error: a settled row tests nothing");
  }
}

/** Tuples and records have one shape: every row's test on it becomes tests of the parts, which are taken out once. */
function projectAll(l: Lowering, rows: readonly Row[], atom: Atom): readonly Row[] {
  const take = once(l);
  return rows.flatMap((row): readonly Row[] => {
    const test = testOn(row, atom);
    if (test === undefined) return [row];
    if (test.pattern.kind === "or") {
      const rest = without(row, test);
      return projectAll(
        l,
        test.pattern.options.map((option) => settleRow({ ...row, tests: [{ atom, pattern: option }, ...rest] })),
        atom,
      );
    }
    return [{ ...row, tests: [...projections(l, atom, test.pattern, take), ...without(row, test)] }];
  });
}

function switchOn(m: Matching, all: readonly Row[], atom: Atom, owner: T.TypeInfo): Expression {
  const rows = spread(m.l, all, atom);
  const named = new Set<string>();
  for (const row of rows) {
    const test = testOn(row, atom);
    if (test?.pattern.kind === "construct") named.add(test.pattern.of.name);
  }
  const cases = owner.constructors
    .filter((each) => named.has(each.name))
    .map((of) => {
      const looks = of.fields.length > 0 && rows.some((row) => looksInside(row, atom, of));
      const local = looks ? fresh(m.l) : undefined;
      const body = scope(m.l, () => compile(m, inCase(m.l, rows, atom, of, local)));
      return { case: of.name, local, body };
    });
  const others = rows.filter((row) => testOn(row, atom) === undefined);
  const otherwise = cases.length === owner.constructors.length ? undefined : scope(m.l, () => compile(m, others));
  return { kind: "switch", subject: atom, cases, otherwise };
}

/** What is left to test when `atom` is of this case, with its payload in `local`. */
function inCase(
  l: Lowering,
  rows: readonly Row[],
  atom: Atom,
  of: T.ConstructorInfo,
  local: number | undefined,
): readonly Row[] {
  const take = once(l);
  let below: Row[] = [];
  for (const row of rows) {
    const test = testOn(row, atom);
    if (test === undefined) {
      below = appended(below, row);
      continue;
    }
    const { pattern } = test;
    if (pattern.kind !== "construct" || pattern.of.name !== of.name) continue;
    const others = without(row, test);
    const tests = local === undefined ? others : [...casePayload(l, localAtom(local), pattern, take), ...others];
    below = appended(below, { tests, binds: row.binds, arm: row.arm });
  }
  return below;
}

const looksInside = (row: Row, atom: Atom, of: T.ConstructorInfo): boolean => {
  const test = testOn(row, atom);
  return (
    test?.pattern.kind === "construct" &&
    test.pattern.of.name === of.name &&
    test.pattern.items.some((item) => item.kind !== "any")
  );
};

export function intValue(text: string, type: T.Type): Value.Value {
  const at = T.shallow(type);
  const value = BigInt(text);
  return at.kind === "con" && at.info === T.builtinTypes.Decimal ? Decimal.of(value, 0) : Int.of(value);
}

const literalOf = (pattern: Pattern): Value.Value | undefined =>
  pattern.kind === "literal"
    ? pattern.value
    : pattern.kind === "int"
      ? intValue(pattern.text, pattern.type)
      : undefined;

/** Which equality a type has in the table of intrinsics. */
export function equality(type: T.Type): string {
  const at = T.shallow(type);
  if (at.kind === "var" && (at.constraint & T.Constraint.IntLiteral) !== 0) return "int.equal";
  if (at.kind !== "con") return "value.equal";
  const { Int: I, Decimal: D, Float: F } = T.builtinTypes;
  return at.info === I ? "int.equal" : at.info === D ? "decimal.equal" : at.info === F ? "float.equal" : "value.equal";
}

function literalTest(m: Matching, all: readonly Row[], atom: Atom, pattern: Pattern): Expression {
  const rows = spread(m.l, all, atom);
  const value = literalOf(pattern)!;
  const condition =
    typeof value === "boolean"
      ? atom
      : bind(m.l, { kind: "builtin", name: equality(pattern.type), arguments: [atom, literal(value)] });
  const fits = (want: boolean): readonly Row[] =>
    rows.flatMap((row): readonly Row[] => {
      const test = testOn(row, atom);
      if (test === undefined) return [row];
      const own = literalOf(test.pattern);
      if (own === undefined) return [row];
      if (typeof value === "boolean") return own === want ? [{ ...row, tests: without(row, test) }] : [];
      const same = Value.equal(own, value);
      if (want) return same ? [{ ...row, tests: without(row, test) }] : [];
      return same ? [] : [row];
    });
  const yes = scope(m.l, () => compile(m, fits(true)));
  const no = scope(m.l, () => compile(m, fits(false)));
  return { kind: "if", condition, then: yes, else: no };
}
