/** IEEE 754 doubles: only what the standard fixes to the bit. −0 and NaN as content compares them. */
import { Value } from "../../content/index.ts";
import { exactDecimal } from "./decimal.ts";
import { builtin, float, type Implementation, option, text } from "./Implementation.ts";
import { chargeLength } from "./size.ts";

const result = (value: number) => Value.float(value);

/** A literal without its `f`; `NaN`, `Infinity` and `-Infinity` are read too. */
function parse(source: string): number | undefined {
  if (source === "NaN") return Number.NaN;
  if (source === "Infinity") return Number.POSITIVE_INFINITY;
  if (source === "-Infinity") return Number.NEGATIVE_INFINITY;
  // The host's reading of decimal digits is correctly rounded (ECMAScript, StringToNumber).
  return /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(source) ? Number(source) : undefined;
}

export const floats: readonly Implementation[] = [
  builtin("float.add", 2, (a, b) => result(float(a) + float(b))),
  builtin("float.subtract", 2, (a, b) => result(float(a) - float(b))),
  builtin("float.multiply", 2, (a, b) => result(float(a) * float(b))),
  builtin("float.divide", 2, (a, b) => result(float(a) / float(b))),
  // The remainder of doubles is exact, so every host agrees.
  builtin("float.remainder", 2, (a, b) => result(float(a) % float(b))),
  builtin("float.negate", 1, (a) => result(-float(a))),
  builtin("float.equal", 2, (a, b) => Value.equal(Value.float(float(a)), Value.float(float(b)))),
  builtin("float.less", 2, (a, b) => Value.compare(Value.float(float(a)), Value.float(float(b))) < 0),
  builtin("float.lessOrEqual", 2, (a, b) => Value.compare(Value.float(float(a)), Value.float(float(b))) <= 0),
  builtin("float.squareRoot", 1, (a) => result(Math.sqrt(float(a)))),
  builtin("float.floor", 1, (a) => result(Math.floor(float(a)))),
  builtin("float.isNan", 1, (a) => Number.isNaN(float(a))),
  builtin("float.isFinite", 1, (a) => Number.isFinite(float(a))),
  builtin("float.toDecimal", 1, (a) => option(Number.isFinite(float(a)) ? exactDecimal(float(a)) : undefined)),
  builtin(
    "float.parse",
    1,
    (a) => {
      const value = parse(text(a));
      return option(value === undefined ? undefined : Value.float(value));
    },
    (meter, a) => chargeLength(meter, text(a).length, 0),
  ),
];
