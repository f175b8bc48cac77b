/**
 * Funds are linear: what `reserve!` took out of the account is used exactly once on every path. Each local that holds
 * some is followed through the body in the order in which it runs; what a path did to it is kept as data, so that a
 * message can show the path.
 */
import type { Local } from "../names/Tree.ts";
import { error, type Label, type Problem } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked } from "../types/check.ts";
import { children } from "../types/children.ts";
import { isLinear } from "../types/linear.ts";
import { show } from "../types/show.ts";
import type { Expr, Pattern, Step } from "../types/Tree.ts";
import * as T from "../types/Type.ts";

/** Where each local's funds went; absent: still there. */
type Used = ReadonlyMap<Local, Span>;

interface Path {
  readonly used: Used;
  /** Locals with funds that are in scope, with where they got them. */
  readonly held: ReadonlyMap<Local, Span>;
}

interface Walk {
  readonly of: Checked;
  readonly problems: Problem[];
  /** One message for each local. */
  readonly told: Set<Local>;
}

/** Undefined: the path has left. */
type After = Path | undefined;

export function checkFunds(of: Checked, problems: Problem[]): void {
  const w: Walk = { of, problems, told: new Set() };
  let path: Path = { used: new Map(), held: new Map() };
  for (const { local, type } of of.params) if (isLinear(type)) path = hold(path, local, local.span);
  const after = walk(w, of.body, path);
  if (after !== undefined) settle(w, after, new Map(), of.span, "the end");
}

const hold = (path: Path, local: Local, span: Span): Path => ({
  used: path.used,
  held: new Map(path.held).set(local, span),
});

function report(
  w: Walk,
  code: string,
  local: Local | undefined,
  span: Span,
  message: string,
  labels: readonly Label[],
  hint: string,
): void {
  if (local !== undefined && w.told.has(local)) return;
  if (local !== undefined) w.told.add(local);
  w.problems.push(error(code, w.of.file, span, message, { labels, hints: [hint] }));
}

const live = (path: Path): readonly (readonly [Local, Span])[] =>
  [...path.held].filter(([local]) => !path.used.has(local));

/** What is held beyond `before` must be used up where its scope ends. */
function settle(w: Walk, path: Path, before: ReadonlyMap<Local, Span>, at: Span, where: string): Path {
  for (const [local, got] of live(path)) {
    if (before.has(local)) continue;
    report(
      w,
      "TEL0410",
      local,
      got,
      `the funds in \`${local.name}\` are lost: nothing uses them before ${where}`,
      where === "the end" ? [] : [{ span: at, text: `this path leaves without using \`${local.name}\`` }],
      "send, pay or release them on every path",
    );
  }
  return { used: path.used, held: before };
}

function use(w: Walk, path: Path, local: Local, span: Span): Path {
  if (!path.held.has(local)) return path;
  const before = path.used.get(local);
  if (before !== undefined) {
    report(
      w,
      "TEL0411",
      local,
      span,
      `the funds in \`${local.name}\` are used twice`,
      [{ span: before, text: "they were used here" }],
      "split them, or reserve more",
    );
    return path;
  }
  return { held: path.held, used: new Map(path.used).set(local, span) };
}

/** Every branch must have used the same funds. */
function join(w: Walk, branches: readonly { readonly after: After; readonly span: Span }[], before: Path): After {
  const going = branches.flatMap(({ after, span }) => (after === undefined ? [] : [{ after, span }]));
  const first = going[0];
  if (first === undefined) return undefined;
  const used = new Map<Local, Span>();
  for (const { after } of going) for (const [local, span] of after.used) if (!used.has(local)) used.set(local, span);
  for (const [local, span] of used) {
    const without = going.find(({ after }) => !after.used.has(local));
    if (without === undefined || !before.held.has(local)) continue;
    report(
      w,
      "TEL0410",
      local,
      before.held.get(local)!,
      `the funds in \`${local.name}\` are lost on one path`,
      [
        { span, text: "this path uses them" },
        { span: without.span, text: "this one does not" },
      ],
      "send, pay or release them on every path",
    );
  }
  return { used, held: before.held };
}

