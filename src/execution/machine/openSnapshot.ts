/**
 * Blocks → a machine that goes on. Whatever `takeSnapshot` would not have written is refused: a snapshot may come from
 * anywhere, and what it says about positions, registers and who waits for whom decides what runs.
 */
import { executorVersion } from "../../code/index.ts";
import { list } from "../../codegen/bytecode/index.ts";
import {
  type ContentHash,
  decode,
  ContentHash as Hash,
  type Int,
  intFromNode,
  isLink,
  isList,
  Kind,
  type Node,
  type Value,
} from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { setTrap } from "./frames.ts";
import { BadSnapshot, readEntry, readSlot } from "./Heap.ts";
import { type Library, type Loaded, load } from "./Library.ts";
import { ensure } from "./loop.ts";
import type { Fiber, Instance, Machine, Scope, Status, WithScope } from "./Machine.ts";
import { CALLS, type Frame, liveRegisters, SNAPSHOT_VERSION, type SnapshotError } from "./Snapshot.ts";
import type { World } from "./World.ts";

type V = Value.Value;

export const FRAMES_MAX = 20_000_000;
export const FIBERS_MAX = 10_000;

/** Reads a snapshot and loads the definitions that its frames run. */
export function openSnapshot(
  library: Library,
  root: ContentHash.ContentHash,
  get: (hash: ContentHash.ContentHash) => Uint8Array | undefined,
): Result<Machine, SnapshotError> {
  try {
    return ok(readMachine(library, root, get));
  } catch (error) {
    if (error instanceof BadSnapshot) return err({ kind: "InvalidSnapshot", reason: error.reason });
    if (error instanceof Refusal) return err(error.error);
    throw error;
  }
}

/** Leaves the reader with an error of its own kind; never escapes `openSnapshot`. */
class Refusal {
  readonly error: SnapshotError;
  constructor(error: SnapshotError) {
    this.error = error;
  }
}

function bad(reason: string): never {
  throw new BadSnapshot(reason);
}

const items = (node: Node | undefined, what: string, count?: number): readonly Node[] => {
  if (node === undefined || node === null || !isList(node)) return bad(`${what} must be a list`);
  if (count !== undefined && node.length !== count) return bad(`${what} must have ${count} parts`);
  return node;
};
const natural = (node: Node | undefined, what: string, max = Number.MAX_SAFE_INTEGER): number =>
  typeof node === "number" && node >= 0 && node <= max ? node : bad(`${what} must be a number from 0 to ${max}`);
const integer = (node: Node | undefined, what: string): Int.Int => intFromNode(node) ?? bad(`${what} must be an Int`);
const text = (node: Node | undefined, what: string): string =>
  typeof node === "string" ? node : bad(`${what} must be text`);
const hashAt = (node: Node | undefined, what: string): ContentHash.ContentHash =>
  node !== undefined && node !== null && isLink(node) ? node.link : bad(`${what} must be a link`);

