/** The standard library as trees. */
import type { SourceFile } from "../names/collect.ts";
import { parse } from "../syntax/index.ts";
import { librarySources } from "./sources.generated.ts";

let library: readonly SourceFile[] | undefined;

/** Parsed once: the trees are never changed. */
export function libraryFiles(): readonly SourceFile[] {
  library ??= librarySources.map((source) => {
    const { tree, problems } = parse(source.text, source.path);
    if (problems.length > 0) throw new Error(`internal error: ${source.path}: ${problems[0]!.message}`);
    return { path: source.path, tree, library: true };
  });
  return library;
}
