/** Types, rows, parameters and patterns. */
import * as Literal from "../Literal.ts";
import type { Name, Param, Pattern, PatternItem, Row, Span, Type } from "../Tree.ts";
import type * as Comments from "./Comments.ts";
import { cat, type Doc, flatText, group, join } from "./Doc.ts";
import { commas, commasOf } from "./lists.ts";
import { printExpression, printLiteral } from "./printExpression.ts";

export function printType(type: Type): Doc {
  switch (type.kind) {
    case "named":
      return type.args.length === 0
        ? type.name.text
        : cat(type.name.text, group(commasOf("<", typeList(type.args), ">")));
    case "variable":
      return type.name.text;
    case "missing":
      return "_";
    case "tupleType": {
      const items = type.items.map((item, i) => {
        const next = type.items[i + 1];
        const isGreedy = next !== undefined && next.label === undefined && endsWithRow(item.type);
        return cat(label(item.label), isGreedy ? parenthesised(item.type) : printType(item.type));
      });
      return group(commasOf("(", items, ")"));
    }
    case "fnType": {
      const { params, result, row } = type;
      const isAmbiguous = row !== undefined && result.kind === "fnType";
      const shown = isAmbiguous ? parenthesised(result) : printType(result);
      return cat("fn", group(commasOf("(", typeList(params), ")")), " -> ", shown, printRow(row));
    }
  }
}

/** A function type whose row would take the next item of a list for one more label. */
function endsWithRow(type: Type): boolean {
  let end = type;
  while (end.kind === "fnType") {
    if (end.row !== undefined) return true;
    end = end.result;
  }
  return false;
}

const typeList = (types: readonly Type[]): Doc[] =>
  types.map((type, i) => (i < types.length - 1 && endsWithRow(type) ? parenthesised(type) : printType(type)));

const parenthesised = (type: Type): Doc => cat("(", printType(type), ")");

const label = (name: Name | undefined): string => (name === undefined ? "" : `${name.text}: `);

/** ` uses A, b`, with the space before it. */
export const printRow = (row: Row | undefined): string =>
  row === undefined ? "" : ` uses ${row.labels.map(({ text }) => text).join(", ")}`;

/** ` -> T`; in the head of a declaration, where a row may follow, a function type stands in parentheses. */
export const printResult = (type: Type | undefined, rowMayFollow = false): Doc => {
  if (type === undefined) return "";
  return cat(" -> ", rowMayFollow && type.kind === "fnType" ? parenthesised(type) : printType(type));
};

export function printParams(comments: Comments.Comments, params: readonly Param[], span: Span): Doc {
  const items = params.map((param, i) => ({ span: param.span, doc: () => printParam(comments, param, params[i + 1]) }));
  const { inner, broken } = commas(comments, "(", items, ")", span);
  return group(inner, broken);
}

function printParam(comments: Comments.Comments, param: Param, next: Param | undefined): Doc {
  const { name, type } = param;
  const isGreedy = type !== undefined && next !== undefined && next.type === undefined && endsWithRow(type);
  const shown = type === undefined ? "" : cat(": ", isGreedy ? parenthesised(type) : printType(type));
  const value = param.default === undefined ? "" : cat(" = ", printExpression(comments, param.default));
  return cat(name.text, shown, value);
}

/** Shorter patterns stay whole, and what follows them breaks: nobody reads `[`, `first,`, `..rest` on three lines. */
const WHOLE_COLUMNS_MAX = 60;

export function printPattern(pattern: Pattern): Doc {
  const doc = breakable(pattern);
  const flat = flatText(doc);
  return flat.length <= WHOLE_COLUMNS_MAX ? flat : doc;
}

function breakable(pattern: Pattern): Doc {
  switch (pattern.kind) {
    case "wildcard":
    case "missing":
      return "_";
    case "bind":
      return pattern.name.text;
    case "literal":
      return cat(pattern.negative ? "-" : "", printLiteral(pattern.value));
    case "constructor": {
      const { name, items, rest } = pattern;
      if (items.length === 0 && !rest) return name.text;
      return cat(name.text, group(commasOf("(", patternItems(items, rest), ")")));
    }
    case "tuplePattern":
      return group(commasOf("(", patternItems(pattern.items, pattern.rest), ")"));
    case "listPattern": {
      const { before, rest, after } = pattern;
      const middle = rest === undefined ? [] : [rest.name === undefined ? ".." : `..${rest.name.text}`];
      return group(commasOf("[", [...before.map(printPattern), ...middle, ...after.map(printPattern)], "]"));
    }
    case "or":
      return join(pattern.options.map(alternative), " | ");
    case "as":
      return cat(
        pattern.pattern.kind === "as" ? cat("(", printPattern(pattern.pattern), ")") : printPattern(pattern.pattern),
        ` as ${pattern.name.text}`,
      );
  }
}

const alternative = (pattern: Pattern): Doc =>
  pattern.kind === "or" || pattern.kind === "as" ? cat("(", printPattern(pattern), ")") : printPattern(pattern);

function patternItems(items: readonly PatternItem[], rest: boolean): Doc[] {
  const docs = items.map((item) => cat(label(item.label), printPattern(item.pattern)));
  return rest ? [...docs, ".."] : docs;
}

export const printTitle = (value: string): string => `"${Literal.spellingOf(value)}"`;
