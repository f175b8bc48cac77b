/**
 * The instructions that the hot loop leaves to the machine: state, effects and their handlers, branches, deadlines.
 * Each charges first and changes something only then.
 */
import { type InstructionName, read } from "../../codegen/bytecode/index.ts";
import { type ContentHash, Int, Value } from "../../content/index.ts";
import { builtinLabels } from "../../language/index.ts";
import { plain } from "../builtins/GrownList.ts";
import { intEqual, intLess, intLessOrEqual, intSubtract } from "../builtins/int.ts";
import { chargeDeep } from "../builtins/size.ts";
import { callee, closed, LoadFailed, loaded, push, setTrap, unwind } from "./frames.ts";
import { initialState } from "./initialState.ts";
import { loadProgram } from "./Library.ts";
import { ensure } from "./loop.ts";
import { type Fiber, type Instance, type Machine, OWN_INSTANCE, type Scope, type WithScope } from "./Machine.ts";
import { Fault, fuelLeft, type Meter, Stuck, spend } from "./Meter.ts";
import { worldAnswer, worldOf } from "./World.ts";

type V = Value.Value;

const BUILT_IN: ReadonlySet<string> = new Set(builtinLabels);

export function instruction(machine: Machine, fiber: Fiber): void {
  const definition = machine.library.table[fiber.definition]!;
  const { code } = definition;
  const one = read(code, fiber.position);
  const register = (index: number): V => fiber.registers[fiber.base + index]!;
  const set = (index: number, value: V): void => {
    fiber.registers[fiber.base + index] = value;
  };
  const operand = (index: number): number => one.operands[index]![1];
  const name = (index: number): string => code.names[operand(index)]!;
  switch (one.name) {
    case "stateGet": {
      const value = Value.field(instanceOf(machine, fiber).working, name(1));
      if (value === undefined) throw new Stuck(`the state has no field ${name(1)}`);
      set(operand(0), value);
      fiber.position = one.next;
      return;
    }
    case "stateSet": {
      const instance = instanceOf(machine, fiber);
      const at = instance.working.names.indexOf(name(0));
      if (at < 0) throw new Stuck(`the state has no field ${name(0)}`);
      spend(machine.meter, 0, 16 + 8 * instance.working.names.length);
      instance.working = { ...instance.working, values: instance.working.values.with(at, register(operand(1))) };
      fiber.position = one.next;
      return;
    }
    case "perform": {
      const args = one.reads.map((index) => plain(register(index)));
      chargeDeep(machine.meter, ...args);
      ask(machine, fiber, one.next, name(0), name(1), args);
      return;
    }
    case "wait": {
      const time = register(operand(1));
      const mode = operand(0) === 0 ? "after" : "at";
      if (typeof time !== "object" || time.tag !== (mode === "after" ? "duration" : "instant"))
        throw new Stuck(`${mode} takes no ${Value.kindOf(time)}`);
      ask(machine, fiber, one.next, "Clock", "wait", [mode, time]);
      return;
    }
    case "par":
      branch(machine, fiber, one.next, "par", code.shapes[operand(0)]!, one.reads.map(register));
      return;
    case "race":
      branch(machine, fiber, one.next, "race", [], one.reads.map(register));
      return;
    case "entry":
      enter(machine, fiber, one.next, code.links[operand(0)]!, name(1), one.reads.map(register));
      return;
    case "within":
      openWithin(machine, fiber, one.next, register(operand(0)), register(operand(1)), operand(2));
      return;
    case "with": {
      const handler = register(operand(0));
      const world = isCase(handler, "World") ? worldOf(itemsOf(handler)) : undefined;
      const scope: WithScope = {
        kind: "with",
        id: machine.nextScope++,
        parent: fiber.scope,
        fiber: fiber.id,
        depth: fiber.depth,
        handler,
        world,
        target: operand(1),
        result: operand(2),
      };
      fiber.scope = scope;
      fiber.position = one.next;
      return;
    }
    case "leave": {
      const scope = fiber.scope;
      if (scope === undefined) throw new Error("internal error: no scope to leave");
      fiber.scope = scope.parent;
      closed(machine, scope);
      fiber.position = one.next;
      return;
    }
    case "abort": {
      const value = register(operand(0));
      const scope = enclosing(fiber.scope);
      if (scope === undefined) throw new Stuck("abort outside of with");
      const target = unwind(machine, scope, scope.target);
      target.registers[target.base + scope.result] = value;
      return;
    }
    // Comparisons of Ints that are no safe numbers, with the charge of the region that they enter.
    case "jumpUnlessLessImmediate":
    case "jumpUnlessMoreImmediate":
    case "jumpUnlessLess":
    case "jumpUnlessLessOrEqual":
    case "jumpUnlessEqualImmediate":
    case "jumpUnlessEqual": {
      const right = one.name.endsWith("Immediate") ? operand(1) : register(operand(1));
      const holds = compare(machine.meter, one.name, register(operand(0)), right);
      spend(machine.meter, operand(holds ? 3 : 4), 0);
      fiber.position = holds ? one.next : operand(2);
      return;
    }
    case "call1Subtract": {
      // The hot loop does it where the number is a safe one before and after.
      const value = intSubtract(machine.meter, register(operand(1)), operand(2));
      const called = loaded(machine, code.links[operand(0)]!);
      spend(machine.meter, called.entryFuel, called.frameBytes);
      fiber.position = one.next;
      push(machine, fiber, called, [value]);
      return;
    }
    case "enter":
      machine.library.watcher?.entered(machine, fiber, definition);
      fiber.position = one.next;
      return;
    case "exit":
      machine.library.watcher?.returns(machine, fiber, register(operand(0)));
      fiber.position = one.next;
      return;
    default:
      throw new Error(`internal error: ${one.name} is no instruction of the scheduler`);
  }
}