function readMachine(
  library: Library,
  root: ContentHash.ContentHash,
  get: (hash: ContentHash.ContentHash) => Uint8Array | undefined,
): Machine {
  const block = (hash: ContentHash.ContentHash, count: number): readonly Node[] => {
    const bytes = get(hash);
    if (bytes === undefined) throw new Refusal({ kind: "MissingBlock", hash });
    if (Hash.of(bytes) !== hash) bad("a block is not that of its hash");
    const node = decode(bytes);
    if (!node.ok) return bad("a block is not canonical");
    const parts = items(node.value, "a block", count);
    if (parts[0] !== Kind.snapshot || parts[1] !== SNAPSHOT_VERSION) bad("a block is no part of a snapshot");
    return parts;
  };
  const parts = block(root, 13);
  const executor = text(parts[2], "the executor");
  // Positions are those of this executor's bytecode.
  if (executor !== executorVersion)
    throw new Refusal({ kind: "OtherExecutor", expected: executorVersion, got: executor });

  const [fuel, memoryBytes, fuelLeft, memoryLeft] = items(parts[3], "the grant", 4).map((node) =>
    natural(node, "a limit"),
  ) as [number, number, number, number];
  if (fuelLeft > fuel || memoryLeft > memoryBytes) bad("more is left than was granted");
  const definitions = items(parts[4], "the definitions").map((node) => {
    const found = load(library, hashAt(node, "a definition"));
    if (!found.ok) throw new Refusal(found.error);
    return found.value;
  });
  const heap: V[] = [];
  for (const node of items(parts[5], "the heap"))
    for (const entry of items(block(hashAt(node, "a heap segment"), 3)[2], "a heap segment")) readEntry(heap, entry);
  const value = (node: Node | undefined): V => readSlot(heap, node);
  const record = (node: Node | undefined): Value.Record => {
    const found = value(node);
    return typeof found === "object" && found.tag === "record" ? found : bad("a state must be a record");
  };

  const [nextFiber, nextScope, nextInstance, nextRequest] = items(parts[12], "the counters", 4).map((node) =>
    natural(node, "a counter"),
  ) as [number, number, number, number];
  const machine: Machine = {
    library,
    limits: { fuel, memoryBytes },
    meter: { fuel: 0, reserve: fuelLeft, held: 0, memory: memoryLeft },
    fibers: new Map(),
    ready: [],
    instances: new Map(),
    requests: new Map(),
    abandoned: new Set(),
    nextFiber,
    nextScope,
    nextInstance,
    nextRequest,
    end: undefined,
  };

  const fiberNodes = items(parts[6], "the fibers");
  if (fiberNodes.length === 0 || fiberNodes.length > FIBERS_MAX) bad("no fiber, or too many");
  const scopeTable = new Map<number, Scope>();
  for (const node of items(parts[7], "the scopes")) readScope(node, scopeTable, nextScope, value);
  for (const node of fiberNodes) readFiber(machine, node, definitions, scopeTable, value, block);
  for (const node of items(parts[8], "the instances")) {
    const [id, program, owner, committed, working] = items(node, "an instance", 5);
    const instance: Instance = {
      id: natural(id, "an instance", nextInstance - 1),
      program: program === null ? undefined : hashAt(program, "a program"),
      owner: natural(owner, "an owner"),
      committed: record(committed),
      working: record(working),
    };
    machine.instances.set(instance.id, instance);
  }
  for (const node of items(parts[9], "the requests")) {
    const [index, fiber, label, operation, args, used] = items(node, "a request", 6);
    const request = {
      index: natural(index, "a request", nextRequest - 1),
      fiber: natural(fiber, "a fiber"),
      label: text(label, "a label"),
      operation: text(operation, "an operation"),
      arguments: items(args, "arguments").map(value),
      fuel: natural(used, "fuel", fuel),
    };
    const status = machine.fibers.get(request.fiber)?.status;
    if (status?.kind !== "waiting" || status.request !== request.index) bad("a request that no fiber waits for");
    machine.requests.set(request.index, request);
  }
  for (const node of items(parts[10], "the abandoned requests"))
    machine.abandoned.add(natural(node, "a request", nextRequest - 1));
  for (const node of items(parts[11], "the ready fibers")) {
    const id = natural(node, "a fiber");
    if (machine.ready.includes(id)) bad("a fiber is ready twice");
    machine.ready.push(id);
  }
  checkWhole(machine, scopeTable);
  return machine;
}

