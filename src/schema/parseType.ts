/**
 * Type text → type. Recursive descent with positions and did-you-mean; stops at the first error of one text, as the rest
 * of a line would only guess. Names and defaults are checked afterwards, when all named types are known.
 * Grammar: docs/spec/schema.md §1.
 */
import { closest, err, ok, type Result } from "../std/index.ts";
import { JsonRefusal, Scanner } from "./json/Scanner.ts";
import type { Code, Place, Problem } from "./Problem.ts";
import { printName } from "./printType.ts";
import * as T from "./Type.ts";

/** Nesting inside one type text. Deeper structure needs names. */
export const TYPE_DEPTH_LEVELS_MAX = 64;
export const TYPE_TEXT_CHARS_MAX = 65_536;
/** Fixed lengths of lists and byte strings, digits of decimals. */
export const FIXED_LENGTH_MAX = 65_536;
export const DECIMAL_PRECISION_MAX = 1000;

export interface ParsedType {
  readonly type: T.Type;
  /** Fields that have a default literal, by identity, with its JSON source. */
  readonly literals: readonly { readonly field: T.Field; readonly json: string; readonly at: Place }[];
  /** Every use of a name, to be checked against the declared types. */
  readonly names: readonly { readonly name: string; readonly at: Place }[];
}

/** Where the offset of a type text is in its file. */
export type PlaceOf = (offset: number) => Place;

const SIMPLE: ReadonlyMap<string, T.Type> = new Map<string, T.Type>([
  ["bool", T.bool],
  ["int", T.int()],
  ["int8", T.int(8)],
  ["int16", T.int(16)],
  ["int32", T.int(32)],
  ["int64", T.int(64)],
  ["nat", T.nat()],
  ["nat8", T.nat(8)],
  ["nat16", T.nat(16)],
  ["nat32", T.nat(32)],
  ["nat64", T.nat(64)],
  ["float", T.float(64)],
  ["float32", T.float(32)],
  ["text", T.text],
  ["duration", T.duration],
  ["instant", T.instant],
  ["asset", T.asset],
  ["hash", T.hash],
  ["unit", T.unit],
]);
const WITH_PARTS = ["decimal", "bytes", "option", "list", "map", "set", "tuple", "record", "variant"];
export const TYPE_WORDS: readonly string[] = [...SIMPLE.keys(), ...WITH_PARTS];

/** What people of other systems write. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["str", "text"],
  ["varchar", "text"],
  ["boolean", "bool"],
  ["integer", "int"],
  ["bigint", "int"],
  ["long", "int64"],
  ["i8", "int8"],
  ["i16", "int16"],
  ["i32", "int32"],
  ["i64", "int64"],
  ["uint", "nat"],
  ["uint8", "nat8"],
  ["uint16", "nat16"],
  ["uint32", "nat32"],
  ["uint64", "nat64"],
  ["uint256", "nat"],
  ["u8", "nat8"],
  ["u16", "nat16"],
  ["u32", "nat32"],
  ["u64", "nat64"],
  ["number", "decimal"],
  ["numeric", "decimal"],
  ["double", "float"],
  ["float64", "float"],
  ["f32", "float32"],
  ["f64", "float"],
  ["blob", "bytes"],
  ["binary", "bytes"],
  ["timestamp", "instant"],
  ["datetime", "instant"],
  ["date", "instant"],
  ["time", "instant"],
  ["interval", "duration"],
  ["cid", "hash"],
  ["optional", "option<T>"],
  ["maybe", "option<T>"],
  ["nullable", "option<T>"],
  ["array", "list<T>"],
  ["vec", "list<T>"],
  ["vector", "list<T>"],
  ["repeated", "list<T>"],
  ["dict", "map<K, V>"],
  ["object", "record{…} or map<text, V>"],
  ["hashmap", "map<K, V>"],
  ["struct", "record{…}"],
  ["message", "record{…}"],
  ["enum", "variant{…}"],
  ["union", "variant{…}"],
  ["oneof", "variant{…}"],
  ["void", "unit"],
  ["null", "option<T>"],
]);

/** The reserved words in any case, and close misspellings of known names. */
export function suggestType(word: string, declared: Iterable<string>): string | undefined {
  return ELSEWHERE.get(word.toLowerCase()) ?? closest(word, [...TYPE_WORDS, ...declared]);
}

