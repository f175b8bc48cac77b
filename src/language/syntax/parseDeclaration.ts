/** Declarations of a file, except programs. */
import * as Cursor from "./Cursor.ts";
import { takeDoc } from "./docs.ts";
import * as Literal from "./Literal.ts";
import { braced } from "./lists.ts";
import { expression } from "./parseExpression.ts";
import { skipText } from "./parsePattern.ts";
import { bodyBlock } from "./parseStep.ts";
import { angles, neededResult, params, result, row } from "./parseType.ts";
import { isId, isWord, T, type TokenKind } from "./Token.ts";
import type {
  ActionDecl,
  Constructor,
  Doc,
  EffectDecl,
  EntrySignature,
  EventDecl,
  FactDecl,
  FnDecl,
  HandlerClause,
  HandlerDecl,
  Hash,
  InterfaceDecl,
  Name,
  Operation,
  PropDecl,
  TestDecl,
  Title,
  TypeDecl,
  TypeShape,
} from "./Tree.ts";

/** Each reads from its first word, which the caller has seen. */
type Reader<A> = (c: Cursor.Cursor, doc: Doc | undefined) => A;

const startOf = (c: Cursor.Cursor, doc: Doc | undefined): number => doc?.span.start ?? Cursor.start(c);

export const fnDecl: Reader<FnDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.id(c, "the name of the function");
  if (Cursor.kind(c) === T.less) {
    Cursor.report(c, "TEL0101", Cursor.span(c), "type variables are not declared", {
      hints: ["a type in small letters is a variable by itself: `fn same(x: a) -> a`"],
    });
    angles(c, typeAnyName);
  }
  const read = params(c, "body");
  const type = result(c);
  const labels = row(c);
  const body = bodyBlock(c, "`fn`");
  return { kind: "fn", span: Cursor.spanFrom(c, from), doc, name, params: read, result: type, row: labels, body };
};

export const typeDecl: Reader<TypeDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of a type");
  const parameters = Cursor.kind(c) === T.less ? angles(c, typeParameter) : [];
  const shape = typeShape(c);
  return { kind: "type", span: Cursor.spanFrom(c, from), doc, name, parameters, shape };
};

const typeAnyName = (c: Cursor.Cursor): Name => Cursor.word(c, "a type variable");

const typeParameter = (c: Cursor.Cursor): Name => Cursor.id(c, "a type parameter");

function typeShape(c: Cursor.Cursor): TypeShape {
  const from = Cursor.start(c);
  if (Cursor.kind(c) === T.parenOpen) {
    const fields = params(c, "fields");
    return { kind: "record", span: Cursor.spanFrom(c, from), fields };
  }
  if (Cursor.kind(c) === T.braceOpen) {
    Cursor.report(c, "TEL0101", Cursor.span(c), "the fields of a type stand in parentheses", {
      hints: ["write `type Pair(base: Text, quote: Text)`"],
    });
    Cursor.skipGroup(c);
    return { kind: "record", span: Cursor.spanFrom(c, from), fields: [] };
  }
  if (!Cursor.expect(c, T.equals, "a type is `type Pair(base: Text)` or `type Side = Buy | Sell`"))
    return { kind: "record", span: Cursor.spanFrom(c, from), fields: [] };
  Cursor.accept(c, T.pipe);
  const constructors = [variant(c)];
  for (;;) {
    if (Cursor.kind(c) === T.comma) {
      Cursor.report(c, "TEL0101", Cursor.span(c), "the cases of a type are separated by `|`", {
        fix: { title: "replace by `|`", edits: [{ span: Cursor.span(c), text: " |" }] },
      });
      Cursor.advance(c);
    } else if (!Cursor.accept(c, T.pipe)) break;
    constructors.push(variant(c));
  }
  return { kind: "variants", span: Cursor.spanFrom(c, from), constructors };
}

function variant(c: Cursor.Cursor): Constructor {
  const from = Cursor.start(c);
  const name = Cursor.up(c, "the name of a constructor");
  const fields = Cursor.kind(c) === T.parenOpen ? params(c, "fields") : [];
  return { span: Cursor.spanFrom(c, from), name, fields };
}

export const factDecl: Reader<FactDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of a fact");
  const read = params(c, "fields");
  const type = neededResult(c);
  return { kind: "fact", span: Cursor.spanFrom(c, from), doc, name, params: read, result: type };
};

export const actionDecl: Reader<ActionDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of an action");
  const read = params(c, "fields");
  const type = neededResult(c);
  return { kind: "action", span: Cursor.spanFrom(c, from), doc, name, params: read, result: type };
};

export const eventDecl: Reader<EventDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of an event");
  const read = params(c, "fields");
  return { kind: "event", span: Cursor.spanFrom(c, from), doc, name, params: read };
};

export const effectDecl: Reader<EffectDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of an effect");
  const operations = braced(c, { item: operation, startsItem: isWord, what: "an operation: `op name(…) -> Type`" });
  return { kind: "effect", span: Cursor.spanFrom(c, from), doc, name, operations };
};

