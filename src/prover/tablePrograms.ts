/**
 * The programs of a table, from the same description and in the same order as the verifier's `quotientAgrees`: the
 * bus columns over its rows, and the folded constraints over one coset of the evaluation domain.
 */
import { BabyBear, Ext } from "../field/index.ts";
import { Air, type BusChallenge, batchFraction, type Placed } from "../verifier/index.ts";
import { type Program, program, type Value } from "./Program.ts";

/** Planar columns: column c of the matrix is at address + c·stride. */
export type Columns = { readonly address: number; readonly stride: number };

type Inputs = {
  readonly machine: Air.Machine;
  readonly placed: Placed;
  readonly publics: readonly number[];
  readonly challenge: BusChallenge;
};

const at = (columns: Columns, index: number): number => columns.address + index * columns.stride;

function ring(p: Program, fixed: Columns, main: Columns, publics: readonly number[]): Air.Ring<Value> {
  const column = (of: Columns, index: number, next: boolean): Value => {
    const value = p.column(at(of, index));
    return next ? p.next(value) : value;
  };
  return {
    constant: p.constant,
    main: (index, next) => column(main, index, next),
    fixed: (index, next) => column(fixed, index, next),
    public: (index) => p.constant(publics[index]!),
    add: p.add,
    sub: p.sub,
    mul: p.mul,
  };
}

type Fraction = { readonly top: Value; readonly bottom: Value };

/** Numerators stay in the base field as long as they can; products of both kinds choose their instruction. */
function fractions(p: Program, base: Air.Ring<Value>, inputs: Inputs) {
  const powers = Ext.powers(
    inputs.challenge.alpha,
    2 + Math.max(0, ...inputs.machine.buses.map((b) => b.fields.length)),
  );
  const times = (a: Value, b: Value): Value => {
    if (a.ext && b.ext) return p.extMul(a, b);
    return a.ext ? p.extMulBase(a, b) : p.extMulBase(b, a);
  };
  return (batch: readonly Air.Interaction[]): Fraction =>
    batchFraction(
      batch,
      (interaction): Fraction => {
        const top = Air.evaluate(interaction.multiplicity, base);
        const bus = Air.busNumber(inputs.machine, interaction.bus.name);
        const tuple = interaction.tuple.map((part) => Air.evaluate(part, base));
        return {
          top: interaction.sign === 1 ? top : base.sub(base.constant(0), top),
          bottom: p.combine(
            Ext.addBase(inputs.challenge.gamma, bus),
            tuple.map((value, j) => [value, powers[j + 1]!] as const),
          ),
        };
      },
      { add: p.extAdd, mul: times },
    );
}

/** A value of either kind as one of the extension. */
const lifted = (p: Program, value: Value): Value => (value.ext ? value : p.combine(Ext.ZERO, [[value, Ext.ONE]]));

/**
 * Rows in natural order → `bus`, limb-planar: the column of each batch but the last, then, in place of the running
 * sum, the sum of all fractions of the row.
 */
export function busProgram(inputs: Inputs, fixed: Columns, main: Columns, bus: Columns): Program {
  const p = program();
  const base = ring(p, fixed, main, inputs.publics);
  const fraction = fractions(p, base, inputs);
  const parts = inputs.placed.batches.map(fraction);
  const inverses = allInverses(
    p,
    parts.map((part) => part.bottom),
  );
  let total: Value | undefined;
  parts.forEach(({ top }, k) => {
    const inverse = inverses[k]!;
    const value = top.ext ? p.extMul(top, inverse) : p.extMulBase(inverse, top);
    total = total === undefined ? value : p.extAdd(total, value);
    if (k < parts.length - 1) p.store(value, at(bus, 5 * k), bus.stride);
  });
  if (total !== undefined) p.store(total, at(bus, inputs.placed.busColumns - 5), bus.stride);
  return p;
}

/** 1/v for each value of a row, with one inversion: the inverse of the product of all, times the others. */
function allInverses(p: Program, values: readonly Value[]): Value[] {
  if (values.length === 0) return [];
  const products = values.slice(0, 1);
  for (const value of values.slice(1)) products.push(p.extMul(products.at(-1)!, value));
  let inverse = p.extInverse(products.at(-1)!);
  const inverses: Value[] = [];
  for (let i = values.length - 1; i > 0; i--) {
    inverses[i] = p.extMul(inverse, products[i - 1]!);
    inverse = p.extMul(inverse, values[i]!);
  }
  inverses[0] = inverse;
  return inverses;
}

