/** What kind of thing is being written at a place, told by the tokens before it. */
import { lex, Token } from "../language/index.ts";

export type Context = { readonly wordStart: number; readonly before: Token.TokenKind } & (
  | { readonly kind: "after-dot" | "module" | "row" | "type" | "declaration" | "clause" | "expression" }
  | { readonly kind: "imports"; readonly module: string }
);

/** Reads the tokens before the caret; undefined inside a comment, a text or a number. */
export function contextAt(text: string, file: string, offset: number): Context | undefined {
  const tokens = lex(text.slice(0, offset), file, []);
  const { T } = Token;
  const { kinds, starts, ends, newlines, comments } = tokens;
  const lastComment = comments[comments.length - 1];
  if (lastComment !== undefined && lastComment.end === offset) return undefined;
  let last = tokens.count - 2;
  const isWord = last >= 0 && ends[last] === offset && Token.isWord(kinds[last] as Token.TokenKind);
  if (last >= 0 && ends[last] === offset && !isWord && isLiteral(kinds[last]!)) return undefined;
  const wordStart = isWord ? starts[last]! : offset;
  const startsLine = isWord
    ? newlines[last] === 1
    : newlines[tokens.count - 1] === 1 && text.lastIndexOf("\n", offset - 1) >= (ends[last] ?? 0);
  if (isWord) last--;
  const before = (last >= 0 ? kinds[last]! : T.end) as Token.TokenKind;
  const of = (kind: Exclude<Context["kind"], "imports">): Context => ({ kind, wordStart, before });
  if (before === T.dot && !(last > 0 && kinds[last - 1] === T.dot)) return of("after-dot");
  const wordAt = (i: number): string => (i >= 0 ? text.slice(starts[i], ends[i]) : "");
  if (wordAt(last) === "use" && newlines[last] === 1) return of("module");
  const braces = openBrackets(kinds, tokens.count - 1 - (isWord ? 1 : 0));
  const open = braces[braces.length - 1];
  if (open !== undefined && kinds[open] === T.parenOpen) {
    let i = open - 1;
    if (kinds[i] === T.hash) i--;
    const end = i;
    while (i > 0 && (kinds[i - 1] === T.dot || kinds[i] === T.dot)) i--;
    if (wordAt(i - 1) === "use" && newlines[i - 1] === 1)
      return { kind: "imports", module: text.slice(starts[i], ends[end]), wordStart, before };
  }
  if (inRow(kinds, last)) return of("row");
  if (
    before === T.arrow ||
    before === T.less ||
    (before === T.colon && isTypeColon(text, kinds, starts, ends, last, open))
  )
    return of("type");
  if (braces.length === 0 && startsLine) return of("declaration");
  if (open !== undefined && startsLine && wordAt(open - 2) === "program") return of("clause");
  return of("expression");
}

const isLiteral = (kind: number): boolean =>
  kind >= Token.T.int && kind <= Token.T.textClose && kind !== Token.T.textOpen && kind !== Token.T.textMiddle;

function openBrackets(kinds: Uint8Array, count: number): number[] {
  const { T } = Token;
  const open: number[] = [];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === T.parenOpen || kind === T.bracketOpen || kind === T.braceOpen) open.push(i);
    else if (kind === T.parenClose || kind === T.bracketClose || kind === T.braceClose) open.pop();
  }
  return open;
}

/** `uses Observe, …` */
function inRow(kinds: Uint8Array, last: number): boolean {
  const { T } = Token;
  let i = last;
  if (kinds[i] === T.uses) return true;
  while (i > 1 && kinds[i] === T.comma && Token.isWord(kinds[i - 1] as Token.TokenKind)) {
    i -= 2;
    if (kinds[i] === T.uses) return true;
  }
  return false;
}

/** A colon before a type, and not behind a label or a map's key. */
function isTypeColon(
  text: string,
  kinds: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  colon: number,
  open: number | undefined,
): boolean {
  const { T } = Token;
  const word = (i: number): string => (i >= 0 ? text.slice(starts[i], ends[i]) : "");
  if (kinds[colon - 2] === T.let || (open !== undefined && word(open - 1) === "state")) return true;
  if (open === undefined || kinds[open] !== T.parenOpen) return false;
  // `fn f(`, `type T(`, `op o(`, `fn(`: the brackets of parameters.
  const heads = ["fn", "type", "fact", "action", "event", "op", "entry", "handler", "migration"];
  return (
    heads.includes(word(open - 2)) ||
    kinds[open - 1] === T.fn ||
    word(open - 1) === "handshake" ||
    kinds[open - 1] === T.text
  );
}
