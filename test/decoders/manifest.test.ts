/** TOML manifests: what any TOML printer may write is read back whole, and whatever else is refused at a place. */
import fc from "fast-check";
import { parse as parseOther } from "smol-toml";
import { describe, expect, test } from "vitest";
import { CODES, parseManifest, placeOfPath, type TomlData } from "../../src/schema/index.ts";
import { dataOf, parseToml, type Toml } from "../../src/schema/manifest/Toml.ts";
import { text } from "./arbitrary.ts";

// ------------------------------------------------------------------------------------------------ random TOML

type Table = { readonly [key: string]: TomlData };

const key = fc.oneof(fc.constantFrom("a", "b", "c-1", "1", "a.b", 'x"y', "__proto__"), text);
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0, 2n ** 53n, -(2n ** 53n), 2 ** 53 - 1),
);
const data: fc.Arbitrary<TomlData> = fc.letrec<{ data: TomlData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 3, depthIdentifier: "toml" },
    text,
    integer.map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) + 0 : n)),
    fc.boolean(),
    fc.array(tie("data"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("data")), { maxLength: 3 }).map(tableOf),
    fc.array(fc.array(fc.tuple(key, tie("data")), { maxLength: 2 }).map(tableOf), { minLength: 1, maxLength: 3 }),
  ),
})).data;
const document: fc.Arbitrary<Table> = fc.array(fc.tuple(key, data), { maxLength: 5 }).map(tableOf);

function tableOf(entries: readonly (readonly [string, TomlData])[]): Table {
  const table: { [key: string]: TomlData } = Object.create(null);
  for (const [name, item] of entries) table[name] = item;
  return table;
}

const isTable = (item: TomlData): item is Table => typeof item === "object" && !Array.isArray(item);
const isTables = (item: TomlData): item is readonly Table[] =>
  Array.isArray(item) && item.length > 0 && item.every(isTable);

/** Prints a document, choosing among TOML's ways to say the same by the numbers of `choices`, taken in turn. */
function print(root: Table, choices: readonly number[]): string {
  let turn = 0;
  const choose = (count: number): number => (choices[turn++ % choices.length] ?? 0) % count;
  const basic = (one: string) => JSON.stringify(one).replaceAll("\u007f", "\\u007F");
  const string = (one: string): string => {
    const isPlain = [...one].every((char) => char === "\t" || (char >= " " && char !== "\u007f"));
    if (choose(3) === 0 && isPlain && !one.includes("'")) return `'${one}'`;
    if (choose(3) === 0 && isPlain && !one.includes('"') && !one.includes("\\")) return `"""\n${one}"""`;
    return basic(one);
  };
  const name = (one: string): string => (/^[A-Za-z0-9_-]+$/.test(one) && choose(2) === 0 ? one : basic(one));
  const number = (one: number | bigint): string => {
    if (one >= 0 && choose(4) === 0) return `0x${one.toString(16).toUpperCase()}`;
    if (one >= 0 && choose(4) === 0) return `0b${one.toString(2)}`;
    return `${one > 0 && choose(3) === 0 ? "+" : ""}${one}`;
  };
  const inline = (item: TomlData): string => {
    if (typeof item === "string") return string(item);
    if (typeof item === "number" || typeof item === "bigint") return number(item);
    if (typeof item === "boolean") return String(item);
    if (!isTable(item))
      return `[${(item as readonly TomlData[]).map(inline).join(choose(2) === 0 ? ", " : " ,\n# note\n")}${choose(2) === 0 && (item as readonly TomlData[]).length > 0 ? "," : ""}]`;
    return `{ ${Object.entries(item)
      .map(([at, one]) => `${name(at)} = ${inline(one)}`)
      .join(", ")} }`;
  };
  const lines: string[] = [];
  const body = (table: Table, path: readonly string[]): void => {
    const headed: (readonly [string, TomlData])[] = [];
    for (const [at, item] of Object.entries(table)) {
      if ((isTable(item) || isTables(item)) && choose(3) > 0) headed.push([at, item]);
      else if (isTable(item) && Object.keys(item).length > 0 && choose(2) === 0)
        for (const [inner, one] of Object.entries(item)) lines.push(`${name(at)} . ${name(inner)}= ${inline(one)}`);
      else lines.push(`${name(at)} = ${inline(item)} # note`);
    }
    for (const [at, item] of headed) {
      const inner = [...path, at];
      const title = inner.map(name).join(" . ");
      for (const one of isTables(item) ? item : [item as Table]) {
        lines.push(isTables(item) ? `[[ ${title} ]]` : `[${title}]`);
        body(one, inner);
      }
    }
  };
  body(root, []);
  return lines.map((line) => `${line}${choose(5) === 0 ? "\r" : ""}\n`).join("");
}

const printed = fc
  .tuple(document, fc.array(fc.nat(59), { minLength: 1, maxLength: 40 }))
  .map(([root, choices]) => [root, print(root, choices)] as const);

