/**
 * The tree with its charges → register bytecode, one definition at a time. Tier 0 runs what `lower` gives, without
 * optimisation: what it does must be easy to compare with Core. Three things are done all the same, because they cost
 * nothing to check: comparisons that only decide a branch are fused with it, small integer literals go into the
 * instruction, calls in tail position reuse the frame. A charge at the start of a definition or of a branch is paid by
 * who enters it.
 */
import { Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { countUses, lower, reads, type Tree } from "../../optimise/index.ts";
import { err, never, ok, type Result } from "../../std/index.ts";
import {
  type Builder,
  bind,
  constantOf,
  emit,
  giveBack,
  immediate,
  linkOf,
  local,
  Malformed,
  nameOf,
  operand,
  operands,
  place,
  pool,
  shapeOf,
  TAIL,
  target,
  temporary,
} from "./Builder.ts";
import type { Code, InstructionName } from "./Tree.ts";

/** Code that Core's own rules forbid: it did not come from the compiler, or a store gave something else. */
export interface MalformedCore {
  readonly kind: "MalformedCore";
  readonly definition: string;
  readonly reason: string;
}

/** More would not fit the frame that a machine lays out. */
export const LOCALS_MAX = 100_000;
/** Branches nested in branches; `let` chains do not count. */
export const NESTING_MAX = 2000;

/**
 * `watched` code tells the machine when a definition is entered and with what it returns; it charges the same, and frames
 * are the same, so a run can be watched after the fact.
 */
export function generate(definition: Core.Definition, watched = false): Result<Code, MalformedCore> {
  return generateTree(lower(definition), watched);
}

/** The same of a tree that passes have changed. */
export function generateTree(definition: Tree.Definition, watched = false): Result<Code, MalformedCore> {
  try {
    return ok(build(definition, watched));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return err({ kind: "MalformedCore", definition: definition.name, reason: error.reason });
  }
}

function build(definition: Tree.Definition, watched: boolean): Code {
  const { parameters, captured, locals, frameBytes } = definition;
  if (locals > LOCALS_MAX) throw new Malformed(`more than ${LOCALS_MAX} locals`);
  if (captured > parameters || parameters > locals) throw new Malformed("captured ≤ parameters ≤ locals does not hold");
  const b: Builder = {
    watched,
    uses: countUses(definition.body, locals),
    ops: [],
    free: locals,
    registers: locals,
    bound: new Uint8Array(locals).fill(1, 0, parameters),
    register: Int32Array.from({ length: locals }, (_, i) => i),
    loops: [],
    scopes: 0,
    nesting: 0,
    node: 0,
    next: 0,
    positions: [],
    constants: pool(),
    links: pool(),
    builtins: pool(),
    names: pool(),
    shapes: pool(),
  };
  if (watched) emit(b, "enter");
  const { fuel, rest } = entered(definition.body);
  expression(b, rest, TAIL);
  return {
    parameters,
    captured,
    registers: b.registers,
    entryFuel: fuel,
    frameBytes,
    ops: Int32Array.from(b.ops),
    constants: b.constants.items,
    links: b.links.items,
    builtins: b.builtins.items,
    names: b.names.items,
    shapes: b.shapes.items,
    positions: Int32Array.from(b.positions),
  };
}

/** What entering an expression costs, and what is left to do in it. */
function entered(node: Tree.Expression): { readonly fuel: number; readonly rest: Tree.Expression } {
  if (node.kind !== "charge") return { fuel: 0, rest: node };
  const { fuel, bytes, body } = node;
  return { fuel, rest: bytes === 0 ? body : { kind: "charge", fuel: 0, bytes, body } };
}

// -------------------------------------------------------------------------------------------- expressions

/** Emits `node`; its value goes to register `to`, or leaves the definition when `to` is TAIL. */
function expression(b: Builder, start: Tree.Expression, to: number): void {
  let node = start;
  const bound: number[] = [];
  for (;;) {
    if (node.kind === "charge") {
      if (node.body.kind === "again" && node.bytes === 0) {
        again(b, node.body, node.fuel);
        break;
      }
      pay(b, node);
      node = node.body;
      continue;
    }
    if (node.kind !== "let") {
      last(b, node, to);
      break;
    }
    b.next++;
    const value = node.value;
    const body = node.body;
    if (isFusable(b, node)) {
      b.next++;
      b.node = b.next++;
      branch(b, body as Tree.If, to, value as BuiltinNode);
      break;
    }
    const fused = fusedCall(b, node);
    if (fused !== undefined) {
      bound.push(fused.local);
      node = fused.body;
      continue;
    }
    if (b.bound[node.local] !== 0) throw new Malformed(`local ${node.local} cannot be bound here`);
    if (b.loops.length > 0) becomes(b, node);
    expression(b, value, b.register[node.local]!);
    bind(b, node.local);
    bound.push(node.local);
    node = body;
  }
  for (const index of bound) b.bound[index] = 0;
}

function last(b: Builder, node: Exclude<Tree.Expression, Tree.Let | Tree.Charge>, to: number): void {
  const free = b.free;
  if (node.kind === "again") again(b, node, 0);
  else if (node.kind === "loop") loop(b, node, to);
  else {
    b.node = b.next++;
    if (node.kind === "if") branch(b, node, to, undefined);
    else simple(b, node, to);
  }
  b.free = free;
}

function pay(b: Builder, node: Tree.Charge): void {
  // It is for the node that comes first; the lets around that are numbered before it.
  let lets = 0;
  for (let first = node.body; first.kind === "let"; first = first.value) lets++;
  b.node = b.next + lets;
  if (node.bytes === 0) emit(b, "charge", node.fuel);
  else emit(b, "pay", node.fuel, node.bytes);
}

/** `let x = a − k in let y = f(x) …` where nothing else reads x: one instruction. Gives the let of y, done. */
function fusedCall(b: Builder, node: Tree.Let): Tree.Let | undefined {
  const { value, body } = node;
  if (value.kind !== "builtin" || body.kind !== "let" || body.value.kind !== "call") return undefined;
  if (value.arguments.length !== 2 || (value.name !== "int.subtract" && value.name !== "int.add")) return undefined;
  const [argument] = body.value.arguments;
  if (body.value.arguments.length !== 1 || argument?.kind !== "local" || argument.index !== node.local)
    return undefined;
  const [from, by] = value.arguments;
  const small = immediate(by!);
  if (from!.kind !== "local" || small === undefined || b.uses[node.local] !== 1) return undefined;
  if (b.bound[node.local] !== 0 || b.bound[body.local] !== 0) return undefined;
  b.next += 2;
  b.node = b.next++;
  const taken = value.name === "int.subtract" ? small : -small;
  const link = linkOf(b, body.value.reference);
  const register = local(b, from!.index);
  emit(b, "call1Subtract", link, register, taken, bind(b, body.local));
  return body;
}

type BuiltinNode = Extract<Tree.Leaf, { kind: "builtin" }>;

const COMPARISONS: ReadonlySet<string> = new Set(["int.less", "int.lessOrEqual", "int.equal"]);

/** `let x = int.less(…) in if x …` where nothing else reads x. */
function isFusable(b: Builder, node: Tree.Let): boolean {
  const { value, body } = node;
  return (
    value.kind === "builtin" &&
    COMPARISONS.has(value.name) &&
    value.arguments.length === 2 &&
    body.kind === "if" &&
    body.condition.kind === "local" &&
    body.condition.index === node.local &&
    b.uses[node.local] === 1
  );
}

function branch(b: Builder, node: Tree.If, to: number, comparison: BuiltinNode | undefined): void {
  if (++b.nesting > NESTING_MAX) throw new Malformed(`branches nest deeper than ${NESTING_MAX}`);
  const then = entered(node.then);
  const otherwise = entered(node.else);
  const free = b.free;
  if (comparison === undefined) emit(b, "jumpUnless", operand(b, node.condition), -1, then.fuel, otherwise.fuel);
  else compare(b, comparison, then.fuel, otherwise.fuel);
  const end = b.ops.length;
  b.free = free;
  expression(b, then.rest, to);
  let skip: number | undefined;
  if (to !== TAIL) skip = emit(b, "jump", -1) - 1;
  target(b, end - 3);
  expression(b, otherwise.rest, to);
  if (skip !== undefined) target(b, skip);
  b.nesting--;
}

function compare(b: Builder, node: BuiltinNode, then: number, otherwise: number): void {
  const [left, right] = node.arguments as readonly [Tree.Atom, Tree.Atom];
  const low = immediate(left);
  const high = immediate(right);
  switch (node.name) {
    case "int.less":
      if (high !== undefined) emit(b, "jumpUnlessLessImmediate", operand(b, left), high, -1, then, otherwise);
      else if (low !== undefined) emit(b, "jumpUnlessMoreImmediate", operand(b, right), low, -1, then, otherwise);
      else emit(b, "jumpUnlessLess", operand(b, left), operand(b, right), -1, then, otherwise);
      return;
    case "int.lessOrEqual":
      if (high !== undefined) emit(b, "jumpUnlessLessImmediate", operand(b, left), high + 1, -1, then, otherwise);
      else if (low !== undefined) emit(b, "jumpUnlessMoreImmediate", operand(b, right), low - 1, -1, then, otherwise);
      else emit(b, "jumpUnlessLessOrEqual", operand(b, left), operand(b, right), -1, then, otherwise);
      return;
    default:
      if (high !== undefined) emit(b, "jumpUnlessEqualImmediate", operand(b, left), high, -1, then, otherwise);
      else emit(b, "jumpUnlessEqual", operand(b, left), operand(b, right), -1, then, otherwise);
  }
}

/** Where a value goes that an instruction makes: the given register, or a fresh one that is returned next. */
function into(b: Builder, to: number, make: (register: number) => void): void {
  if (to !== TAIL) {
    make(to);
    return;
  }
  const register = temporary(b);
  make(register);
  giveBack(b, register);
}

/** A `return` inside `within` or `with` closes them first. */
function leaveAll(b: Builder): void {
  for (let i = 0; i < b.scopes; i++) emit(b, "leave");
}

const INTEGER: Readonly<Record<string, InstructionName>> = {
  "int.add": "add",
  "int.subtract": "subtract",
  "int.multiply": "multiply",
  "int.less": "less",
  "int.lessOrEqual": "lessOrEqual",
  "int.equal": "equal",
};

type Simple = Exclude<Tree.Expression, Tree.Let | Tree.If | Tree.Charge | Tree.Loop | Tree.Again>;

function simple(b: Builder, node: Simple, to: number): void {
  switch (node.kind) {
    case "atom":
      if (to === TAIL) giveBack(b, operand(b, node.atom));
      else if (node.atom.kind === "local") emit(b, "move", to, local(b, node.atom.index));
      else emit(b, "constant", to, constantOf(b, node.atom));
      return;
    case "return": {
      const register = operand(b, node.value);
      leaveAll(b);
      giveBack(b, register);
      return;
    }
    case "call": {
      const registers = operands(b, node.arguments);
      const link = linkOf(b, node.reference);
      if (to === TAIL) emit(b, "tailCall", link, registers.length, registers);
      else if (registers.length === 1) emit(b, "call1", link, registers[0]!, to);
      else if (registers.length === 2) emit(b, "call2", link, registers[0]!, registers[1]!, to);
      else emit(b, "call", link, registers.length, registers, to);
      return;
    }
    case "apply": {
      const called = operand(b, node.function);
      const registers = operands(b, node.arguments);
      if (to === TAIL) emit(b, "tailApply", called, -1, registers.length, registers);
      else emit(b, "apply", called, -1, registers.length, registers, to);
      return;
    }
    case "builtin":
      builtin(b, node, to);
      return;
    case "variant": {
      const payload = node.payload;
      if (payload !== undefined) {
        const register = operand(b, payload);
        into(b, to, (at) => emit(b, "variant", at, nameOf(b, node.case), register));
        return;
      }
      const constant = place(b.constants, ` ${node.case}`, Value.variant(node.case));
      into(b, to, (at) => emit(b, "constant", at, constant));
      return;
    }
    case "closure": {
      const registers = operands(b, node.captured);
      const link = linkOf(b, node.reference);
      into(b, to, (at) => emit(b, "closure", at, link, registers.length, registers));
      return;
    }
    case "tuple":
    case "list": {
      const registers = operands(b, node.items);
      into(b, to, (at) => emit(b, node.kind, at, registers.length, registers));
      return;
    }
    case "map": {
      const registers = operands(b, node.entries.flat());
      into(b, to, (at) => emit(b, "map", at, registers.length, registers));
      return;
    }
    case "record": {
      checkSorted(node.names, node.values.length);
      const registers = operands(b, node.values);
      into(b, to, (at) => emit(b, "record", at, shapeOf(b, node.names), registers.length, registers));
      return;
    }
    case "field": {
      const record = operand(b, node.record);
      into(b, to, (at) => emit(b, "field", at, record, nameOf(b, node.name), 0));
      return;
    }
    case "item": {
      const tuple = operand(b, node.tuple);
      into(b, to, (at) => emit(b, "item", at, tuple, node.index));
      return;
    }
    case "switch":
      choose(b, node, to);
      return;
    case "fault":
      emit(b, "fault", nameOf(b, node.code), operand(b, node.message));
      return;
    case "perform": {
      const registers = operands(b, node.arguments);
      const label = nameOf(b, node.label);
      const operation = nameOf(b, node.operation);
      into(b, to, (at) => emit(b, "perform", label, operation, registers.length, registers, at));
      return;
    }
    case "stateGet":
      into(b, to, (at) => emit(b, "stateGet", at, nameOf(b, node.field)));
      return;
    case "stateSet":
      emit(b, "stateSet", nameOf(b, node.field), operand(b, node.value));
      into(b, to, (at) => emit(b, "constant", at, place(b.constants, "()", Value.unit)));
      return;
    case "within":
      within(b, node, to);
      return;
    case "with":
      handled(b, node, to);
      return;
    case "wait": {
      const time = operand(b, node.time);
      into(b, to, (at) => emit(b, "wait", node.mode === "after" ? 0 : 1, time, at));
      return;
    }
    case "par": {
      if (new Set(node.names).size !== node.names.length || node.names.length !== node.branches.length)
        throw new Malformed("par needs one name for each branch, each once");
      const registers = operands(b, node.branches);
      into(b, to, (at) => emit(b, "par", shapeOf(b, node.names), registers.length, registers, at));
      return;
    }
    case "race": {
      if (node.branches.length === 0) throw new Malformed("race needs a branch");
      const registers = operands(b, node.branches);
      into(b, to, (at) => emit(b, "race", registers.length, registers, at));
      return;
    }
    case "abort":
      emit(b, "abort", operand(b, node.value));
      return;
    case "entry": {
      const registers = operands(b, node.arguments);
      const link = linkOf(b, node.program);
      into(b, to, (at) => emit(b, "entry", link, nameOf(b, node.entry), registers.length, registers, at));
      return;
    }
    default:
      never(node);
  }
}

function checkSorted(names: readonly string[], count: number): void {
  if (names.length !== count) throw new Malformed("a record needs one value for each name");
  for (let i = 1; i < names.length; i++)
    if (Value.compareText(names[i - 1]!, names[i]!) >= 0) throw new Malformed("a record's names must be sorted");
}

function builtin(b: Builder, node: BuiltinNode, to: number): void {
  const [left, right] = node.arguments;
  if (node.arguments.length === 2) {
    const small = immediate(right!);
    if (small !== undefined && (node.name === "int.add" || node.name === "int.subtract")) {
      const register = operand(b, left!);
      const name = node.name === "int.add" ? "addImmediate" : "subtractImmediate";
      into(b, to, (at) => emit(b, name, at, register, small));
      return;
    }
    const name = Object.hasOwn(INTEGER, node.name) ? INTEGER[node.name] : undefined;
    if (name === "add" && to === TAIL && !b.watched) {
      emit(b, "returnAdd", operand(b, left!), operand(b, right!));
      return;
    }
    if (name !== undefined) {
      const x = operand(b, left!);
      const y = operand(b, right!);
      into(b, to, (at) => emit(b, name, at, x, y));
      return;
    }
  }
  const registers = operands(b, node.arguments);
  const number = place(b.builtins, node.name, node.name);
  into(b, to, (at) => {
    if (registers.length === 1) emit(b, "builtin1", at, number, registers[0]!);
    else if (registers.length === 2) emit(b, "builtin2", at, number, registers[0]!, registers[1]!);
    else emit(b, "builtin", at, number, registers.length, registers);
  });
}

function choose(b: Builder, node: Tree.Switch, to: number): void {
  if (++b.nesting > NESTING_MAX) throw new Malformed(`branches nest deeper than ${NESTING_MAX}`);
  const free = b.free;
  const subject = operand(b, node.subject);
  b.free = free;
  const quads = node.cases.flatMap((one) => [
    nameOf(b, one.case),
    -1,
    0,
    one.local === undefined ? -1 : b.register[one.local]!,
  ]);
  const otherwiseAt = emit(b, "switch", subject, -1, 0, node.cases.length, quads) - quads.length - 3;
  const casesAt = otherwiseAt + 3;
  const ends: number[] = [];
  const way = (body: Tree.Expression, targetAt: number, payload?: number): void => {
    const { fuel, rest } = entered(body);
    target(b, targetAt);
    b.ops[targetAt + 1] = fuel;
    if (payload !== undefined) bind(b, payload);
    expression(b, rest, to);
    if (payload !== undefined) b.bound[payload] = 0;
    if (to !== TAIL) ends.push(emit(b, "jump", -1) - 1);
  };
  node.cases.forEach((one, i) => {
    way(one.body, casesAt + 4 * i + 1, one.local);
  });
  if (node.otherwise !== undefined) way(node.otherwise, otherwiseAt);
  for (const end of ends) target(b, end);
  b.nesting--;
}

/** The clock is read by a `now` that handlers and traces see like any other. */
function within(b: Builder, node: Extract<Tree.Expression, { kind: "within" }>, to: number): void {
  const result = to === TAIL ? temporary(b) : to;
  const free = b.free;
  const now = temporary(b);
  emit(b, "perform", nameOf(b, "Clock"), nameOf(b, "now"), 0, now);
  const otherwiseAt = emit(b, "within", now, operand(b, node.duration), -1) - 1;
  b.free = free;
  b.scopes++;
  expression(b, node.body, result);
  emit(b, "leave");
  b.scopes--;
  const end = emit(b, "jump", -1) - 1;
  target(b, otherwiseAt);
  expression(b, node.otherwise, result);
  target(b, end);
  if (to === TAIL) giveBack(b, result);
}

function handled(b: Builder, node: Extract<Tree.Expression, { kind: "with" }>, to: number): void {
  const result = to === TAIL ? temporary(b) : to;
  const free = b.free;
  const handler = operand(b, node.handler);
  const afterAt = emit(b, "with", handler, -1, result) - 2;
  b.free = free;
  b.scopes++;
  expression(b, node.body, result);
  emit(b, "leave");
  b.scopes--;
  target(b, afterAt);
  if (to === TAIL) giveBack(b, result);
}

// -------------------------------------------------------------------------------------------------- loops

function loop(b: Builder, node: Tree.Loop, to: number): void {
  if (node.locals.length !== node.initial.length) throw new Malformed("a loop needs one value for each local");
  const initial = node.initial.map((atom) => (atom.kind === "local" ? local(b, atom.index) : constantOf(b, atom)));
  const locals = node.locals.map((index) => bind(b, index));
  node.initial.forEach((atom, i) => {
    emit(b, atom.kind === "local" ? "move" : "constant", locals[i]!, initial[i]!);
  });
  b.loops.push({ start: b.ops.length, locals: node.locals });
  expression(b, node.body, to);
  b.loops.pop();
  for (const index of node.locals) b.bound[index] = 0;
}

/** The next values go to the loop's registers, each after the last one that still reads what was there. */
function again(b: Builder, node: Tree.Again, fuel: number): void {
  const open = b.loops.at(-1);
  if (open === undefined || open.locals.length !== node.arguments.length) throw new Malformed("again goes to no loop");
  const free = b.free;
  const moves = node.arguments
    .map((atom, i) => ({ to: local(b, open.locals[i]!), from: operand(b, atom) }))
    .filter((move) => move.to !== move.from);
  const ordered: number[] = [];
  while (moves.length > 0) {
    const at = moves.findIndex((move) => !moves.some((other) => other !== move && other.from === move.to));
    if (at >= 0) {
      const [move] = moves.splice(at, 1);
      ordered.push(move!.to, move!.from);
      continue;
    }
    // Each waits for another: one of the old values is put aside.
    const aside = temporary(b);
    const kept = moves[0]!.to;
    ordered.push(aside, kept);
    for (const [i, move] of moves.entries()) if (move.from === kept) moves[i] = { to: move.to, from: aside };
  }
  b.free = free;
  emit(b, "again", open.start, fuel, ordered.length / 2, ordered);
}

/**
 * A local that is nothing but the next value of a loop's local, whose old value nobody reads any more, is made where the
 * loop wants it.
 */
function becomes(b: Builder, node: Tree.Let): void {
  const open = b.loops.at(-1)!;
  if (b.uses[node.local] !== 1) return;
  let end = node.body;
  while (end.kind === "let" || end.kind === "charge") end = end.body;
  if (end.kind !== "again") return;
  const at = end.arguments.findIndex((atom) => atom.kind === "local" && atom.index === node.local);
  const local = open.locals[at];
  if (local === undefined || reads(node.body, local)) return;
  b.register[node.local] = b.register[local]!;
}
