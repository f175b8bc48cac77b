/**
 * How raw words of a timeline (storage slots, parameters of an event) become the one Value that a program sees.
 * A closed list of pure readings, so that a Bandit runs the very one that the TimeKeeper ran.
 */
import { Codec, Decimal, Int, Value } from "../content/index.ts";
import { Bytes, err, never, ok, type Result } from "../std/index.ts";

export const DECIMALS_MAX = 77;

export const Reading = Codec.variant({
  /** The word as it is: Int, Bool or Bytes. */
  Word: Codec.record({ word: Codec.text }),
  /** An integer of the smallest unit: word × 10^−decimals, exact. */
  Scaled: Codec.record({ word: Codec.text, decimals: Codec.count }),
  /** numerator ÷ denominator, each scaled by its decimals, rounded to `places`. */
  Ratio: Codec.record({
    numerator: Codec.text,
    numeratorDecimals: Codec.count,
    denominator: Codec.text,
    denominatorDecimals: Codec.count,
    places: Codec.count,
    rounding: Codec.word("half-even", "half-up", "down", "up", "floor", "ceiling"),
  }),
  /** All words, as a record. */
  All: Codec.record({}),
});
export type Reading = Codec.Of<typeof Reading>;

/** Raw words by name. */
export type Words = ReadonlyMap<string, Value.Value>;

export interface ReadingError {
  readonly kind: "Unreadable";
  readonly reason: string;
}

const unreadable = (reason: string) => err({ kind: "Unreadable", reason } as const);

export function read(reading: Reading, words: Words): Result<Value.Value, ReadingError> {
  switch (reading.kind) {
    case "Word": {
      const word = words.get(reading.word);
      return word === undefined ? unreadable(`there is no word ${reading.word}`) : ok(word);
    }
    case "Scaled":
      return scaled(words, reading.word, reading.decimals);
    case "Ratio": {
      if (reading.places > DECIMALS_MAX) return unreadable(`${reading.places} places, more than ${DECIMALS_MAX}`);
      const numerator = scaled(words, reading.numerator, reading.numeratorDecimals);
      if (!numerator.ok) return numerator;
      const denominator = scaled(words, reading.denominator, reading.denominatorDecimals);
      if (!denominator.ok) return denominator;
      if (denominator.value.coefficient === 0n) return unreadable(`${reading.denominator} is zero`);
      return ok(Decimal.divideRounded(numerator.value, denominator.value, reading.places, reading.rounding));
    }
    case "All":
      return ok(Value.record(words));
    default:
      return never(reading);
  }
}

function scaled(words: Words, name: string, decimals: number): Result<Decimal.Decimal, ReadingError> {
  if (decimals > DECIMALS_MAX) return unreadable(`${decimals} decimals, more than ${DECIMALS_MAX}`);
  const word = words.get(name);
  if (typeof word !== "number" && typeof word !== "bigint") return unreadable(`the word ${name} is not an integer`);
  return ok(Decimal.of(BigInt(word), -decimals));
}

const WORD_BYTES = 32;

/** A value packed into a 256-bit storage word; `undefined` when it lies outside, or a bool is neither 0 nor 1. */
export function slotValue(
  slot: { readonly offset: number; readonly bytes: number; readonly type: "uint" | "int" | "bool" | "bytes" },
  word: bigint,
): Value.Value | undefined {
  if (slot.bytes < 1 || slot.bytes > WORD_BYTES || slot.offset + slot.bytes > WORD_BYTES) return undefined;
  const part = BigInt.asUintN(8 * slot.bytes, word >> BigInt(8 * slot.offset));
  switch (slot.type) {
    case "uint":
      return Int.of(part);
    case "int":
      return Int.of(BigInt.asIntN(8 * slot.bytes, part));
    case "bool":
      return part <= 1n ? part === 1n : undefined;
    case "bytes":
      return Value.bytes(Bytes.fromHex(part.toString(16).padStart(2 * slot.bytes, "0"))!);
    default:
      return never(slot.type);
  }
}

/** A decimal amount as an integer of the smallest unit; `undefined` when it is finer than that unit or negative. */
export function toSmallestUnit(amount: Decimal.Decimal, decimals: number): Int.Int | undefined {
  if (decimals > DECIMALS_MAX || amount.coefficient < 0n) return undefined;
  const shift = amount.exponent + decimals;
  // 10^80 is past what any 256-bit word holds.
  if (shift < 0 || shift > 80) return undefined;
  return Int.of(amount.coefficient * 10n ** BigInt(shift));
}
