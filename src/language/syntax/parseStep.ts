/** Blocks and the steps in them. */
import * as Cursor from "./Cursor.ts";
import { braced } from "./lists.ts";
import { expression, startsExpression, withoutArrow } from "./parseExpression.ts";
import { pattern } from "./parsePattern.ts";
import { type } from "./parseType.ts";
import { T, type TokenKind } from "./Token.ts";
import type { Block, Expr, Step } from "./Tree.ts";

export const isStepWord = (kind: TokenKind): boolean =>
  kind === T.let || kind === T.return || kind === T.abort || kind === T.assert;

const startsStep = (kind: TokenKind): boolean => isStepWord(kind) || startsExpression(kind);

const steps = { item: step, startsItem: startsStep, what: "a step", endsBefore: Cursor.isBlockOver };

export function block(c: Cursor.Cursor): Block {
  const from = Cursor.start(c);
  const read = braced(c, steps);
  return { kind: "block", span: Cursor.spanFrom(c, from), steps: read };
}

/** The block that `owner` needs; an expression in its place is read as the block's only step. */
export function bodyBlock(c: Cursor.Cursor, owner: string): Block {
  if (Cursor.kind(c) === T.braceOpen) return block(c);
  const { start } = Cursor.missingSpan(c);
  Cursor.expected(c, "`{`", `the body of ${owner} is a block in braces`);
  if (Cursor.kind(c) === T.fatArrow || Cursor.kind(c) === T.equals) {
    Cursor.advance(c);
    c.reportedAt = c.at;
    if (Cursor.kind(c) === T.braceOpen) return block(c);
  }
  if (Cursor.onNewLine(c) || !startsStep(Cursor.kind(c)))
    return { kind: "block", span: { start, end: start }, steps: [] };
  const only = step(c);
  return { kind: "block", span: only.span, steps: [only] };
}

/** `return x` where an expression must stand: reported, and read as `{ return x }`. */
export function stepInExpression(c: Cursor.Cursor): Expr {
  const from = Cursor.start(c);
  const word = Cursor.found(c);
  const at = c.at;
  const before = c.problems.length;
  const only = step(c);
  const end = Cursor.lastEnd(c);
  if (c.problems.length === before) {
    const behind = c.at;
    c.at = at;
    Cursor.report(c, "TEL0111", only.span, `${word} is a step, and an expression must stand here`, {
      hints: ["a step stands in braces: `{ return x }`"],
      fix: {
        title: "put it in braces",
        edits: [
          { span: { start: from, end: from }, text: "{ " },
          { span: { start: end, end }, text: " }" },
        ],
      },
    });
    c.at = behind;
  }
  return { kind: "block", span: Cursor.spanFrom(c, from), steps: [only] };
}

function step(c: Cursor.Cursor): Step {
  const from = Cursor.start(c);
  switch (Cursor.kind(c)) {
    case T.let:
      return letStep(c);
    case T.return: {
      Cursor.advance(c);
      const value = neededValue(c, "`return ()` returns nothing");
      return { kind: "return", span: Cursor.spanFrom(c, from), value };
    }
    case T.abort: {
      Cursor.advance(c);
      const value = neededValue(c, "`abort ()` leaves with nothing");
      return { kind: "abort", span: Cursor.spanFrom(c, from), value };
    }
    case T.assert: {
      Cursor.advance(c);
      const value = expression(c);
      return { kind: "assert", span: Cursor.spanFrom(c, from), value };
    }
    case T.id:
      return foreignStep(c) ?? expressionStep(c);
    default:
      return expressionStep(c);
  }
}

function neededValue(c: Cursor.Cursor, hint: string): Expr {
  const now = Cursor.kind(c);
  if (now === T.braceClose || now === T.semicolon) Cursor.expected(c, "a value", hint);
  return expression(c);
}

