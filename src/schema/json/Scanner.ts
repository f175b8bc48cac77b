/**
 * A JSON text under a cursor. The reader of states is driven by the schema, so there is no tree in between: numbers go
 * from their source text to exact values, duplicate keys and lone surrogates are refused, and every refusal has an offset.
 */
import { Decimal as D, type Decimal, Int } from "../../content/index.ts";

/** Leaves the reader; never escapes this layer. */
export class JsonRefusal {
  readonly what: string;
  readonly offset: number;
  /** `syntax`: not JSON. `value`: JSON, but not of the type. `bound`: too deep or too large. */
  readonly kind: "syntax" | "value" | "bound";
  /** Steps from the root, filled in by the containers on the way out. */
  readonly path: string[] = [];
  constructor(kind: "syntax" | "value" | "bound", what: string, offset: number) {
    this.kind = kind;
    this.what = what;
    this.offset = offset;
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const DOT = 46;
const UPPER_E = 69;
const LOWER_E = 101;
/** Longer numbers are refused: nothing counts that far, and the host's conversion is not linear. */
export const NUMBER_CHARS_MAX = 20_000;
/** Any 15 digits are exact in a double. */
const SAFE_DIGITS = 15;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** A class because it is the hot cursor of every state that is read. */
export class Scanner {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  fail(what: string, offset = this.at): never {
    throw new JsonRefusal("syntax", what, offset);
  }

  /** The code unit after white space; NaN at the end. */
  peek(): number {
    let unit = this.text.charCodeAt(this.at);
    while (unit === 32 || unit === 10 || unit === 13 || unit === 9) unit = this.text.charCodeAt(++this.at);
    return unit;
  }

  /** Takes the unit if it is next. */
  take(unit: number): boolean {
    if (this.peek() !== unit) return false;
    this.at++;
    return true;
  }

  expect(unit: number, where: string): void {
    if (!this.take(unit)) this.fail(`expected \`${String.fromCharCode(unit)}\` ${where}, found ${this.found()}`);
  }

  word(word: string): boolean {
    this.peek();
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** What stands here, for a message. */
  found(): string {
    const unit = this.peek();
    if (Number.isNaN(unit)) return "the end of the text";
    if (unit === QUOTE) return "a string";
    if (unit === 123) return "an object";
    if (unit === 91) return "a list";
    if (unit === MINUS || (unit >= ZERO && unit <= NINE)) return "a number";
    for (const word of ["true", "false", "null"]) if (this.text.startsWith(word, this.at)) return word;
    return `\`${String.fromCodePoint(this.text.codePointAt(this.at)!)}\``;
  }

  isString(): boolean {
    return this.peek() === QUOTE;
  }

  string(): string {
    if (this.peek() !== QUOTE) this.fail(`expected a string, found ${this.found()}`);
    const { text } = this;
    const start = this.at + 1;
    for (let i = start; ; i++) {
      const unit = text.charCodeAt(i);
      if (unit === QUOTE) {
        this.at = i + 1;
        return text.slice(start, i);
      }
      // Escapes, control characters, surrogates and the end of the text leave the fast path.
      if (unit === BACKSLASH || unit < 32 || (unit >= 0xd800 && unit <= 0xdfff) || Number.isNaN(unit)) {
        return this.slowString(start, i);
      }
    }
  }

  private slowString(start: number, from: number): string {
    const { text } = this;
    let out = text.slice(start, from);
    for (let i = from; ; ) {
      const unit = text.charCodeAt(i);
      if (unit === QUOTE) {
        this.at = i + 1;
        return out;
      }
      if (Number.isNaN(unit)) this.fail("the string does not end", start - 1);
      if (unit < 32) this.fail("a control character must be escaped in a string", i);
      const escapeAt = i;
      let point = unit;
      if (unit === BACKSLASH) {
        const plain = ESCAPES.get(text[i + 1] ?? "");
        if (plain !== undefined) {
          out += plain;
          i += 2;
          continue;
        }
        point = this.unicodeEscape(i);
        i += 6;
      } else i += 1;
      if (point >= 0xd800 && point <= 0xdbff) {
        const low = text.charCodeAt(i) === BACKSLASH ? this.unicodeEscape(i) : text.charCodeAt(i);
        if (!(low >= 0xdc00 && low <= 0xdfff)) this.fail("a lone surrogate is not text", escapeAt);
        i += text.charCodeAt(i) === BACKSLASH ? 6 : 1;
        out += String.fromCharCode(point, low);
      } else if (point >= 0xdc00 && point <= 0xdfff) this.fail("a lone surrogate is not text", escapeAt);
      else out += String.fromCharCode(point);
    }
  }

  private unicodeEscape(at: number): number {
    const digits = this.text.slice(at + 2, at + 6);
    if (this.text[at + 1] !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("unknown escape in a string", at);
    return Number.parseInt(digits, 16);
  }

  isNumber(): boolean {
    const unit = this.peek();
    return unit === MINUS || (unit >= ZERO && unit <= NINE);
  }

  /** The source text of a number. */
  number(): string {
    this.peek();
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) this.fail(`expected a number, found ${this.found()}`);
    const start = this.at;
    this.at = NUMBER.lastIndex;
    const next = this.text.charCodeAt(this.at);
    if (next >= ZERO && next <= NINE) this.fail("a number cannot start with 0", start);
    if (match[0].length > NUMBER_CHARS_MAX) {
      throw new JsonRefusal("bound", `a number has more than ${NUMBER_CHARS_MAX} characters`, start);
    }
    return match[0];
  }

  /** An integer from its digits; `undefined`, with the cursor unmoved, when the number has a fraction or an exponent. */
  int(): Int.Int | undefined {
    const { text } = this;
    const negative = this.peek() === MINUS;
    const start = this.at;
    let i = negative ? start + 1 : start;
    const first = text.charCodeAt(i);
    let value = 0;
    let unit = first;
    const digitsAt = i;
    while (unit >= ZERO && unit <= NINE) {
      value = value * 10 + (unit - ZERO);
      unit = text.charCodeAt(++i);
    }
    const digits = i - digitsAt;
    if (unit === DOT || unit === LOWER_E || unit === UPPER_E) return undefined;
    if (digits === 0 || digits > SAFE_DIGITS || (first === ZERO && digits > 1)) return Int.parse(this.number());
    this.at = i;
    return negative ? 0 - value : value;
  }

  /** A decimal from its digits; `undefined` when its exponent is beyond the bounds. */
  decimal(): Decimal.Decimal | undefined {
    const { text } = this;
    const negative = this.peek() === MINUS;
    const start = this.at;
    let i = negative ? start + 1 : start;
    const first = text.charCodeAt(i);
    let value = 0;
    let digits = 0;
    let exponent = 0;
    let unit = first;
    for (; unit >= ZERO && unit <= NINE; unit = text.charCodeAt(++i), digits++) value = value * 10 + (unit - ZERO);
    const plainZero = first !== ZERO || digits === 1;
    if (unit === DOT && digits > 0) {
      const pointAt = i;
      unit = text.charCodeAt(++i);
      for (; unit >= ZERO && unit <= NINE; unit = text.charCodeAt(++i), digits++) value = value * 10 + (unit - ZERO);
      exponent = pointAt + 1 - i;
      if (exponent === 0) return D.parse(this.number());
    }
    if (digits === 0 || digits > SAFE_DIGITS || !plainZero || unit === LOWER_E || unit === UPPER_E) {
      return D.parse(this.number());
    }
    this.at = i;
    return smallDecimal(negative ? -value : value, exponent);
  }

  /** Passes over one value of any kind, checking that it is JSON. */
  skip(depth: number): void {
    if (depth < 0) throw new JsonRefusal("bound", "nested too deeply", this.at);
    const unit = this.peek();
    if (unit === QUOTE) {
      this.string();
      return;
    }
    if (unit === 123) {
      this.at++;
      if (this.take(125)) return;
      do {
        this.string();
        this.expect(58, "after the key");
        this.skip(depth - 1);
      } while (this.take(44));
      this.expect(125, "or `,` in the object");
      return;
    }
    if (unit === 91) {
      this.at++;
      if (this.take(93)) return;
      do this.skip(depth - 1);
      while (this.take(44));
      this.expect(93, "or `,` in the list");
      return;
    }
    if (this.isNumber()) {
      this.number();
      return;
    }
    if (this.word("true") || this.word("false") || this.word("null")) return;
    this.fail(`expected a value, found ${this.found()}`);
  }
}

/** Most coefficients are small, and making a bigint is half the cost of a decimal. */
const SMALL_BIGINTS: readonly bigint[] = Array.from({ length: 1024 }, (_, i) => BigInt(i));

/** A decimal from a safe integer and an exponent, normalised before it becomes a bigint: that is what makes it cheap. */
export function smallDecimal(value: number, exponent: number): Decimal.Decimal {
  if (value === 0) return D.zero;
  let coefficient = value;
  let power = exponent;
  while (coefficient % 10 === 0) {
    coefficient /= 10;
    power++;
  }
  return { tag: "decimal", coefficient: SMALL_BIGINTS[coefficient] ?? BigInt(coefficient), exponent: power };
}