function compare(meter: Meter, name: InstructionName, left: V, right: V): boolean {
  switch (name) {
    case "jumpUnlessLessImmediate":
    case "jumpUnlessLess":
      return intLess(meter, left, right);
    case "jumpUnlessMoreImmediate":
      return intLess(meter, right, left);
    case "jumpUnlessLessOrEqual":
      return intLessOrEqual(meter, left, right);
    default:
      return intEqual(meter, left, right);
  }
}

function isCase(value: V, name: string): value is Value.Variant {
  return typeof value === "object" && value.tag === "variant" && value.case === name;
}

function itemsOf(handler: Value.Variant): readonly V[] {
  const list = handler.payload;
  if (typeof list !== "object" || list.tag !== "list") throw new Stuck("a World holds a list");
  return list.items;
}

/** The `with` that an abort leaves: of a clause that runs, the one that it is a clause of. */
function enclosing(scope: Scope | undefined): WithScope | undefined {
  for (let at = scope; at !== undefined; at = at.parent) {
    if (at.kind === "with") return at;
    if (at.kind === "handling") return at.of;
  }
  return undefined;
}

/** The instance whose entry runs here. */
function instanceOf(machine: Machine, fiber: Fiber): Instance {
  let id = OWN_INSTANCE;
  for (let at = fiber.scope; at !== undefined; at = at.parent) {
    if (at.kind !== "instance") continue;
    id = at.instance;
    break;
  }
  const instance = machine.instances.get(id);
  if (instance === undefined) throw new Stuck("state outside of a program");
  return instance;
}

// ------------------------------------------------------------------------------------------------ effects

/** Asks the nearest handler, or the outside. Writes to the state become durable here. */
function ask(machine: Machine, fiber: Fiber, next: number, label: string, operation: string, args: readonly V[]): void {
  let scope = fiber.scope;
  for (; scope !== undefined; scope = scope.kind === "handling" ? scope.of.parent : scope.parent) {
    if (scope.kind === "with" && handle(machine, fiber, next, scope, label, operation, args)) return;
  }
  commit(machine, fiber);
  const index = machine.nextRequest++;
  machine.requests.set(index, {
    index,
    label,
    operation,
    arguments: args,
    fuel: machine.limits.fuel - fuelLeft(machine.meter),
    fiber: fiber.id,
  });
  fiber.position = next;
  fiber.status = { kind: "waiting", request: index };
}

