/**
 * What a computation may touch of the account: assets, timelines on which it acts, programs that it calls. Branches of
 * `par` may not touch the same; branches of `race` may not move assets at all.
 */

import type { Known, KnownTouch } from "../known/Known.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import * as Row from "../types/Row.ts";
import type { Arg, Expr } from "../types/Tree.ts";

/** A constant, a parameter of the function around, or anything. */
type Key =
  | { readonly kind: "is"; readonly text: string }
  | { readonly kind: "param"; readonly at: number }
  | { readonly kind: "any" };

export interface Touch {
  readonly what: "asset" | "timeline" | "program";
  readonly key: Key;
  readonly span: Span;
}

const moving: ReadonlySet<string> = new Set(["Act", "Deposit", "Transfer", "Withdraw"]);

/** Which argument of an operation says what it touches. */
const touching: Readonly<Record<string, readonly [what: Touch["what"], at: number]>> = {
  deposit: ["asset", 1],
  withdraw: ["asset", 1],
  transfer: ["asset", 1],
  reserve: ["asset", 0],
  act: ["timeline", 0],
};

/** Longer chains of calls are taken to touch anything. */
const CALLS_MAX = 200;

export interface Footprints {
  readonly functions: ReadonlyMap<string, Checked>;
  /** Whether a function calls itself by way of others. */
  readonly circular: (name: string) => boolean;
  readonly known: Map<string, readonly Touch[]>;
}

export const footprints = (
  functions: ReadonlyMap<string, Checked>,
  circular: Footprints["circular"],
  known: readonly Known[],
): Footprints => ({
  functions,
  circular,
  known: new Map(known.flatMap((one) => (one.kind === "function" ? [[one.name, one.touches.map(touchOf)]] : []))),
});

/** Where it happens is where the function is called. */
const touchOf = ({ what, key }: KnownTouch): Touch => ({
  what,
  key:
    key === undefined
      ? { kind: "any" }
      : typeof key === "number"
        ? { kind: "param", at: key }
        : { kind: "is", text: key },
  span: { start: 0, end: 0 },
});

/** What a function may touch, in terms of its parameters. */
export const touchesOf = (all: Footprints, name: string): readonly Touch[] => ofFunction(all, name, []);

export function checkBranches(all: Footprints, of: Checked, problems: Problem[]): void {
  const visit = (e: Expr): void => {
    if (e.kind === "par") parallel(all, of, e, problems);
    if (e.kind === "race") for (const branch of e.branches) racing(of, branch, problems);
    for (const child of children(e)) visit(child);
  };
  visit(of.body);
}

function racing(of: Checked, branch: Expr, problems: Problem[]): void {
  const found = mover(branch);
  if (found === undefined) return;
  problems.push(
    error("TEL0405", of.file, found.span, `this branch of \`race\` does \`${found.label}\`, which moves assets`, {
      hints: [
        "a branch that loses is dropped, and its assets would be in doubt: race for a decision, and act on it after",
      ],
    }),
  );
}

