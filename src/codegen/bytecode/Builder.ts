/** Code as it is being made: instructions, registers and pools. */
import { type ContentHash, Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import type { Tree } from "../../optimise/index.ts";
import { IMMEDIATE_MAX, type InstructionName, Opcode } from "./Tree.ts";

/** Leaves the generator; never escapes `generate`. */
export class Malformed {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export const TAIL = -1;

/** A loop that is open: where it goes on, and the registers of its locals. */
export interface OpenLoop {
  readonly start: number;
  readonly locals: readonly number[];
}

export interface Builder {
  readonly watched: boolean;
  readonly uses: Int32Array;
  readonly ops: number[];
  /** First register that is free above the locals and the constants in use. */
  free: number;
  registers: number;
  /** Locals that hold a value here; each is bound once. */
  readonly bound: Uint8Array;
  /** The register of each local: its own, or that of the loop's local that it will be. */
  readonly register: Int32Array;
  readonly loops: OpenLoop[];
  /** `within` and `with` that are open here: a `return` leaves them. */
  scopes: number;
  nesting: number;
  /** Preorder number of the node that instructions are emitted for, and of the next one. */
  node: number;
  next: number;
  readonly positions: number[];
  readonly constants: Pool<Value.Value>;
  readonly links: Pool<ContentHash.ContentHash>;
  readonly builtins: Pool<string>;
  readonly names: Pool<string>;
  readonly shapes: Pool<readonly string[]>;
}

/** A list in which equal things share a place. */
export interface Pool<T> {
  readonly items: T[];
  readonly index: Map<string, number>;
}
export const pool = <T>(): Pool<T> => ({ items: [], index: new Map() });

export function place<T>(into: Pool<T>, key: string, item: T): number {
  let at = into.index.get(key);
  if (at === undefined) {
    at = into.items.length;
    into.items.push(item);
    into.index.set(key, at);
  }
  return at;
}

/** Lists among the operands are written out. One by one: a call takes only so many arguments, code may have more. */
export function emit(b: Builder, name: InstructionName, ...operands: (number | readonly number[])[]): number {
  b.positions.push(b.ops.length, b.node);
  b.ops.push(Opcode[name]);
  for (const one of operands) {
    if (typeof one === "number") b.ops.push(one);
    else for (const each of one) b.ops.push(each);
  }
  return b.ops.length;
}

export const target = (b: Builder, patch: number): void => {
  b.ops[patch] = b.ops.length;
};

export function temporary(b: Builder): number {
  const register = b.free++;
  if (b.free > b.registers) b.registers = b.free;
  return register;
}

export function giveBack(b: Builder, register: number): void {
  if (b.watched) emit(b, "exit", register);
  emit(b, "return", register);
}

export const nameOf = (b: Builder, name: string): number => place(b.names, name, name);
export const shapeOf = (b: Builder, names: readonly string[]): number => place(b.shapes, JSON.stringify(names), names);

export function linkOf(b: Builder, reference: Core.Reference): number {
  if (reference.kind !== "hash") throw new Malformed(`the name ${reference.name} was not resolved to a hash`);
  return place(b.links, reference.hash, reference.hash);
}

export function local(b: Builder, index: number): number {
  if (b.bound[index] !== 1) throw new Malformed(`local ${index} holds nothing here`);
  return b.register[index]!;
}

/** The local holds a value from here on; gives its register. */
export function bind(b: Builder, index: number): number {
  if (b.bound[index] !== 0) throw new Malformed(`local ${index} cannot be bound here`);
  b.bound[index] = 1;
  return b.register[index]!;
}

/** The value of a literal or function atom, as a constant of the code. */
export function constantOf(b: Builder, atom: Tree.Atom): number {
  if (atom.kind === "literal") {
    b.constants.items.push(atom.value);
    return b.constants.items.length - 1;
  }
  if (atom.kind === "local") throw new Malformed("a local is no constant");
  const link = b.links.items[linkOf(b, atom.reference)]!;
  return place(b.constants, link, Value.closure(link, []));
}

/** The register that holds an atom; a constant is loaded into a fresh one. */
export function operand(b: Builder, atom: Tree.Atom): number {
  if (atom.kind === "local") return local(b, atom.index);
  const register = temporary(b);
  emit(b, "constant", register, constantOf(b, atom));
  return register;
}

export const operands = (b: Builder, atoms: readonly Tree.Atom[]): number[] => atoms.map((atom) => operand(b, atom));

export const immediate = (atom: Tree.Atom): number | undefined =>
  atom.kind === "literal" && typeof atom.value === "number" && Math.abs(atom.value) <= IMMEDIATE_MAX
    ? atom.value
    : undefined;
