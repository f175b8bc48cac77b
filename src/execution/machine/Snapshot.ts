/**
 * A machine as content-addressed blocks, from which it goes on anywhere: frames with their live registers, scopes, program
 * states, open requests, what is left of the grant. The root links segments of frames and of the heap, so a deep stack is
 * many small blocks. Normative layout: docs/spec/execution.md, "Snapshots".
 *
 * Equal machines have equal snapshots: registers that can no longer be read are left out. What is read is hostile until it
 * has been checked: positions must be instructions at which a frame can stand, and the registers exactly the live ones.
 */

import { executorVersion } from "../../code/index.ts";
import { liveAt } from "../../codegen/bytecode/index.ts";
import {
  type ContentHash,
  encode,
  ContentHash as Hash,
  intToNode,
  Kind,
  link,
  type Node,
  type Value,
} from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { BadSnapshot, newHeapWriter, slotOf } from "./Heap.ts";
import type { LoadError, Loaded } from "./Library.ts";
import type { Fiber, Machine, Scope, Status } from "./Machine.ts";
import type { World } from "./World.ts";

type V = Value.Value;

export const SNAPSHOT_VERSION = 1;
/** Frames, and heap slots, of one block. */
const FRAMES_PER_BLOCK = 1024;
const SLOTS_PER_BLOCK = 20_000;

export interface Snapshot {
  readonly root: ContentHash.ContentHash;
  /** Root last. */
  readonly blocks: readonly { readonly hash: ContentHash.ContentHash; readonly bytes: Uint8Array }[];
}

export type SnapshotError =
  | { readonly kind: "InvalidSnapshot"; readonly reason: string }
  | { readonly kind: "MissingBlock"; readonly hash: ContentHash.ContentHash }
  | { readonly kind: "OtherExecutor"; readonly expected: string; readonly got: string }
  | LoadError;

/** Instructions after which a frame waits for an answer: their last operand receives it. */
export const CALLS: ReadonlySet<string> = new Set([
  "call1",
  "call1Subtract",
  "call2",
  "call",
  "apply",
  "perform",
  "wait",
  "par",
  "race",
  "entry",
]);

export interface Frame {
  readonly definition: Loaded;
  readonly position: number;
  readonly base: number;
  /** Its answer has not come: the register for it holds nothing. */
  readonly waits: boolean;
}

function framesOf(machine: Machine, fiber: Fiber): readonly Frame[] {
  const frames: Frame[] = [];
  const table = machine.library.table;
  for (let at = 0; at < fiber.depth; at += 3)
    frames.push({
      definition: table[fiber.frames[at]!]!,
      position: fiber.frames[at + 1]!,
      base: fiber.frames[at + 2]!,
      waits: true,
    });
  frames.push({
    definition: table[fiber.definition]!,
    position: fiber.position,
    base: fiber.base,
    waits: fiber.status.kind !== "ready",
  });
  return frames;
}

/** Registers that the run can read again: at its position, and where its scopes would go on. */
export function liveRegisters(frame: Frame, targets: readonly Scope[]): readonly number[] {
  const { code } = frame.definition;
  const live = new Set(liveAt(code, frame.position));
  if (frame.waits) live.delete(code.ops[frame.position - 1]!);
  for (let i = 0; i < code.parameters; i++) live.add(i);
  for (const scope of targets) {
    if (scope.kind !== "with" && scope.kind !== "within") continue;
    for (const register of liveAt(code, scope.target))
      if (scope.kind === "within" || register !== scope.result) live.add(register);
  }
  return [...live].sort((a, b) => a - b);
}

function allScopes(machine: Machine): ReadonlyMap<number, Scope> {
  const found = new Map<number, Scope>();
  const pending: (Scope | undefined)[] = [...machine.fibers.values()].map((fiber) => fiber.scope);
  for (let scope = pending.pop(); scope !== undefined || pending.length > 0; scope = pending.pop()) {
    if (scope === undefined || found.has(scope.id)) continue;
    found.set(scope.id, scope);
    pending.push(scope.parent);
    if (scope.kind === "handling") pending.push(scope.of);
  }
  return new Map([...found].sort((a, b) => a[0] - b[0]));
}

/** Writes a machine that is not over. A value that is too large for a snapshot is the only refusal. */
export function takeSnapshot(machine: Machine): Result<Snapshot, SnapshotError> {
  try {
    return ok(write(machine));
  } catch (error) {
    if (error instanceof BadSnapshot) return err({ kind: "InvalidSnapshot", reason: error.reason });
    throw error;
  }
}

