/**
 * The one table of intrinsics: what `builtin` nodes of Core may name. Each is pure and total but for the faults it lists.
 *
 * A builtin's identity is (name, version): a change of meaning gets a new version, never a silent edit.
 * Equality and order are those of content (`Value.equal`, `Value.compare`): a Float NaN equals itself and −0 is below 0,
 * so that equal values have equal hashes and a generic function says what the specialised one says.
 *
 * Positions in Text count code points; a slice outside is cut to what is there. Negative positions count as 0.
 */

/**
 * How the work grows; fuel is charged before the work is done.
 * - `constant`
 * - `digits`: with the digits of the operands, added
 * - `product`: with the digits of the operands, multiplied
 * - `search`: with the logarithm of the collection's length
 * - `size`: with the length of the arguments and of the result
 * - `sort`: n log n comparisons
 * - `deep`: with the number of nodes in the arguments
 */
export type CostClass = "constant" | "digits" | "product" | "search" | "size" | "sort" | "deep";

/** A deterministic failure of an intrinsic; it is a value of the trace, never of a row. */
export type FaultCode = "DivisionByZero" | "OutOfRange";

export interface Builtin {
  readonly name: string;
  readonly version: number;
  /** TEL type text; lower-case names are quantified. */
  readonly type: string;
  readonly cost: CostClass;
  readonly faults: readonly FaultCode[];
  /** What a type variable must be: `{ a: "Num" }`. */
  readonly constraints: Readonly<Record<string, "Num" | "Ord" | "Eq">>;
}

type Row = readonly [
  name: string,
  type: string,
  cost: CostClass,
  more?: { readonly faults?: readonly FaultCode[]; readonly where?: Readonly<Record<string, "Num" | "Ord" | "Eq">> },
];

const zero = { faults: ["DivisionByZero"] } as const;
const range = { faults: ["OutOfRange"] } as const;
const num = { where: { a: "Num" } } as const;
const numDivide = { where: { a: "Num" }, faults: ["DivisionByZero", "OutOfRange"] } as const;
const ord = { where: { a: "Ord" } } as const;
const eq = { where: { a: "Eq" } } as const;
const key = { where: { k: "Eq" } } as const;

