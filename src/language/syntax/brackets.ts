/** Which bracket closes which, as far as a text with mistakes allows to tell. */
import type { Tokens } from "./Scanner.ts";
import { T } from "./Token.ts";

/** A closing brace further left than the line that opened it: a `}` may be missing before it. */
export type Suspect = { readonly open: number; readonly close: number };

export const isCloser = (kind: number): boolean =>
  kind === T.parenClose || kind === T.bracketClose || kind === T.braceClose;
export const isOpener = (kind: number): boolean =>
  kind === T.parenOpen || kind === T.bracketOpen || kind === T.braceOpen;

export const partner = (open: number): number =>
  open === T.parenOpen ? T.parenClose : open === T.bracketOpen ? T.bracketClose : T.braceClose;

/** Pairs brackets as well as a text with mistakes allows: `}` closes the nearest `{`, and what is open inside is lost. */
export function pairBrackets(tokens: Tokens): { readonly closers: Int32Array; readonly suspects: Suspect[] } {
  const { kinds, count } = tokens;
  const closers = new Int32Array(count);
  const suspects: Suspect[] = [];
  const stack: number[] = [];
  const indents: number[] = [];
  let indent = 0;
  for (let i = 0; i < count; i++) {
    const now = kinds[i]!;
    if (tokens.newlines[i] === 1) indent = indentAt(tokens, i);
    if (isOpener(now)) {
      indents[stack.length] = indent;
      stack.push(i);
    } else if (isCloser(now)) {
      let down = stack.length - 1;
      while (down >= 0 && partner(kinds[stack[down]!]!) !== now) {
        if (kinds[stack[down]!] === T.braceOpen) down = -1;
        down--;
      }
      if (down < 0) continue;
      const open = stack[down]!;
      closers[open] = i;
      stack.length = down;
      if (now === T.braceClose && tokens.newlines[i] === 1 && indent < indents[down]!)
        suspects.push({ open, close: i });
    }
  }
  return { closers, suspects };
}

/** White space before token `i`, the first of its line. */
function indentAt(tokens: Tokens, i: number): number {
  const from = tokens.starts[i]!;
  let lineStart = from;
  while (lineStart > 0 && tokens.text.charCodeAt(lineStart - 1) !== 10) lineStart--;
  return from - lineStart;
}
