/**
 * TEL text to its surface tree: hand-written recursive descent that reports every problem it can tell apart, leaves
 * `missing` nodes where it could not read, and never throws.
 */
import { closest } from "../../std/index.ts";
import { error, type Problem } from "../problems/Problem.ts";
import { isCloser } from "./brackets.ts";
import * as Cursor from "./Cursor.ts";
import { docOf, takeDoc } from "./docs.ts";
import { lex } from "./lex.ts";
import { commas } from "./lists.ts";
import {
  actionDecl,
  effectDecl,
  eventDecl,
  factDecl,
  fnDecl,
  handlerDecl,
  interfaceDecl,
  propDecl,
  testDecl,
  typeDecl,
} from "./parseDeclaration.ts";
import { expression } from "./parseExpression.ts";
import { programDecl } from "./parseProgram.ts";
import { type LexedComment, PROBLEMS_MAX } from "./Scanner.ts";
import { clauses, declarations, isWord, T } from "./Token.ts";
import type { Comment, Declaration, Doc, Expr, File, Item, Name, Path, Use } from "./Tree.ts";

/** UTF-16 units of one file. */
export const FILE_LENGTH_MAX = 10 * 1024 * 1024;

export type Parsed = { readonly tree: File; readonly problems: readonly Problem[] };

/** `file` is the name that problems carry. */
export function parse(text: string, file: string): Parsed {
  const problems: Problem[] = [];
  if (text.length > FILE_LENGTH_MAX) {
    problems.push(
      error(
        "TEL0001",
        file,
        { start: 0, end: 0 },
        `this file has ${text.length} characters, the limit is ${FILE_LENGTH_MAX}`,
        {
          hints: ["split it into modules"],
        },
      ),
    );
    return { tree: emptyFile, problems };
  }
  const tokens = lex(text, file, problems);
  const c = Cursor.of(file, tokens, problems);
  const doc = fileDoc(c);
  const module = moduleHeader(c);
  const items: Item[] = [];
  while (Cursor.kind(c) !== T.end) {
    const read = item(c);
    if (read !== undefined) items.push(read);
  }
  const comments = plainComments(tokens.text, tokens.comments, c.docComments);
  const tree: File = { kind: "file", span: { start: 0, end: text.length }, doc, module, items, comments };
  return { tree, problems: inOrder(problems, file) };
}

/** By place; with a last word where there may be more than were kept. */
function inOrder(problems: Problem[], file: string): readonly Problem[] {
  const sorted = problems.sort((a, b) => a.span.start - b.span.start);
  if (sorted.length < PROBLEMS_MAX) return sorted;
  const { span } = sorted[sorted.length - 1]!;
  return [...sorted, error("TEL0107", file, span, `after ${PROBLEMS_MAX} problems the parser says no more`)];
}

/** One expression and nothing else, as the command line and the REPL read it. */
export function parseExpression(
  text: string,
  file: string,
): { readonly expr: Expr; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const c = Cursor.of(file, lex(text.slice(0, FILE_LENGTH_MAX), file, problems), problems);
  const expr = expression(c);
  if (Cursor.kind(c) !== T.end) Cursor.expected(c, "the end of the expression");
  return { expr, problems: inOrder(problems, file) };
}

const emptyFile: File = {
  kind: "file",
  span: { start: 0, end: 0 },
  doc: undefined,
  module: undefined,
  items: [],
  comments: [],
};

/** The `////` lines before the first token. */
function fileDoc(c: Cursor.Cursor): Doc | undefined {
  const { comments } = c.tokens;
  let first = 0;
  while (first < comments.length && comments[first]!.token === 0 && comments[first]!.kind !== "moduleDoc") first++;
  let last = first;
  while (last < comments.length && comments[last]!.token === 0 && comments[last]!.kind === "moduleDoc") last++;
  return last === first || comments[first]!.token !== 0 ? undefined : docOf(c, first, last - 1);
}

function plainComments(text: string, comments: readonly LexedComment[], docs: ReadonlySet<number>): Comment[] {
  const plain: Comment[] = [];
  comments.forEach(({ start, end }, i) => {
    if (!docs.has(i)) plain.push({ text: text.slice(start, end).trimEnd(), span: { start, end } });
  });
  return plain;
}

function moduleHeader(c: Cursor.Cursor): Path | undefined {
  if (!Cursor.isSoft(c, "module")) return undefined;
  Cursor.advance(c);
  const read = path(c, "the name of the module");
  endOfItem(c);
  return read;
}

function path(c: Cursor.Cursor, what: string): Path {
  const parts: Name[] = [Cursor.word(c, what)];
  while (Cursor.kind(c) === T.dot && !Cursor.onNewLine(c)) {
    Cursor.advance(c);
    if (Cursor.kind(c) === T.braceOpen) {
      Cursor.report(c, "TEL0101", Cursor.span(c), "the names to use stand in parentheses: `use arb.math (Move, Pair)`");
      Cursor.skipGroup(c);
      break;
    }
    parts.push(Cursor.word(c, "the next part of the path"));
  }
  const span = Cursor.spanFrom(c, parts[0]!.span.start);
  return { text: parts.map((part) => part.text).join("."), parts, span };
}

function item(c: Cursor.Cursor): Item | undefined {
  if (Cursor.accept(c, T.semicolon)) return undefined;
  const doc = takeDoc(c);
  const before = c.problems.length;
  const read = itemHere(c, doc);
  if (read !== undefined) endOfItem(c, c.problems.length > before);
  return read;
}

