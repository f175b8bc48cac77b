/** Smaller values of the same type, simplest first: a counterexample is shown as small as it can be made. */
import { Decimal, Int, Value } from "../../content/index.ts";

type V = Value.Value;

/** More candidates than this are not tried for one value. */
const CANDIDATES_MAX = 64;

export function shrink(value: V): readonly V[] {
  return candidates(value).slice(0, CANDIDATES_MAX);
}

function candidates(value: V): readonly V[] {
  if (typeof value === "boolean") return value ? [false] : [];
  if (typeof value === "number" || typeof value === "bigint") return ints(value);
  if (typeof value === "string") return sequences([...value], () => []).map((chars) => chars.join(""));
  switch (value.tag) {
    case "decimal": {
      const whole = Decimal.fromInt(Decimal.truncate(value));
      const rounded = Value.equal(whole, value) ? [] : [whole];
      const smaller = ints(Int.of(value.coefficient)).map((one) => Decimal.of(BigInt(one), value.exponent));
      return [...rounded, ...smaller].filter((one) => !Value.equal(one, value));
    }
    case "float":
      return value.value === 0 ? [] : [Value.float(0), ...(Number.isInteger(value.value) ? [] : [Value.float(1)])];
    case "bytes":
      return value.bytes.length === 0 ? [] : [Value.bytes(new Uint8Array(0)), Value.bytes(value.bytes.slice(1))];
    case "duration":
      return ints(value.milliseconds).map(Value.duration);
    case "list":
      return sequences(value.items, shrink).map(Value.list);
    case "set":
      return sequences(value.items, shrink).map(Value.set);
    case "map":
      return sequences(value.entries, ([key, item]) => [
        ...shrink(item).map((smaller) => [key, smaller] as const),
        ...shrink(key).map((smaller) => [smaller, item] as const),
      ]).map(Value.map);
    case "tuple":
      return inPlace(value.items).map(Value.tuple);
    case "record":
      return inPlace(value.values).map((values) => ({ ...value, values }));
    case "variant": {
      if (value.payload === undefined) return [];
      const nothing = value.case === "Some" ? [Value.none] : [];
      return [...nothing, ...shrink(value.payload).map((payload) => Value.variant(value.case, payload))];
    }
    default:
      return [];
  }
}

function ints(value: Int.Int): readonly Int.Int[] {
  if (value === 0) return [];
  const half = Int.divide(value, 2);
  const nearer = value > 0 ? Int.subtract(value, 1) : Int.add(value, 1);
  const all: Int.Int[] = [0, ...(value < 0 ? [Int.negate(value)] : []), half, nearer];
  return all.filter((one, i) => one !== value && all.indexOf(one) === i);
}

/** Shorter ones first: none, halves, each item left out; then each item made smaller. */
function sequences<T>(items: readonly T[], smaller: (item: T) => readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [];
  const half = items.length >> 1;
  const shorter = [[], ...(half > 0 ? [items.slice(0, half), items.slice(half)] : [])];
  const without = items.length > 1 ? items.map((_, i) => items.toSpliced(i, 1)) : [];
  const inside = items.flatMap((item, i) => smaller(item).map((one) => items.with(i, one)));
  return [...shorter, ...without, ...inside];
}

const inPlace = (items: readonly V[]): readonly (readonly V[])[] =>
  items.flatMap((item, i) => shrink(item).map((one) => items.with(i, one)));
