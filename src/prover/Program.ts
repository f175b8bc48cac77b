/**
 * Straight-line programs for the kernel `run` (kernels/vm.ts): values are numbered, equal ones are computed once, and
 * temporaries share the slots of a block. The descriptors and instruction words are those that the kernel reads.
 */

import { BabyBear, Ext } from "../field/index.ts";
import { assert } from "../std/index.ts";
import { type Engine, SCRATCH_BYTES } from "./Engine.ts";

const OP = {
  end: 0,
  add: 1,
  sub: 2,
  mul: 3,
  addConstant: 4,
  mulConstant: 5,
  next: 6,
  set: 7,
  combine: 8,
  extAdd: 9,
  extSub: 10,
  extMul: 11,
  extMulBase: 12,
  extAddScaled: 13,
  addScaled: 14,
  extInverse: 15,
  inverse: 16,
} as const;

export const BLOCK_ROWS = 128;
const SLOT_BYTES = 4 * BLOCK_ROWS;
/** Terms of one pass over columns: their cache lines of a block stay near. */
const COMBINE_TERMS = 32;

const R = 2 ** 32 % BabyBear.P;
const R_INVERSE = BabyBear.inv(R);
export const toMontgomery = (value: number): number => BabyBear.mul(value, R);
export const fromMontgomery = (word: number): number => BabyBear.mul(word, R_INVERSE);
export const extWords = (value: Ext.Ext): number[] => value.map(toMontgomery);

/** A value of the base field (a row has one word) or of the extension (five). */
export type Value = { readonly id: number; readonly ext: boolean };

type Operand = Value | { readonly constant: readonly number[] } | { readonly immediate: number };
type Instruction = {
  readonly op: number;
  readonly target: Value;
  readonly operands: readonly Operand[];
  readonly count?: number;
};

export type Program = {
  constant(value: number): Value;
  /** A column of the whole height at an address; an extension column has its limbs `stride` bytes apart. */
  column(address: number): Value;
  extColumn(address: number, stride: number): Value;
  next(column: Value): Value;
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  inverse(a: Value): Value;
  extAdd(a: Value, b: Value): Value;
  extSub(a: Value, b: Value): Value;
  extMul(a: Value, b: Value): Value;
  extMulBase(a: Value, b: Value): Value;
  extInverse(a: Value): Value;
  /** start + Σ factor·value. */
  combine(start: Ext.Ext, terms: readonly (readonly [Value, Ext.Ext])[]): Value;
  /** A sum that `accumulate` adds to. */
  accumulator(): Value;
  accumulate(sum: Value, value: Value, factor: Ext.Ext): void;
  /** Writes the value to columns of the whole height. */
  store(value: Value, address: number, stride: number): void;
  /** The same for a value of the base field. */
  storeBase(value: Value, address: number): void;
  /** Puts the program into memory; `run` starts it over `rows` rows from row `first` on. */
  load(engine: Engine): LoadedProgram;
};

export type LoadedProgram = {
  run(rows: number, next?: { readonly log: number; readonly step: number }): Promise<void>;
};

type Place = { readonly base: number; readonly kind: 0 | 1; readonly stride: number };

