/**
 * The effect DAG of an entry: what it asks of the outside, after what, decided by which answers, under which deadline.
 *
 *     let seen = within 20s { par { eth = quote!(…); alt = quote!(…) } } else { … }
 *     match decide(seen) { Hold => {}; Swap(a, b) => { act!(a, …); act!(b, …) } }
 *
 *     1 observe ethereum       2 observe optimism       both within 20s
 *     3 act    after 1, 2  decided by 1, 2              4 act    after 3  decided by 1, 2, 3
 *
 * Known functions are followed into their bodies; a function that calls itself is followed once. A lambda's effects
 * come where it is made, and may happen or not. What may happen in either branch of a choice is in the graph.
 */
import { show, Value } from "../../content/index.ts";
import type { Local } from "../names/Tree.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked, Typed } from "../types/check.ts";
import { children } from "../types/children.ts";
import * as Row from "../types/Row.ts";
import type { Arm, Expr, Pattern } from "../types/Tree.ts";

/** Larger graphs are cut, and say so. */
export const DAG_NODES_MAX = 2_000;

export interface DagNode {
  readonly id: number;
  readonly label: string;
  readonly operation: string;
  /** What is known of the arguments: timeline, fact, action, asset. */
  readonly about: string;
  readonly file: string;
  readonly span: Span;
  readonly after: readonly number[];
  /** Nodes whose answers decide whether this happens or with what. */
  readonly decidedBy: readonly number[];
  /** The nearest deadline around, as TEL writes it. */
  readonly within: string | undefined;
  /** Happens only on some paths. */
  readonly conditional: boolean;
}

export interface Dag {
  readonly entry: string;
  readonly nodes: readonly DagNode[];
  readonly isCut: boolean;
}

type Ids = ReadonlySet<number>;

interface Walk {
  readonly typed: Typed;
  readonly nodes: DagNode[];
  readonly of: Checked;
  readonly open: readonly string[];
  /** What the value of a local was decided by. */
  readonly values: Map<Local, Ids>;
  /** The word that a local stands for, where it is known: `ethereum`. */
  readonly words: Map<Local, string>;
  /** What decided that this point is reached; grows where `?` or `return` may leave. */
  control: Ids;
  readonly within: string | undefined;
  readonly conditional: boolean;
  isCut: boolean;
}

/** Where a computation stands: the last effects before, and what its value was decided by. */
interface Step {
  readonly ends: Ids;
  readonly value: Ids;
}

const none: Ids = new Set();

const union = (...sets: readonly Ids[]): Ids => {
  const filled = sets.filter((set) => set.size > 0);
  if (filled.length === 0) return none;
  return filled.length === 1 ? filled[0]! : new Set(filled.flatMap((set) => [...set]));
};

export function dagOf(typed: Typed, name: string): Dag | undefined {
  const of = typed.functions.get(name);
  if (of === undefined) return undefined;
  const walk: Walk = {
    typed,
    nodes: [],
    of,
    open: [name],
    values: new Map(),
    words: new Map(),
    control: none,
    within: undefined,
    conditional: false,
    isCut: false,
  };
  visit(walk, of.body, none);
  return { entry: name, nodes: walk.nodes, isCut: walk.nodes.length >= DAG_NODES_MAX };
}

/** Of every entry of every program, by name. */
export function dagsOf(typed: Typed): readonly Dag[] {
  const names = typed.programs.flatMap(({ symbol }) => [...symbol.entries.values()].map((entry) => entry.full));
  return [...new Set(names)].sort(Value.compareText).flatMap((name) => dagOf(typed, name) ?? []);
}

function all(w: Walk, expressions: readonly Expr[], ends: Ids): Step {
  let at = ends;
  const values: Ids[] = [];
  for (const e of expressions) {
    const step = visit(w, e, at);
    at = step.ends;
    values.push(step.value);
  }
  return { ends: at, value: union(...values) };
}

function visit(w: Walk, e: Expr, ends: Ids): Step {
  switch (e.kind) {
    case "local":
      return { ends, value: w.values.get(e.local) ?? none };
    case "perform":
    case "entryCall":
      return effect(w, e, ends);
    case "call":
      return call(w, e, ends);
    case "if": {
      const condition = visit(w, e.condition, ends);
      const inside = choice(w, condition.value);
      const yes = visit(inside, e.then, condition.ends);
      const no = e.else === undefined ? { ends: condition.ends, value: none } : visit(inside, e.else, condition.ends);
      if (leaves(e.then) || (e.else !== undefined && leaves(e.else))) w.control = union(w.control, condition.value);
      return { ends: union(yes.ends, no.ends), value: union(yes.value, no.value, condition.value) };
    }
    case "match":
      return match(w, e.arms, visit(w, e.subject, ends));
    case "within": {
      const time = visit(w, e.time, ends);
      const text = e.time.kind === "constant" ? show(e.time.value) : "a deadline";
      const body = visit({ ...w, within: text }, e.body, time.ends);
      if (e.otherwise === undefined) return { ends: body.ends, value: union(body.value, time.value) };
      const otherwise = visit({ ...w, conditional: true }, e.otherwise, time.ends);
      return { ends: union(body.ends, otherwise.ends), value: union(body.value, otherwise.value, time.value) };
    }
    case "try": {
      const target = visit(w, e.target, ends);
      w.control = union(w.control, target.value);
      return target;
    }
    case "par":
    case "race": {
      const steps = e.branches.map((branch) => visit(w, branch, ends));
      return { ends: union(...steps.map((step) => step.ends)), value: union(...steps.map((step) => step.value)) };
    }
    case "first": {
      const [head, ...rest] = e.branches;
      let step = visit(w, head!, ends);
      for (const branch of rest) {
        const next = visit(choice(w, step.value), branch, step.ends);
        step = { ends: union(step.ends, next.ends), value: union(step.value, next.value) };
      }
      return step;
    }
    case "binary":
      if (e.op === "&&" || e.op === "||") {
        const left = visit(w, e.left, ends);
        const right = visit(choice(w, left.value), e.right, left.ends);
        return { ends: union(left.ends, right.ends), value: union(left.value, right.value) };
      }
      return all(w, children(e), ends);
    case "lambda": {
      const body = visit({ ...w, conditional: true }, e.body, ends);
      return { ends: union(ends, body.ends), value: body.value };
    }
    case "block":
      return block(w, e, ends);
    default:
      return all(w, children(e), ends);
  }
}

