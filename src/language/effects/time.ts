/**
 * Temporal bounds: how long at least something takes, where `after` says so with a constant.
 *
 *     within 10s { after 20s { now!() } }     never happens: the deadline passes first            TEL0402
 *     within 10s { within 1m { … } else … }   the inner deadline can never be the one that passes TEL0401
 */
import { showDuration, type Value } from "../../content/index.ts";
import { error, type Problem, warning } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import type { Expr, Step } from "../types/Tree.ts";

interface Place {
  readonly of: Checked;
  readonly problems: Problem[];
  /** Milliseconds since the definition began at which the nearest deadline passes. */
  readonly deadline: { readonly at: bigint; readonly length: bigint; readonly span: Span } | undefined;
}

/** Milliseconds at least; undefined: never comes to its end. */
type Least = bigint | undefined;

export function checkTime(of: Checked, problems: Problem[]): void {
  walk({ of, problems, deadline: undefined }, of.body, 0n);
}

function constant(e: Expr): bigint | undefined {
  if (e.kind === "negate") {
    const inner = constant(e.operand);
    return inner === undefined ? undefined : -inner;
  }
  if (e.kind !== "constant") return undefined;
  const value: Value.Value = e.value;
  return typeof value === "object" && value.tag === "duration" ? BigInt(value.milliseconds) : undefined;
}

const show = (milliseconds: bigint): string => showDuration(Number(milliseconds));

/** The least time at which `e` is done when it begins at `from`. */
function walk(p: Place, e: Expr, from: bigint): Least {
  switch (e.kind) {
    case "within":
      return within(p, e, from);
    case "wait": {
      const time = e.mode === "after" ? constant(e.time) : undefined;
      const begin = time !== undefined && time > 0n ? from + time : from;
      if (p.deadline !== undefined && time !== undefined && begin >= p.deadline.at) {
        const { length, span } = p.deadline;
        p.problems.push(
          error(
            "TEL0402",
            p.of.file,
            e.time.span,
            `this waits until ${show(begin - p.deadline.at + length)} after the deadline was set, and the deadline is ${show(length)}`,
            {
              labels: [{ span, text: "the deadline" }],
              hints: ["wait less, or give the `within` more time"],
            },
          ),
        );
        return walk({ ...p, deadline: undefined }, e.body, begin);
      }
      return walk(p, e.body, begin);
    }
    case "if": {
      const after = walk(p, e.condition, from);
      if (after === undefined) return undefined;
      const yes = walk(p, e.then, after);
      const no = e.else === undefined ? after : walk(p, e.else, after);
      return least(yes, no);
    }
    case "match": {
      const after = walk(p, e.subject, from);
      if (after === undefined) return undefined;
      let best: Least;
      for (const arm of e.arms) {
        const guarded = arm.guard === undefined ? after : walk(p, arm.guard, after);
        if (guarded !== undefined) best = least(best, walk(p, arm.body, guarded));
      }
      return best;
    }
    case "par": {
      let longest: bigint = from;
      for (const branch of e.branches) {
        const done = walk(p, branch, from);
        if (done !== undefined && done > longest) longest = done;
      }
      return longest;
    }
    case "race": {
      let best: Least;
      for (const branch of e.branches) best = least(best, walk(p, branch, from));
      return best ?? from;
    }
    case "lambda":
      // Runs at some other time, under some other deadline.
      walk({ ...p, deadline: undefined }, e.body, 0n);
      return from;
    case "first": {
      // The first branch decides; the others may never begin.
      const [head, ...others] = e.branches;
      const done = walk(p, head!, from);
      for (const other of others) walk(p, other, done ?? from);
      return done;
    }
    case "block":
      return block(p, e.steps, from);
    default: {
      let at: Least = from;
      for (const child of children(e)) {
        if (at === undefined) break;
        at = walk(p, child, at);
      }
      return at;
    }
  }
}

function within(p: Place, e: Expr & { kind: "within" }, from: bigint): Least {
  const begin = walk(p, e.time, from) ?? from;
  const length = constant(e.time);
  if (length !== undefined && length <= 0n) {
    p.problems.push(
      error("TEL0401", p.of.file, e.time.span, `a deadline of ${show(length)} has passed before anything begins`, {
        hints: ["give it a positive time"],
      }),
    );
  } else if (length !== undefined && p.deadline !== undefined && begin + length >= p.deadline.at) {
    p.problems.push(
      error(
        "TEL0401",
        p.of.file,
        e.time.span,
        `this deadline of ${show(length)} can never pass: the one around it comes first`,
        {
          labels: [{ span: p.deadline.span, text: `${show(p.deadline.length)} from here` }],
          hints: ["make the inner one shorter, or remove it"],
        },
      ),
    );
  }
  const own = length === undefined || length <= 0n ? p.deadline : { at: begin + length, length, span: e.time.span };
  const nearest = p.deadline === undefined || (own !== undefined && own.at < p.deadline.at) ? own : p.deadline;
  const done = walk({ ...p, deadline: nearest }, e.body, begin);
  if (e.otherwise === undefined) return least(done, begin);
  return least(done, walk(p, e.otherwise, begin));
}

const least = (a: Least, b: Least): Least => (a === undefined ? b : b === undefined ? a : a < b ? a : b);

/** A step after one that always leaves is never reached. */
function block(p: Place, steps: readonly Step[], from: bigint): Least {
  let at: Least = from;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (at === undefined) {
      const before = steps[i - 1]!;
      // The types pass has said so about a plain `return`.
      if (before.kind !== "return" && before.kind !== "abort") {
        p.problems.push(
          warning("TEL0403", p.of.file, step.span, "nothing here is ever reached: what stands before always leaves", {
            labels: [{ span: before.span, text: "this leaves on every path" }],
            hints: ["remove it, or let a path go on"],
          }),
        );
      }
      return undefined;
    }
    if (step.kind === "assign")
      for (const place of step.path) if (place.kind !== "field") at = walk(p, place.index, at ?? from);
    at = walk(p, step.value, at ?? from);
    if (step.kind === "return" || step.kind === "abort") at = undefined;
  }
  return at;
}