export function program(): Program {
  let count = 0;
  const known = new Map<string, Value>();
  const constants = new Map<number, number>();
  const places = new Map<number, Place>();
  const instructions: Instruction[] = [];
  const fresh = (ext: boolean): Value => ({ id: count++, ext });
  const once = (key: string, make: () => Value): Value => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = make();
    known.set(key, value);
    return value;
  };
  const emit = (op: number, ext: boolean, operands: readonly Operand[]): Value => {
    const target = fresh(ext);
    instructions.push({ op, target, operands });
    return target;
  };
  const constant = (value: number): Value =>
    once(`constant ${value}`, () => {
      const made = fresh(false);
      constants.set(made.id, value);
      return made;
    });
  const known2 = (a: Value): number | undefined => constants.get(a.id);
  /** A constant operand as a vector, for the few instructions that take no immediate. */
  const vector = (a: Value): Value => {
    const value = known2(a);
    if (value === undefined) return a;
    return once(`vector ${value}`, () => emit(OP.set, false, [{ immediate: toMontgomery(value) }]));
  };
  const withConstant = (op: number, a: Value, value: number): Value =>
    once(`${op} ${a.id} c${value}`, () => emit(op, false, [a, { immediate: toMontgomery(value) }]));
  const add = (a: Value, b: Value): Value => {
    const [x, y] = [known2(a), known2(b)];
    if (x !== undefined && y !== undefined) return constant(BabyBear.add(x, y));
    if (x !== undefined) return add(b, a);
    if (y === 0) return a;
    if (y !== undefined) return withConstant(OP.addConstant, a, y);
    return once(`add ${Math.min(a.id, b.id)} ${Math.max(a.id, b.id)}`, () => emit(OP.add, false, [a, b]));
  };
  const mul = (a: Value, b: Value): Value => {
    const [x, y] = [known2(a), known2(b)];
    if (x !== undefined && y !== undefined) return constant(BabyBear.mul(x, y));
    if (x !== undefined) return mul(b, a);
    if (y === 0) return b;
    if (y === 1) return a;
    if (y !== undefined) return withConstant(OP.mulConstant, a, y);
    return once(`mul ${Math.min(a.id, b.id)} ${Math.max(a.id, b.id)}`, () => emit(OP.mul, false, [a, b]));
  };
  const sub = (a: Value, b: Value): Value => {
    const y = known2(b);
    if (y !== undefined) return add(a, constant(BabyBear.neg(y)));
    if (known2(a) !== undefined) return add(mul(b, constant(BabyBear.P - 1)), a);
    return once(`sub ${a.id} ${b.id}`, () => emit(OP.sub, false, [a, b]));
  };
  const self: Program = {
    constant,
    column: (address) =>
      once(`column ${address}`, () => {
        const value = fresh(false);
        places.set(value.id, { base: address, kind: 1, stride: 0 });
        return value;
      }),
    extColumn: (address, stride) =>
      once(`ext column ${address} ${stride}`, () => {
        const value = fresh(true);
        places.set(value.id, { base: address, kind: 1, stride });
        return value;
      }),
    next: (column) => once(`next ${column.id}`, () => emit(OP.next, false, [column])),
    add,
    sub,
    mul,
    inverse: (a) => once(`inverse ${a.id}`, () => emit(OP.inverse, false, [vector(a)])),
    extAdd: (a, b) => emit(OP.extAdd, true, [a, b]),
    extSub: (a, b) => emit(OP.extSub, true, [a, b]),
    extMul: (a, b) => emit(OP.extMul, true, [a, b]),
    extMulBase: (a, b) => emit(OP.extMulBase, true, [a, vector(b)]),
    extInverse: (a) => emit(OP.extInverse, true, [a]),
    combine(start, terms) {
      let from = start;
      const live: (readonly [Value, Ext.Ext])[] = [];
      for (const [value, factor] of terms) {
        const fixed = known2(value);
        if (fixed === undefined) live.push([value, factor]);
        else from = Ext.add(from, Ext.mulBase(factor, fixed));
      }
      const key = `combine ${from.join()} ${live.map(([value, factor]) => `${value.id}:${factor.join()}`).join(" ")}`;
      return once(key, () => {
        const target = fresh(true);
        for (let at = 0; at === 0 || at < live.length; at += COMBINE_TERMS) {
          const some = live.slice(at, at + COMBINE_TERMS);
          instructions.push({
            op: OP.combine,
            target,
            count: some.length,
            operands: [
              at === 0 ? { constant: extWords(from) } : { immediate: 0 },
              ...some.flatMap(([value, factor]): Operand[] => [value, { constant: extWords(factor) }]),
            ],
          });
        }
        return target;
      });
    },
    accumulator() {
      const target = fresh(true);
      instructions.push({ op: OP.combine, target, count: 0, operands: [{ constant: extWords(Ext.ZERO) }] });
      return target;
    },
    accumulate(sum, value, factor) {
      const op = value.ext ? OP.extAddScaled : OP.addScaled;
      const term = value.ext ? value : vector(value);
      instructions.push({ op, target: sum, operands: [term, { constant: extWords(factor) }] });
    },
    store(value, address, stride) {
      // Zero times anything, plus the value: the one instruction that writes an extension column from a slot.
      const target = self.extColumn(address, stride);
      instructions.push({ op: OP.extMulBase, target, operands: [value, vector(constant(1))] });
    },
    storeBase(value, address) {
      instructions.push({ op: OP.mulConstant, target: self.column(address), operands: [value, { immediate: R }] });
    },
    load: (engine) => load(engine, instructions, places),
  };
  return self;
}

