/** Literals of one token, except texts. */
import * as Cursor from "./Cursor.ts";
import { T, type TokenKind } from "./Token.ts";
import type { LiteralExpr, Span } from "./Tree.ts";

/** `undefined`, and nothing taken, when no such literal stands here. */
export function literal(c: Cursor.Cursor): LiteralExpr | undefined {
  const now = Cursor.kind(c);
  return isLiteral(now) ? literalHere(c, now, Cursor.span(c)) : undefined;
}

const isLiteral = (kind: TokenKind): boolean =>
  (kind >= T.int && kind <= T.hash) || kind === T.true || kind === T.false;

function literalHere(c: Cursor.Cursor, now: TokenKind, span: Span): LiteralExpr | undefined {
  switch (now) {
    case T.int: {
      const text = Cursor.text(c);
      Cursor.advance(c);
      return { kind: "int", span, text };
    }
    case T.decimal: {
      const text = Cursor.text(c);
      Cursor.advance(c);
      return { kind: "decimal", span, text };
    }
    case T.float: {
      const text = Cursor.text(c).slice(0, -1);
      Cursor.advance(c);
      return { kind: "float", span, text };
    }
    case T.duration: {
      const text = Cursor.text(c);
      Cursor.advance(c);
      return { kind: "duration", span, text };
    }
    case T.instant: {
      const text = Cursor.text(c).slice(1);
      Cursor.advance(c);
      return { kind: "instant", span, text };
    }
    case T.hash:
      return { kind: "hash", span, hash: Cursor.takeHash(c) };
    case T.true:
    case T.false: {
      const value = now === T.true;
      Cursor.advance(c);
      return { kind: "bool", span, value };
    }
    default:
      return undefined;
  }
}