/** Manifests with most of what may stand in one. */
const SAMPLES = [
  `[program]
name = "Arb"
version = "2.1.0"
schemaVersion = "2.1.0"
protocolVersions = [">=2.1.0 <4", "2.x"]
safeStateStrategy = "strict"
[schema]
version = "2.1.0"
reserved = ["old"]
[schema.fields]
total = { type = "decimal", default = 0.10 }
"users" = "map<text, list<int>>"
[schema.evolution]
allowed = ["add-optional-field"]
[[schema.migrations]]
op = "rename"
from = "a"
to = "b"
[timelines]
ethereum = "eip155:1"
[bindings]
Market = "market@2"
[facts.PriceOf]
slots = [{ at = 0x1F, type = "uint256" }]
`,
  `safeStateStrategy = "manual"
[effect]
name = "Pay"
version = "1.0.0"
handler = { hash = "bafy123" }
[effect.compatibility]
protocol_versions = ["2.x"]
[[effect.fallbacks]]
protocol = "2.1.x"
strategy = "use-alternative-implementation"
alternative_handler = "bafy456"
[adapter]
url = '''x'''
when = 2026-01-02T03:04:05Z
rate = -1_0.5e-3
`,
];

const PIECES = [
  "[",
  "]",
  "{",
  "}",
  "=",
  ".",
  ",",
  "\n",
  "\r",
  '"',
  "'",
  '"""',
  "'''",
  "#",
  "\\",
  "\\u",
  "\\uD800",
  "\uD800",
  "\0",
  "nan",
  "-inf",
  "-0",
  "-0.0",
  "9007199254740993",
  "1e999999999",
  "__proto__",
  "[[a]]\n",
  "a.b = 1\n",
  "\uFEFF",
  "[program]\n",
  "schema.fields = []\n",
  "1979-05-27",
  "=".repeat(50),
  "[".repeat(400),
  "{a=".repeat(400),
];

/** One to four changes of a text. */
const textEdits: fc.Arbitrary<(source: string) => string> = fc
  .array(
    fc.record({ at: fc.nat(), length: fc.nat(20), piece: fc.oneof(fc.constantFrom(...PIECES), text), how: fc.nat(4) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map(
    (edits) => (source) =>
      edits.reduce((now, { at, length, piece, how }) => {
        const place = at % (now.length + 1);
        const [before, middle, after] = [
          now.slice(0, place),
          now.slice(place, place + length),
          now.slice(place + length),
        ];
        return [
          before + piece + middle + after,
          before + after,
          before,
          before + middle + middle + after,
          before + piece + after,
        ][how]!;
      }, source),
  );

/** What the other reader gives, with big integers where ours has them. Undefined where it refuses. */
function other(source: string): unknown {
  try {
    return parseOther(source, { integersAsBigInt: true });
  } catch {
    return undefined;
  }
}

/** Both trees without the kinds of number that the readers give in their own ways: floats and dates. */
const plain = (item: unknown): unknown => {
  if (typeof item === "bigint") return item;
  if (typeof item === "number") return "a float";
  if (item instanceof Date) return "a date";
  if (Array.isArray(item)) return item.map(plain);
  if (typeof item === "object" && item !== null)
    return new Map(
      Object.entries(item)
        .map(([name, one]) => [name, plain(one)] as const)
        .sort(byKey),
    );
  return item;
};
const ours = (item: Toml): unknown => {
  switch (item.kind) {
    case "number":
      return item.integer ? BigInt(item.json!) : "a float";
    case "date":
      return "a date";
    case "array":
      return item.items.map(ours);
    case "table":
      return new Map([...item.entries].map(([name, one]) => [name, ours(one.value)] as const).sort(byKey));
    default:
      return item.value;
  }
};
const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);

describe("TOML", () => {
  test("is read back whole, however it was written, and every entry is where it says", () => {
    fc.assert(
      fc.property(printed, ([root, source]) => {
        const read = parseToml(source, "f.toml");
        if (!read.ok) throw new Error(`${read.error.what}\n${source}`);
        expect(dataOf(read.value)).toEqual(root);
      }),
      { numRuns: 300, seed: 20_261_126 },
    );
  });

  test("that was bent is refused with a place in the file, or means what another reader sees in it", () => {
    const start = fc.oneof(
      printed.map(([, source]) => source),
      fc.constantFrom(...SAMPLES),
    );
    let both = 0;
    fc.assert(
      fc.property(start, textEdits, (source, bend) => {
        const bent = bend(source);
        const read = parseToml(bent, "f.toml");
        if (!read.ok) {
          const { code, what, at } = read.error;
          expect(["SCH0101", "SCH0117"]).toContain(code);
          expect(what).not.toBe("");
          expect(at!.line).toBeGreaterThanOrEqual(1);
          expect(at!.column).toBeGreaterThanOrEqual(1);
          return;
        }
        const theirs = other(bent);
        if (theirs === undefined) return;
        both++;
        expect(ours(read.value)).toEqual(plain(theirs));
      }),
      { numRuns: 600, seed: 20_261_126 },
    );
    expect(both).toBeGreaterThan(50);
  });
});

describe("a manifest", () => {
  test.each(SAMPLES)("sample %# is one", (source) => {
    expect(parseManifest(source, "f.toml")).toMatchObject({ ok: true });
  });

  test("that was bent gives a manifest or problems with known codes, never an exception", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), textEdits, fc.array(text, { maxLength: 3 }), (source, bend, path) => {
        const read = parseManifest(bend(source), "f.toml");
        if (read.ok) {
          expect(placeOfPath(read.value.toml, path.join("."))).toMatchObject({ file: "f.toml" });
          return;
        }
        expect(read.error.length).toBeGreaterThan(0);
        for (const { code, what } of read.error) {
          expect(Object.keys(CODES)).toContain(code);
          expect(what).not.toBe("");
        }
      }),
      { numRuns: 600, seed: 20_261_126 },
    );
  });
});