function readScope(node: Node, table: Map<number, Scope>, next: number, value: (node: Node | undefined) => V): void {
  const [kind, id, parent, fiber, depth, ...rest] = items(node, "a scope");
  const parentScope =
    parent === null ? undefined : (table.get(natural(parent, "a scope")) ?? bad("a scope inside none"));
  const base = {
    id: natural(id, "a scope", next - 1),
    parent: parentScope,
    fiber: natural(fiber, "a fiber"),
    depth: natural(depth, "a depth"),
  };
  // Ascending ids: a scope's parent is older.
  if (table.has(base.id) || [...table.keys()].at(-1)! > base.id) bad("the scopes must be in order");
  const read = (): Scope => {
    switch (kind) {
      case 0: {
        const [handler, target, result, world] = rest;
        return {
          kind: "with",
          ...base,
          handler: value(handler),
          world: world === null ? undefined : readWorld(world, value),
          target: natural(target, "a position"),
          result: natural(result, "a register"),
        };
      }
      case 1: {
        const [deadline, clock, target] = rest;
        return {
          kind: "within",
          ...base,
          deadline: integer(deadline, "a deadline"),
          clock: clock === "outside" || clock === "handler" ? clock : natural(clock, "a scope"),
          target: natural(target, "a position"),
        };
      }
      case 2: {
        const of = table.get(natural(rest[0], "a scope"));
        return of?.kind === "with" ? { kind: "handling", ...base, of } : bad("a clause of no handler");
      }
      case 3:
        return { kind: "instance", ...base, instance: natural(rest[0], "an instance") };
      default:
        return bad("an unknown scope");
    }
  };
  table.set(base.id, read());
}

function readWorld(node: Node | undefined, value: (node: Node | undefined) => V): World {
  const [now, goal, list, balances, draws] = items(node, "a world", 5);
  const map = value(balances);
  return {
    now: integer(now, "a time"),
    goal: goal === null ? undefined : integer(goal, "a time"),
    items: items(list, "a world's items").map(value),
    balances: typeof map === "object" && map.tag === "map" ? map : bad("balances must be a map"),
    draws: natural(draws, "a count"),
  };
}

function readFiber(
  machine: Machine,
  node: Node,
  definitions: readonly Loaded[],
  scopes: ReadonlyMap<number, Scope>,
  value: (node: Node | undefined) => V,
  block: (hash: ContentHash.ContentHash, count: number) => readonly Node[],
): void {
  const [idNode, parent, branch, scope, statusNode, segments] = items(node, "a fiber", 6);
  const id = natural(idNode, "a fiber", machine.nextFiber - 1);
  if (machine.fibers.has(id)) bad("a fiber occurs twice");
  const fiber: Fiber = {
    id,
    parent: parent === null ? undefined : natural(parent, "a fiber"),
    branch: natural(branch, "a branch"),
    registers: [],
    frames: [],
    depth: 0,
    definition: 0,
    position: 0,
    base: 0,
    trap: 0,
    scope: scope === null ? undefined : (scopes.get(natural(scope, "a scope")) ?? bad("a fiber in no scope")),
    status: readStatus(statusNode, value),
  };
  const own = [...scopes.values()].filter((one) => one.fiber === id);
  const frames = items(segments, "frames").flatMap((one) =>
    items(block(hashAt(one, "a segment of frames"), 3)[2], "frames"),
  );
  if (frames.length === 0 || frames.length > FRAMES_MAX) bad("no frame, or too many");
  let base = 0;
  frames.forEach((frameNode, i) => {
    const [definitionNode, positionNode, ...pairs] = items(frameNode, "a frame");
    const definition = definitions[natural(definitionNode, "a definition")] ?? bad("an unknown definition");
    const frame: Frame = {
      definition,
      position: natural(positionNode, "a position"),
      base,
      waits: i < frames.length - 1 || fiber.status.kind !== "ready",
    };
    const here = own.filter((one) => one.depth === 3 * i);
    checkPosition(frame, here);
    const live = liveRegisters(frame, here);
    if (pairs.length !== 2 * live.length || live.some((register, at) => pairs[2 * at] !== register))
      bad("a frame must hold exactly its live registers");
    ensure(fiber.registers, base + definition.registers);
    live.forEach((register, at) => {
      fiber.registers[base + register] = value(pairs[2 * at + 1]);
    });
    if (i < frames.length - 1) fiber.frames.push(definition.index, frame.position, base);
    else Object.assign(fiber, { definition: definition.index, position: frame.position, base });
    base += definition.registers;
  });
  fiber.depth = fiber.frames.length;
  machine.fibers.set(id, fiber);
}

