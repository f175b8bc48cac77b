/** Source text to the same text in the one layout. */
import { assert } from "../../../std/index.ts";
import type { Problem } from "../../problems/Problem.ts";
import { parse } from "../parse.ts";
import { print } from "./print.ts";
import { sameTree } from "./sameTree.ts";

export type Formatted =
  | { readonly ok: true; readonly text: string }
  /** A text with problems stays as it is: half-understood text must not be moved around. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function format(text: string, file: string): Formatted {
  const { tree, problems } = parse(text, file);
  if (problems.length > 0) return { ok: false, problems };
  const printed = print(tree, text);
  const again = parse(printed, file);
  const isKept = again.problems.length === 0 && sameTree(tree, again.tree);
  assert(isKept && tree.comments.length === again.tree.comments.length, `formatting would change ${file}`);
  return { ok: true, text: printed };
}