function load(
  engine: Engine,
  instructions: readonly Instruction[],
  columns: ReadonlyMap<number, Place>,
): LoadedProgram {
  const places = allocate(instructions, columns);
  const ids = [...places.keys()];
  const descriptors = engine.alloc(12 * ids.length);
  const address = new Map(ids.map((id, i) => [id, descriptors + 12 * i]));
  const pool: number[] = [];
  const poolIndex = new Map<string, number>();
  const words: number[] = [];
  const fixups: number[] = [];
  const operand = (from: Operand): void => {
    if ("immediate" in from) words.push(from.immediate);
    else if ("constant" in from) {
      const key = from.constant.join();
      let index = poolIndex.get(key);
      if (index === undefined) {
        index = pool.length;
        pool.push(...from.constant);
        poolIndex.set(key, index);
      }
      fixups.push(words.length);
      words.push(4 * index);
    } else words.push(address.get(from.id)!);
  };
  for (const instruction of instructions) {
    words.push(instruction.op, address.get(instruction.target.id)!);
    if (instruction.count !== undefined) words.push(instruction.count);
    for (const from of instruction.operands) operand(from);
  }
  words.push(OP.end);
  const zetas = engine.alloc(20);
  const poolAddress = engine.alloc(4 * Math.max(1, pool.length));
  const code = engine.alloc(4 * words.length);
  for (const at of fixups) words[at] = words[at]! + poolAddress;
  engine.words(poolAddress, pool.length).set(pool);
  engine.words(code, words.length).set(words);
  const zeta = BabyBear.pow(Ext.W, (BabyBear.P - 1) / 5);
  engine.words(zetas, 5).set([0, 1, 2, 3, 4].map((i) => toMontgomery(BabyBear.pow(zeta, i))));
  const table = engine.words(descriptors, 3 * ids.length);
  ids.forEach((id, i) => {
    const place = places.get(id)!;
    table.set([place.base, place.kind, place.stride], 3 * i);
  });
  return {
    run: (rows, next) =>
      engine.run("run", rows, GRAIN_BLOCKS * BLOCK_ROWS, code, next?.log ?? 0, next?.step ?? 0, zetas),
  };
}

/** Blocks that a worker takes at a time. */
const GRAIN_BLOCKS = 8;

/** Gives each temporary a slot from its first writing to its last reading. */
function allocate(instructions: readonly Instruction[], columns: ReadonlyMap<number, Place>): Map<number, Place> {
  const last = new Map<number, number>();
  instructions.forEach((instruction, at) => {
    last.set(instruction.target.id, at);
    for (const operand of instruction.operands) if ("id" in operand) last.set(operand.id, at);
  });
  const places = new Map(columns);
  const free: { base: number[]; ext: number[] } = { base: [], ext: [] };
  let used = 0;
  const held: Value[][] = instructions.map(() => []);
  instructions.forEach((instruction, at) => {
    const { target } = instruction;
    if (!places.has(target.id)) {
      const list = target.ext ? free.ext : free.base;
      let base = list.pop();
      if (base === undefined) {
        base = used;
        used += SLOT_BYTES * (target.ext ? 5 : 1);
      }
      places.set(target.id, { base, kind: 0, stride: SLOT_BYTES });
      held[last.get(target.id)!]!.push(target);
    }
    for (const value of held[at]!) (value.ext ? free.ext : free.base).push(places.get(value.id)!.base);
  });
  assert(used + SLOT_BYTES <= SCRATCH_BYTES, `a program needs ${used} bytes of temporaries`);
  return places;
}
