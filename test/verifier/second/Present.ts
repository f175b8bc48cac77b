import {
  addE,
  combine,
  type Ext,
  equalE,
  ext,
  inverse,
  inverseE,
  isZero,
  mulE,
  one,
  P,
  pow,
  powE,
  rootOfUnity,
  scale,
  subE,
  zero,
} from "./Field.ts";
import { denominator, type Row, type Table } from "./Machine.ts";
import { insist } from "./Reader.ts";

/** What a proof says about a table's columns at z and at ω·z. */
export type Values = {
  fixed: Ext[];
  main: Ext[];
  bus: Ext[];
  quotient: Ext[];
  fixedNext: Ext[];
  mainNext: Ext[];
  busNext: Ext[];
};

/** A table that takes part in a segment, at its height. */
export class Present {
  readonly table: Table;
  readonly height: number;
  readonly n: number;
  /** How many rows are active. */
  readonly active: number;
  readonly pieces: number;
  readonly #hiding: boolean;

  constructor(table: Table, height: number, hiding: boolean) {
    this.table = table;
    this.height = height;
    this.n = 2 ** height;
    this.active = hiding ? this.n - 1024 : this.n;
    this.pieces = hiding ? 3 : 2;
    this.#hiding = hiding;
  }

  /** Base columns. */
  get busColumns(): number {
    return 5 * this.table.batches.length;
  }

  /** How many values are batched. */
  get values(): number {
    const { fixed, main, next } = this.table;
    const here = fixed.length + main.length;
    return here + this.busColumns + 5 * this.pieces + (next ? here : 0) + (this.busColumns === 0 ? 0 : 5);
  }

  /** Refuses when the values at z do not give the quotient at z. */
  check(values: Values, publics: readonly number[], sum: Ext, alpha: Ext, gamma: Ext, lambda: Ext, z: Ext): void {
    const omega = rootOfUnity(this.height);
    const zn = powE(z, this.n);
    const vanishing = subE(zn, one);
    insist(!isZero(vanishing), "z is a row");
    const away = (row: number): Ext => subE(z, ext(pow(omega, row)));
    let blinding = one;
    for (let row = this.active; row < this.n; row++) blinding = mulE(blinding, away(row));
    const every = mulE(blinding, inverseE(vanishing));
    const selector = {
      always: every,
      step: mulE(every, away(this.active - 1)),
      first: inverseE(away(0)),
      last: inverseE(away(this.active - 1)),
    };

    const names = (columns: readonly string[], of: readonly Ext[]) => columns.map((name, i) => [name, of[i]!] as const);
    const row: Row = {
      now: new Map([...names(this.table.fixed, values.fixed), ...names(this.table.main, values.main)]),
      next: new Map([...names(this.table.fixed, values.fixedNext), ...names(this.table.main, values.mainNext)]),
      publics,
    };
    let [quotient, power] = [zero, one];
    const constrain = (by: Ext, value: Ext): void => {
      quotient = addE(quotient, mulE(power, mulE(by, value)));
      power = mulE(power, lambda);
    };
    for (const { kind, value } of this.table.constraints) constrain(selector[kind], value.at(row));

    const columns = this.table.batches.map((_, j) => combine(values.bus.slice(5 * j, 5 * j + 5)));
    const running = columns.at(-1) ?? zero;
    for (const [j, batch] of this.table.batches.entries()) {
      let [up, down] = [zero, one];
      for (const message of batch) {
        const multiplicity = scale(message.multiplicity.at(row), message.sign === 1 ? 1 : P - 1);
        const d = denominator(
          alpha,
          gamma,
          message.bus,
          message.tuple.map((field) => field.at(row)),
        );
        up = addE(mulE(up, d), mulE(multiplicity, down));
        down = mulE(down, d);
      }
      let share = columns[j]!;
      if (j === columns.length - 1) {
        share = subE(combine(values.busNext), running);
        for (const other of columns.slice(0, -1)) share = subE(share, other);
        if (!this.#hiding) share = addE(share, scale(sum, inverse(this.n)));
      }
      constrain(every, subE(mulE(share, down), up));
    }
    if (this.#hiding && columns.length > 0) {
      constrain(selector.first, running);
      constrain(inverseE(away(this.active)), subE(running, sum));
    }

    let claimed = zero;
    for (let k = 0; k < this.pieces; k++)
      claimed = addE(claimed, mulE(powE(z, k * this.active), combine(values.quotient.slice(5 * k, 5 * k + 5))));
    insist(equalE(claimed, quotient), `the constraints of ${this.table.name} do not hold`);
  }
}
