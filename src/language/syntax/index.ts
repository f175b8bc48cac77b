/** The front door of syntax: text to tree and back. */
export {
  type Formatted,
  format,
  print,
  sameTree,
  showDeclaration,
  showExpression,
  showPattern,
  showType,
} from "./format/index.ts";
export * as Literal from "./Literal.ts";
export { type LexedComment, lex, type Tokens } from "./lex.ts";
export { FILE_LENGTH_MAX, type Parsed, parse, parseExpression } from "./parse.ts";
export * as Token from "./Token.ts";
export type * as Tree from "./Tree.ts";
