/**
 * The events of a trace: only what is not determined by the code, the arguments and the earlier events. Each block links
 * the one before it, so the address of the last one names the whole run. Normative: docs/spec/trace.md.
 *
 *     [13, 1, previous, tag, …]        13 = trace event, format 1
 */
import {
  type ContentHash,
  decode as decodeBlock,
  encode as encodeBlock,
  type Int,
  intFromNode,
  intToNode,
  isLink,
  isList,
  Kind,
  link,
  type Node,
  type Value,
  valueFromNode,
  valueToNode,
} from "../../content/index.ts";
import { err, ok, type Result } from "../../std/index.ts";

type V = Value.Value;

export interface RunStarted {
  readonly kind: "RunStarted";
  readonly definition: ContentHash.ContentHash;
  /** The name by which it was called, if it was: names move, the trace does not. */
  readonly name: string | undefined;
  readonly arguments: readonly V[];
  /** The program's state before the run; `undefined` outside of programs. */
  readonly state: Value.Record | undefined;
  readonly fuel: number;
  readonly memoryBytes: number;
  /** Version of the executor. */
  readonly executor: string;
  /** Makes the run's address its own, and seeds `random`; empty for a run that cannot have effects. */
  readonly salt: string;
}

/** What was asked: recorded with the answer, or before it where asking again would do something again. */
export interface Asked {
  readonly label: string;
  readonly operation: string;
  readonly arguments: readonly V[];
  /** Fuel used when it was asked. */
  readonly fuel: number;
}

export type Event =
  | RunStarted
  /** Durable before the effect acts. */
  | { readonly kind: "EffectIntent"; readonly index: number; readonly asked: Asked }
  /** The answer to request `index`. `asked` is undefined where an intent holds it. */
  | {
      readonly kind: "EffectApplication";
      readonly index: number;
      readonly asked: Asked | undefined;
      readonly answer: V;
    }
  /** As EffectApplication, for what leaves the system. */
  | {
      readonly kind: "ExternalDependencyCall";
      readonly index: number;
      readonly asked: Asked | undefined;
      readonly answer: V;
    }
  /** The sandbox, a budget or the host refused request `index`; the run ends. */
  | {
      readonly kind: "EffectDenied";
      readonly index: number;
      readonly asked: Asked | undefined;
      readonly reason: string;
    }
  /** The deadline of scope `scope` passed; `at` is the clock's time, in milliseconds. */
  | { readonly kind: "DeadlineFired"; readonly scope: number; readonly at: Int.Int }
  /** An answer that came when no one waited for it any more; it was not applied. */
  | { readonly kind: "LateReturn"; readonly index: number; readonly answer: V }
  | { readonly kind: "SnapshotTaken"; readonly snapshot: ContentHash.ContentHash }
  /** The run ended with an error: `code` is the kind of the ExecutionError, or `Fault` with the fault's code. */
  | { readonly kind: "ExecutionError"; readonly code: string; readonly message: string; readonly end: EndFigures }
  | { readonly kind: "RunEnded"; readonly value: V; readonly end: EndFigures };

/** What a replay compares at the end. */
export interface EndFigures {
  readonly fuel: number;
  readonly memoryBytes: number;
  /** Requests made to the outside. */
  readonly requests: number;
  /** Address of the state after the run. */
  readonly state: ContentHash.ContentHash | undefined;
}

const VERSION = 1;
const TAGS: readonly Event["kind"][] = [
  "RunStarted",
  "EffectIntent",
  "EffectApplication",
  "ExternalDependencyCall",
  "EffectDenied",
  "DeadlineFired",
  "LateReturn",
  "SnapshotTaken",
  "ExecutionError",
  "RunEnded",
];

export interface InvalidEvent {
  readonly kind: "InvalidEvent";
  readonly reason: string;
}

/** An event and the one before it. */
export interface Linked {
  readonly previous: ContentHash.ContentHash | undefined;
  readonly event: Event;
}

export function encode({ previous, event }: Linked): Uint8Array {
  const head: Node[] = [
    Kind.traceEvent,
    VERSION,
    previous === undefined ? null : link(previous),
    TAGS.indexOf(event.kind),
  ];
  return encodeBlock([...head, ...fields(event)]);
}

function fields(event: Event): readonly Node[] {
  switch (event.kind) {
    case "RunStarted":
      return [
        link(event.definition),
        event.name ?? null,
        event.arguments.map(valueToNode),
        event.state === undefined ? null : valueToNode(event.state),
        event.fuel,
        event.memoryBytes,
        event.executor,
        event.salt,
      ];
    case "EffectIntent":
      return [event.index, askedNode(event.asked)];
    case "EffectApplication":
    case "ExternalDependencyCall":
      return [event.index, askedNode(event.asked), valueToNode(event.answer)];
    case "EffectDenied":
      return [event.index, askedNode(event.asked), event.reason];
    case "DeadlineFired":
      return [event.scope, intToNode(event.at)];
    case "LateReturn":
      return [event.index, valueToNode(event.answer)];
    case "SnapshotTaken":
      return [link(event.snapshot)];
    case "ExecutionError":
      return [event.code, event.message, endNode(event.end)];
    case "RunEnded":
      return [valueToNode(event.value), endNode(event.end)];
  }
}