function commit(machine: Machine, fiber: Fiber): void {
  for (let at = fiber.scope; ; at = at.parent) {
    const id = at === undefined ? OWN_INSTANCE : at.kind === "instance" ? at.instance : undefined;
    const instance = id === undefined ? undefined : machine.instances.get(id);
    if (instance !== undefined) instance.committed = instance.working;
    if (at === undefined || id !== undefined) return;
  }
}

/** The operation's own name: `oraclePrice` of `ObserveCustomOracle.oraclePrice`. */
const lastName = (operation: string): string => operation.slice(operation.lastIndexOf(".") + 1);

function handle(
  machine: Machine,
  fiber: Fiber,
  next: number,
  scope: WithScope,
  label: string,
  operation: string,
  args: readonly V[],
): boolean {
  const answer = (value: V): true => {
    commit(machine, fiber);
    fiber.position = next;
    const ops = machine.library.table[fiber.definition]!.ops;
    fiber.registers[fiber.base + ops[next - 1]!] = value;
    return true;
  };
  if (scope.world !== undefined) {
    if (!BUILT_IN.has(label)) return false;
    if (operation === "wait") {
      const [mode, time] = args as [string, Value.Duration];
      commit(machine, fiber);
      fiber.position = next;
      const until = mode === "at" ? time.milliseconds : Int.add(scope.world.now, time.milliseconds);
      fiber.status = { kind: "asleep", world: scope.id, until };
      return true;
    }
    const said = worldAnswer(scope.world, operation, args);
    if (said === undefined) return false;
    if (said.kind === "value") return answer(said.value);
    commit(machine, fiber);
    fiber.position = next;
    fiber.status = { kind: "asleep", world: scope.id, until: undefined };
    return true;
  }
  const { handler } = scope;
  const record = isCase(handler, "Fixed") || isCase(handler, "Handler") ? handler.payload : undefined;
  if (typeof record !== "object" || record.tag !== "record") throw new Stuck("with takes a handler");
  if (isCase(handler, "Fixed")) {
    const fixed = Value.field(record, operation) ?? Value.field(record, lastName(operation));
    return fixed === undefined ? false : answer(fixed);
  }
  if (Value.field(record, "effect") !== label) return false;
  const clauses = Value.field(record, "clauses");
  if (typeof clauses !== "object" || clauses.tag !== "record") throw new Stuck("a handler has clauses");
  const clause = Value.field(clauses, lastName(operation));
  if (clause === undefined) return false;
  const [definition, all] = callee(machine, clause, args);
  spend(machine.meter, definition.entryFuel, definition.frameBytes);
  commit(machine, fiber);
  fiber.position = next;
  push(machine, fiber, definition, all);
  fiber.scope = {
    kind: "handling",
    id: machine.nextScope++,
    parent: fiber.scope,
    fiber: fiber.id,
    depth: fiber.depth,
    of: scope,
  };
  setTrap(fiber);
  return true;
}

// ----------------------------------------------------------------------------------------------- branches

/** Branches of one `par` or `race`; each is a fiber. */
export const BRANCHES_MAX = 4096;

