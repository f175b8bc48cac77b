/** What is told above a declaration: run this test, its cached result, the value of a watch line, who uses this. */
import type { Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import { references } from "./navigate.ts";

export type Lens = {
  readonly span: Tree.Span;
  readonly title: string;
  readonly command:
    | { readonly kind: "run-test"; readonly file: string; readonly test: string }
    | { readonly kind: "show-references"; readonly file: string; readonly offset: number }
    | undefined;
};

/** The result of a test by the hash of its definition, if it has run. */
export type TestResults = (hash: string) => "passed" | "failed" | undefined;

export function lenses(analysis: Analysis, file: string, results: TestResults = () => undefined): readonly Lens[] {
  const tree = analysis.trees.get(file);
  if (tree === undefined) return [];
  return tree.items.flatMap((item): Lens[] => {
    switch (item.kind) {
      case "test":
      case "prop": {
        const hash = hashOf(analysis, file, item);
        const result = hash === undefined ? undefined : results(hash);
        const before = result === "passed" ? "✓ cached · " : result === "failed" ? "✗ failed · " : "";
        const command = { kind: "run-test", file, test: item.title.value } as const;
        return [{ span: item.title.span, title: `${before}run ${item.kind}`, command }];
      }
      case "fn":
      case "type":
      case "handler": {
        const offset = item.name.span.start;
        const count = references(analysis, file, offset, false).length;
        const command = { kind: "show-references", file, offset } as const;
        return [{ span: item.name.span, title: `${count} ${count === 1 ? "use" : "uses"}`, command }];
      }
      default:
        return [];
    }
  });
}

function hashOf(analysis: Analysis, file: string, item: Tree.TestDecl | Tree.PropDecl): string | undefined {
  for (const definition of analysis.checked.typed.functions.values()) {
    if (definition.file === file && definition.nameSpan.start === item.title.span.start)
      return analysis.hashOf(definition.name);
  }
  return undefined;
}
