/** Frames and scopes: entering a definition from outside the hot loop, leaving scopes, and what a call stack shows. */
import { nodeAt } from "../../codegen/bytecode/index.ts";
import type { ContentHash, Value } from "../../content/index.ts";
import { type LoadError, type Loaded, load } from "./Library.ts";
import { ensure } from "./loop.ts";
import type { CallFrame, Fiber, HandlingScope, InstanceScope, Machine, Scope } from "./Machine.ts";
import { Stuck } from "./Meter.ts";

type V = Value.Value;

/** A definition could not be loaded while the run needed it. Never escapes the machine. */
export class LoadFailed {
  readonly error: LoadError;
  constructor(error: LoadError) {
    this.error = error;
  }
}

export function loaded(machine: Machine, hash: ContentHash.ContentHash): Loaded {
  const found = load(machine.library, hash);
  if (!found.ok) throw new LoadFailed(found.error);
  return found.value;
}

/** What a closure and arguments for it start: the definition, and all its parameters. */
export function callee(machine: Machine, called: V, args: readonly V[]): readonly [Loaded, readonly V[]] {
  if (typeof called !== "object" || called.tag !== "closure") throw new Stuck("a call of what is no function");
  const definition = loaded(machine, called.definition);
  const all = [...called.captured, ...args];
  if (called.captured.length !== definition.captured || all.length !== definition.parameters)
    throw new Stuck(`${definition.name} takes ${definition.parameters} arguments, not ${all.length}`);
  return [definition, all];
}

/** Pushes a frame; the fiber's position is where it goes on afterwards. Entry fuel and frame bytes are the caller's. */
export function push(machine: Machine, fiber: Fiber, definition: Loaded, args: readonly V[]): void {
  const current = machine.library.table[fiber.definition]!;
  const base = fiber.base + current.registers;
  ensure(fiber.registers, base + definition.registers);
  for (let i = 0; i < args.length; i++) fiber.registers[base + i] = args[i]!;
  fiber.frames[fiber.depth] = fiber.definition;
  fiber.frames[fiber.depth + 1] = fiber.position;
  fiber.frames[fiber.depth + 2] = fiber.base;
  fiber.depth += 3;
  fiber.base = base;
  fiber.definition = definition.index;
  fiber.position = 0;
}

/** Pops the innermost frame and gives its bytes back. */
export function pop(machine: Machine, fiber: Fiber): void {
  machine.meter.memory += machine.library.table[fiber.definition]!.frameBytes;
  fiber.depth -= 3;
  fiber.definition = fiber.frames[fiber.depth]!;
  fiber.position = fiber.frames[fiber.depth + 1]!;
  fiber.base = fiber.frames[fiber.depth + 2]!;
}

/** Puts an answer where the instruction before `position` wants it. */
export function deliver(machine: Machine, fiber: Fiber, value: V): void {
  const ops = machine.library.table[fiber.definition]!.ops;
  fiber.registers[fiber.base + ops[fiber.position - 1]!] = value;
}

export function setReady(machine: Machine, fiber: Fiber): void {
  if (fiber.status.kind === "ready") return;
  fiber.status = { kind: "ready" };
  machine.ready.push(fiber.id);
}

/** The innermost scope of this fiber whose frame returns to the machine. */
export function trapScope(fiber: Fiber): HandlingScope | InstanceScope | undefined {
  for (let scope = fiber.scope; scope !== undefined && scope.fiber === fiber.id; scope = scope.parent)
    if (scope.kind === "handling" || scope.kind === "instance") return scope;
  return undefined;
}

export const setTrap = (fiber: Fiber): void => {
  fiber.trap = trapScope(fiber)?.depth ?? 0;
};

/** Ends a fiber and those that it waits for; what they asked of the outside is abandoned. */
export function cancel(machine: Machine, id: number): void {
  const fiber = machine.fibers.get(id);
  if (fiber === undefined) return;
  machine.fibers.delete(id);
  cancelChildren(machine, fiber);
  if (fiber.status.kind === "waiting") {
    machine.requests.delete(fiber.status.request);
    machine.abandoned.add(fiber.status.request);
  }
  while (fiber.depth > 0) pop(machine, fiber);
  machine.meter.memory += machine.library.table[fiber.definition]!.frameBytes;
}

export function cancelChildren(machine: Machine, fiber: Fiber): void {
  if (fiber.status.kind === "join") for (const child of fiber.status.children) cancel(machine, child);
}

/** Leaves everything inside a scope, and the scope: its fiber goes on in the frame that opened it, at `position`. */
export function unwind(machine: Machine, scope: Scope, position: number): Fiber {
  const fiber = machine.fibers.get(scope.fiber)!;
  cancelChildren(machine, fiber);
  if (fiber.status.kind === "waiting") {
    machine.requests.delete(fiber.status.request);
    machine.abandoned.add(fiber.status.request);
  }
  while (fiber.depth > scope.depth) pop(machine, fiber);
  for (let left = fiber.scope; left !== scope.parent; left = left!.parent) closed(machine, left!);
  fiber.scope = scope.parent;
  machine.library.watcher?.unwound(machine, fiber);
  setTrap(fiber);
  fiber.position = position;
  setReady(machine, fiber);
  return fiber;
}

/** Program instances that a test opened live as long as the `with` around them. */
export function closed(machine: Machine, scope: Scope): void {
  if (scope.kind !== "with") return;
  for (const [id, instance] of machine.instances) if (instance.owner === scope.id) machine.instances.delete(id);
}

/** A report shows this many frames of a deeper stack. */
export const STACK_FRAMES_MAX = 64;

/** The calls that have not returned, innermost first; branches show those of the fibers that wait for them. */
export function callStack(machine: Machine, fiber: Fiber, max: number = STACK_FRAMES_MAX): readonly CallFrame[] {
  const frames: CallFrame[] = [];
  const add = (of: Fiber, definition: number, position: number, base: number) => {
    const loaded = machine.library.table[definition]!;
    frames.push({
      frameHash: loaded.hash,
      frameName: loaded.name,
      frameArguments: of.registers.slice(base, base + loaded.parameters),
      node: nodeAt(loaded.code, position),
    });
  };
  for (let of: Fiber | undefined = fiber; of !== undefined && frames.length < max; ) {
    add(of, of.definition, of.position, of.base);
    for (let depth = of.depth; depth > 0 && frames.length < max; depth -= 3)
      // A frame below stands after its call.
      add(of, of.frames[depth - 3]!, of.frames[depth - 2]! - 1, of.frames[depth - 1]!);
    of = of.parent === undefined ? undefined : machine.fibers.get(of.parent);
  }
  return frames;
}