function write(machine: Machine): Snapshot {
  const blocks: { hash: ContentHash.ContentHash; bytes: Uint8Array }[] = [];
  const put = (node: Node): Node => {
    const bytes = encode(node);
    const hash = Hash.of(bytes);
    blocks.push({ hash, bytes });
    return link(hash);
  };
  const heap = newHeapWriter();
  const slot = (value: V): Node => slotOf(heap, value);
  const definitions = new Map<ContentHash.ContentHash, number>();
  const number = (definition: Loaded): number => {
    let at = definitions.get(definition.hash);
    if (at === undefined) {
      at = definitions.size;
      definitions.set(definition.hash, at);
    }
    return at;
  };
  const scopes = allScopes(machine);

  const fibers = [...machine.fibers.values()].sort((a, b) => a.id - b.id);
  const fiberNodes = fibers.map((fiber): Node => {
    const own = [...scopes.values()].filter((scope) => scope.fiber === fiber.id);
    const frames = framesOf(machine, fiber).map((frame, i): Node => {
      const registers = liveRegisters(
        frame,
        own.filter((scope) => scope.depth === 3 * i),
      );
      const pairs = registers.flatMap((register) => [register, slot(fiber.registers[frame.base + register]!)]);
      return [number(frame.definition), frame.position, ...pairs];
    });
    const segments: Node[] = [];
    for (let i = 0; i < frames.length; i += FRAMES_PER_BLOCK)
      segments.push(put([Kind.snapshot, SNAPSHOT_VERSION, frames.slice(i, i + FRAMES_PER_BLOCK)]));
    return [
      fiber.id,
      fiber.parent ?? null,
      fiber.branch,
      fiber.scope?.id ?? null,
      statusNode(fiber.status, slot),
      segments,
    ];
  });
  const scopeNodes = [...scopes.values()].map((scope) => scopeNode(scope, slot));
  const instanceNodes = [...machine.instances.values()].map(
    (instance): Node => [
      instance.id,
      instance.program === undefined ? null : link(instance.program),
      instance.owner,
      slot(instance.committed),
      slot(instance.working),
    ],
  );
  const requestNodes = [...machine.requests.values()].map(
    (request): Node => [
      request.index,
      request.fiber,
      request.label,
      request.operation,
      request.arguments.map(slot),
      request.fuel,
    ],
  );

  const heapLinks: Node[] = [];
  for (let from = 0; from < heap.entries.length; ) {
    let to = from;
    for (let size = 0; to < heap.entries.length && (to === from || size + heap.sizes[to]! <= SLOTS_PER_BLOCK); to++)
      size += heap.sizes[to]!;
    heapLinks.push(put([Kind.snapshot, SNAPSHOT_VERSION, heap.entries.slice(from, to)]));
    from = to;
  }
  const root = put([
    Kind.snapshot,
    SNAPSHOT_VERSION,
    executorVersion,
    [machine.limits.fuel, machine.limits.memoryBytes, machine.meter.fuel + machine.meter.reserve, machine.meter.memory],
    [...definitions.keys()].map(link),
    heapLinks,
    fiberNodes,
    scopeNodes,
    instanceNodes,
    requestNodes,
    [...machine.abandoned].sort((a, b) => a - b),
    [...machine.ready],
    [machine.nextFiber, machine.nextScope, machine.nextInstance, machine.nextRequest],
  ]);
  return { root: (root as { link: ContentHash.ContentHash }).link, blocks };
}

function statusNode(status: Status, slot: (value: V) => Node): Node {
  switch (status.kind) {
    case "ready":
      return [0];
    case "waiting":
      return [1, status.request];
    case "join":
      return [
        2,
        status.form,
        status.names,
        status.children,
        status.values.map((value) => (value === undefined ? null : slot(value))),
      ];
    case "asleep":
      return [3, status.world, status.until === undefined ? null : intToNode(status.until)];
  }
}

function scopeNode(scope: Scope, slot: (value: V) => Node): Node {
  const base: Node[] = [scope.id, scope.parent?.id ?? null, scope.fiber, scope.depth];
  switch (scope.kind) {
    case "with":
      return [0, ...base, slot(scope.handler), scope.target, scope.result, worldNode(scope.world, slot)];
    case "within":
      return [1, ...base, intToNode(scope.deadline), scope.clock, scope.target];
    case "handling":
      return [2, ...base, scope.of.id];
    case "instance":
      return [3, ...base, scope.instance];
  }
}

const worldNode = (world: World | undefined, slot: (value: V) => Node): Node =>
  world === undefined
    ? null
    : [
        intToNode(world.now),
        world.goal === undefined ? null : intToNode(world.goal),
        world.items.map(slot),
        slot(world.balances),
        world.draws,
      ];