const rows: readonly Row[] = [
  ["bool.not", "fn(Bool) -> Bool", "constant"],

  // Unbounded integers. `divide` truncates toward zero and `remainder` has the sign of the dividend.
  ["int.add", "fn(Int, Int) -> Int", "digits", range],
  ["int.subtract", "fn(Int, Int) -> Int", "digits", range],
  ["int.multiply", "fn(Int, Int) -> Int", "product", range],
  ["int.divide", "fn(Int, Int) -> Int", "product", zero],
  ["int.remainder", "fn(Int, Int) -> Int", "product", zero],
  ["int.negate", "fn(Int) -> Int", "digits"],
  ["int.equal", "fn(Int, Int) -> Bool", "digits"],
  ["int.less", "fn(Int, Int) -> Bool", "digits"],
  ["int.lessOrEqual", "fn(Int, Int) -> Bool", "digits"],
  ["int.toDecimal", "fn(Int) -> Decimal", "digits", range],
  ["int.toFloat", "fn(Int) -> Float", "digits"],
  ["int.parse", "fn(Text) -> Option<Int>", "size"],

  // Exact decimals. `divide` keeps 34 significant digits, half-even; `remainder` is exact, with the sign of the dividend.
  ["decimal.add", "fn(Decimal, Decimal) -> Decimal", "digits", range],
  ["decimal.subtract", "fn(Decimal, Decimal) -> Decimal", "digits", range],
  ["decimal.multiply", "fn(Decimal, Decimal) -> Decimal", "product", range],
  ["decimal.divide", "fn(Decimal, Decimal) -> Decimal", "product", { faults: ["DivisionByZero", "OutOfRange"] }],
  ["decimal.remainder", "fn(Decimal, Decimal) -> Decimal", "product", zero],
  ["decimal.negate", "fn(Decimal) -> Decimal", "digits"],
  ["decimal.equal", "fn(Decimal, Decimal) -> Bool", "digits"],
  ["decimal.less", "fn(Decimal, Decimal) -> Bool", "digits"],
  ["decimal.lessOrEqual", "fn(Decimal, Decimal) -> Bool", "digits"],
  [
    "decimal.divideRounded",
    "fn(Decimal, Decimal, Int, Rounding) -> Decimal",
    "product",
    { faults: ["DivisionByZero", "OutOfRange"] },
  ],
  ["decimal.round", "fn(Decimal, Int, Rounding) -> Decimal", "digits", range],
  ["decimal.truncate", "fn(Decimal) -> Int", "digits"],
  ["decimal.toFloat", "fn(Decimal) -> Float", "digits"],
  ["decimal.parse", "fn(Text) -> Option<Decimal>", "size"],

  // IEEE 754 doubles with one NaN; division by zero gives an infinity or NaN.
  ["float.add", "fn(Float, Float) -> Float", "constant"],
  ["float.subtract", "fn(Float, Float) -> Float", "constant"],
  ["float.multiply", "fn(Float, Float) -> Float", "constant"],
  ["float.divide", "fn(Float, Float) -> Float", "constant"],
  ["float.remainder", "fn(Float, Float) -> Float", "constant"],
  ["float.negate", "fn(Float) -> Float", "constant"],
  ["float.equal", "fn(Float, Float) -> Bool", "constant"],
  ["float.less", "fn(Float, Float) -> Bool", "constant"],
  ["float.lessOrEqual", "fn(Float, Float) -> Bool", "constant"],
  ["float.squareRoot", "fn(Float) -> Float", "constant"],
  ["float.floor", "fn(Float) -> Float", "constant"],
  ["float.isNan", "fn(Float) -> Bool", "constant"],
  ["float.isFinite", "fn(Float) -> Bool", "constant"],
  /** The exact decimal value; None for NaN and infinities. */
  ["float.toDecimal", "fn(Float) -> Option<Decimal>", "constant"],
  ["float.parse", "fn(Text) -> Option<Float>", "size"],

  // Arithmetic where only `Num` is known: both operands have the same kind at run time, which decides.
  ["num.add", "fn(a, a) -> a", "digits", { ...num, ...range }],
  ["num.subtract", "fn(a, a) -> a", "digits", { ...num, ...range }],
  ["num.multiply", "fn(a, a) -> a", "product", { ...num, ...range }],
  ["num.divide", "fn(a, a) -> a", "product", numDivide],
  ["num.remainder", "fn(a, a) -> a", "product", numDivide],
  ["num.negate", "fn(a) -> a", "digits", num],

  ["value.equal", "fn(a, a) -> Bool", "deep", eq],
  /** −1, 0 or 1. */
  ["value.compare", "fn(a, a) -> Int", "deep", ord],
  ["value.less", "fn(a, a) -> Bool", "deep", ord],
  ["value.lessOrEqual", "fn(a, a) -> Bool", "deep", ord],
  /** What `${…}` shows: a Text as it is, all else as `show` of content prints it. */
  ["value.show", "fn(a) -> Text", "deep", eq],

  ["text.length", "fn(Text) -> Int", "size"],
  ["text.concat", "fn(Text, Text) -> Text", "size"],
  ["text.join", "fn(List<Text>, Text) -> Text", "size"],
  ["text.slice", "fn(Text, Int, Int) -> Text", "size"],
  /** By an empty separator: the single code points. */
  ["text.split", "fn(Text, Text) -> List<Text>", "size"],
  ["text.indexOf", "fn(Text, Text) -> Option<Int>", "size"],
  ["text.replace", "fn(Text, Text, Text) -> Text", "size"],
  /** Without space, tab, carriage return and line feed at both ends. */
  ["text.trim", "fn(Text) -> Text", "size"],
  /** ASCII letters only: Unicode's tables change with the host. */
  ["text.asciiUpper", "fn(Text) -> Text", "size"],
  ["text.asciiLower", "fn(Text) -> Text", "size"],
  ["text.codePoints", "fn(Text) -> List<Int>", "size"],
  /** None when a number is no scalar value. */
  ["text.fromCodePoints", "fn(List<Int>) -> Option<Text>", "size"],
  ["text.toBytes", "fn(Text) -> Bytes", "size"],
  /** None when the bytes are not UTF-8. */
  ["text.fromBytes", "fn(Bytes) -> Option<Text>", "size"],

  ["bytes.length", "fn(Bytes) -> Int", "constant"],
  ["bytes.get", "fn(Bytes, Int) -> Option<Int>", "constant"],
  ["bytes.slice", "fn(Bytes, Int, Int) -> Bytes", "size"],
  ["bytes.concat", "fn(Bytes, Bytes) -> Bytes", "size"],
  ["bytes.toList", "fn(Bytes) -> List<Int>", "size"],
  /** None when a number is not in 0…255. */
  ["bytes.fromList", "fn(List<Int>) -> Option<Bytes>", "size"],
  /** Lower-case, two digits a byte. */
  ["bytes.toHex", "fn(Bytes) -> Text", "size"],
  /** Upper or lower case, without prefix. */
  ["bytes.fromHex", "fn(Text) -> Option<Bytes>", "size"],

  // `append` to the newest version of a list must be amortised constant: the library builds lists with it.
  ["list.length", "fn(List<a>) -> Int", "constant"],
  ["list.get", "fn(List<a>, Int) -> Option<a>", "constant"],
  ["list.at", "fn(List<a>, Int) -> a", "constant", range],
  ["list.set", "fn(List<a>, Int, a) -> List<a>", "size", range],
  ["list.slice", "fn(List<a>, Int, Int) -> List<a>", "size"],
  ["list.append", "fn(List<a>, a) -> List<a>", "constant"],
  ["list.prepend", "fn(List<a>, a) -> List<a>", "size"],
  ["list.concat", "fn(List<a>, List<a>) -> List<a>", "size"],
  ["list.flatten", "fn(List<List<a>>) -> List<a>", "size"],
  ["list.reverse", "fn(List<a>) -> List<a>", "size"],
  ["list.repeat", "fn(a, Int) -> List<a>", "size"],
  /** From the first number up to, not including, the second. */
  ["list.range", "fn(Int, Int) -> List<Int>", "size"],
  ["list.indexOf", "fn(List<a>, a) -> Option<Int>", "deep", eq],
  /** Stable. */
  ["list.sort", "fn(List<a>) -> List<a>", "sort", ord],
  /** By the first item of each pair; the second is not looked at. Stable. */
  ["list.sortPairs", "fn(List<(a, b)>) -> List<(a, b)>", "sort", ord],

  ["map.size", "fn(Map<k, v>) -> Int", "constant"],
  ["map.get", "fn(Map<k, v>, k) -> Option<v>", "search", key],
  ["map.has", "fn(Map<k, v>, k) -> Bool", "search", key],
  ["map.set", "fn(Map<k, v>, k, v) -> Map<k, v>", "search", key],
  ["map.remove", "fn(Map<k, v>, k) -> Map<k, v>", "search", key],
  ["map.keys", "fn(Map<k, v>) -> List<k>", "size"],
  ["map.values", "fn(Map<k, v>) -> List<v>", "size"],
  ["map.entries", "fn(Map<k, v>) -> List<(k, v)>", "size"],
  /** Of equal keys the last wins. */
  ["map.fromEntries", "fn(List<(k, v)>) -> Map<k, v>", "sort", key],
  /** Where both have a key, the second's value. */
  ["map.merge", "fn(Map<k, v>, Map<k, v>) -> Map<k, v>", "size", key],

  ["set.size", "fn(Set<a>) -> Int", "constant"],
  ["set.has", "fn(Set<a>, a) -> Bool", "search", eq],
  ["set.add", "fn(Set<a>, a) -> Set<a>", "search", eq],
  ["set.remove", "fn(Set<a>, a) -> Set<a>", "search", eq],
  ["set.toList", "fn(Set<a>) -> List<a>", "size"],
  ["set.fromList", "fn(List<a>) -> Set<a>", "sort", eq],
  ["set.union", "fn(Set<a>, Set<a>) -> Set<a>", "size", eq],
  ["set.intersection", "fn(Set<a>, Set<a>) -> Set<a>", "size", eq],
  ["set.difference", "fn(Set<a>, Set<a>) -> Set<a>", "size", eq],

  // Whole milliseconds, unbounded. `divide` truncates toward zero.
  ["duration.add", "fn(Duration, Duration) -> Duration", "digits", range],
  ["duration.subtract", "fn(Duration, Duration) -> Duration", "digits", range],
  ["duration.negate", "fn(Duration) -> Duration", "digits", range],
  ["duration.multiply", "fn(Duration, Int) -> Duration", "product", range],
  ["duration.divide", "fn(Duration, Int) -> Duration", "product", zero],
  ["duration.toMilliseconds", "fn(Duration) -> Int", "constant"],
  ["duration.fromMilliseconds", "fn(Int) -> Duration", "constant"],
  ["instant.add", "fn(Instant, Duration) -> Instant", "digits", range],
  ["instant.subtract", "fn(Instant, Duration) -> Instant", "digits", range],
  ["instant.since", "fn(Instant, Instant) -> Duration", "digits", range],
  ["instant.toMilliseconds", "fn(Instant) -> Int", "constant"],
  ["instant.fromMilliseconds", "fn(Int) -> Instant", "constant"],
  /** As a literal is written, without the `@`: `2025-06-01T12:00:00Z`. */
  ["instant.parse", "fn(Text) -> Option<Instant>", "size"],

  // Reserved assets: linear, so each is used up exactly once. `split` takes an amount between 0 and the whole.
  ["funds.split", "fn(Funds, Decimal) -> (Funds, Funds)", "digits", range],
  /** Both of one asset, else a fault. */
  ["funds.join", "fn(Funds, Funds) -> Funds", "digits", range],

  ["hash.of", "fn(a) -> Hash", "deep", eq],
  ["hash.toText", "fn(Hash) -> Text", "constant"],
  ["hash.parse", "fn(Text) -> Option<Hash>", "size"],

  // `Json` is declared in the library: JsonNull, JsonBool(value), JsonNumber(value), JsonText(value), JsonList(items),
  // JsonObject(fields). `print` gives the shortest text, keys in order; numbers are exact decimals.
  ["json.print", "fn(Json) -> Text", "deep"],
  /** Err says where the text stops being JSON. */
  ["json.parse", "fn(Text) -> Result<Json, Text>", "size"],
];

export const builtins: ReadonlyMap<string, Builtin> = new Map(
  rows.map(([name, type, cost, more = {}]) => [
    name,
    { name, version: 1, type, cost, faults: more.faults ?? [], constraints: more.where ?? {} },
  ]),
);
