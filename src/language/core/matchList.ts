/** List patterns: the length is tested first, then items are taken from both ends. */

import type { Pattern } from "../types/Tree.ts";
import { bind, type Lowering, scope } from "./Lowering.ts";
import { type Matching, once, type Row, spread, type Take, type Test, testOn, without } from "./Matrix.ts";
import { compile } from "./match.ts";
import { type Atom, type Expression, literal } from "./Tree.ts";

export type ListPattern = Pattern & { kind: "list" };

const least = (pattern: ListPattern): number => pattern.before.length + pattern.after.length;

export function listTest(m: Matching, all: readonly Row[], atom: Atom, pattern: ListPattern): Expression {
  const rows = spread(m.l, all, atom);
  const known = atom.kind === "local" ? m.lengths.get(atom.index) : undefined;
  const length = known ?? bind(m.l, { kind: "builtin", name: "list.length", arguments: [atom] });
  const lengths = atom.kind === "local" ? new Map(m.lengths).set(atom.index, length) : m.lengths;
  const inner: Matching = { ...m, lengths };
  const count = least(pattern);
  const exact = pattern.rest === undefined;
  const sameTest = (other: ListPattern): boolean =>
    (other.rest === undefined) === exact &&
    other.before.length === pattern.before.length &&
    other.after.length === pattern.after.length;
  const open = (): readonly Row[] => {
    const take = once(m.l);
    return rows.flatMap((row): readonly Row[] => {
      const test = testOn(row, atom);
      if (test?.pattern.kind !== "list") return [row];
      const other = test.pattern;
      if (sameTest(other)) {
        return [{ ...row, tests: [...listItems(m.l, atom, other, length, take), ...without(row, test)] }];
      }
      if (exact && (other.rest === undefined ? least(other) !== count : least(other) > count)) return [];
      return [row];
    });
  };
  const shut = rows.filter((row) => {
    const test = testOn(row, atom);
    if (test?.pattern.kind !== "list") return true;
    const other = test.pattern;
    if (sameTest(other)) return false;
    // Shorter than `count` for certain.
    return exact || least(other) < count;
  });
  // `[..]` fits every list.
  if (!exact && count === 0) return compile(inner, open());
  const condition = exact
    ? bind(m.l, { kind: "builtin", name: "int.equal", arguments: [length, literal(count)] })
    : bind(m.l, { kind: "builtin", name: "int.lessOrEqual", arguments: [literal(count), length] });
  const yes = scope(m.l, () => compile(inner, open()));
  const no = scope(m.l, () => compile(inner, shut));
  return { kind: "if", condition, then: yes, else: no };
}

export function listItems(
  l: Lowering,
  atom: Atom,
  pattern: ListPattern,
  length: Atom,
  take: Take = (_, part) => bind(l, part),
): readonly Test[] {
  const tests: Test[] = [];
  pattern.before.forEach((item, i) => {
    if (item.kind === "any") return;
    const at = take(`${i}`, { kind: "builtin", name: "list.at", arguments: [atom, literal(i)] });
    tests.push({ atom: at, pattern: item });
  });
  const fromEnd = (back: number): Atom =>
    back === 0
      ? length
      : take(`end-${back}`, { kind: "builtin", name: "int.subtract", arguments: [length, literal(back)] });
  const rest = pattern.rest?.local;
  if (rest !== undefined) {
    const from = literal(pattern.before.length);
    const to = fromEnd(pattern.after.length);
    const middle = take("rest", { kind: "builtin", name: "list.slice", arguments: [atom, from, to] });
    tests.push({ atom: middle, pattern: { kind: "bind", local: rest, span: pattern.span, type: pattern.type } });
  }
  pattern.after.forEach((item, i) => {
    if (item.kind === "any") return;
    const exact = pattern.rest === undefined;
    const back = pattern.after.length - i;
    const index = exact ? literal(pattern.before.length + i) : fromEnd(back);
    const at = take(`-${back}`, { kind: "builtin", name: "list.at", arguments: [atom, index] });
    tests.push({ atom: at, pattern: item });
  });
  return tests;
}