const leaves = (e: Expr): boolean => {
  const last = e.kind === "block" ? e.steps.at(-1) : undefined;
  return last?.kind === "return" || last?.kind === "abort";
};

const choice = (w: Walk, by: Ids): Walk => ({ ...w, control: union(w.control, by), conditional: true });

function match(w: Walk, arms: readonly Arm[], subject: Step): Step {
  const inside = choice(w, subject.value);
  const ends: Ids[] = [];
  const values: Ids[] = [subject.value];
  for (const arm of arms) {
    bind(w, arm.pattern, subject.value);
    const guard = arm.guard === undefined ? subject : visit(inside, arm.guard, subject.ends);
    const body = visit(arm.guard === undefined ? inside : choice(inside, guard.value), arm.body, guard.ends);
    ends.push(body.ends);
    values.push(body.value);
    if (leaves(arm.body)) w.control = union(w.control, subject.value);
  }
  return { ends: union(...ends), value: union(...values) };
}

function bind(w: Walk, pattern: Pattern, value: Ids): void {
  if (value.size === 0) return;
  switch (pattern.kind) {
    case "bind":
      w.values.set(pattern.local, value);
      return;
    case "as":
      w.values.set(pattern.local, value);
      bind(w, pattern.pattern, value);
      return;
    case "construct":
    case "tuple":
    case "record":
      for (const item of pattern.items) bind(w, item, value);
      return;
    case "list":
      for (const item of [...pattern.before, ...pattern.after]) bind(w, item, value);
      if (pattern.rest?.local !== undefined) w.values.set(pattern.rest.local, value);
      return;
    case "or":
      for (const option of pattern.options) bind(w, option, value);
      return;
    default:
      return;
  }
}

function block(w: Walk, e: Expr & { kind: "block" }, ends: Ids): Step {
  let at = ends;
  let value = none;
  for (const step of e.steps) {
    if (step.kind === "assign") {
      for (const place of step.path) if (place.kind !== "field") at = visit(w, place.index, at).ends;
    }
    const made = visit(w, step.value, at);
    at = made.ends;
    value = step.kind === "expr" ? made.value : none;
    if (step.kind === "let") bind(w, step.pattern, made.value);
    if (step.kind === "return") value = made.value;
  }
  return { ends: at, value };
}

function effect(w: Walk, e: Expr & { kind: "perform" | "entryCall" }, ends: Ids): Step {
  const given = all(
    w,
    e.args.map((arg) => arg.value),
    ends,
  );
  if (w.nodes.length >= DAG_NODES_MAX) return given;
  const id = w.nodes.length + 1;
  const ascending = (ids: Ids): readonly number[] => [...ids].sort((a, b) => a - b);
  w.nodes.push({
    id,
    label: e.kind === "perform" ? e.label : "World",
    operation: e.kind === "perform" ? e.operation : `${e.program}.${e.entry}`,
    about:
      e.kind === "perform"
        ? e.args
            .map((arg) => subject(w, arg.value))
            .filter((text) => text !== "")
            .join(" ")
        : "",
    file: w.of.file,
    span: e.span,
    after: ascending(given.ends),
    decidedBy: ascending(union(given.value, w.control)),
    within: w.within,
    conditional: w.conditional,
  });
  return { ends: new Set([id]), value: new Set([id]) };
}

/** The part of an argument that a reader wants to see. */
function subject(w: Walk, e: Expr): string {
  if (e.kind === "constant" && typeof e.value === "string") return e.value;
  if (e.kind === "outside") return e.name;
  if (e.kind === "callValue") return `${e.program}.${e.entry}`;
  if (e.kind !== "local") return "";
  const isTimeline = e.type.kind === "con" && e.type.info.name === "Timeline";
  return w.words.get(e.local) ?? (isTimeline ? e.local.name : "");
}

function call(w: Walk, e: Expr & { kind: "call" }, ends: Ids): Step {
  const steps: { readonly at: number; readonly value: Ids }[] = [];
  let at = ends;
  for (const arg of e.args) {
    const step = visit(w, arg.value, at);
    at = step.ends;
    steps.push({ at: arg.at, value: step.value });
  }
  const given = union(...steps.map((step) => step.value));
  const of = e.target.kind === "symbol" ? w.typed.functions.get(e.target.name) : undefined;
  if (of === undefined || Row.isEmpty(of.inferred) || w.open.includes(of.name)) return { ends: at, value: given };
  const values = new Map<Local, Ids>();
  const words = new Map<Local, string>();
  for (const arg of e.args) {
    const local = of.params[arg.at]?.local;
    const word = subject(w, arg.value);
    if (local !== undefined && word !== "") words.set(local, word);
  }
  for (const step of steps) {
    const local = of.params[step.at]?.local;
    if (local !== undefined && step.value.size > 0) values.set(local, step.value);
  }
  const body = visit({ ...w, of, open: [...w.open, of.name], values, words }, of.body, at);
  return { ends: body.ends, value: union(body.value, given) };
}
