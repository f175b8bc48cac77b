/**
 * The constraints of a table at one point of the extension: from the opened values of its columns, the value that its
 * quotient must have there. The bus argument (LogUp, eprint 2022/1530) is part of it: a message (bus b, tuple t) is
 * the fraction m / (γ + b + Σ α^(j+1)·t_j), and a table's fractions add up to the sum that its proof claims.
 */
import { BabyBear, Ext } from "../field/index.ts";
import { busNumber, evaluate, type Interaction, type Machine, type Message, type Ring } from "./air.ts";
import { activeRows, type Batch, HIDDEN_ROWS, type Placed, pieceLength } from "./layout.ts";

export type BusChallenge = { readonly alpha: Ext.Ext; readonly gamma: Ext.Ext };

/** Values of a table's columns at the point and, for those that the next row is read of, at the point times ω. */
export type Openings = {
  readonly fixed: readonly Ext.Ext[];
  readonly main: readonly Ext.Ext[];
  readonly bus: readonly Ext.Ext[];
  readonly quotient: readonly Ext.Ext[];
  readonly nextFixed: readonly Ext.Ext[];
  readonly nextMain: readonly Ext.Ext[];
  /** The five limbs of the running sum. */
  readonly nextBus: readonly Ext.Ext[];
};

/** Five opened limbs as the value of one extension column: Σ limbᵢ · xⁱ. */
export function join(limbs: readonly Ext.Ext[], at = 0): Ext.Ext {
  let sum: Ext.Ext = Ext.ZERO;
  for (let i = 4; i >= 0; i--) sum = Ext.add(timesX(sum), limbs[at + i]!);
  return sum;
}

const timesX = (a: Ext.Ext): Ext.Ext => [BabyBear.mul(a[4], Ext.W), a[0], a[1], a[2], a[3]];

const extRing = (openings: Openings, publics: readonly number[]): Ring<Ext.Ext> => ({
  constant: Ext.of,
  main: (index, next) => (next ? openings.nextMain : openings.main)[index]!,
  fixed: (index, next) => (next ? openings.nextFixed : openings.fixed)[index]!,
  public: (index) => Ext.of(publics[index]!),
  add: Ext.add,
  sub: Ext.sub,
  mul: Ext.mul,
});

/** γ + bus + Σ α^(j+1)·tⱼ. */
export function denominator(bus: number, tuple: readonly Ext.Ext[], challenge: BusChallenge): Ext.Ext {
  let sum: Ext.Ext = Ext.ZERO;
  for (let j = tuple.length - 1; j >= 0; j--) sum = Ext.mul(Ext.add(sum, tuple[j]!), challenge.alpha);
  return Ext.add(Ext.addBase(challenge.gamma, bus), sum);
}

/** Σ numerators and Π denominators of a batch: its fractions over one denominator. */
export function batchFraction<T>(
  batch: Batch,
  fraction: (interaction: Interaction) => { readonly top: T; readonly bottom: T },
  ring: { add(a: T, b: T): T; mul(a: T, b: T): T },
): { readonly top: T; readonly bottom: T } {
  return batch.map(fraction).reduce((left, right) => ({
    top: ring.add(ring.mul(left.top, right.bottom), ring.mul(right.top, left.bottom)),
    bottom: ring.mul(left.bottom, right.bottom),
  }));
}

/** Π over the hidden rows of (z − ω^row). */
export function hiddenRowsAt(z: Ext.Ext, logHeight: number): Ext.Ext {
  const root = BabyBear.rootOfUnity(logHeight);
  let point = BabyBear.pow(root, 2 ** logHeight - HIDDEN_ROWS);
  let product: Ext.Ext = Ext.ONE;
  for (let i = 0; i < HIDDEN_ROWS; i++) {
    product = Ext.mul(product, Ext.subBase(z, point));
    point = BabyBear.mul(point, root);
  }
  return product;
}

/** z^(2^logHeight). */
export function powerOfHeight(z: Ext.Ext, logHeight: number): Ext.Ext {
  let power = z;
  for (let i = 0; i < logHeight; i++) power = Ext.mul(power, power);
  return power;
}

export type QuotientInput = {
  readonly machine: Machine;
  readonly placed: Placed;
  readonly hiding: boolean;
  readonly publics: readonly number[];
  readonly challenge: BusChallenge;
  /** The claimed sum of the table's fractions. */
  readonly sum: Ext.Ext;
  readonly lambda: Ext.Ext;
  readonly z: Ext.Ext;
  readonly openings: Openings;
};