function mover(e: Expr): { readonly span: Span; readonly label: string } | undefined {
  const label = e.performs === undefined ? undefined : Row.labels(e.performs.row).find((each) => moving.has(each));
  if (label !== undefined) return { span: e.span, label };
  for (const child of children(e)) {
    const found = mover(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parallel(all: Footprints, of: Checked, e: Expr & { kind: "par" }, problems: Problem[]): void {
  const touched = e.branches.map((branch) => touches(all, of, branch, []));
  for (let i = 1; i < touched.length; i++) {
    for (let j = 0; j < i; j++) {
      const clash = touched[i]!.flatMap((mine) => {
        const other = touched[j]!.find((theirs) => theirs.what === mine.what && mayBeSame(mine.key, theirs.key));
        return other === undefined ? [] : [[mine, other] as const];
      })[0];
      if (clash === undefined) continue;
      const [mine, other] = clash;
      const thing =
        mine.key.kind === "is"
          ? `${mine.what} \`${mine.key.text}\``
          : other.key.kind === "is"
            ? `${mine.what} \`${other.key.text}\``
            : `the same ${mine.what}`;
      problems.push(
        error("TEL0406", of.file, mine.span, `two branches of this \`par\` may both touch ${thing}`, {
          labels: [{ span: other.span, text: "the other one" }],
          hints: ["do one after the other: the account decides in order"],
        }),
      );
      return;
    }
  }
}

const mayBeSame = (a: Key, b: Key): boolean => a.kind !== "is" || b.kind !== "is" || a.text === b.text;

function keyOf(of: Checked, e: Expr | undefined): Key {
  if (e?.kind === "constant" && typeof e.value === "string") return { kind: "is", text: e.value };
  if (e?.kind === "local") {
    const at = of.params.findIndex((param) => param.local === e.local);
    if (at >= 0) return { kind: "param", at };
  }
  return { kind: "any" };
}

/** `open` are the functions that are being looked into: a recursive call touches nothing new. */
function touches(all: Footprints, of: Checked, e: Expr, open: readonly string[]): readonly Touch[] {
  const found: Touch[] = [];
  const visit = (at: Expr): void => {
    if (at.kind === "perform") {
      const place = Object.hasOwn(touching, at.operation) ? touching[at.operation] : undefined;
      const arg = place === undefined ? undefined : at.args.find((each) => each.at === place[1])?.value;
      if (place !== undefined) found.push({ what: place[0], key: keyOf(of, arg), span: at.span });
      const first = at.args.find((each) => each.at === 0)?.value;
      if (at.operation === "invoke") {
        found.push({
          what: "program",
          key: first?.kind === "callValue" ? { kind: "is", text: first.program } : { kind: "any" },
          span: at.span,
        });
      }
      if (at.operation === "send" || at.operation === "pay")
        found.push({ what: "asset", key: { kind: "any" }, span: at.span });
    } else if (at.kind === "call" && at.target.kind === "symbol") {
      for (const touch of ofFunction(all, at.target.name, open)) {
        const { key } = touch;
        const given = key.kind === "param" ? keyOf(of, at.args.find((arg) => arg.at === key.at)?.value) : key;
        found.push({ what: touch.what, key: given, span: at.span });
      }
    } else if (
      at.kind === "apply" &&
      at.performs !== undefined &&
      Row.labels(at.performs.row).some((l) => moving.has(l))
    ) {
      found.push({ what: "asset", key: { kind: "any" }, span: at.span });
    }
    for (const child of children(at)) visit(child);
  };
  visit(e);
  return found;
}

function ofFunction(all: Footprints, name: string, open: readonly string[]): readonly Touch[] {
  const known = all.known.get(name);
  if (known !== undefined) return known;
  const of = all.functions.get(name);
  if (of === undefined || Row.isEmpty(of.inferred)) return [];
  if (open.includes(name)) return [];
  if (open.length >= CALLS_MAX) return [{ what: "asset", key: { kind: "any" }, span: of.nameSpan }];
  const made = touches(all, of, of.body, [...open, name]);
  // Inside a circle of calls what is found here lacks what the circle's other members do.
  if (open.length === 0 || !all.circular(name)) all.known.set(name, made);
  return made;
}

/**
 * All that a footprint depends on in one function, as text, with the functions that it follows: equal texts, equal
 * footprints, as long as those of the functions are equal.
 */
export function skeleton(of: Checked): { readonly text: string; readonly calls: readonly string[] } {
  const parts: string[] = [];
  const calls: string[] = [];
  const keyed = (args: readonly Arg[]): string =>
    args
      .map(({ at, value }) => {
        const key = value.kind === "callValue" ? value.program : keyOf(of, value);
        return `${at}${typeof key === "string" ? key : key.kind === "is" ? `"${key.text}"` : key.kind === "param" ? key.at : ""}`;
      })
      .join(",");
  const visit = (e: Expr): void => {
    if (e.kind === "perform") parts.push(`${e.operation}!(${keyed(e.args)})`);
    else if (
      e.kind === "call" &&
      e.target.kind === "symbol" &&
      e.performs !== undefined &&
      !Row.isEmpty(e.performs.row)
    ) {
      calls.push(e.target.name);
      parts.push(`${e.target.name}(${keyed(e.args)})`);
    } else if (e.kind === "apply" && e.performs !== undefined) parts.push(Row.labels(e.performs.row).join(" "));
    for (const child of children(e)) visit(child);
  };
  visit(of.body);
  return { text: parts.join(";"), calls };
}