function itemHere(c: Cursor.Cursor, doc: Doc | undefined): Item | undefined {
  const start = Cursor.start(c);
  if (Cursor.accept(c, T.greater)) {
    const value = expression(c);
    return { kind: "watch", span: Cursor.spanFrom(c, start), value };
  }
  if (Cursor.isSoft(c, "use")) return use(c);
  return declaration(c, doc) ?? unknownItem(c);
}

function declaration(c: Cursor.Cursor, doc: Doc | undefined): Declaration | undefined {
  if (!isWord(Cursor.kind(c))) return undefined;
  switch (Cursor.text(c)) {
    case "fn":
      return fnDecl(c, doc);
    case "type":
      return typeDecl(c, doc);
    case "fact":
      return factDecl(c, doc);
    case "action":
      return actionDecl(c, doc);
    case "event":
      return eventDecl(c, doc);
    case "effect":
      return effectDecl(c, doc);
    case "interface":
      return interfaceDecl(c, doc);
    case "handler":
      return handlerDecl(c, doc);
    case "program":
      return programDecl(c, doc);
    case "test":
      return testDecl(c, doc);
    case "prop":
      return propDecl(c, doc);
    default:
      return undefined;
  }
}

function use(c: Cursor.Cursor): Use {
  const from = Cursor.start(c);
  Cursor.advance(c);
  const read = path(c, "the name of a module");
  const hash = Cursor.kind(c) === T.hash ? Cursor.takeHash(c) : undefined;
  const listed = Cursor.kind(c) === T.parenOpen;
  const names = listed ? commas(c, T.parenClose, isWord, (inner) => Cursor.word(inner, "a name to use")) : undefined;
  return { kind: "use", span: Cursor.spanFrom(c, from), path: read, hash, names };
}

/** What other languages call a declaration. */
const foreign: ReadonlyMap<string, string> = new Map([
  ["func", "fn"],
  ["function", "fn"],
  ["def", "fn"],
  ["fun", "fn"],
  ["struct", "type"],
  ["enum", "type"],
  ["data", "type"],
  ["record", "type"],
  ["class", "type"],
  ["import", "use"],
  ["contract", "program"],
  ["ability", "effect"],
]);

/** What other languages write before a declaration. */
const modifiers = new Set(["pub", "public", "export", "private", "static", "async", "default"]);

function unknownItem(c: Cursor.Cursor): Item | undefined {
  const span = Cursor.span(c);
  const written = Cursor.text(c);
  if (modifiers.has(written) && !Cursor.newLineAhead(c, 1)) {
    const next = c.tokens.starts[c.at + 1]!;
    Cursor.report(c, "TEL0104", span, `TEL has no \`${written}\``, {
      hints: ["what a module declares, others may use"],
      fix: { title: "remove it", edits: [{ span: { start: span.start, end: next }, text: "" }] },
    });
    Cursor.advance(c);
    const read = declaration(c, undefined);
    if (read === undefined) skipToItem(c);
    return read;
  }
  if (Cursor.isSoft(c, "module"))
    Cursor.report(c, "TEL0121", span, "`module` stands once, before everything else in its file");
  else if (isCloser(Cursor.kind(c)))
    Cursor.report(c, "TEL0103", span, `this ${Cursor.found(c)} closes nothing`, {
      hints: ["a block before it may be closed too early"],
    });
  else if (isWord(Cursor.kind(c))) {
    const meant = foreign.get(written) ?? closest(written, [...declarations, "use"]);
    const isClause = (clauses as readonly string[]).includes(written);
    const isStep = written === "let" || Cursor.kindAhead(c, 1) === T.parenOpen || Cursor.kindAhead(c, 1) === T.dot;
    Cursor.report(c, "TEL0104", span, `no declaration starts with \`${written}\``, {
      hints: [
        isClause
          ? `\`${written}\` stands inside a \`program\``
          : meant !== undefined
            ? `did you mean \`${meant}\`?`
            : isStep
              ? Cursor.column(c) > 0
                ? "this looks like a step: a block before it may be closed too early"
                : "steps stand inside a `fn`; to see a value here, start the line with `>`"
              : `declarations start with ${declarations.map((one) => `\`${one}\``).join(", ")}`,
      ],
      ...(meant === undefined || isClause
        ? {}
        : { fix: { title: `replace by \`${meant}\``, edits: [{ span, text: meant }] } }),
    });
  } else
    Cursor.report(c, "TEL0104", span, `a declaration cannot start with ${Cursor.found(c)}`, {
      hints: ["to see a value here, start the line with `>`"],
    });
  skipToItem(c);
  return undefined;
}

/** After an item the line must end; what else stands there is reported unless the item itself was. */
function endOfItem(c: Cursor.Cursor, known = false): void {
  if (Cursor.onNewLine(c) || Cursor.kind(c) === T.semicolon || Cursor.kind(c) === T.end) return;
  if (known) {
    skipToItem(c);
    return;
  }
  if (Cursor.isSoft(c, "use") || Cursor.isDeclarationWord(c)) {
    const end = Cursor.lastEnd(c);
    Cursor.report(c, "TEL0105", { start: end, end }, "each declaration starts on a line of its own");
    return;
  }
  if (isCloser(Cursor.kind(c))) Cursor.report(c, "TEL0103", Cursor.span(c), `this ${Cursor.found(c)} closes nothing`);
  else Cursor.expected(c, "the end of the line");
  skipToItem(c);
}

/** To the next line that starts an item in the first column. */
function skipToItem(c: Cursor.Cursor): void {
  do Cursor.advance(c);
  while (Cursor.kind(c) !== T.end && !Cursor.isDeclarationHead(c) && !isWatch(c));
}

const isWatch = (c: Cursor.Cursor): boolean =>
  Cursor.kind(c) === T.greater && Cursor.onNewLine(c) && Cursor.column(c) === 0;
