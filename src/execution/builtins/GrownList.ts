/**
 * Lists that grow at the end. A plain list is an exact array; `append` gives a list that keeps that array as its front and
 * holds what was added in a tree of 32-wide blocks, so that appending to any version costs the same, and old versions stay.
 * Seen from outside it is a list like any other: `items` is its array, made on first use.
 */
import type { Value } from "../../content/index.ts";

type V = Value.Value;

const WIDTH_BITS = 5;
const WIDTH = 1 << WIDTH_BITS;
const MASK = WIDTH - 1;

/** A block of values, or a branch of blocks. */
type Block = readonly (V | Block)[];

export class GrownList implements Value.List {
  readonly tag = "list";
  readonly length: number;
  readonly front: readonly V[];
  /** Full blocks of what was added: a tree of `levels` levels. */
  readonly root: Block;
  readonly levels: number;
  /** The last, incomplete block; versions share it, each knows how much of it is its own. */
  readonly tail: V[];
  private flat: readonly V[] | undefined;

  constructor(length: number, front: readonly V[], root: Block, levels: number, tail: V[]) {
    this.length = length;
    this.front = front;
    this.root = root;
    this.levels = levels;
    this.tail = tail;
    this.flat = undefined;
  }

  get items(): readonly V[] {
    if (this.flat === undefined) {
      const flat: V[] = this.front.slice();
      const added = this.length - this.front.length;
      for (let at = 0; at < added; at++) flat.push(addedAt(this, at));
      this.flat = flat;
    }
    return this.flat;
  }
}

const tailStart = (added: number): number => (added === 0 ? 0 : (added - 1) & ~MASK);

function addedAt(list: GrownList, at: number): V {
  if (at >= tailStart(list.length - list.front.length)) return list.tail[at & MASK]!;
  let block: Block = list.root;
  for (let shift = list.levels * WIDTH_BITS; shift > 0; shift -= WIDTH_BITS)
    block = block[(at >> shift) & MASK] as Block;
  return block[at & MASK] as V;
}

export const lengthOf = (list: Value.List): number => (list instanceof GrownList ? list.length : list.items.length);

/** The array of a list. */
export const items = (list: Value.List): readonly V[] => list.items;

export function itemAt(list: Value.List, at: number): V {
  if (!(list instanceof GrownList)) return list.items[at]!;
  return at < list.front.length ? list.front[at]! : addedAt(list, at - list.front.length);
}

export function append(list: Value.List, item: V): GrownList {
  if (!(list instanceof GrownList)) return new GrownList(list.items.length + 1, list.items, [], 0, [item]);
  const added = list.length - list.front.length;
  const inTail = added - tailStart(added);
  if (inTail < WIDTH) {
    // The newest version extends the shared tail; an older one takes a copy of its part.
    const tail = list.tail.length === inTail ? list.tail : list.tail.slice(0, inTail);
    tail.push(item);
    return new GrownList(list.length + 1, list.front, list.root, list.levels, tail);
  }
  const block = list.tail.slice(0, WIDTH);
  const number = (added >> WIDTH_BITS) - 1;
  // A tree of `levels` levels holds WIDTH ** levels blocks; a full one becomes the first branch of a higher one.
  const grows = list.levels > 0 && number >> (WIDTH_BITS * list.levels) > 0;
  const levels = list.levels === 0 ? 1 : grows ? list.levels + 1 : list.levels;
  const root = insert(grows ? [list.root] : list.root, levels, number, block);
  return new GrownList(list.length + 1, list.front, root, levels, [item]);
}

/** A copy of the way to block `number`, with the block in its place. */
function insert(root: Block, levels: number, number: number, block: readonly V[]): Block {
  const copy = root.slice();
  const at = (number >> (WIDTH_BITS * (levels - 1))) & MASK;
  copy[at] = levels === 1 ? block : insert((root[at] ?? []) as Block, levels - 1, number, block);
  return copy;
}

/** The value with plain lists all through, for what leaves the machine. Shared parts stay shared. */
export function plain(value: V): V {
  return settle(value, new Map());
}

function settle(value: V, seen: Map<object, V>): V {
  if (typeof value !== "object") return value;
  switch (value.tag) {
    case "list":
    case "tuple":
    case "set": {
      const known = seen.get(value);
      if (known !== undefined) return known;
      const settled = settleAll(value.items, seen);
      const result =
        settled === value.items && !(value instanceof GrownList) ? value : { tag: value.tag, items: settled };
      seen.set(value, result);
      return result;
    }
    case "record": {
      const known = seen.get(value);
      if (known !== undefined) return known;
      const settled = settleAll(value.values, seen);
      const result = settled === value.values ? value : { ...value, values: settled };
      seen.set(value, result);
      return result;
    }
    case "variant": {
      if (value.payload === undefined) return value;
      const payload = settle(value.payload, seen);
      return payload === value.payload ? value : { ...value, payload };
    }
    case "closure": {
      const captured = settleAll(value.captured, seen);
      return captured === value.captured ? value : { ...value, captured };
    }
    case "map": {
      const known = seen.get(value);
      if (known !== undefined) return known;
      const keys = settleAll(
        value.entries.map((entry) => entry[0]),
        seen,
      );
      const values = settleAll(
        value.entries.map((entry) => entry[1]),
        seen,
      );
      const same = value.entries.every((entry, i) => entry[0] === keys[i] && entry[1] === values[i]);
      const result: V = same ? value : { tag: "map", entries: keys.map((key, i) => [key, values[i]!] as const) };
      seen.set(value, result);
      return result;
    }
    default:
      return value;
  }
}

function settleAll(values: readonly V[], seen: Map<object, V>): readonly V[] {
  const settled = values.map((value) => settle(value, seen));
  return settled.every((value, i) => value === values[i]) ? values : settled;
}