const FORMS: { readonly [head: string]: string } = {
  record: "record{a: int, b: option<text>}",
  variant: "variant{open, closed: instant}",
};

class Failure {
  readonly problem: Problem;
  constructor(problem: Problem) {
    this.problem = problem;
  }
}

export function parseType(source: string, placeOf: PlaceOf): Result<ParsedType, Problem> {
  const literals: { field: T.Field; json: string; at: Place }[] = [];
  const names: { name: string; at: Place }[] = [];
  let at = 0;

  const fail = (what: string, offset = at, code: Code = "SCH0110", fix?: string): never => {
    throw new Failure({ code, what, at: placeOf(offset), ...(fix === undefined ? {} : { fix }) });
  };
  const space = () => {
    while (/\s/.test(source[at] ?? "")) at++;
  };
  const found = () => {
    space();
    if (at >= source.length) return "the end of the type";
    return `\`${/^[A-Za-z0-9_]+/.exec(source.slice(at, at + 40))?.[0] ?? String.fromCodePoint(source.codePointAt(at)!)}\``;
  };
  const take = (mark: string): boolean => {
    space();
    if (source[at] !== mark) return false;
    at++;
    return true;
  };
  const expect = (mark: string, where: string) => {
    if (!take(mark)) fail(`expected \`${mark}\` ${where}, found ${found()}`);
  };
  const word = (): string | undefined => {
    space();
    const match = /^[A-Za-z_][A-Za-z0-9_]*/.exec(source.slice(at, at + 256))?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  const name = (what: string): string => {
    space();
    if (source[at] === '"') return json((scanner) => scanner.string());
    return word() ?? fail(`expected ${what}, found ${found()}`);
  };
  const json = <R>(read: (scanner: Scanner) => R): R => {
    const scanner = new Scanner(source, at);
    try {
      const result = read(scanner);
      at = scanner.at;
      return result;
    } catch (error) {
      if (error instanceof JsonRefusal) return fail(error.what, error.offset);
      throw error;
    }
  };
  const count = (what: string, least: number, most: number): number => {
    space();
    const start = at;
    const digits = /^[0-9]+/.exec(source.slice(at, at + 16))?.[0] ?? fail(`expected ${what}, found ${found()}`);
    at += digits.length;
    const value = Number(digits);
    if (value < least || value > most) fail(`${what} must be ${least} to ${most}, found ${digits}`, start);
    return value;
  };
  const angled = (head: string, depth: number): T.Type => {
    expect("<", `after \`${head}\``);
    const item = type(depth + 1);
    expect(">", `to close \`${head}<\``);
    return item;
  };
  /** Items between braces, with a comma between and perhaps after them; names once each. */
  const braced = <I extends { readonly name: string }>(head: string, read: () => I): I[] => {
    space();
    if (source[at] === "<") fail(`\`${head}\` takes braces`, at, "SCH0110", FORMS[head]);
    expect("{", `after \`${head}\``);
    const items: I[] = [];
    const seen = new Set<string>();
    while (!take("}")) {
      if (items.length > 0) {
        expect(",", `or \`}\` in \`${head}\``);
        if (take("}")) return items;
      }
      space();
      const start = at;
      const item = read();
      if (seen.has(item.name)) fail(`\`${item.name}\` stands twice in \`${head}\``, start, "SCH0108");
      seen.add(item.name);
      items.push(item);
    }
    return items;
  };

  const type = (depth: number): T.Type => {
    if (depth > TYPE_DEPTH_LEVELS_MAX) {
      fail(
        `types nest deeper than ${TYPE_DEPTH_LEVELS_MAX} levels`,
        at,
        "SCH0115",
        "give an inner part a name in [schema.types]",
      );
    }
    space();
    const start = at;
    if (source[at] === '"') {
      const quoted = name("a type");
      names.push({ name: quoted, at: placeOf(start) });
      return T.ref(quoted);
    }
    const head = word() ?? fail(`expected a type, found ${found()}`);
    const known = SIMPLE.get(head);
    if (known !== undefined) return known;
    switch (head) {
      case "decimal": {
        if (!take("(")) return T.decimal();
        const precision = count("the number of digits", 1, DECIMAL_PRECISION_MAX);
        expect(",", "between precision and scale");
        const scale = count("the digits after the point", 0, precision);
        expect(")", "after precision and scale");
        return T.decimal({ precision, scale });
      }
      case "bytes": {
        if (!take("[")) return T.bytes();
        const length = count("the number of bytes", 0, FIXED_LENGTH_MAX);
        expect("]", "after the number of bytes");
        return T.bytes(length);
      }
      case "option":
        return T.option(angled(head, depth));
      case "set":
        return T.set(angled(head, depth));
      case "list": {
        if (!take("[")) return T.list(angled(head, depth));
        const length = count("the number of items", 0, FIXED_LENGTH_MAX);
        expect("]", "after the number of items");
        return T.list(angled(`list[${length}]`, depth), length);
      }
      case "map": {
        expect("<", "after `map`");
        const key = type(depth + 1);
        expect(",", "between the key and the value of a map");
        const item = type(depth + 1);
        expect(">", "to close `map<`");
        return T.map(key, item);
      }
      case "tuple": {
        expect("<", "after `tuple`");
        const items: T.Type[] = [];
        while (!take(">")) {
          if (items.length > 0) expect(",", "or `>` in `tuple<`");
          items.push(type(depth + 1));
        }
        return T.tuple(items);
      }
      case "record":
        return T.record(
          braced("record", () => {
            space();
            const place = placeOf(at);
            const fieldName = name("a field name");
            expect(":", `between \`${fieldName}\` and its type`);
            const fieldType = type(depth + 1);
            const field = T.field(fieldName, fieldType, { at: place });
            if (take("=")) {
              space();
              const literalAt = at;
              json((scanner) => scanner.skip(TYPE_DEPTH_LEVELS_MAX));
              literals.push({ field, json: source.slice(literalAt, at), at: placeOf(literalAt) });
            }
            return field;
          }),
        );
      case "variant": {
        const cases = braced("variant", () => {
          space();
          const place = placeOf(at);
          const caseName = name("a case name");
          return T.variantCase(caseName, take(":") ? type(depth + 1) : undefined, place);
        });
        if (cases.length === 0) fail("a variant needs at least one case", start, "SCH0112");
        return T.variant(cases);
      }
      default: {
        space();
        if ("<{([".includes(source[at] ?? " ")) {
          const near = suggestType(head, []);
          const hint = near === undefined ? "" : `; did you mean \`${near}\`?`;
          fail(`unknown type \`${head}\`${hint}`, start, "SCH0111");
        }
        names.push({ name: head, at: placeOf(start) });
        return T.ref(head);
      }
    }
  };

  try {
    if (source.length > TYPE_TEXT_CHARS_MAX) {
      fail(`a type text has more than ${TYPE_TEXT_CHARS_MAX} characters`, 0, "SCH0115");
    }
    const parsed = type(0);
    space();
    if (at < source.length) fail(`expected the end of the type, found ${found()}`);
    return ok({ type: parsed, literals, names });
  } catch (error) {
    if (error instanceof Failure) return err(error.problem);
    throw error;
  }
}

/** Type words cannot be names of types. */
export const isTypeWord = (name: string): boolean => TYPE_WORDS.includes(name);

/** How a type that is not known is reported. */
export function unknownType(name: string, at: Place, declared: Iterable<string>): Problem {
  const names = [...declared];
  const near = suggestType(name, names);
  return {
    code: "SCH0111",
    what: `unknown type \`${printName(name)}\`${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
    at,
    fix: near !== undefined ? `write \`${near}\`` : `declare it:\n[schema.types]\n${printName(name)} = "record{…}"`,
  };
}