const askedNode = (asked: Asked | undefined): Node =>
  asked === undefined ? null : [asked.label, asked.operation, asked.arguments.map(valueToNode), asked.fuel];

const endNode = (end: EndFigures): Node => [
  end.fuel,
  end.memoryBytes,
  end.requests,
  end.state === undefined ? null : link(end.state),
];

/** Reads an event block; refuses whatever `encode` would not have written. */
export function decode(bytes: Uint8Array): Result<Linked, InvalidEvent> {
  const node = decodeBlock(bytes);
  if (!node.ok) return invalid("it is no canonical block");
  try {
    return ok(read(node.value));
  } catch (error) {
    if (error instanceof Refusal) return invalid(error.reason);
    throw error;
  }
}

const invalid = (reason: string) => err({ kind: "InvalidEvent", reason } as const);

/** Leaves the reader; never escapes `decode`. */
class Refusal {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

function refuse(reason: string): never {
  throw new Refusal(reason);
}

const parts = (node: Node | undefined, count: number): readonly Node[] =>
  node !== undefined && isList(node) && node.length === count ? node : refuse(`expected a list of ${count} parts`);
const count = (node: Node | undefined): number =>
  typeof node === "number" && node >= 0 ? node : refuse("expected a count");
const text = (node: Node | undefined): string => (typeof node === "string" ? node : refuse("expected text"));
const hash = (node: Node | undefined): ContentHash.ContentHash =>
  node !== undefined && node !== null && isLink(node) ? node.link : refuse("expected a link");
const value = (node: Node | undefined): V => {
  const found = node === undefined ? undefined : valueFromNode(node);
  return found?.ok === true ? found.value : refuse("expected a value");
};
const values = (node: Node | undefined): readonly V[] =>
  node !== undefined && isList(node) ? node.map(value) : refuse("expected a list of values");

function asked(node: Node | undefined): Asked | undefined {
  if (node === null) return undefined;
  const [label, operation, args, fuel] = parts(node, 4);
  return { label: text(label), operation: text(operation), arguments: values(args), fuel: count(fuel) };
}

function end(node: Node | undefined): EndFigures {
  const [fuel, memoryBytes, requests, state] = parts(node, 4);
  return {
    fuel: count(fuel),
    memoryBytes: count(memoryBytes),
    requests: count(requests),
    state: state === null ? undefined : hash(state),
  };
}

function read(node: Node): Linked {
  if (!isList(node) || node[0] !== Kind.traceEvent || node[1] !== VERSION) return refuse("it is no event of a trace");
  const [, , previous, tag, ...rest] = node;
  const kind = TAGS[typeof tag === "number" ? tag : -1];
  if (kind === undefined) return refuse("it is an event of an unknown kind");
  const linked = { previous: previous === null ? undefined : hash(previous), event: readEvent(kind, rest) };
  if ((linked.previous === undefined) !== (kind === "RunStarted"))
    refuse("a run begins with RunStarted, and only there");
  return linked;
}

function readEvent(kind: Event["kind"], rest: readonly Node[]): Event {
  switch (kind) {
    case "RunStarted": {
      const [definition, name, args, state, fuel, memoryBytes, executor, salt] = parts(rest, 8);
      const before = state === null ? undefined : value(state);
      if (before !== undefined && (typeof before !== "object" || before.tag !== "record"))
        return refuse("a state must be a record");
      return {
        kind,
        definition: hash(definition),
        name: name === null ? undefined : text(name),
        arguments: values(args),
        state: before as Value.Record | undefined,
        fuel: count(fuel),
        memoryBytes: count(memoryBytes),
        executor: text(executor),
        salt: text(salt),
      };
    }
    case "EffectIntent": {
      const [index, what] = parts(rest, 2);
      return { kind, index: count(index), asked: asked(what) ?? refuse("an intent says what is asked") };
    }
    case "EffectApplication":
    case "ExternalDependencyCall": {
      const [index, what, answer] = parts(rest, 3);
      return { kind, index: count(index), asked: asked(what), answer: value(answer) };
    }
    case "EffectDenied": {
      const [index, what, reason] = parts(rest, 3);
      return { kind, index: count(index), asked: asked(what), reason: text(reason) };
    }
    case "DeadlineFired": {
      const [scope, at] = parts(rest, 2);
      return { kind, scope: count(scope), at: intFromNode(at) ?? refuse("expected a time") };
    }
    case "LateReturn": {
      const [index, answer] = parts(rest, 2);
      return { kind, index: count(index), answer: value(answer) };
    }
    case "SnapshotTaken":
      return { kind, snapshot: hash(parts(rest, 1)[0]) };
    case "ExecutionError": {
      const [code, message, figures] = parts(rest, 3);
      return { kind, code: text(code), message: text(message), end: end(figures) };
    }
    case "RunEnded": {
      const [result, figures] = parts(rest, 2);
      return { kind, value: value(result), end: end(figures) };
    }
  }
}
