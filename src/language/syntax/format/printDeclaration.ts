/** Declarations and the clauses of programs. */
import type {
  Clause,
  Constructor,
  Declaration,
  Doc as DocComment,
  EntrySignature,
  HandlerClause,
  Operation,
  Param,
  Span,
  StateField,
  TypeDecl,
  Use,
} from "../Tree.ts";
import type { Comments } from "./Comments.ts";
import { cat, comment, type Doc, group, ifBroken, indent, join, line } from "./Doc.ts";
import { braces, commasOf, type Item } from "./lists.ts";
import { openBlock, printArgs, printExpression } from "./printExpression.ts";
import { printParams, printResult, printRow, printTitle, printType } from "./printType.ts";

type Block = Parameters<typeof openBlock>[1];

export function printUse(use: Use): Doc {
  const hash = use.hash === undefined ? "" : ` #${use.hash.text}`;
  if (use.names === undefined) return `use ${use.path.text}${hash}`;
  const names = use.names.map(({ text }) => text);
  return cat(`use ${use.path.text}${hash} `, group(commasOf("(", names, ")")));
}

/** `///` lines above what they explain. */
const withDoc = (doc: DocComment | undefined, printed: Doc): Doc =>
  doc === undefined ? printed : cat(...docLines(doc, "///").map((text) => cat(text, line)), printed);

export const docLines = ({ text }: DocComment, slashes: string): Doc[] =>
  text.split("\n").map((one) => comment(one === "" ? slashes : `${slashes} ${one}`));

export function printDeclaration(comments: Comments, declaration: Declaration): Doc {
  return withDoc(declaration.doc, bare(comments, declaration));
}

/** The span between the name of a declaration and its end, in which comments of its parameters stand. */
const from = (name: { readonly span: Span }, end: number): Span => ({ start: name.span.end, end });

function headAndBody(comments: Comments, head: Doc, body: Block): Doc {
  const { inner, broken } = openBlock(comments, body);
  return group(cat(head, " ", inner), broken);
}

function bare(comments: Comments, declaration: Declaration): Doc {
  switch (declaration.kind) {
    case "fn": {
      const { name, params, result, row, body } = declaration;
      const span = from(name, body.span.start);
      const head = cat(
        `fn ${name.text}`,
        printParams(comments, params, span),
        printResult(result, true),
        printRow(row),
      );
      return headAndBody(comments, head, body);
    }
    case "type":
      return printTypeDecl(comments, declaration);
    case "fact":
    case "action": {
      const { kind, name, params, result, span } = declaration;
      return cat(`${kind} ${name.text}`, printParams(comments, params, from(name, span.end)), printResult(result));
    }
    case "event": {
      const { name, params, span } = declaration;
      return cat(`event ${name.text}`, printParams(comments, params, from(name, span.end)));
    }
    case "effect": {
      const { name, operations, span } = declaration;
      const items = operations.map((one): Item => ({ span: one.span, doc: () => printOperation(comments, one) }));
      return braced(comments, `effect ${name.text} `, items, from(name, span.end), operations.length <= 1);
    }
    case "interface": {
      const { name, hash, entries, span } = declaration;
      const items = entries.map((one): Item => ({ span: one.span, doc: () => printSignature(comments, one) }));
      const inside = { start: hash.span.end, end: span.end };
      return braced(comments, `interface ${name.text} = #${hash.text} `, items, inside, entries.length <= 1);
    }
    case "handler": {
      const { name, params, effect, row, clauses, span } = declaration;
      const shown = params === undefined ? "" : printParams(comments, params, from(name, effect.span.start));
      const head = cat(`handler ${name.text}`, shown, ` for ${effect.text}`, printRow(row), " ");
      const items = clauses.map((one): Item => ({ span: one.span, doc: () => printHandlerClause(comments, one) }));
      return braced(comments, head, items, { start: effect.span.end, end: span.end }, false);
    }
    case "program": {
      const { name, clauses, span } = declaration;
      const items = clauses.map(
        (clause): Item => ({ span: clause.span, doc: () => printClause(comments, clause), isTall: isTall(clause) }),
      );
      return braced(comments, `program ${name.text} `, items, from(name, span.end), false);
    }
    case "test":
      return headAndBody(comments, `test ${printTitle(declaration.title.value)}`, declaration.body);
    case "prop": {
      const { title, params, body } = declaration;
      const shown = printParams(comments, params, from(title, body.span.start));
      return headAndBody(comments, cat(`prop ${printTitle(title.value)} `, shown), body);
    }
  }
}

