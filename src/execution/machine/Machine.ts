/**
 * The state of a run: fibers with explicit stacks, open scopes, program states, what was asked of the outside and not yet
 * answered, and what may still be used. Plain data but for the library, which is a cache; `Snapshot.ts` writes it to blocks.
 *
 * It is changed in place by `run`, `answer` and `fire` (schedule.ts), by nothing else.
 */
import type { ContentHash, Int, Value } from "../../content/index.ts";
import type { Library, LoadError } from "./Library.ts";
import type { Meter } from "./Meter.ts";
import type { World } from "./World.ts";

type V = Value.Value;

export interface Limits {
  readonly fuel: number;
  readonly memoryBytes: number;
}

/** One thread of a run: the root, or a branch of `par` or `race`. */
export interface Fiber {
  readonly id: number;
  /** The fiber that waits for this one, and which of its branches this is. */
  readonly parent: number | undefined;
  readonly branch: number;
  /** Registers of all frames, the innermost last. */
  registers: V[];
  /** Three numbers for each frame but the innermost: definition (place in the library), position to go on at, base. */
  frames: number[];
  /** Length in use of `frames`. */
  depth: number;
  /** The innermost frame. */
  definition: number;
  position: number;
  base: number;
  /** A return at this depth is not into the frame below: the root, a handler's clause, or an entry. */
  trap: number;
  scope: Scope | undefined;
  status: Status;
}

export type Status =
  | { readonly kind: "ready" }
  /** For the answer to a request to the outside. */
  | { readonly kind: "waiting"; readonly request: number }
  /** For branches to end. */
  | Join
  /** For virtual time, or for ever: inside `with world(…)`. `until: undefined` = a call that is never answered. */
  | { readonly kind: "asleep"; readonly world: number; readonly until: Int.Int | undefined };

export interface Join {
  readonly kind: "join";
  readonly form: "par" | "race";
  readonly names: readonly string[];
  readonly children: readonly number[];
  readonly values: (V | undefined)[];
}

/** What is open around the code that runs, innermost first; branches share the scopes around them. */
export type Scope = WithScope | WithinScope | HandlingScope | InstanceScope;

interface ScopeBase {
  readonly id: number;
  readonly parent: Scope | undefined;
  /** The frame in which it was opened. */
  readonly fiber: number;
  readonly depth: number;
}

export interface WithScope extends ScopeBase {
  readonly kind: "with";
  readonly handler: V;
  readonly world: World | undefined;
  /** Where `abort` goes on, and the register that it fills. */
  readonly target: number;
  readonly result: number;
}

export interface WithinScope extends ScopeBase {
  readonly kind: "within";
  /** Milliseconds, already the least of its own and those around it. */
  readonly deadline: Int.Int;
  /** Whose time it is: the outside's, a world's (scope id), or that of a handler which answered `now`. */
  readonly clock: "outside" | "handler" | number;
  readonly target: number;
}

/** A clause of the handler of `of` runs: what it asks is for the scopes outside of `of`. */
export interface HandlingScope extends ScopeBase {
  readonly kind: "handling";
  readonly of: WithScope;
}

/** An entry of a program runs on an instance. */
export interface InstanceScope extends ScopeBase {
  readonly kind: "instance";
  readonly instance: number;
}

/** A program's state. Writes go to `working` and become `committed` at each effect and at the end of an entry. */
export interface Instance {
  readonly id: number;
  readonly program: ContentHash.ContentHash | undefined;
  /** The scope (with) in which a test opened it; 0 = the run itself. */
  readonly owner: number;
  committed: Value.Record;
  working: Value.Record;
}

/** Something asked of the outside. `index` counts the requests of a run from 0. */
export interface Request {
  readonly index: number;
  readonly label: string;
  readonly operation: string;
  readonly arguments: readonly V[];
  /** Fuel used when it was asked. */
  readonly fuel: number;
}

export interface Machine {
  readonly library: Library;
  readonly limits: Limits;
  readonly meter: Meter;
  readonly fibers: Map<number, Fiber>;
  /** Fibers that can go on, in the order in which they will. */
  readonly ready: number[];
  readonly instances: Map<number, Instance>;
  readonly requests: Map<number, Request & { readonly fiber: number }>;
  /** Requests that no one waits for any more; an answer to one of them is late. */
  readonly abandoned: Set<number>;
  nextFiber: number;
  nextScope: number;
  nextInstance: number;
  nextRequest: number;
  /** Set once, when the run is over. */
  end: End | undefined;
}

/** How a run ends. */
export type End =
  | { readonly kind: "done"; readonly value: V }
  | { readonly kind: "fault"; readonly code: string; readonly message: string; readonly stack: readonly CallFrame[] }
  | { readonly kind: "outOfFuel"; readonly stack: readonly CallFrame[] }
  | { readonly kind: "outOfMemory"; readonly stack: readonly CallFrame[] }
  /** The code is not what the checker lets through, or a definition is missing. */
  | { readonly kind: "invalid"; readonly error: LoadError; readonly stack: readonly CallFrame[] };

export type Outcome =
  | End
  | { readonly kind: "suspended"; readonly requests: readonly Request[] }
  | { readonly kind: "paused" };

/** One call that has not returned. */
export interface CallFrame {
  readonly frameHash: ContentHash.ContentHash;
  readonly frameName: string;
  readonly frameArguments: readonly V[];
  /** Preorder number, in the definition's body, of the node that runs. */
  readonly node: number;
}

export const ROOT = 0;
/** The instance of the program whose entry is run; tests open others. */
export const OWN_INSTANCE = 0;
