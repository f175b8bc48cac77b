/** One expression in the scope of some files: for `tb eval`, the REPL, and anything else that asks for a value. */
import type { Checked, Environment, Source } from "./Checked.ts";
import { type Checker, checkOnce } from "./checker.ts";
import { ownerOf, wordOf } from "./known/Known.ts";
import type { SourceFile } from "./names/collect.ts";
import type { Problem } from "./problems/Problem.ts";
import { parse, parseExpression } from "./syntax/index.ts";
import type * as S from "./syntax/Tree.ts";

/** The name of the file that problems in the expression carry. */
export const EXPRESSION_FILE = "<expression>";

export interface CheckedExpression extends Checked {
  /** The definition in `unit` whose value the expression is. */
  readonly definition: string;
}

/**
 * Sees everything that the files declare and that is known of the codebase, without `use`; where two modules declare one name, the module must be named.
 * The expression is pure: effects stand inside a `with`.
 */
export function checkExpression(
  text: string,
  sources: readonly Source[] = [],
  environment: Environment = {},
  checkTrees: Checker["checkTrees"] = checkOnce,
): CheckedExpression {
  const { expr, problems } = parseExpression(text, EXPRESSION_FILE);
  const span: S.Span = { start: 0, end: 0 };
  const name = (word: string): S.Name => ({ text: word, span });
  const items: S.Item[] = [];
  const taken = new Set<string>();
  for (const source of sources) {
    const { tree } = parse(source.text, source.path);
    const timelines: S.Name[] = [];
    for (const item of tree.items) {
      if (item.kind === "use" && item.path.text === "timelines")
        timelines.push(...(item.names ?? []).map((n) => name(n.text)));
    }
    if (timelines.length > 0) items.push(useOf(span, ["timelines"], timelines));
    if (tree.module === undefined) continue;
    const names = declared(tree).filter((word) => !taken.has(word));
    for (const word of names) taken.add(word);
    items.push(
      useOf(
        span,
        tree.module.parts.map((part) => part.text),
        names.map(name),
      ),
    );
  }
  const ofCodebase = new Map<string, string[]>();
  for (const one of environment.known ?? []) {
    const module = one.kind === "operation" ? ownerOf(ownerOf(one.name)) : ownerOf(one.name);
    if (module === "" || taken.has(wordOf(one.name))) continue;
    taken.add(wordOf(one.name));
    ofCodebase.set(module, [...(ofCodebase.get(module) ?? []), wordOf(one.name)]);
  }
  for (const [module, words] of ofCodebase) items.push(useOf(span, module.split("."), words.map(name)));
  if (environment.timelines !== undefined && environment.timelines.length > 0) {
    items.push(useOf(span, ["timelines"], environment.timelines.map(name)));
  }
  const watch: S.Watch = { kind: "watch", span: expr.span, value: expr };
  const tree: S.File = {
    kind: "file",
    span: { start: 0, end: text.length },
    doc: undefined,
    module: undefined,
    items: [...items, watch],
    comments: [],
  };
  const file: SourceFile = { path: EXPRESSION_FILE, tree, library: false };
  const checked = checkTrees(sources, [file], environment, problems as readonly Problem[]);
  const made = [...checked.typed.functions.values()].find((each) => each.file === EXPRESSION_FILE);
  return { ...checked, definition: made?.name ?? "" };
}

function useOf(span: S.Span, parts: readonly string[], names: readonly S.Name[]): S.Use {
  const path: S.Path = { text: parts.join("."), parts: parts.map((text) => ({ text, span })), span };
  return { kind: "use", span, path, hash: undefined, names };
}

/** What another file may import; constructors come with their type. */
function declared(tree: S.File): readonly string[] {
  const names = new Set<string>();
  for (const item of tree.items) {
    if ("name" in item) names.add(item.name.text);
    if (item.kind === "effect") for (const operation of item.operations) names.add(operation.name.text);
  }
  names.delete("");
  return [...names];
}
