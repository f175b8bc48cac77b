/**
 * What the tables of instructions have in common: taking part in control flow, fetching from the program, and reading
 * and writing registers with offline memory checking.
 *
 * An access at time t to a place last accessed at time s receives (place, value, s) and sends (place, value', t), and
 * shows s < t: t − s − 1 = low + 2^13 · high with both below 2^16. Times are below 2^30, so a step back in time, a
 * difference near p, has no such form.
 */

import { BabyBear } from "../../field/index.ts";
import { SLOT } from "../../riscv/index.ts";
import { add, type Expr, type MainColumn, mul, not, publicValue, sub, type TableBuilder, type Term } from "../air.ts";
import { memoryBus, PUBLIC_BASE_WORD, pairBus, programBus, rangeBus, SPACE, stateBus, WORDS_AT } from "./buses.ts";

/** Bits of the low part of a time difference. */
export const TIME_LOW_BITS = 13;

export type Selectors = {
  /** 1 on rows that hold a step. */
  readonly active: Expr;
  /** Sum of the operations' numbers times their selectors. */
  readonly op: Expr;
  /** One bit for each operation; at most one is 1. */
  readonly of: Readonly<Record<string, MainColumn>>;
};

/** Selector bits `is.NAME`, of which a row sets at most one. */
export function selectors(t: TableBuilder, operations: Readonly<Record<string, number>>): Selectors {
  const of: Record<string, MainColumn> = {};
  for (const name of Object.keys(operations)) of[name] = t.bit(`is.${name}`);
  const active = add(...Object.values(of));
  if (Object.keys(operations).length > 1) t.boolean("at most one operation", active);
  return { active, op: add(...Object.entries(of).map(([name, bit]) => mul(bit, operations[name]!))), of };
}

export type Step = { readonly active: Expr; readonly pc: MainColumn; readonly time: MainColumn };

/** Receives the state. Each table sends the next one itself. */
export function step(t: TableBuilder, active: Expr): Step {
  const pc = t.column("pc");
  const time = t.column("time");
  t.receive(stateBus, active, [pc, time]);
  return { active, pc, time };
}

export function continueAt(t: TableBuilder, { active, time }: Step, pc: Term): void {
  t.send(stateBus, active, [pc, add(time, 4)]);
}

export type Fetched = {
  readonly op: Term;
  readonly immediate?: Term;
  readonly rd?: Term;
  readonly rs1?: Term;
  readonly rs2?: Term;
  /** Four bytes. */
  readonly constant?: readonly Term[];
  readonly target?: Term;
};

/** The instruction at the pc is this one; fields left out are 0 in the program. */
export function fetch(t: TableBuilder, { active, pc }: Step, it: Fetched): void {
  const constant = it.constant ?? [0, 0, 0, 0];
  t.send(programBus, active, [
    pc,
    it.op,
    it.immediate ?? 0,
    it.rd ?? 0,
    it.rs1 ?? 0,
    it.rs2 ?? 0,
    ...constant,
    it.target ?? 0,
  ]);
}

type Place = { readonly space: Term; readonly address: Term };

/** An access; adds the columns `NAME.last` and `NAME.low`. `before` and `after` are four terms each. */
export function access(
  t: TableBuilder,
  name: string,
  when: Term,
  time: Term,
  place: Place,
  before: readonly Term[],
  after: readonly Term[],
): void {
  const last = t.column(`${name}.last`);
  const low = t.column(`${name}.low`);
  t.receive(memoryBus, when, [place.space, place.address, ...before, last]);
  t.send(memoryBus, when, [place.space, place.address, ...after, time]);
  const high = mul(sub(sub(sub(time, last), 1), low), BabyBear.inv(2 ** TIME_LOW_BITS));
  t.send(rangeBus, when, [low]);
  t.send(rangeBus, when, [high]);
}

const register = (address: Term): Place => ({ space: SPACE.registers, address });

/** Reads rs1 into four new columns `a`. Values on the memory bus are bytes, so they need no range check. */
export function readFirst(t: TableBuilder, { active, time }: Step): { a: readonly MainColumn[]; rs1: MainColumn } {
  const rs1 = t.column("rs1");
  const a = t.columns("a", 4);
  access(t, "rs1", active, add(time, SLOT.rs1), register(rs1), a, a);
  return { a, rs1 };
}