/** The word that each item of some braces starts with. Without it nothing is taken, unless a name shows what is meant. */
function headWord(c: Cursor.Cursor, head: string): boolean {
  if (Cursor.isSoft(c, head) && isId(Cursor.kindAhead(c, 1))) {
    Cursor.advance(c);
    return true;
  }
  const isOther = (isId(Cursor.kind(c)) || Cursor.kind(c) === T.fn) && isId(Cursor.kindAhead(c, 1));
  if (isOther) {
    const span = Cursor.span(c);
    Cursor.report(c, "TEL0101", span, `expected \`${head}\`, found ${Cursor.found(c)}`, {
      fix: { title: `replace by \`${head}\``, edits: [{ span, text: head }] },
    });
    Cursor.advance(c);
  } else Cursor.expected(c, `\`${head}\``);
  return isId(Cursor.kind(c));
}

function operation(c: Cursor.Cursor): Operation {
  const doc = takeDoc(c);
  const from = startOf(c, doc);
  const known = headWord(c, "op");
  const name = known ? Cursor.takeName(c) : Cursor.noName(c);
  const read = known ? params(c, "fields") : [];
  const type = known ? neededResult(c) : ({ kind: "missing", span: name.span } as const);
  return { kind: "op", span: Cursor.spanFrom(c, from), doc, name, params: read, result: type };
}

export const interfaceDecl: Reader<InterfaceDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.up(c, "the name of an interface");
  Cursor.expect(c, T.equals, "an interface is known by its hash: `interface RiskDesk = #bafy… { … }`");
  const hash = neededHash(c);
  const entries = braced(c, {
    item: entrySignature,
    startsItem: isWord,
    what: "a signature: `entry name(…) -> Type`",
  });
  return { kind: "interface", span: Cursor.spanFrom(c, from), doc, name, hash, entries };
};

function neededHash(c: Cursor.Cursor): Hash {
  if (Cursor.kind(c) === T.hash) return Cursor.takeHash(c);
  Cursor.expected(c, "a hash");
  if (Cursor.kind(c) === T.bad) Cursor.advance(c);
  return Cursor.noName(c);
}

function entrySignature(c: Cursor.Cursor): EntrySignature {
  const doc = takeDoc(c);
  const from = startOf(c, doc);
  const known = headWord(c, "entry");
  const name = known ? Cursor.takeName(c) : Cursor.noName(c);
  const read = known ? params(c, "fields") : [];
  const type = known ? result(c) : undefined;
  return { kind: "entrySignature", span: Cursor.spanFrom(c, from), doc, name, params: read, result: type };
}

export const handlerDecl: Reader<HandlerDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const name = Cursor.id(c, "the name of the handler");
  const read = Cursor.kind(c) === T.parenOpen ? params(c, "body") : undefined;
  if (Cursor.isSoft(c, "for")) Cursor.advance(c);
  else Cursor.expected(c, "`for` and the name of an effect");
  const effect = Cursor.up(c, "the name of an effect");
  const labels = row(c);
  const clauses = braced(c, {
    item: handlerClause,
    startsItem: isId,
    what: "a clause: `operation(…) => value`",
  });
  return { kind: "handler", span: Cursor.spanFrom(c, from), doc, name, params: read, effect, row: labels, clauses };
};

function handlerClause(c: Cursor.Cursor): HandlerClause {
  const doc = takeDoc(c);
  const from = startOf(c, doc);
  const before = c.at;
  if ((Cursor.kind(c) === T.fn || Cursor.isSoft(c, "op")) && isId(Cursor.kindAhead(c, 1))) {
    const { start } = Cursor.span(c);
    Cursor.report(c, "TEL0101", Cursor.span(c), "a clause of a handler starts with the name of the operation", {
      hints: ["a clause is `operation(…) => value`"],
      fix: { title: "remove the word", edits: [{ span: { start, end: c.tokens.starts[c.at + 1]! }, text: "" }] },
    });
    Cursor.advance(c);
  }
  const name = Cursor.id(c, "the name of an operation");
  const read = c.at > before ? params(c, "body") : [];
  const hint = "a clause is `operation(…) => value`";
  const known = c.at > before && (Cursor.expect(c, T.fatArrow, hint) || Cursor.kind(c) === T.braceOpen);
  const body = known ? expression(c) : ({ kind: "missing", span: Cursor.missingSpan(c) } as const);
  return { kind: "handlerClause", span: Cursor.spanFrom(c, from), doc, name, params: read, body };
}

export const testDecl: Reader<TestDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const read = title(c);
  const body = bodyBlock(c, "`test`");
  return { kind: "test", span: Cursor.spanFrom(c, from), doc, title: read, body };
};

export const propDecl: Reader<PropDecl> = (c, doc) => {
  const from = startOf(c, doc);
  Cursor.advance(c);
  const read = title(c);
  const items = params(c, "body");
  const body = bodyBlock(c, "`prop`");
  return { kind: "prop", span: Cursor.spanFrom(c, from), doc, title: read, params: items, body };
};

function title(c: Cursor.Cursor): Title {
  const span = Cursor.span(c);
  const now: TokenKind = Cursor.kind(c);
  if (now === T.text) {
    const value = Literal.charsOf(Cursor.textBetween(c));
    Cursor.advance(c);
    return { value, span };
  }
  if (now === T.textOpen) {
    Cursor.report(c, "TEL0117", span, "a title cannot hold a text with holes", {
      hints: ["write `\\$` for a `$` before `{`"],
    });
    return { value: "", span: skipText(c) };
  }
  Cursor.expected(c, 'a title, such as `"adds up"`');
  return { value: "", span: Cursor.missingSpan(c) };
}
