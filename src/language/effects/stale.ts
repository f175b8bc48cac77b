/**
 * Other entries may run while an entry waits for an answer. So what was read from `state` before a `!` may be out of
 * date after it, and should not decide what is written. An `exclusive` entry keeps the others waiting.
 */
import type { Local } from "../names/Tree.ts";
import { type Problem, warning } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import * as Row from "../types/Row.ts";
import type { Expr, Pattern } from "../types/Tree.ts";

/** When something was read: how many effects had happened, and where. */
interface Read {
  readonly effects: number;
  readonly span: Span;
}

interface Walk {
  readonly of: Checked;
  readonly problems: Problem[];
  readonly reads: Map<Local, Read>;
  effects: number;
}

export function checkStale(of: Checked, problems: Problem[]): void {
  walk({ of, problems, reads: new Map(), effects: 0 }, of.body, undefined);
}

const older = (a: Read | undefined, b: Read | undefined): Read | undefined =>
  a === undefined ? b : b === undefined ? a : a.effects <= b.effects ? a : b;

/** The oldest read that the value depends on. `control` is that of the conditions around. */
function walk(w: Walk, e: Expr, control: Read | undefined): Read | undefined {
  switch (e.kind) {
    case "state":
      return { effects: w.effects, span: e.span };
    case "local":
      return w.reads.get(e.local);
    case "lambda": {
      const before = w.effects;
      const read = walk(w, e.body, control);
      w.effects = before;
      return read;
    }
    case "if": {
      const condition = older(control, walk(w, e.condition, control));
      const before = w.effects;
      const yes = walk(w, e.then, condition);
      const after = w.effects;
      w.effects = before;
      const no = e.else === undefined ? undefined : walk(w, e.else, condition);
      w.effects = Math.max(after, w.effects);
      return older(older(yes, no), condition);
    }
    case "match": {
      const subject = walk(w, e.subject, control);
      const condition = older(control, subject);
      const before = w.effects;
      let most = before;
      let read = condition;
      for (const arm of e.arms) {
        w.effects = before;
        bind(w, arm.pattern, subject);
        const guard = arm.guard === undefined ? undefined : walk(w, arm.guard, condition);
        read = older(read, walk(w, arm.body, older(condition, guard)));
        most = Math.max(most, w.effects);
      }
      w.effects = most;
      return read;
    }
    case "block": {
      let last: Read | undefined;
      for (const step of e.steps) {
        last = undefined;
        if (step.kind === "assign") {
          let read = walk(w, step.value, control);
          for (const place of step.path) if (place.kind !== "field") read = older(read, walk(w, place.index, control));
          write(w, step.span, older(read, control));
        } else {
          const read = walk(w, step.value, control);
          if (step.kind === "let") bind(w, step.pattern, read);
          if (step.kind === "expr") last = read;
        }
      }
      return last;
    }
    default: {
      let read: Read | undefined;
      for (const child of children(e)) read = older(read, walk(w, child, control));
      if (e.performs === undefined || Row.isEmpty(e.performs.row)) return read;
      w.effects++;
      // The answer is new, whatever was asked with.
      return undefined;
    }
  }
}

function write(w: Walk, span: Span, read: Read | undefined): void {
  if (read === undefined || read.effects >= w.effects) return;
  w.problems.push(
    warning("TEL0408", w.of.file, span, "what is written here was decided by state that was read before a `!`", {
      labels: [{ span: read.span, text: "read here; other entries may have changed it since" }],
      hints: ["read it again after the `!`, or make the entry `exclusive`"],
    }),
  );
}

function bind(w: Walk, pattern: Pattern, read: Read | undefined): void {
  if (read === undefined) return;
  switch (pattern.kind) {
    case "bind":
      w.reads.set(pattern.local, read);
      return;
    case "as":
      w.reads.set(pattern.local, read);
      bind(w, pattern.pattern, read);
      return;
    case "construct":
    case "tuple":
    case "record":
      for (const item of pattern.items) bind(w, item, read);
      return;
    case "list":
      for (const item of [...pattern.before, ...pattern.after]) bind(w, item, read);
      if (pattern.rest?.local !== undefined) w.reads.set(pattern.rest.local, read);
      return;
    case "or":
      for (const option of pattern.options) bind(w, option, read);
      return;
    default:
      return;
  }
}
