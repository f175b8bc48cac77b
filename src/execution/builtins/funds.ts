/** Reserved assets: a record of amount and asset. That each is used exactly once is the checker's part. */
import { Decimal, Value } from "../../content/index.ts";
import { Fault, Stuck } from "../machine/Meter.ts";
import { decimalDigits, inBounds } from "./decimal.ts";
import { builtin, decimal, type Implementation, tagged } from "./Implementation.ts";

type V = Value.Value;

function part(funds: V, name: "amount" | "asset"): V {
  const value = Value.field(tagged(funds, "record"), name);
  if (value === undefined) throw new Stuck(`Funds without ${name}`);
  return value;
}

const amount = (funds: V): Decimal.Decimal => decimal(part(funds, "amount"));

/** The same funds with another amount: whatever else stands in the record goes along. */
function withAmount(funds: V, value: Decimal.Decimal): V {
  const record = tagged(funds, "record");
  return { ...record, values: record.values.with(record.names.indexOf("amount"), value) };
}

export const funds: readonly Implementation[] = [
  builtin(
    "funds.split",
    2,
    (a, b) => {
      const whole = amount(a);
      const wanted = decimal(b);
      if (wanted.coefficient < 0n || Decimal.compare(wanted, whole) > 0)
        throw new Fault("OutOfRange", `cannot split ${Decimal.print(wanted)} from ${Decimal.print(whole)}`);
      const rest = inBounds(() => Decimal.subtract(whole, wanted));
      return Value.tuple([withAmount(a, wanted), withAmount(a, rest)]);
    },
    (meter, a, b) => decimalDigits(meter, amount(a), b),
  ),
  builtin(
    "funds.join",
    2,
    (a, b) => {
      if (!Value.equal(part(a, "asset"), part(b, "asset")))
        throw new Fault("OutOfRange", "funds of two assets cannot be joined");
      return withAmount(
        a,
        inBounds(() => Decimal.add(amount(a), amount(b))),
      );
    },
    (meter, a, b) => decimalDigits(meter, amount(a), amount(b)),
  ),
];