function all(w: Walk, expressions: readonly Expr[], path: Path): After {
  let at: After = path;
  for (const e of expressions) {
    if (at === undefined) return undefined;
    at = walk(w, e, at);
  }
  return at;
}

function leave(w: Walk, path: Path, span: Span, how: string): void {
  for (const [local, got] of live(path)) {
    report(
      w,
      "TEL0410",
      local,
      got,
      `the funds in \`${local.name}\` are lost where ${how} leaves`,
      [{ span, text: `${how} leaves here, and \`${local.name}\` still holds funds` }],
      "release them before, or look at the result with `match`",
    );
  }
}

function walk(w: Walk, e: Expr, path: Path): After {
  switch (e.kind) {
    case "local":
      return use(w, path, e.local, e.span);
    case "lambda":
      captured(w, e, path);
      return path;
    case "if": {
      const after = walk(w, e.condition, path);
      if (after === undefined) return undefined;
      const yes = { after: walk(w, e.then, after), span: e.then.span };
      const no =
        e.else === undefined ? { after, span: e.condition.span } : { after: walk(w, e.else, after), span: e.else.span };
      return join(w, [yes, no], after);
    }
    case "match": {
      const after = walk(w, e.subject, path);
      if (after === undefined) return undefined;
      const branches = e.arms.map((arm) => {
        const inside = bindAll(w, arm.pattern, after);
        const guarded = arm.guard === undefined ? inside : walk(w, arm.guard, inside);
        const done = guarded === undefined ? undefined : walk(w, arm.body, guarded);
        const settled =
          done === undefined ? undefined : settle(w, done, after.held, arm.body.span, "the end of this case");
        return { after: settled, span: arm.body.span };
      });
      return join(w, branches, after);
    }
    case "try": {
      const after = walk(w, e.target, path);
      if (after !== undefined) leave(w, after, e.span, "`?`");
      return after;
    }
    case "within":
    case "race":
    case "par":
      return bounded(w, e, path);
    case "first": {
      const [head, ...rest] = e.branches;
      const after = walk(w, head!, path);
      if (after === undefined) return undefined;
      for (const branch of rest)
        join(
          w,
          [
            { after, span: head!.span },
            { after: walk(w, branch, after), span: branch.span },
          ],
          after,
        );
      return after;
    }
    case "binary":
      if (e.op === "&&" || e.op === "||") {
        const after = walk(w, e.left, path);
        if (after === undefined) return undefined;
        return join(
          w,
          [
            { after: walk(w, e.right, after), span: e.right.span },
            { after, span: e.left.span },
          ],
          after,
        );
      }
      return all(w, children(e), path);
    case "field":
    case "index":
    case "matches":
      return all(w, children(e), path);
    case "list":
    case "map":
      if (children(e).some((each) => isLinear(each.type))) stored(w, e.span, e.kind === "list" ? "a list" : "a map");
      return all(w, children(e), path);
    case "construct":
      if (!e.of.bare && e.args.some((arg) => isLinear(arg.value.type))) stored(w, e.span, `a \`${e.of.name}\``);
      return all(w, children(e), path);
    case "block":
      return block(w, e.steps, e.span, path);
    default:
      return all(w, children(e), path);
  }
}

const stored = (w: Walk, span: Span, where: string): void =>
  report(
    w,
    "TEL0413",
    undefined,
    span,
    `funds cannot be kept in ${where}`,
    [],
    "hold them in a local, and use them in the same function",
  );

