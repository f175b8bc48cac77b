/** The walk from text to Core: parse, names, types, effects, lower. */

import { lower } from "./core/lower.ts";
import type * as Core from "./core/Tree.ts";
import { validate } from "./effects/validate.ts";
import type { Known } from "./known/Known.ts";
import { knownTrees } from "./known/trees.ts";
import { librarySources } from "./library/sources.generated.ts";
import type { SourceFile } from "./names/collect.ts";
import { resolve } from "./names/resolve.ts";
import type { Resolved } from "./names/Tree.ts";
import { compare, error, type Problem } from "./problems/Problem.ts";
import { parse } from "./syntax/index.ts";
import type { Span } from "./syntax/Tree.ts";
import { checkTypes, type Typed } from "./types/check.ts";

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What the manifest and the codebase say. */
export interface Environment {
  /** Names under [timelines]; undefined: any name may be used. */
  readonly timelines?: readonly string[];
  /** Names under [assets]; undefined: any text may be an asset. */
  readonly assets?: readonly string[];
  /** [bindings]: interface → the program it stands for. */
  readonly bindings?: ReadonlyMap<string, string>;
  /** Labels that the manifest grants; undefined: all. */
  readonly granted?: readonly string[];
  /** The full name under which the files hold what `#hash` stands for; undefined where there is no codebase. */
  readonly nameOf?: (hash: string) => string | undefined;
  readonly safeState?: { readonly strategy: string; readonly handshake: string };
  /** Declarations of the codebase: they are in scope like those of the files, and are not checked again. */
  readonly known?: readonly Known[];
}

export interface Checked {
  /** All of them, by file and place. */
  readonly problems: readonly Problem[];
  /** Present when there are no errors. */
  readonly unit: Core.Unit | undefined;
  /** Every definition that is free of errors itself, whatever else is wrong. */
  readonly sound: Core.Unit;
  readonly spans: ReadonlyMap<Core.Expression, Span>;
  /** For the editor and for printers. */
  readonly resolved: Resolved;
  readonly typed: Typed;
  readonly files: readonly SourceFile[];
  /** What was known before: `environment.known`. */
  readonly known: readonly Known[];
}

/** One problem at one place is told once, however many ways led to it. */
const distinct = (sorted: readonly Problem[]): readonly Problem[] =>
  sorted.filter(
    (problem, i) => i === 0 || compare(sorted[i - 1]!, problem) !== 0 || sorted[i - 1]!.message !== problem.message,
  );

let library: readonly SourceFile[] | undefined;

/** Parsed once: the trees are never changed. */
function libraryFiles(): readonly SourceFile[] {
  library ??= librarySources.map((source) => {
    const { tree, problems } = parse(source.text, source.path);
    if (problems.length > 0) throw new Error(`internal error: ${source.path}: ${problems[0]!.message}`);
    return { path: source.path, tree, library: true };
  });
  return library;
}

export function check(sources: readonly Source[], environment: Environment = {}): Checked {
  return checkTrees(sources, [], environment, []);
}

/** Checks the library itself, which otherwise is only looked into where it is used. */
export function checkLibrary(): Checked {
  const trees = libraryFiles().map((file) => ({ ...file, library: false }));
  return finish(trees, new Set(), {}, []);
}

/** Files as text and, beside them, files that are trees already. */
export function checkTrees(
  sources: readonly Source[],
  trees: readonly SourceFile[],
  environment: Environment,
  before: readonly Problem[],
): Checked {
  const problems: Problem[] = [...before];
  const own: SourceFile[] = [];
  const libraries = libraryFiles();
  for (const source of [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const parsed = parse(source.text, source.path);
    problems.push(...parsed.problems);
    const reserved = libraries.find((each) => each.tree.module?.text === parsed.tree.module?.text);
    if (parsed.tree.module !== undefined && reserved !== undefined) {
      const { span, text } = parsed.tree.module;
      problems.push(
        error("TEL0216", source.path, span, `\`${text}\` is a module of the library`, {
          hints: ["choose another name"],
        }),
      );
    }
    const hasFunds = /\breserve\b|\bFunds\b/.test(source.text);
    own.push({ path: source.path, tree: parsed.tree, library: false, hasFunds });
  }
  const known = knownTrees(environment.known ?? []);
  const settled = new Set([...libraries, ...known].map((file) => file.path));
  return finish([...libraries, ...own, ...trees, ...known], settled, environment, problems);
}

function finish(
  files: readonly SourceFile[],
  /** Files that are looked into only where they are used: the library, and what is known already. */
  settled: ReadonlySet<string>,
  environment: Environment,
  problems: Problem[],
): Checked {
  const resolved = resolve(files, { timelines: environment.timelines, nameOf: environment.nameOf }, problems);
  const { assets, granted, safeState, known = [] } = environment;
  const hasFunds = files.some((file) => !settled.has(file.path) && file.hasFunds === true) || known.some(speaksOfFunds);
  const isLibrary = (file: string): boolean => settled.has(file);
  const typed = checkTypes(resolved, { isLibrary, hasFunds, known }, problems);
  validate(resolved, typed, { isLibrary, hasFunds, assets, granted, safeState, known }, problems);
  const errors = problems.filter((problem) => problem.severity === "error");
  const without = new Set<string>();
  for (const each of typed.functions.values()) {
    const hit = errors.some(
      (problem) =>
        problem.file === each.file && problem.span.start >= each.span.start && problem.span.end <= each.span.end,
    );
    if (hit) without.add(each.name);
  }
  const lowered = lower(resolved, typed, { without }, problems);
  const failed = problems.some((problem) => problem.severity === "error");
  return {
    problems: distinct(problems.sort(compare)),
    unit: failed ? undefined : lowered.unit,
    sound: lowered.unit,
    spans: lowered.spans,
    resolved,
    typed,
    files,
    known,
  };
}

const speaksOfFunds = (known: Known): boolean => JSON.stringify(known).includes('"Funds"');
