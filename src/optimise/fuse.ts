import type { Work } from "./Pass.ts";
import type { Expression } from "./Tree.ts";
export function fuse(_work: Work, body: Expression): Expression {
  return body;
}
