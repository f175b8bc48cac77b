/** Literals of one token, except texts. */
import * as Cursor from "./Cursor.ts";
import { T } from "./Token.ts";
import type { LiteralExpr } from "./Tree.ts";

/** `undefined`, and nothing taken, when no such literal stands here. */
export function literal(c: Cursor.Cursor): LiteralExpr | undefined {
  const span = Cursor.span(c);
  switch (Cursor.kind(c)) {
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
      const value = Cursor.kind(c) === T.true;
      Cursor.advance(c);
      return { kind: "bool", span, value };
    }
    default:
      return undefined;
  }
}
