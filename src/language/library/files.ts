/** The standard library as trees. A file is parsed when something looks into it, and then once for all. */
import type { SourceFile } from "../names/collect.ts";
import { parse } from "../syntax/index.ts";
import type * as S from "../syntax/Tree.ts";
import { librarySources } from "./sources.generated.ts";

/** `library:list.tel` holds the module `list`: no file on a disk is called like it. */
const moduleAt = (path: string): string => path.slice(path.indexOf(":") + 1, -".tel".length);

export interface LibraryFile extends SourceFile {
  readonly module: string;
}

export const libraryFiles: readonly LibraryFile[] = librarySources.map((source) => {
  let parsed: S.File | undefined;
  return {
    path: source.path,
    module: moduleAt(source.path),
    library: true,
    get tree(): S.File {
      parsed ??= treeOf(source);
      return parsed;
    },
  };
});

/** The trees are never changed. */
function treeOf({ path, text }: (typeof librarySources)[number]): S.File {
  const { tree, problems } = parse(text, path);
  if (problems.length > 0) throw new Error(`internal error: ${path}: ${problems[0]!.message}`);
  if (tree.module?.text !== moduleAt(path)) throw new Error(`internal error: ${path} is not named like its module`);
  return tree;
}

export const libraryModules: ReadonlySet<string> = new Set(libraryFiles.map((file) => file.module));