function letStep(c: Cursor.Cursor): Step {
  const from = Cursor.start(c);
  Cursor.advance(c);
  if (Cursor.isSoft(c, "mut") && Cursor.kindAhead(c, 1) === T.id) {
    Cursor.report(c, "TEL0120", Cursor.span(c), "every `let` is constant; there is no `mut`", {
      hints: ["give the next value a new name, or fold over a list; a program's `state` can change"],
    });
    Cursor.advance(c);
  }
  const read = pattern(c);
  const annotation = Cursor.accept(c, T.colon) ? type(c) : undefined;
  Cursor.expect(c, T.equals, "`let` gives a name to a value: `let x = 1`");
  const value = withoutArrow(c);
  return { kind: "let", span: Cursor.spanFrom(c, from), pattern: read, type: annotation, value };
}

function expressionStep(c: Cursor.Cursor): Step {
  const from = Cursor.start(c);
  const value = expression(c);
  if (Cursor.kind(c) !== T.equals || Cursor.onNewLine(c)) return { kind: "expr", span: value.span, value };
  if (!isPlace(value)) {
    const named = value.kind === "name" ? value.name.text : undefined;
    Cursor.report(c, "TEL0109", Cursor.span(c), "only `state` can be assigned to", {
      labels: [{ span: value.span, text: "this is a value, and values do not change" }],
      ...(named === undefined
        ? { hints: ["compare with `==`; give a value a name with `let`"] }
        : {
            hints: [`to name a value, write \`let ${named} = …\`; to compare, write \`==\``],
            fix: { title: "insert `let`", edits: [{ span: { start: from, end: from }, text: "let " }] },
          }),
    });
  }
  Cursor.advance(c);
  const assigned = expression(c);
  return { kind: "assign", span: Cursor.spanFrom(c, from), place: value, value: assigned };
}

function isPlace(expr: Expr): boolean {
  let root = expr;
  while (root.kind === "member" || root.kind === "index") root = root.target;
  return root.kind === "state" || root.kind === "missing";
}

/** Words with which other languages start a statement: what TEL has instead. */
const foreign: ReadonlyMap<string, string> = new Map([
  ["var", "write `let x = …`; a value does not change"],
  ["const", "write `let x = …`; every `let` is constant"],
  ["val", "write `let x = …`"],
  ["def", "write `let f = fn(x) { … }`"],
  ["func", "write `let f = fn(x) { … }`"],
  ["function", "write `let f = fn(x) { … }`"],
  ["for", "TEL has no loops: use `list.map`, `list.fold` or a function that calls itself"],
  ["while", "TEL has no loops: use `list.fold` or a function that calls itself"],
  ["loop", "TEL has no loops: use `list.fold` or a function that calls itself"],
  ["switch", "write `match x { pattern => value }`"],
  ["case", "a case of `match` is `pattern => value`"],
  ["try", "errors are values: write `f(x)?` or `match f(x) { Ok(v) => …; Err(e) => … }`"],
  ["throw", "errors are values: write `return Err(…)`"],
  ["await", "mark the effect instead: `f!(x)`"],
  ["async", "write the effects of a function in its row: `uses Observe`"],
]);

/** `for x in …`: a foreign word with another word behind it, which is no step of TEL. Skips the line. */
function foreignStep(c: Cursor.Cursor): Step | undefined {
  const next = Cursor.kindAhead(c, 1);
  if (Cursor.newLineAhead(c, 1) || !(next === T.id || next === T.up || next === T.parenOpen || next === T.braceOpen))
    return undefined;
  const written = Cursor.text(c);
  const hint = foreign.get(written);
  if (hint === undefined || (next === T.parenOpen && !isForeignHead(c))) return undefined;
  const from = Cursor.start(c);
  Cursor.report(c, "TEL0120", Cursor.span(c), `TEL has no \`${written}\``, { hints: [hint] });
  const isLet = (written === "var" || written === "const" || written === "val") && next === T.id;
  if (isLet) return letStep(c);
  do Cursor.skipGroup(c);
  while (!Cursor.onNewLine(c) && Cursor.kind(c) !== T.braceClose && Cursor.kind(c) !== T.end);
  const span = Cursor.spanFrom(c, from);
  return { kind: "expr", span, value: { kind: "missing", span } };
}

/** `while (…) {`: a call of an ordinary function has no block behind it. */
function isForeignHead(c: Cursor.Cursor): boolean {
  const closer = c.closers[c.at + 1]!;
  return closer > 0 && c.tokens.kinds[closer + 1] === T.braceOpen && c.tokens.newlines[closer + 1] === 0;
}
