/** What works on values of any type: equality, order, text, hash; and arithmetic where only `Num` is known. */
import { ContentHash, Decimal, hashValue, Int, show, Value } from "../../content/index.ts";
import { type Meter, Stuck, spend } from "../machine/Meter.ts";
import { decimalDigits, decimalProduct, decimalRemainder, inBounds, nonZeroDecimal } from "./decimal.ts";
import { plain } from "./GrownList.ts";
import { bool, builtin, type Implementation, tagged, text } from "./Implementation.ts";
import { bounded, chargeDigits, chargeProduct, nonZero } from "./int.ts";
import { chargeDeep, chargeLength } from "./size.ts";

type V = Value.Value;

const deep2 = (meter: Meter, a: V, b: V) => {
  chargeDeep(meter, a, b);
};

/** A walk, and a text or block about as long as the value is large. */
const written = (meter: Meter, a: V) => {
  const weight = chargeDeep(meter, a);
  spend(meter, 3 * weight, 16 + 32 * weight);
};

type Form = "int" | "decimal" | "float";

function form(a: V): Form {
  if (typeof a === "number" || typeof a === "bigint") return "int";
  if (typeof a === "object" && (a.tag === "decimal" || a.tag === "float")) return a.tag;
  throw new Stuck(`expected a number, got ${Value.kindOf(a)}`);
}

/** One operation in its three forms; both operands have the form of the first. */
function numeric(
  ints: (a: Int.Int, b: Int.Int) => Int.Int,
  decimals: (a: Decimal.Decimal, b: Decimal.Decimal) => Decimal.Decimal,
  floats: (a: number, b: number) => number,
): (a: V, b: V) => V {
  return (a, b) => {
    const kind = form(a);
    if (form(b) !== kind) throw new Stuck("two kinds of number in one operation");
    if (kind === "int") return bounded(ints(a as Int.Int, b as Int.Int));
    if (kind === "decimal") return inBounds(() => decimals(a as Decimal.Decimal, b as Decimal.Decimal));
    return Value.float(floats(tagged(a, "float").value, tagged(b, "float").value));
  };
}

const digits = (meter: Meter, a: V, b: V) => {
  const kind = form(a);
  if (kind === "int" && form(b) === "int") chargeDigits(meter, a as Int.Int, b as Int.Int);
  else if (kind === "decimal") decimalDigits(meter, a, b);
};
const product = (meter: Meter, a: V, b: V) => {
  const kind = form(a);
  if (kind === "int" && form(b) === "int") chargeProduct(meter, a as Int.Int, b as Int.Int);
  else if (kind === "decimal") decimalProduct(meter, a, b);
};

const negate = numeric(Int.subtract, Decimal.subtract, (_zero, x) => -x);
const zeroLike = (a: V): V => (form(a) === "int" ? 0 : form(a) === "decimal" ? Decimal.zero : Value.float(0));

export const values: readonly Implementation[] = [
  builtin("bool.not", 1, (a) => !bool(a)),
  builtin(
    "num.add",
    2,
    numeric(Int.add, Decimal.add, (x, y) => x + y),
    digits,
  ),
  builtin(
    "num.subtract",
    2,
    numeric(Int.subtract, Decimal.subtract, (x, y) => x - y),
    digits,
  ),
  builtin(
    "num.multiply",
    2,
    numeric(Int.multiply, Decimal.multiply, (x, y) => x * y),
    product,
  ),
  builtin(
    "num.divide",
    2,
    numeric(
      (x, y) => Int.divide(x, nonZero(y)),
      (x, y) => Decimal.divide(x, nonZeroDecimal(y)),
      (x, y) => x / y,
    ),
    product,
  ),
  builtin(
    "num.remainder",
    2,
    numeric(
      (x, y) => Int.remainder(x, nonZero(y)),
      (x, y) => decimalRemainder(x, nonZeroDecimal(y)),
      (x, y) => x % y,
    ),
    product,
  ),
  builtin(
    "num.negate",
    1,
    (a) => negate(zeroLike(a), a),
    (meter, a) => digits(meter, a, zeroLike(a)),
  ),

  builtin("value.equal", 2, (a, b) => Value.equal(a, b), deep2),
  builtin("value.compare", 2, (a, b) => Math.sign(Value.compare(a, b)) + 0, deep2),
  builtin("value.less", 2, (a, b) => Value.compare(a, b) < 0, deep2),
  builtin("value.lessOrEqual", 2, (a, b) => Value.compare(a, b) <= 0, deep2),
  builtin("value.show", 1, (a) => (typeof a === "string" ? a : show(a)), written),

  builtin("hash.of", 1, (a) => Value.hash(hashValue(plain(a))), written),
  builtin("hash.toText", 1, (a) => tagged(a, "hash").hash),
  builtin(
    "hash.parse",
    1,
    (a) => {
      const hash = ContentHash.parse(text(a));
      return hash === undefined ? Value.none : Value.some(Value.hash(hash));
    },
    (meter, a) => chargeLength(meter, text(a).length, 0),
  ),
];