function readStatus(node: Node | undefined, value: (node: Node | undefined) => V): Status {
  const [kind, ...rest] = items(node, "a status");
  switch (kind) {
    case 0:
      return { kind: "ready" };
    case 1:
      return { kind: "waiting", request: natural(rest[0], "a request") };
    case 2: {
      const [form, names, children, values] = rest;
      if (form !== "par" && form !== "race") return bad("an unknown join");
      const childIds = items(children, "branches").map((child) => natural(child, "a fiber"));
      const all = items(values, "values").map((one) => (one === null ? undefined : value(one)));
      const labels = items(names, "names").map((name) => text(name, "a name"));
      if (all.length !== childIds.length || (form === "par" && labels.length !== all.length))
        return bad("a join needs a value for each branch");
      if (new Set(labels).size !== labels.length) return bad("a join has a name twice");
      return { kind: "join", form, names: labels, children: childIds, values: all };
    }
    case 3:
      return {
        kind: "asleep",
        world: natural(rest[0], "a scope"),
        until: rest[1] === null ? undefined : integer(rest[1], "a time"),
      };
    default:
      return bad("an unknown status");
  }
}

const starts = new WeakMap<Loaded, { readonly all: ReadonlySet<number>; readonly afterCall: ReadonlySet<number> }>();

/** A frame stands at an instruction; one that waits stands after a call. Scopes go on at instructions too. */
function checkPosition(frame: Frame, scopes: readonly Scope[]): void {
  let known = starts.get(frame.definition);
  if (known === undefined) {
    const all = list(frame.definition.code);
    known = {
      all: new Set(all.map((one) => one.at)),
      afterCall: new Set(all.filter((one) => CALLS.has(one.name)).map((one) => one.next)),
    };
    starts.set(frame.definition, known);
  }
  if (!(frame.waits ? known.afterCall : known.all).has(frame.position)) bad("a frame stands at no instruction");
  for (const scope of scopes) {
    if (scope.kind !== "with" && scope.kind !== "within") continue;
    if (!known.all.has(scope.target)) bad("a scope goes on at no instruction");
    if (scope.kind === "with" && scope.result >= frame.definition.registers) bad("a scope's register does not exist");
  }
}

/** What only the whole can tell: who waits for whom, and that scopes stand in frames that exist. */
function checkWhole(machine: Machine, scopes: ReadonlyMap<number, Scope>): void {
  if (machine.fibers.get(0)?.parent !== undefined || !machine.fibers.has(0)) bad("there is no root fiber");
  for (const fiber of machine.fibers.values()) {
    if (fiber.id !== 0) {
      const parent = fiber.parent === undefined ? undefined : machine.fibers.get(fiber.parent);
      const join = parent?.status;
      if (
        parent === undefined ||
        parent.id >= fiber.id ||
        join?.kind !== "join" ||
        join.children[fiber.branch] !== fiber.id
      )
        bad("a branch that no one waits for");
    }
    const { status } = fiber;
    if (status.kind === "join") {
      status.children.forEach((child, i) => {
        const isOpen = machine.fibers.get(child)?.parent === fiber.id;
        if (isOpen === (status.values[i] !== undefined)) bad("a branch must be running or have a value");
      });
      if (!status.values.includes(undefined)) bad("a join that is over");
    }
    if ((status.kind === "ready") !== machine.ready.includes(fiber.id)) bad("the ready fibers must be those listed");
    if (status.kind === "waiting" && !machine.requests.has(status.request)) bad("a fiber waits for no request");
    if (status.kind === "asleep" && (scopes.get(status.world) as WithScope | undefined)?.world === undefined)
      bad("a fiber sleeps in no world");
    let above: Scope | undefined;
    for (let scope = fiber.scope; scope !== undefined; scope = scope.parent) {
      const owner = machine.fibers.get(scope.fiber);
      if (owner === undefined || scope.depth % 3 !== 0 || scope.depth > owner.depth) bad("a scope in no frame");
      if (above !== undefined && above.fiber === scope.fiber && above.depth < scope.depth)
        bad("a scope lies inside one of a later frame");
      if (scope.kind === "instance" && !machine.instances.has(scope.instance)) bad("a scope of no program state");
      if (scope.kind === "with" && typeof scope.handler !== "object") bad("a scope without a handler");
      above = scope;
    }
    setTrap(fiber);
  }
}
