/**
 * What things are called in other languages. Whatever a word is led to exists, and where TEL has no such thing there is a
 * sentence instead; the tests ask the library.
 */

const types: readonly (readonly [name: string, others: string])[] = [
  ["Text", "String string str char Char"],
  ["Int", "Integer int integer long i32 i64 u32 u64 BigInt bigint Nat uint256"],
  ["Decimal", "Number number Rational BigDecimal"],
  ["Float", "Double double float f64"],
  ["Bool", "Boolean boolean bool"],
  ["Unit", "Void void Null"],
  ["List", "Array Vec Vector Seq Sequence"],
  ["Map", "Dict Dictionary HashMap Record"],
  ["Option", "Maybe Optional"],
  ["Result", "Either Promise"],
  ["Instant", "Date DateTime Time Timestamp"],
  ["Bytes", "Buffer ByteArray Uint8Array"],
];

const values: readonly (readonly [name: string, others: string])[] = [
  ["None", "null nil undefined none Nothing"],
  ["Some", "Just"],
  ["Ok", "Right Success"],
  ["Err", "Left Failure Error"],
  ["true", "True TRUE"],
  ["false", "False FALSE"],
];

const sentences: readonly (readonly [sentence: string, words: string])[] = [
  [
    "a program prints nothing: start a line with `> ` to see a value, or `emit!` an event",
    "print println console log puts",
  ],
  ["errors are values: `return Err(…)`; what must never be is an `assert`", "throw raise panic error"],
  ["there is no object to stand in: name the value", "this self"],
];

/** Words for one function of a module: whichever of them the module has is meant. */
const functions: readonly string[] = [
  "length size len count",
  "fold reduce foldl foldLeft foldr",
  "append push add snoc",
  "prepend cons unshift",
  "set put insert add",
  "contains has includes member elem exists",
  "concat extend plus",
  "filter where select keep",
  "map collect transform",
  "each forEach",
  "any some exists",
  "all every",
  "flatMap bind concatMap",
  "andThen bind flatMap chain",
  "head first",
  "get at nth lookup",
  "or withDefault getOrElse unwrapOr orDefault",
  "getOr getOrElse getOrDefault",
  "distinct unique uniq nub",
  "maximum max",
  "minimum min",
  "range upTo",
  "zip pair",
  "entries toList pairs items",
  "slice substring substr subList",
  "asciiLower toLower toLowerCase lower",
  "asciiUpper toUpper toUpperCase upper",
  "toText toString show str",
  "parse fromText fromString",
  "power pow",
  "squareRoot sqrt",
  "truncate toInt trunc",
  "toDecimal asDecimal",
  "ceiling ceil",
  "join intercalate",
  "mapError mapErr",
  "print stringify encode dump",
  "parse decode load",
];

const meant = new Map<string, string>();
for (const [name, others] of [...types, ...values]) for (const word of others.split(" ")) meant.set(word, name);

const said = new Map<string, string>();
for (const [sentence, words] of sentences) for (const word of words.split(" ")) said.set(word, sentence);

const groups = functions.map((words) => words.split(" "));

/** TEL's name for a type or value that another language calls `word`; `undefined` when none is known. */
export const otherName = (word: string): string | undefined => meant.get(word);

/** What to do where TEL has nothing like `word`. */
export const otherWay = (word: string): string | undefined => said.get(word);

/** The function among `names` that another language calls `word`. */
export function otherFunction(word: string, names: Iterable<string>): string | undefined {
  const known = new Set(names);
  for (const group of groups) {
    if (!group.includes(word)) continue;
    const found = group.find((each) => known.has(each));
    if (found !== undefined) return found;
  }
  return undefined;
}