function braced(comments: Comments, head: Doc, items: readonly Item[], inside: Span, mayBeFlat: boolean): Doc {
  const { inner, broken } = braces(comments, items, inside.start, inside.end, mayBeFlat);
  return group(cat(head, inner), broken);
}

const isTall = (clause: Clause): boolean => clause.kind !== "state" && clause.kind !== "on";

function printTypeDecl(comments: Comments, { name, parameters, shape }: TypeDecl): Doc {
  const generics = parameters.length === 0 ? "" : `<${parameters.map(({ text }) => text).join(", ")}>`;
  const head = `type ${name.text}${generics}`;
  if (shape.kind === "record") return cat(head, printFields(comments, shape.fields, shape.span));
  const options = shape.constructors.map((one) => printConstructor(comments, one));
  if (options.length === 1) return cat(`${head} = `, options[0]!);
  return group(cat(`${head} =`, indent(cat(line, ifBroken("| "), join(options, cat(line, "| "))))));
}

const printFields = (comments: Comments, fields: readonly Param[], span: Span): Doc =>
  printParams(comments, fields, span);

const printConstructor = (comments: Comments, { name, fields, span }: Constructor): Doc =>
  fields.length === 0
    ? name.text
    : cat(name.text, printFields(comments, fields, { start: name.span.end, end: span.end }));

function printOperation(comments: Comments, { doc, name, params, result, span }: Operation): Doc {
  const shown = printParams(comments, params, from(name, span.end));
  return withDoc(doc, cat(`op ${name.text}`, shown, printResult(result)));
}

function printSignature(comments: Comments, { doc, name, params, result, span }: EntrySignature): Doc {
  const shown = printParams(comments, params, from(name, span.end));
  return withDoc(doc, cat(`entry ${name.text}`, shown, printResult(result)));
}

function printHandlerClause(comments: Comments, { doc, name, params, body }: HandlerClause): Doc {
  const shown = printParams(comments, params, from(name, body.span.start));
  return withDoc(doc, cat(name.text, shown, " => ", printExpression(comments, body)));
}

function printField(comments: Comments, field: StateField): Doc {
  const value = field.default === undefined ? "" : cat(" = ", printExpression(comments, field.default));
  return withDoc(field.doc, cat(`${field.name.text}: `, printType(field.type), value));
}

function printClause(comments: Comments, clause: Clause): Doc {
  if (clause.kind === "fn") return printDeclaration(comments, clause);
  return withDoc(clause.doc, bareClause(comments, clause));
}

function bareClause(comments: Comments, clause: Exclude<Clause, { kind: "fn" }>): Doc {
  switch (clause.kind) {
    case "state": {
      const { fields, span } = clause;
      const items = fields.map((one): Item => ({ span: one.span, doc: () => printField(comments, one) }));
      return braced(comments, "state ", items, span, fields.length <= 1);
    }
    case "entry": {
      const { exclusive, name, params, result, row, body } = clause;
      const shown = printParams(comments, params, from(name, body.span.start));
      const head = cat(
        `${exclusive ? "exclusive " : ""}entry ${name.text}`,
        shown,
        printResult(result, true),
        printRow(row),
      );
      return headAndBody(comments, head, body);
    }
    case "on": {
      const { trigger, subject, entry, args, span } = clause;
      const shown = printArgs(comments, args, { start: entry.span.end, end: span.end });
      return cat(`on ${trigger} `, printExpression(comments, subject), ` => ${entry.text}`, shown);
    }
    case "handshake": {
      const { params, row, body, span } = clause;
      const shown = printParams(comments, params, { start: clause.doc?.span.end ?? span.start, end: body.span.start });
      return headAndBody(comments, cat("handshake ", shown, printRow(row)), body);
    }
    case "migration": {
      const { params, body, to } = clause;
      const shown = printParams(comments, params, { start: to.span.end, end: body.span.start });
      return headAndBody(comments, cat(`migration ${clause.from.text} -> ${to.text} `, shown), body);
    }
  }
}