/** True when the opened constraints, each over its vanishing polynomial, fold to the opened quotient. */
export function quotientAgrees(input: QuotientInput): boolean {
  const { placed, hiding, openings, z } = input;
  const height = 2 ** placed.logHeight;
  const power = powerOfHeight(z, placed.logHeight);
  const vanishing = Ext.subBase(power, 1);
  const root = BabyBear.rootOfUnity(placed.logHeight);
  const active = activeRows(placed, hiding);
  const fromLast = Ext.subBase(z, BabyBear.pow(root, active - 1));
  const fromFirst = Ext.subBase(z, 1);
  const fromEnd = Ext.subBase(z, BabyBear.pow(root, active));
  if ([vanishing, fromLast, fromFirst, fromEnd].some(Ext.isZero)) return false;
  const hidden = hiding ? hiddenRowsAt(z, placed.logHeight) : Ext.ONE;
  const always = Ext.mul(hidden, Ext.inv(vanishing));
  const selector = {
    always,
    step: Ext.mul(always, fromLast),
    first: Ext.inv(fromFirst),
    last: Ext.inv(fromLast),
  };
  const ring = extRing(openings, input.publics);
  let folded: Ext.Ext = Ext.ZERO;
  let weight: Ext.Ext = Ext.ONE;
  const add = (value: Ext.Ext, factor: Ext.Ext): void => {
    folded = Ext.add(folded, Ext.mul(weight, Ext.mul(value, factor)));
    weight = Ext.mul(weight, input.lambda);
  };
  for (const constraint of placed.table.constraints) add(evaluate(constraint.expr, ring), selector[constraint.when]);
  const fraction = (interaction: Interaction) => {
    const top = evaluate(interaction.multiplicity, ring);
    const tuple = interaction.tuple.map((part) => evaluate(part, ring));
    return {
      top: interaction.sign === 1 ? top : Ext.neg(top),
      bottom: denominator(busNumber(input.machine, interaction.bus.name), tuple, input.challenge),
    };
  };
  let others: Ext.Ext = Ext.ZERO;
  placed.batches.forEach((batch, k) => {
    const { top, bottom } = batchFraction(batch, fraction, Ext);
    const column = join(openings.bus, 5 * k);
    if (k < placed.batches.length - 1) {
      add(Ext.sub(Ext.mul(column, bottom), top), selector.always);
      others = Ext.add(others, column);
      return;
    }
    // The running sum is the last column: below each row it holds that row's fractions more.
    const share = hiding ? Ext.ZERO : Ext.mulBase(input.sum, BabyBear.inv(height));
    const growth = Ext.add(Ext.sub(Ext.sub(join(openings.nextBus), column), others), share);
    add(Ext.sub(Ext.mul(growth, bottom), top), selector.always);
    if (hiding) {
      add(column, selector.first);
      add(Ext.sub(column, input.sum), Ext.inv(fromEnd));
    }
  });
  let quotient: Ext.Ext = Ext.ZERO;
  const shift = hiding ? Ext.pow(z, pieceLength(placed, hiding)) : power;
  for (let at = placed.quotientColumns - 5; at >= 0; at -= 5) {
    quotient = Ext.add(Ext.mul(quotient, shift), join(openings.quotient, at));
  }
  return Ext.equal(folded, quotient);
}

/** Messages whose fractions are inverted together. */
const MESSAGES_AT_ONCE = 4096;

/** Σ of the statement's own fractions; undefined when a denominator vanishes, which no honest prover meets. */
export function messageSum(
  machine: Machine,
  messages: readonly Message[],
  challenge: BusChallenge,
): Ext.Ext | undefined {
  let sum: Ext.Ext = Ext.ZERO;
  const width = Math.max(0, ...machine.buses.map((bus) => bus.fields.length));
  const powers = Ext.powers(challenge.alpha, width + 1);
  for (let from = 0; from < messages.length; from += MESSAGES_AT_ONCE) {
    const some = messages.slice(from, from + MESSAGES_AT_ONCE);
    const bottoms = some.map((message) =>
      message.tuple.reduce(
        (bottom, field, j) => Ext.add(bottom, Ext.mulBase(powers[j + 1]!, field)),
        Ext.addBase(challenge.gamma, busNumber(machine, message.bus.name)),
      ),
    );
    if (bottoms.some(Ext.isZero)) return undefined;
    Ext.invAll(bottoms).forEach((inverse, i) => {
      sum = Ext.add(sum, Ext.mulBase(inverse, BabyBear.of(some[i]!.multiplicity)));
    });
  }
  return sum;
}
