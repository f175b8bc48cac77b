/** The front door of syntax: text to tree and back. */
export * as Literal from "./Literal.ts";
export { FILE_LENGTH_MAX, type Parsed, parse, parseExpression } from "./parse.ts";
export type * as Tree from "./Tree.ts";
