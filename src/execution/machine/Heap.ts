/**
 * Values of a snapshot as a table in which each object stands once, so that what is shared in memory is shared in the
 * snapshot, and a value of a billion paths and a hundred objects takes a hundred entries.
 *
 * A slot is an Int (number or bytes), a Bool, a Text, or `[n]`: entry n of the table. An entry refers to earlier ones only.
 */
import {
  intFromNode,
  intToNode,
  isLink,
  isList,
  link,
  type Node,
  Value,
  valueFromNode,
  valueToNode,
} from "../../content/index.ts";

type V = Value.Value;

/** First item of an entry; leaves are value nodes of content, whose tags are below 10. */
const LIST = 10;
const MAP = 11;
const SET = 12;
const TUPLE = 13;
const RECORD = 14;
const VARIANT = 15;
const CLOSURE = 16;

/** More slots than this are refused: a snapshot is read into memory whole. */
export const HEAP_SLOTS_MAX = 50_000_000;

/** Why a snapshot is not one. Never escapes the codec. */
export class BadSnapshot {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface HeapWriter {
  readonly entries: Node[];
  /** Slots of each entry, to cut the table into blocks of a size. */
  readonly sizes: number[];
  readonly index: Map<object, number>;
  slots: number;
}

export const newHeapWriter = (): HeapWriter => ({ entries: [], sizes: [], index: new Map(), slots: 0 });

type Container = Extract<V, { readonly tag: "list" | "map" | "set" | "tuple" | "record" | "variant" | "closure" }>;

/** The slot of a value; its objects go to the table. Not recursive: values may be deep. */
export function slotOf(heap: HeapWriter, value: V): Node {
  const direct = directSlot(heap, value);
  if (direct !== undefined) return direct;
  const open: Container[] = [value as Container];
  while (open.length > 0) {
    const top = open[open.length - 1]!;
    if (heap.index.has(top)) {
      open.pop();
      continue;
    }
    const missing = partsOf(top).filter((part) => directSlot(heap, part) === undefined);
    if (missing.length > 0) {
      // One by one: a call takes only so many arguments, and a list may be longer.
      for (const part of missing) open.push(part as Container);
      continue;
    }
    open.pop();
    add(
      heap,
      top,
      entryOf(top, (part) => directSlot(heap, part)!),
      partsOf(top).length,
    );
  }
  return directSlot(heap, value)!;
}

function directSlot(heap: HeapWriter, value: V): Node | undefined {
  if (typeof value === "number" || typeof value === "bigint") return intToNode(value);
  if (typeof value !== "object") return value;
  const at = heap.index.get(value);
  if (at !== undefined) return [at];
  switch (value.tag) {
    case "list":
    case "map":
    case "set":
    case "tuple":
    case "record":
    case "closure":
      return undefined;
    case "variant":
      return value.payload === undefined ? [add(heap, value, [VARIANT, value.case], 0)] : undefined;
    default:
      return [add(heap, value, valueToNode(value), 1)];
  }
}

function add(heap: HeapWriter, value: object, entry: Node, slots: number): number {
  heap.slots += slots + 1;
  if (heap.slots > HEAP_SLOTS_MAX) throw new BadSnapshot(`more than ${HEAP_SLOTS_MAX} slots`);
  heap.index.set(value, heap.entries.length);
  heap.sizes.push(slots + 1);
  return heap.entries.push(entry) - 1;
}

function partsOf(value: Container): readonly V[] {
  switch (value.tag) {
    case "list":
    case "set":
    case "tuple":
      return value.items;
    case "map":
      return value.entries.flat();
    case "record":
      return value.values;
    case "variant":
      return value.payload === undefined ? [] : [value.payload];
    case "closure":
      return value.captured;
  }
}

function entryOf(value: Container, slot: (part: V) => Node): Node {
  const slots = partsOf(value).map(slot);
  switch (value.tag) {
    case "list":
      return [LIST, ...slots];
    case "set":
      return [SET, ...slots];
    case "tuple":
      return [TUPLE, ...slots];
    case "map":
      return [MAP, ...slots];
    case "record":
      return [RECORD, value.names, ...slots];
    case "variant":
      return [VARIANT, value.case, ...slots];
    case "closure":
      return [CLOSURE, link(value.definition), ...slots];
  }
}

// -------------------------------------------------------------------------------------------------- reading

export function readSlot(heap: readonly V[], node: Node | undefined): V {
  if (typeof node === "boolean" || typeof node === "string") return node;
  const int = intFromNode(node);
  if (int !== undefined) return int;
  if (node !== undefined && node !== null && isList(node) && node.length === 1 && typeof node[0] === "number") {
    const value = heap[node[0]];
    if (value !== undefined) return value;
  }
  throw new BadSnapshot("a slot that is no value");
}

/** Appends the entry's value to the table. */
export function readEntry(heap: V[], node: Node): void {
  if (!isList(node) || typeof node[0] !== "number") throw new BadSnapshot("a heap entry must start with its tag");
  heap.push(node[0] < LIST ? leaf(node) : container(heap, node[0], node));
}

function leaf(node: Node): V {
  const value = valueFromNode(node);
  if (!value.ok) throw new BadSnapshot("a heap entry that is no value");
  return value.value;
}

function container(heap: readonly V[], tag: number, node: readonly Node[]): V {
  const slots = (from: number): V[] => node.slice(from).map((slot) => readSlot(heap, slot));
  switch (tag) {
    case LIST:
      return Value.list(slots(1));
    case TUPLE:
      return Value.tuple(slots(1));
    case SET: {
      const items = slots(1);
      ascending(items, "a set");
      return { tag: "set", items };
    }
    case MAP: {
      const flat = slots(1);
      if (flat.length % 2 !== 0) throw new BadSnapshot("a map entry without a value");
      const entries: (readonly [V, V])[] = [];
      for (let i = 0; i < flat.length; i += 2) entries.push([flat[i]!, flat[i + 1]!]);
      ascending(
        entries.map((entry) => entry[0]),
        "a map",
      );
      return { tag: "map", entries };
    }
    case RECORD: {
      const names = node[1];
      if (names === undefined || names === null || !isList(names)) throw new BadSnapshot("a record without names");
      const values = slots(2);
      if (names.length !== values.length) throw new BadSnapshot("a record whose names and values differ in number");
      for (let i = 0; i < names.length; i++) {
        if (typeof names[i] !== "string") throw new BadSnapshot("a field's name must be text");
        if (i > 0 && Value.compareText(names[i - 1] as string, names[i] as string) >= 0)
          throw new BadSnapshot("a record's fields must be sorted");
      }
      return { tag: "record", names: names as readonly string[], values };
    }
    case VARIANT: {
      const payload = slots(2);
      if (typeof node[1] !== "string" || payload.length > 1) throw new BadSnapshot("a variant without a case");
      return Value.variant(node[1], payload[0]);
    }
    case CLOSURE: {
      const definition = node[1];
      if (definition === undefined || definition === null || !isLink(definition))
        throw new BadSnapshot("a closure without a definition");
      return Value.closure(definition.link, slots(2));
    }
    default:
      throw new BadSnapshot(`unknown heap tag ${tag}`);
  }
}

/** Keys of a hostile table may share parts without end; those are not compared but refused. */
const KEY_PARTS_MAX = 10_000;

function ascending(keys: readonly V[], what: string): void {
  for (const key of keys)
    if (typeof key === "object" && count(key, KEY_PARTS_MAX) > KEY_PARTS_MAX)
      throw new BadSnapshot(`${what} has a key that is too large`);
  for (let i = 1; i < keys.length; i++)
    if (Value.compare(keys[i - 1]!, keys[i]!) >= 0) throw new BadSnapshot(`${what} must be sorted, each key once`);
}

function count(value: V, max: number): number {
  let total = 0;
  const open: V[] = [value];
  while (open.length > 0 && total <= max) {
    const next = open.pop()!;
    total++;
    if (typeof next === "object" && "tag" in next) {
      switch (next.tag) {
        case "list":
        case "set":
        case "tuple":
        case "map":
        case "record":
        case "variant":
        case "closure":
          for (const part of partsOf(next)) open.push(part);
          break;
        default:
          break;
      }
    }
  }
  return total;
}