function branch(
  machine: Machine,
  fiber: Fiber,
  next: number,
  form: "par" | "race",
  names: readonly string[],
  branches: readonly V[],
): void {
  if (machine.fibers.size + branches.length > BRANCHES_MAX)
    throw new Fault("TooManyBranches", `more than ${BRANCHES_MAX} branches at once`);
  const starts = branches.map((closure) => callee(machine, closure, []));
  let fuel = 0;
  let memory = form === "par" ? 16 + 8 * names.length : 0;
  for (const [definition] of starts) {
    fuel += definition.entryFuel;
    memory += definition.frameBytes;
  }
  spend(machine.meter, fuel, memory);
  fiber.position = next;
  if (starts.length === 0) {
    const ops = machine.library.table[fiber.definition]!.ops;
    fiber.registers[fiber.base + ops[next - 1]!] = Value.record([]);
    return;
  }
  const children = starts.map(([definition, args], number) => {
    const registers: V[] = [...args];
    ensure(registers, definition.registers);
    const child: Fiber = {
      id: machine.nextFiber++,
      parent: fiber.id,
      branch: number,
      registers,
      frames: [],
      depth: 0,
      definition: definition.index,
      position: 0,
      base: 0,
      trap: 0,
      scope: fiber.scope,
      status: { kind: "ready" },
    };
    machine.fibers.set(child.id, child);
    machine.ready.push(child.id);
    return child.id;
  });
  fiber.status = { kind: "join", form, names, children, values: children.map(() => undefined) };
}

// --------------------------------------------------------------------------------------------- deadlines

function openWithin(machine: Machine, fiber: Fiber, next: number, now: V, duration: V, target: number): void {
  if (typeof now !== "object" || now.tag !== "instant" || typeof duration !== "object" || duration.tag !== "duration")
    throw new Stuck("within takes a Duration");
  const clock = clockOf(fiber.scope);
  let deadline = Int.add(now.milliseconds, duration.milliseconds);
  // Deadlines of one clock nest by the least.
  for (let at = fiber.scope; at !== undefined; at = at.parent) {
    if (at.kind !== "within" || at.clock !== clock) continue;
    if (at.deadline < deadline) deadline = at.deadline;
    break;
  }
  fiber.scope = {
    kind: "within",
    id: machine.nextScope++,
    parent: fiber.scope,
    fiber: fiber.id,
    depth: fiber.depth,
    deadline,
    clock,
    target,
  };
  fiber.position = next;
}

/** Whose time the `now` of a `within` was: that of the nearest handler of the clock. */
function clockOf(scope: Scope | undefined): "outside" | "handler" | number {
  for (let at = scope; at !== undefined; at = at.kind === "handling" ? at.of.parent : at.parent) {
    if (at.kind !== "with") continue;
    if (at.world !== undefined) return at.id;
    const record = (at.handler as Value.Variant).payload as Value.Record;
    if (isCase(at.handler, "Fixed") ? record.names.includes("now") : Value.field(record, "effect") === "Clock")
      return "handler";
  }
  return "outside";
}

// ------------------------------------------------------------------------------------------------ entries

/** An entry of a program, called in a test: on the instance of the enclosing `with`, which is made when there is none. */
function enter(
  machine: Machine,
  fiber: Fiber,
  next: number,
  program: ContentHash.ContentHash,
  entryName: string,
  args: readonly V[],
): void {
  const found = loadProgram(machine.library, program);
  if (!found.ok) throw new LoadFailed(found.error);
  const entry = found.value.entries.find((one) => one.name === entryName);
  if (entry === undefined || entry.function.kind !== "hash") throw new Stuck(`the program has no entry ${entryName}`);
  const definition = loaded(machine, entry.function.hash);
  if (definition.parameters !== args.length)
    throw new Stuck(`${definition.name} takes ${definition.parameters} arguments, not ${args.length}`);
  const owner = enclosing(fiber.scope)?.id ?? 0;
  let instance = [...machine.instances.values()].find((one) => one.program === program && one.owner === owner);
  const state = instance === undefined ? initialState(machine, found.value) : undefined;
  spend(machine.meter, definition.entryFuel, definition.frameBytes);
  if (instance === undefined) {
    instance = { id: machine.nextInstance++, program, owner, committed: state!, working: state! };
    machine.instances.set(instance.id, instance);
  }
  fiber.position = next;
  push(machine, fiber, definition, args);
  fiber.scope = {
    kind: "instance",
    id: machine.nextScope++,
    parent: fiber.scope,
    fiber: fiber.id,
    depth: fiber.depth,
    instance: instance.id,
  };
  setTrap(fiber);
}
