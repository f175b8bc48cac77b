/**
 * The walk from text to Core: parse, names, types, effects, lower. A checker keeps what it found and checks again only
 * what a change can reach; the result is the same as that of a new one.
 *
 *     edit in app.base ──▶ check app.base ──▶ does one of its names say something else (outside.ts)?
 *                                               no ──▶ done
 *                                               yes ─▶ check the modules that asked for that name as well, and so on
 *
 * The unit of work is a module. What is known of a module stays as long as its files, and all that it asked other modules
 * for, say the same. Symbols and types keep their identity over edits (collect.ts), so what was found elsewhere still holds.
 */
import { again, homeOf, modulesOf } from "./again.ts";
import { assemble } from "./assemble.ts";
import type { Checked, Environment, Source } from "./Checked.ts";
import { isClosed } from "./known/isClosed.ts";
import type { Known } from "./known/Known.ts";
import { type LibraryFile, libraryFiles, libraryModules } from "./library/files.ts";
import { moduleName, type SourceFile } from "./names/collect.ts";
import { error, type Problem } from "./problems/Problem.ts";
import { type Parsed, parse } from "./syntax/index.ts";
import { all, begin, type Kept, type Own, type Work } from "./walk.ts";

export interface Checker {
  /** A result holds until the next check: what both share is brought up to date in place. */
  readonly check: (sources: readonly Source[], environment?: Environment) => Checked;
  /** Files as text, and beside them files that are trees already, with what is wrong in those. */
  readonly checkTrees: (
    sources: readonly Source[],
    trees: readonly SourceFile[],
    environment: Environment,
    before: readonly Problem[],
  ) => Checked;
}

export function checker(): Checker {
  const texts = new Map<string, { readonly text: string; readonly parsed: Parsed }>();
  let kept: Kept | undefined;

  const parsed = (source: Source): Parsed => {
    const known = texts.get(source.path);
    if (known !== undefined && known.text === source.text) return known.parsed;
    const made = parse(source.text, source.path);
    texts.set(source.path, { text: source.text, parsed: made });
    return made;
  };

  const checkTrees: Checker["checkTrees"] = (sources, trees, environment, before) => {
    const own = ownFiles(sources, trees, parsed, (path) => kept?.parts.get(path)?.file);
    for (const path of texts.keys()) if (!own.has(path)) texts.delete(path);
    const { known = [] } = environment;
    const hasFunds = speaksOfFunds(own, known);
    const setting = settingOf(own, environment, hasFunds);
    const last = kept;
    // If anything goes wrong in between, nothing is kept.
    kept = undefined;
    const isReserved = [...own.values()].some(({ file }) => libraryModules.has(moduleName(file.tree)));
    const mayStay = !isReserved && environment.nameOf === undefined && isClosed(known);
    const on = (using: Kept): Work => ({ kept: using, libraries: libraryFiles, own, environment, hasFunds });
    if (last !== undefined && mayStay && last.setting === setting && isSame(last.known, known)) {
      const work = on(last);
      const typed = again(work);
      if (typed !== undefined) {
        const made = assemble(work, typed, before);
        kept = last;
        return made;
      }
    }
    const work = on(begin(libraryFiles, known, setting, hasFunds, environment.previous));
    const typed = all(work);
    const made = assemble(work, typed, before);
    if (mayStay && !work.kept.types.isMixed) {
      for (const name of modulesOf(own).keys()) work.kept.homes.set(name, homeOf(work.kept, modulesOf(own), name));
      kept = work.kept;
    }
    return made;
  };
  return { check: (sources, environment = {}) => checkTrees(sources, [], environment, []), checkTrees };
}

/** Once, from nothing. */
export function checkOnce(
  sources: readonly Source[],
  trees: readonly SourceFile[],
  environment: Environment,
  before: readonly Problem[],
): Checked {
  const own = ownFiles(
    sources,
    trees,
    (source) => parse(source.text, source.path),
    () => undefined,
  );
  return checkAll(libraryFiles, own, environment, before);
}

/** Checks the library itself, which otherwise is only looked into where it is used. */
export function checkLibrary(): Checked {
  const own = new Map<string, Own>();
  for (const file of libraryFiles) own.set(file.path, { file: { ...file, library: false }, problems: [] });
  return checkAll([], own, {}, []);
}

function checkAll(
  libraries: readonly LibraryFile[],
  own: ReadonlyMap<string, Own>,
  environment: Environment,
  before: readonly Problem[],
): Checked {
  const { known = [] } = environment;
  const hasFunds = speaksOfFunds(own, known);
  const work: Work = {
    kept: begin(libraries, known, "", hasFunds, environment.previous),
    libraries,
    own,
    environment,
    hasFunds,
  };
  return assemble(work, all(work), before);
}

// ------------------------------------------------------------------------------------------------- files

/** Sources in the order of their paths, then the trees. */
function ownFiles(
  sources: readonly Source[],
  trees: readonly SourceFile[],
  parsed: (source: Source) => Parsed,
  known: (path: string) => SourceFile | undefined,
): ReadonlyMap<string, Own> {
  const own = new Map<string, Own>();
  for (const source of [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const { tree, problems } = parsed(source);
    const before = known(source.path);
    const file: SourceFile =
      before?.tree === tree
        ? before
        : { path: source.path, tree, library: false, hasFunds: /\breserve\b|\bFunds\b/.test(source.text) };
    const { module } = tree;
    const taken =
      module !== undefined && libraryModules.has(module.text)
        ? [
            error("TEL0216", source.path, module.span, `\`${module.text}\` is a module of the library`, {
              hints: ["choose another name"],
            }),
          ]
        : [];
    own.set(source.path, { file, problems: [...problems, ...taken] });
  }
  for (const file of trees) own.set(file.path, { file, problems: [] });
  return own;
}

/** Where this differs, nothing that was found before is used. */
const settingOf = (own: ReadonlyMap<string, Own>, environment: Environment, hasFunds: boolean): string => {
  const { timelines, assets, granted, safeState, previous } = environment;
  const before = previous && [previous.program, previous.hash, previous.found !== undefined];
  const files = [...own.values()].map(({ file }) => [file.path, moduleName(file.tree)]);
  return JSON.stringify([files, timelines, assets, granted, safeState, before, hasFunds]);
};

const isSame = (a: readonly Known[], b: readonly Known[]): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

const speaksOfFunds = (own: ReadonlyMap<string, Own>, known: readonly Known[]): boolean =>
  [...own.values()].some(({ file }) => file.hasFunds === true) ||
  known.some((one) => JSON.stringify(one).includes('"Funds"'));