export type QuotientInputs = Inputs & {
  readonly hiding: boolean;
  readonly activeRows: number;
  readonly sum: Ext.Ext;
  readonly lambda: Ext.Ext;
  /** 1/(x^n − 1), the same at every point of a coset. */
  readonly inverseVanishing: number;
  readonly fixed: Columns;
  readonly main: Columns;
  readonly bus: Columns;
  /** x at each point; only read when a constraint is not on every row. */
  readonly points: number;
  /** Π over the hidden rows of (x − ω^row). */
  readonly hidden: number;
};

/** One coset in bit-reversed order → the quotient, five limbs at `out`. */
export function quotientProgram(inputs: QuotientInputs, out: Columns): Program {
  const { placed, lambda, hiding } = inputs;
  const p = program();
  const base = ring(p, inputs.fixed, inputs.main, inputs.publics);
  const fraction = fractions(p, base, inputs);
  const root = BabyBear.rootOfUnity(placed.logHeight);
  const lastPoint = BabyBear.pow(root, inputs.activeRows - 1);
  const sums = new Map<string, Value>();
  let weight: Ext.Ext = Ext.ONE;
  const add = (kind: string, value: Value): void => {
    let sum = sums.get(kind);
    if (sum === undefined) {
      sum = p.accumulator();
      sums.set(kind, sum);
    }
    const scale = kind === "always" || kind === "step" ? inputs.inverseVanishing : 1;
    p.accumulate(sum, value, Ext.mulBase(weight, scale));
    weight = Ext.mul(weight, lambda);
  };
  for (const constraint of placed.table.constraints) add(constraint.when, Air.evaluate(constraint.expr, base));
  let others: Value | undefined;
  const bus = (index: number): Value => p.extColumn(at(inputs.bus, index), inputs.bus.stride);
  placed.batches.forEach((batch, k) => {
    const { top, bottom } = fraction(batch);
    const column = bus(5 * k);
    if (k < placed.batches.length - 1) {
      add("always", p.extSub(p.extMul(column, bottom), lifted(p, top)));
      others = others === undefined ? column : p.extAdd(others, column);
      return;
    }
    const limbs = [0, 1, 2, 3, 4].map((limb) => p.next(p.column(at(inputs.bus, 5 * k + limb))));
    const share = hiding ? Ext.ZERO : Ext.mulBase(inputs.sum, BabyBear.inv(2 ** placed.logHeight));
    const below = p.combine(
      share,
      limbs.map((limb, i) => [limb, unit(i)] as const),
    );
    const growth = p.extSub(below, others === undefined ? column : p.extAdd(column, others));
    add("always", p.extSub(p.extMul(growth, bottom), lifted(p, top)));
    if (hiding) {
      add("first", column);
      const minusSum = p.combine(
        Ext.neg(inputs.sum),
        [0, 1, 2, 3, 4].map((i) => [p.column(at(inputs.bus, 5 * k + i)), unit(i)] as const),
      );
      add("end", minusSum);
    }
  });
  const x = p.column(inputs.points);
  const from = (point: number): Value => p.sub(x, p.constant(point));
  const selectors: Readonly<Record<string, () => Value | undefined>> = {
    always: () => undefined,
    step: () => from(lastPoint),
    first: () => p.inverse(from(1)),
    last: () => p.inverse(from(lastPoint)),
    end: () => p.inverse(from(BabyBear.mul(lastPoint, root))),
  };
  let total: Value | undefined;
  for (const [kind, sum] of sums) {
    let selector = selectors[kind]!();
    if (hiding && (kind === "always" || kind === "step")) {
      const hidden = p.column(inputs.hidden);
      selector = selector === undefined ? hidden : p.mul(selector, hidden);
    }
    const part = selector === undefined ? sum : p.extMulBase(sum, selector);
    total = total === undefined ? part : p.extAdd(total, part);
  }
  if (total === undefined) total = p.accumulator();
  p.store(total, out.address, out.stride);
  return p;
}

const unit = (i: number): Ext.Ext => [0, 1, 2, 3, 4].map((j) => (i === j ? 1 : 0)) as unknown as Ext.Ext;