/** Reads rs2 into four new columns `c`. */
export function readSecond(t: TableBuilder, { active, time }: Step): { c: readonly MainColumn[]; rs2: MainColumn } {
  const rs2 = t.column("rs2");
  const c = t.columns("c", 4);
  access(t, "rs2", active, add(time, SLOT.rs2), register(rs2), c, c);
  return { c, rs2 };
}

/**
 * The second operand of an instruction that has a register form and a form with a constant: columns `c`, read from rs2
 * when `immediate` is 0, taken from the program when it is 1.
 */
export function readSecondOrConstant(t: TableBuilder, { active, time }: Step) {
  const immediate = t.bit("immediate");
  const rs2 = t.column("rs2");
  const c = t.columns("c", 4);
  t.zero("only steps have constants", mul(immediate, not(active)));
  access(t, "rs2", sub(active, immediate), add(time, SLOT.rs2), register(rs2), c, c);
  return { c, rs2, immediate, constant: c.map((byte) => mul(immediate, byte)) };
}

/** Writes four terms, which the table must have shown to be bytes, to rd. */
export function writeResult(t: TableBuilder, { active, time }: Step, value: readonly Term[]): MainColumn {
  const rd = t.column("rd");
  const old = t.columns("old", 4);
  access(t, "rd", active, add(time, SLOT.rd), register(rd), old, value);
  return rd;
}

/** Shows that terms are bytes, two at a time. */
export function bytes(t: TableBuilder, when: Term, terms: readonly Term[]): void {
  for (let i = 0; i < terms.length; i += 2) t.send(pairBus, when, [terms[i]!, terms[i + 1] ?? 0]);
}

/**
 * The carries of x + y (+ `first`) = z + 2^32 · carry, byte by byte, as linear expressions. When each is shown to be 0
 * or 1 and z is bytes, z is the sum modulo 2^32.
 */
export function carries(x: readonly Term[], y: readonly Term[], z: readonly Term[], first: Term = 0): Expr[] {
  const list: Expr[] = [];
  let carry: Term = first;
  const unit = BabyBear.inv(256);
  for (let i = 0; i < 4; i++) {
    carry = mul(sub(add(x[i]!, y[i]!, carry), z[i]!), unit);
    list.push(carry);
  }
  return list;
}

/** `when` · k · (k − 1) = 0 for each of the terms. */
export function booleanWhen(t: TableBuilder, name: string, when: Term, terms: readonly Term[]): void {
  for (const [i, term] of terms.entries()) t.zero(`${name} ${i} is 0 or 1`, mul(when, term, sub(term, 1)));
}

/**
 * A word's sign bit, shown with one lookup that can be shared: the returned term is a byte exactly when `bit` is the
 * top bit of the byte `top`, because a byte less 128 · bit lies in −128..255 and its double must lie in 0..255.
 */
export const signWitness = (top: Term, bit: Term): Expr => mul(sub(top, mul(bit, 128)), 2);

/**
 * The word address of four address bytes whose lowest is 4 · `quarter` + offset. The lookups show that `quarter` is
 * below 64 and the others are bytes, so the address is below 2^30 and has one form.
 */
export function wordAddress(
  t: TableBuilder,
  when: Term,
  quarter: Term,
  upper: readonly [Term, Term, Term],
  shared: Term = 0,
): Expr {
  t.send(pairBus, when, [quarter, mul(quarter, 4)]);
  t.send(pairBus, when, [upper[0], upper[1]]);
  t.send(pairBus, when, [upper[2], shared]);
  return add(quarter, mul(upper[0], 2 ** 6), mul(upper[1], 2 ** 14), mul(upper[2], 2 ** 22));
}

/**
 * The address on the memory bus of a word. A word below the window has an address that no place of the spaces of loads
 * and stores has: one near p, or one of a register, whose space is another.
 */
export const placeOfWord = (word: Term): Expr => sub(add(word, WORDS_AT), publicValue(PUBLIC_BASE_WORD));
