/** `program` and its clauses. */
import { closest } from "../../std/index.ts";
import * as Cursor from "./Cursor.ts";
import { takeDoc } from "./docs.ts";
import { braced, skipLine } from "./lists.ts";
import { fnDecl } from "./parseDeclaration.ts";
import { args, expression } from "./parseExpression.ts";
import { bodyBlock } from "./parseStep.ts";
import { params, result, row, type } from "./parseType.ts";
import { clauses as clauseWords, isWord, T, type TokenKind } from "./Token.ts";
import type {
  Clause,
  Doc,
  EntryClause,
  HandshakeClause,
  MigrationClause,
  OnClause,
  ProgramDecl,
  StateClause,
  StateField,
  Type,
  Version,
} from "./Tree.ts";

const startOf = (c: Cursor.Cursor, doc: Doc | undefined): number => doc?.span.start ?? Cursor.start(c);

export function programDecl(c: Cursor.Cursor, doc: Doc | undefined): ProgramDecl {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of a program");
  if (Cursor.kind(c) === T.version) {
    Cursor.report(c, "TEL0101", Cursor.span(c), "the version of a program stands in its `program.toml`", {
      fix: { title: "remove the version", edits: [{ span: Cursor.span(c), text: "" }] },
    });
    Cursor.advance(c);
  }
  c.inProgram = true;
  const read = braced(c, { item: clause, startsItem: isWord, what: "a clause of a program", endsBefore: isOver });
  c.inProgram = false;
  const known = read.filter((one) => one !== undefined);
  return { kind: "program", span: Cursor.spanFrom(c, from), doc, name, clauses: known };
}

const isOver = (c: Cursor.Cursor): boolean => Cursor.kind(c) !== T.fn && Cursor.isDeclarationHead(c);

function clause(c: Cursor.Cursor): Clause | undefined {
  const doc = takeDoc(c);
  c.clauseColumn = Cursor.column(c);
  if (Cursor.kind(c) === T.state) return stateClause(c, doc);
  if (Cursor.kind(c) === T.fn) return fnDecl(c, doc);
  if (Cursor.kind(c) !== T.id) {
    if (isWord(Cursor.kind(c))) unknownClause(c);
    return undefined;
  }
  switch (Cursor.text(c)) {
    case "exclusive":
    case "entry":
      return entryClause(c, doc);
    case "on":
      return onClause(c, doc);
    case "handshake":
      return handshakeClause(c, doc);
    case "migration":
      return migrationClause(c, doc);
    default:
      unknownClause(c);
      return undefined;
  }
}

function unknownClause(c: Cursor.Cursor): void {
  const written = Cursor.text(c);
  const meant = closest(written, clauseWords);
  Cursor.report(c, "TEL0112", Cursor.span(c), `a program has no clause \`${written}\``, {
    hints: [
      meant === undefined
        ? `the clauses are ${clauseWords.map((one) => `\`${one}\``).join(", ")}`
        : `did you mean \`${meant}\`?`,
    ],
    ...(meant === undefined
      ? {}
      : { fix: { title: `replace by \`${meant}\``, edits: [{ span: Cursor.span(c), text: meant }] } }),
  });
  do {
    skipLine(c);
    while (Cursor.accept(c, T.semicolon));
  } while (Cursor.kind(c) !== T.end && Cursor.kind(c) !== T.braceClose && Cursor.column(c) > c.clauseColumn);
}

function stateClause(c: Cursor.Cursor, doc: Doc | undefined): StateClause {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const fields = braced(c, {
    item: stateField,
    startsItem: isWord,
    what: "a field: `name: Type`",
    endsBefore: Cursor.isBlockOver,
  });
  return { kind: "state", span: Cursor.spanFrom(c, from), doc, fields };
}

function stateField(c: Cursor.Cursor): StateField {
  const doc = takeDoc(c);
  const from = startOf(c, doc);
  const before = c.at;
  const name = Cursor.word(c, "the name of a field");
  let read: Type = { kind: "missing", span: Cursor.missingSpan(c) };
  if (c.at > before && Cursor.expect(c, T.colon, "a field is `name: Type = value`")) read = type(c);
  const value = c.at > before && Cursor.accept(c, T.equals) ? expression(c) : undefined;
  return { span: Cursor.spanFrom(c, from), doc, name, type: read, default: value };
}

function entryClause(c: Cursor.Cursor, doc: Doc | undefined): EntryClause {
  const from = startOf(c, doc);
  const exclusive = Cursor.isSoft(c, "exclusive");
  if (exclusive) Cursor.advance(c);
  if (Cursor.isSoft(c, "entry")) Cursor.advance(c);
  else Cursor.expected(c, "`entry`");
  const name = Cursor.id(c, "the name of the entry");
  const read = params(c, "body");
  const answer = result(c);
  const labels = row(c);
  const body = bodyBlock(c, "`entry`");
  const span = Cursor.spanFrom(c, from);
  return { kind: "entry", span, doc, exclusive, name, params: read, result: answer, row: labels, body };
}

function onClause(c: Cursor.Cursor, doc: Doc | undefined): OnClause {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const trigger = triggerHere(c);
  const subject = expression(c);
  Cursor.expect(c, T.fatArrow, "a trigger is `on every 1m => entry(…)`");
  const entry = Cursor.id(c, "the name of an entry");
  if (Cursor.kind(c) === T.bang) {
    Cursor.report(c, "TEL0101", Cursor.span(c), "a trigger names an entry; nothing is called here, so no `!`", {
      fix: { title: "remove `!`", edits: [{ span: Cursor.span(c), text: "" }] },
    });
    Cursor.advance(c);
  }
  const known = Cursor.kind(c) === T.parenOpen;
  if (!known) Cursor.expected(c, "`(` and the arguments");
  const items = known ? args(c) : [];
  return { kind: "on", span: Cursor.spanFrom(c, from), doc, trigger, subject, entry, args: items };
}

function triggerHere(c: Cursor.Cursor): OnClause["trigger"] {
  for (const trigger of ["every", "at", "fact"] as const) {
    if (!Cursor.isSoft(c, trigger)) continue;
    Cursor.advance(c);
    return trigger;
  }
  Cursor.expected(c, "`every`, `at` or `fact`");
  return "every";
}

function handshakeClause(c: Cursor.Cursor, doc: Doc | undefined): HandshakeClause {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const read = params(c, "body");
  const labels = row(c);
  const body = bodyBlock(c, "`handshake`");
  return { kind: "handshake", span: Cursor.spanFrom(c, from), doc, params: read, row: labels, body };
}

function migrationClause(c: Cursor.Cursor, doc: Doc | undefined): MigrationClause {
  const start = startOf(c, doc);
  Cursor.advance(c);
  const from = version(c);
  Cursor.expect(c, T.arrow, "a migration is `migration 1.3.0 -> 1.4.0 (old) { … }`");
  const to = version(c);
  const read = params(c, "body");
  const body = bodyBlock(c, "`migration`");
  return { kind: "migration", span: Cursor.spanFrom(c, start), doc, from, to, params: read, body };
}

const isNumber = (kind: TokenKind): boolean => kind === T.int || kind === T.decimal;

function version(c: Cursor.Cursor): Version {
  if (Cursor.kind(c) === T.version) return Cursor.takeName(c);
  Cursor.expected(c, "a version", "a version has three numbers: `1.3.0`");
  if (isNumber(Cursor.kind(c))) return Cursor.takeName(c);
  return Cursor.noName(c);
}
