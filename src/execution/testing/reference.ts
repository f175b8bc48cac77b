/**
 * What Core means, as plainly as it can be said: a recursive evaluator over the tree, which charges fuel by regions and
 * memory by constructors as the specification says, and knows nothing of bytecode. Tests compare the machine with it.
 */

import { Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { Cost } from "../../optimise/index.ts";
import { plain } from "../builtins/GrownList.ts";
import { implementations } from "../builtins/index.ts";
import { mapLiteral } from "../builtins/map.ts";
import { chargeDeep } from "../builtins/size.ts";
import { Fault, fuelLeft, type Meter, meterOf, OutOfFuel, OutOfMemory, Stuck, spend } from "../machine/Meter.ts";

type V = Value.Value;
type E = Core.Expression;

/** Answers what is asked of the outside; depends on nothing but the request. */
export type Outside = (operation: string, args: readonly V[]) => V;

export interface Result {
  readonly kind: "done" | "fault" | "outOfFuel" | "outOfMemory" | "invalid";
  readonly value: V | undefined;
  readonly fuel: number;
  readonly memory: number;
  readonly state: Value.Record | undefined;
}

class Return {
  readonly value: V;
  constructor(value: V) {
    this.value = value;
  }
}
class Abort {
  readonly value: V;
  readonly of: Handling;
  constructor(value: V, of: Handling) {
    this.value = value;
    this.of = of;
  }
}
/** A call in tail position: done by the caller's caller, in the caller's frame. */
class TailCall {
  readonly definition: Core.Definition;
  readonly args: readonly V[];
  constructor(definition: Core.Definition, args: readonly V[]) {
    this.definition = definition;
    this.args = args;
  }
}

/** A `with` that is open; `outer` are those around it. */
interface Handling {
  readonly handler: V;
  readonly outer: Handling | undefined;
}

interface Run {
  readonly load: (hash: string) => Core.Definition;
  readonly outside: Outside;
  readonly meter: Meter;
  state: Value.Record | undefined;
}

interface Env {
  readonly locals: (V | undefined)[];
  readonly handling: Handling | undefined;
  /** The `with` whose clause runs: an abort leaves it. */
  readonly clauseOf: Handling | undefined;
}

export function evaluate(
  load: (hash: string) => Core.Definition,
  definition: Core.Definition,
  args: readonly V[],
  limits: { readonly fuel: number; readonly memoryBytes: number },
  outside: Outside,
  state?: Value.Record,
): Result {
  const run: Run = { load, outside, meter: meterOf(limits.fuel, limits.memoryBytes), state };
  const figures = (kind: Result["kind"], value?: V): Result => ({
    kind,
    value,
    fuel: kind === "outOfFuel" ? limits.fuel : limits.fuel - fuelLeft(run.meter),
    memory: kind === "outOfMemory" ? limits.memoryBytes : limits.memoryBytes - run.meter.memory,
    state: run.state,
  });
  try {
    const value = call(run, definition, args, undefined, undefined);
    chargeDeep(run.meter, value, ...(run.state === undefined ? [] : [run.state]));
    return figures("done", plain(value));
  } catch (error) {
    if (error instanceof Fault) return figures("fault", error.code);
    if (error instanceof OutOfFuel) return figures("outOfFuel");
    if (error instanceof OutOfMemory) return figures("outOfMemory");
    if (error instanceof Stuck || error instanceof Abort) return figures("invalid");
    throw error;
  }
}

// ------------------------------------------------------------------------------------------------ regions

const MEETS: ReadonlySet<string> = new Set(["if", "switch", "within", "with"]);

/** Fuel of the nodes from the start of `node` to the first place where ways part, and whether there is such a place. */
function straight(node: E): { readonly fuel: number; readonly isOpen: boolean } {
  if (node.kind !== "let") return { fuel: Cost.nodeFuel(node), isOpen: !MEETS.has(node.kind) };
  const value = straight(node.value);
  if (!value.isOpen) return { fuel: Cost.nodeFuel(node) + value.fuel, isOpen: false };
  const body = straight(node.body);
  return { fuel: Cost.nodeFuel(node) + value.fuel + body.fuel, isOpen: body.isOpen };
}

/** Charges the region that starts at `node`; `rest` are the bodies of the lets around it, which follow. */
function enter(run: Run, node: E, rest: readonly E[]): void {
  let fuel = 0;
  let at: E | undefined = node;
  let following = rest;
  while (at !== undefined) {
    const part = straight(at);
    fuel += part.fuel;
    at = part.isOpen ? following[0] : undefined;
    following = following.slice(1);
  }
  spend(run.meter, fuel, 0);
}

/** Whether ways meet at the end of the node, so that a region starts after it. */
const endsInMeeting = (node: E): boolean => (node.kind === "let" ? endsInMeeting(node.body) : MEETS.has(node.kind));

// ------------------------------------------------------------------------------------------------- calls

function call(
  run: Run,
  definition: Core.Definition,
  args: readonly V[],
  handling: Handling | undefined,
  clauseOf: Handling | undefined,
  isEntered = false,
): V {
  let current = definition;
  let given = args;
  if (!isEntered) {
    enter(run, current.body, []);
    spend(run.meter, 0, Cost.frameBytes(current));
  }
  for (;;) {
    if (given.length !== current.parameters) throw new Stuck("wrong number of arguments");
    const env: Env = { locals: [...given], handling, clauseOf };
    let left: V | TailCall;
    try {
      left = expression(run, current.body, env, [], true);
    } catch (error) {
      if (!(error instanceof Return)) {
        if (error instanceof Abort) run.meter.memory += Cost.frameBytes(current);
        throw error;
      }
      left = error.value;
    }
    if (!(left instanceof TailCall)) {
      run.meter.memory += Cost.frameBytes(current);
      return left;
    }
    enter(run, left.definition.body, []);
    run.meter.memory += Cost.frameBytes(current);
    spend(run.meter, 0, Cost.frameBytes(left.definition));
    current = left.definition;
    given = left.args;
  }
}

const hashOf = (reference: Core.Reference): string => {
  if (reference.kind !== "hash") throw new Stuck("a name");
  return reference.hash;
};

function atom(env: Env, one: Core.Atom): V {
  switch (one.kind) {
    case "local": {
      const value = env.locals[one.index];
      if (value === undefined) throw new Stuck("an empty local");
      return value;
    }
    case "literal":
      return one.value;
    case "function":
      if (one.reference.kind !== "hash") throw new Stuck("a name");
      return Value.closure(one.reference.hash, []);
  }
}

/** The value of a node that is not in tail position. */
function inside(run: Run, node: E, env: Env, rest: readonly E[]): V {
  const value = expression(run, node, env, rest, false);
  if (value instanceof TailCall) throw new Error("internal error: a tail call out of tail position");
  return value;
}

function closureCall(run: Run, called: V, args: readonly V[], env: Env, isTail: boolean): V | TailCall {
  if (typeof called !== "object" || called.tag !== "closure") throw new Stuck("no function");
  const definition = run.load(called.definition);
  const all = [...called.captured, ...args];
  if (called.captured.length !== definition.captured || all.length !== definition.parameters) throw new Stuck("arity");
  return isTail ? new TailCall(definition, all) : call(run, definition, all, env.handling, env.clauseOf);
}

function expression(run: Run, node: E, env: Env, rest: readonly E[], isTail: boolean): V | TailCall {
  const { meter } = run;
  const of = (one: Core.Atom) => atom(env, one);
  switch (node.kind) {
    case "let": {
      env.locals[node.local] = inside(run, node.value, env, [node.body, ...rest]);
      if (endsInMeeting(node.value)) enter(run, node.body, rest);
      return expression(run, node.body, env, rest, isTail);
    }
    case "atom":
      return of(node.atom);
    case "return":
      throw new Return(of(node.value));
    case "fault": {
      const message = of(node.message);
      throw new Fault(node.code, typeof message === "string" ? message : "");
    }
    case "call": {
      const definition = run.load(hashOf(node.reference));
      const args = node.arguments.map(of);
      return isTail ? new TailCall(definition, args) : call(run, definition, args, env.handling, env.clauseOf);
    }
    case "apply":
      return closureCall(run, of(node.function), node.arguments.map(of), env, isTail);
    case "builtin": {
      const implementation = implementations.get(node.name);
      if (implementation === undefined) throw new Stuck("no builtin");
      const [a = Value.unit, b = a, c = b, d = c] = node.arguments.map(of);
      implementation.charge?.(meter, a, b, c, d);
      return implementation.apply(a, b, c, d);
    }
    case "closure": {
      spend(meter, 0, Cost.closureBytes(node.captured.length));
      if (node.reference.kind !== "hash") throw new Stuck("a name");
      return Value.closure(node.reference.hash, node.captured.map(of));
    }
    case "tuple":
      spend(meter, 0, Cost.tupleBytes(node.items.length));
      return Value.tuple(node.items.map(of));
    case "list":
      spend(meter, 0, Cost.listBytes(node.items.length));
      return Value.list(node.items.map(of));
    case "map":
      return mapLiteral(
        meter,
        node.entries.map(([key, item]) => [of(key), of(item)] as const),
      );
    case "record":
      spend(meter, 0, Cost.recordBytes(node.values.length));
      return { tag: "record", names: node.names, values: node.values.map(of) };
    case "variant":
      if (node.payload !== undefined) spend(meter, 0, Cost.VARIANT_BYTES);
      return Value.variant(node.case, node.payload === undefined ? undefined : of(node.payload));
    case "field": {
      const record = of(node.record);
      const value = typeof record === "object" && record.tag === "record" ? Value.field(record, node.name) : undefined;
      if (value === undefined) throw new Stuck("no field");
      return value;
    }
    case "item": {
      const tuple = of(node.tuple);
      const value = typeof tuple === "object" && tuple.tag === "tuple" ? tuple.items[node.index] : undefined;
      if (value === undefined) throw new Stuck("no item");
      return value;
    }
    case "if": {
      const condition = of(node.condition);
      if (typeof condition !== "boolean") throw new Stuck("no Bool");
      const way = condition ? node.then : node.else;
      enter(run, way, []);
      return expression(run, way, env, [], isTail);
    }
    case "switch": {
      const subject = of(node.subject);
      if (typeof subject !== "object" || subject.tag !== "variant") throw new Stuck("no variant");
      const found = node.cases.find((one) => one.case === subject.case);
      const way = found?.body ?? node.otherwise;
      if (way === undefined) throw new Stuck("no case");
      enter(run, way, []);
      if (found?.local !== undefined) {
        if (subject.payload === undefined) throw new Stuck("no payload");
        env.locals[found.local] = subject.payload;
      }
      return expression(run, way, env, [], isTail);
    }
    case "perform":
      return ask(run, env, node.label, node.operation, node.arguments.map(of));
    case "wait":
      return ask(run, env, "Clock", "wait", [node.mode, of(node.time)]);
    case "within": {
      ask(run, env, "Clock", "now", []);
      enter(run, node.body, []);
      return inside(run, node.body, env, []);
    }
    case "with": {
      const handling: Handling = { handler: of(node.handler), outer: env.handling };
      enter(run, node.body, []);
      try {
        return inside(run, node.body, { ...env, handling, clauseOf: undefined }, []);
      } catch (error) {
        if (error instanceof Abort && error.of === handling) return error.value;
        throw error;
      }
    }
    case "abort": {
      const left = env.clauseOf ?? env.handling;
      if (left === undefined) throw new Stuck("no with");
      throw new Abort(of(node.value), left);
    }
    case "par": {
      // All branches are opened, and their entries paid for, before the first one runs.
      const branches = node.branches.map(of).map((one) => {
        if (typeof one !== "object" || one.tag !== "closure") throw new Stuck("no function");
        return { definition: run.load(one.definition), args: one.captured };
      });
      for (const branch of branches) enter(run, branch.definition.body, []);
      for (const branch of branches) spend(meter, 0, Cost.frameBytes(branch.definition));
      spend(meter, 0, Cost.recordBytes(node.names.length));
      const values = branches.map((one) => call(run, one.definition, one.args, env.handling, env.clauseOf, true));
      return Value.record(node.names.map((name, i) => [name, values[i]!] as const));
    }
    case "stateGet": {
      const value = run.state === undefined ? undefined : Value.field(run.state, node.field);
      if (value === undefined) throw new Stuck("no state");
      return value;
    }
    case "stateSet": {
      const { state } = run;
      if (state === undefined || !state.names.includes(node.field)) throw new Stuck("no state");
      spend(meter, 0, Cost.recordBytes(state.names.length));
      run.state = { ...state, values: state.values.with(state.names.indexOf(node.field), of(node.value)) };
      return Value.unit;
    }
    case "race":
    case "entry":
      throw new Error(`${node.kind} depends on more than this evaluator knows`);
  }
}

function ask(run: Run, env: Env, label: string, operation: string, args: readonly V[]): V {
  if (operation !== "now" || args.length > 0) chargeDeep(run.meter, ...(operation === "wait" ? [] : args));
  for (let at = env.handling; at !== undefined; at = at.outer) {
    const handler = at.handler as Value.Variant;
    const record = handler.payload as Value.Record;
    if (handler.case === "Fixed") {
      const fixed = Value.field(record, operation);
      if (fixed !== undefined) return fixed;
      continue;
    }
    if (Value.field(record, "effect") !== label) continue;
    const clause = Value.field(Value.field(record, "clauses") as Value.Record, operation);
    if (clause === undefined) continue;
    const outer: Env = { locals: [], handling: at.outer, clauseOf: at };
    return closureCall(run, clause, args, outer, false) as V;
  }
  return run.outside(operation, args);
}
