/** The front door of the formatter. */
export { type Formatted, format } from "./format.ts";
export { print, showDeclaration, showExpression, showPattern, showType } from "./print.ts";
export { sameTree } from "./sameTree.ts";