function captured(w: Walk, e: Expr & { kind: "lambda" }, path: Path): void {
  const visit = (at: Expr): void => {
    if (at.kind === "local" && path.held.has(at.local) && !path.used.has(at.local)) {
      report(
        w,
        "TEL0413",
        at.local,
        at.span,
        `the funds in \`${at.local.name}\` cannot be taken into a function, which may run twice or never`,
        [],
        "use them outside",
      );
    }
    for (const child of children(at)) visit(child);
  };
  visit(e.body);
  let inside: Path = { used: new Map(), held: new Map() };
  const type = T.shallow(e.type);
  e.params.forEach((local, i) => {
    if (type.kind === "fn" && isLinear(type.params[i]!)) inside = hold(inside, local, local.span);
  });
  const after = walk(w, e.body, inside);
  if (after !== undefined) settle(w, after, new Map(), e.span, "the end");
}

/** What a deadline or a race may cut off holds no funds from before, and keeps none. */
function bounded(w: Walk, e: Expr, path: Path): After {
  const what = `\`${e.kind}\``;
  for (const [local, got] of live(path)) {
    report(
      w,
      "TEL0412",
      local,
      e.span,
      `the funds in \`${local.name}\` live across a ${what}, which may end before they are used`,
      [{ span: got, text: "they are held since here" }],
      "use them before, or reserve them inside",
    );
  }
  if (isLinear(e.type)) report(w, "TEL0412", undefined, e.span, `funds cannot leave a ${what}`, [], "use them inside");
  for (const child of children(e)) walk(w, child, path);
  return path;
}

function block(w: Walk, steps: readonly Step[], span: Span, path: Path): After {
  let at: After = path;
  for (let i = 0; i < steps.length; i++) {
    if (at === undefined) return undefined;
    const step = steps[i]!;
    if (step.kind === "assign") {
      for (const place of step.path) if (place.kind !== "field" && at !== undefined) at = walk(w, place.index, at);
      if (at !== undefined) at = walk(w, step.value, at);
      if (isLinear(step.value.type)) stored(w, step.value.span, "`state`");
      continue;
    }
    at = walk(w, step.value, at);
    if (at === undefined) return undefined;
    switch (step.kind) {
      case "let":
        at = bindAll(w, step.pattern, at);
        break;
      case "return":
      case "abort":
        leave(w, at, step.span, `\`${step.kind}\``);
        return undefined;
      case "expr":
        if (i < steps.length - 1 && isLinear(step.value.type)) dropped(w, step.value.span, step.value.type);
        break;
      case "assert":
        break;
    }
  }
  return at === undefined ? undefined : settle(w, at, path.held, span, "the end");
}

const dropped = (w: Walk, span: Span, type: T.Type): void =>
  report(
    w,
    "TEL0410",
    undefined,
    span,
    `the funds in this \`${show(type)}\` are lost: nothing takes them`,
    [],
    "bind them to a name, and send, pay or release them",
  );

/** Names of a pattern that hold funds; a wildcard over funds loses them. */
function bindAll(w: Walk, pattern: Pattern, path: Path): Path {
  if (!isLinear(pattern.type)) return path;
  switch (pattern.kind) {
    case "bind":
      return hold(path, pattern.local, pattern.span);
    case "any":
      dropped(w, pattern.span, pattern.type);
      return path;
    case "as":
      if (pattern.pattern.kind !== "any" && pattern.pattern.kind !== "literal") {
        const inner = bindAll(w, pattern.pattern, path);
        if (inner.held.size > path.held.size) {
          report(
            w,
            "TEL0411",
            pattern.local,
            pattern.span,
            `\`${pattern.local.name}\` and the names inside it would hold the same funds`,
            [],
            "name only one of them",
          );
        }
      }
      return hold(path, pattern.local, pattern.span);
    case "construct":
    case "tuple":
    case "record":
      return pattern.items.reduce((at, item) => bindAll(w, item, at), path);
    case "or":
      return bindAll(w, pattern.options[0]!, path);
    case "list":
    case "literal":
    case "int":
      return path;
  }
}
