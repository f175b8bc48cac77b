/**
 * A checked set of files with what editor features share, made when first asked for. Files are known by the names under
 * which they were given; places are UTF-16 offsets. Nothing here knows of any editor protocol.
 */
import type { ContentHash } from "../content/index.ts";
import {
  type Checked,
  type Checker,
  type Core,
  check,
  checker,
  type Environment,
  Inspect,
  type Source,
  type Tree,
} from "../language/index.ts";
import { codeAround, hasher, type KeptHashes } from "./hashes.ts";
import { type Occurrence, occurrencesIn } from "./occurrences.ts";
import { type Key, keyOf } from "./Target.ts";
import { eachTyped, type TypedNode } from "./typedNodes.ts";

export type Analysis = {
  readonly environment: Environment;
  readonly checked: Checked;
  /** The files that were given, by path; the library is not among them. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly trees: ReadonlyMap<string, Tree.File>;
  /** Every place of a given file where something is declared or named, in order of place. */
  readonly occurrencesIn: (file: string) => readonly Occurrence[];
  /** Those of one thing, in the order of files and places. */
  readonly occurrencesOf: (key: Key) => readonly Occurrence[];
  /** The type of every local of a given file that was inferred or written. */
  readonly localTypesIn: (file: string) => ReadonlyMap<Inspect.Local, Inspect.InferredType>;
  /** Of every given file. */
  readonly localTypes: () => ReadonlyMap<Inspect.Local, Inspect.InferredType>;
  /** The content hash of a definition by its full name; undefined where it, or what it leans on, has errors. */
  readonly hashOf: (full: string) => string | undefined;
  /** A definition with all of the unit that it leans on; undefined as above. */
  readonly codeOf: (full: string) => Core.Unit | undefined;
  /**
   * One file changed, with those that it leans on, aside: this analysis still holds, the last one that was tried does not.
   */
  readonly tried: (changed: Source) => Analysis;
};

/** `addresses`: of what is known of the codebase (`environment.known`), by full name. */
export const analyse = (
  sources: readonly Source[],
  environment: Environment = {},
  addresses: Addresses = new Map(),
): Analysis => analysisOf(check(sources, environment), sources, environment, addresses, nothingKept(), once(checker));

type Addresses = ReadonlyMap<string, ContentHash.ContentHash>;

/**
 * Analyses the same files again and again while they are edited: only what an edit reaches is checked again. An analysis
 * holds until the next one is asked for.
 */
export function analyser(): typeof analyse {
  const kept = checker();
  const aside = once(checker);
  const results = nothingKept();
  return (sources, environment = {}, addresses = new Map()) =>
    analysisOf(kept.check(sources, environment), sources, environment, addresses, results, aside);
}

/** What was worked out for parts that are still the same in the next analysis. */
type Kept = { readonly places: KeptPlaces; readonly hashes: KeptHashes };

const nothingKept = (): Kept => ({ places: new WeakMap(), hashes: new WeakMap() });

function analysisOf(
  checked: Checked,
  sources: readonly Source[],
  environment: Environment,
  addresses: Addresses,
  kept: Kept,
  aside: () => Checker,
): Analysis {
  const own = checked.files.filter((file) => !file.library && file.known !== true);
  const trees = new Map(own.map((file) => [file.path, file.tree]));
  const places = onceEach((file) => placesIn(checked, file, kept.places));
  return {
    environment,
    checked,
    sources: new Map(sources.map((source) => [source.path, source])),
    trees,
    occurrencesIn: (file) => places(file).all,
    occurrencesOf: (key) => [...trees.keys()].flatMap((file) => places(file).byKey.get(key) ?? []),
    localTypesIn: onceEach((file) =>
      localTypesOf([...checked.typed.functions.values()].filter((definition) => definition.file === file)),
    ),
    localTypes: once(() => localTypesOf(checked.typed.functions.values())),
    hashOf: hasher(checked.sound, kept.hashes, addresses),
    codeOf: (full) => codeAround(checked.sound, addresses, full),
    tried: (changed) => {
      const needed = neededBy(checked, trees, changed.path);
      const files = sources.flatMap((source) =>
        source.path === changed.path ? [changed] : needed.has(source.path) ? [source] : [],
      );
      return analysisOf(aside().check(files, environment), files, environment, addresses, nothingKept(), aside);
    },
  };
}

/** The files of the modules that a file names, and that those name. */
function neededBy(checked: Checked, trees: ReadonlyMap<string, Tree.File>, path: string): ReadonlySet<string> {
  const filesOf = new Map<string, string[]>();
  for (const [file, tree] of trees) {
    const module = tree.module?.text ?? "";
    const known = filesOf.get(module);
    if (known === undefined) filesOf.set(module, [file]);
    else known.push(file);
  }
  const found = new Set<string>();
  const modules = new Set([trees.get(path)?.module?.text ?? ""]);
  for (const module of modules) {
    for (const file of filesOf.get(module) ?? []) {
      found.add(file);
      for (const item of trees.get(file)!.items) if (item.kind === "use") modules.add(item.path.text);
      for (const asked of checked.resolved.scopes.get(file)?.asked.keys() ?? [])
        for (let at = asked.length; at > 0; at = asked.lastIndexOf(".", at - 1)) modules.add(asked.slice(0, at));
    }
  }
  return found;
}

// ------------------------------------------------------------------------------------------------- places

/** The occurrences of one file. */
type Places = {
  readonly all: readonly Occurrence[];
  readonly byKey: ReadonlyMap<Key, readonly Occurrence[]>;
  /** Other files whose parts they name, as those were: a field and a parameter are new whenever their file is looked at again. */
  readonly leansOn: ReadonlyMap<string, Inspect.FileScope | undefined>;
};

/** The scope of a file is another one whenever the file was looked at again. */
type KeptPlaces = WeakMap<Inspect.FileScope, Places>;

const noPlaces: Places = { all: [], byKey: new Map(), leansOn: new Map() };

function placesIn(checked: Checked, file: string, kept: KeptPlaces): Places {
  const { scopes } = checked.resolved;
  const scope = scopes.get(file);
  if (scope === undefined) return noPlaces;
  const known = kept.get(scope);
  if (known !== undefined && [...known.leansOn].every(([path, then]) => scopes.get(path) === then)) return known;
  const all = occurrencesIn(checked, file);
  const byKey = new Map<Key, Occurrence[]>();
  const leansOn = new Map<string, Inspect.FileScope | undefined>();
  for (const one of all) {
    const key = keyOf(one.target);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [one]);
    else same.push(one);
    const home = homeOf(one);
    if (home !== file) leansOn.set(home, scopes.get(home));
  }
  const made = { all, byKey, leansOn };
  kept.set(scope, made);
  return made;
}

/** The file of what is new whenever its file is; symbols and modules stay what they are. */
const homeOf = ({ target, file }: Occurrence): string =>
  target.kind === "field" || (target.kind === "local" && target.file !== undefined) ? target.file! : file;

export type Place = { readonly file: string; readonly span: Tree.Span };

function once<A>(make: () => A): () => A {
  let made: { readonly value: A } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function onceEach<A>(make: (file: string) => A): (file: string) => A {
  const made = new Map<string, { readonly value: A }>();
  return (file) => {
    const known = made.get(file) ?? { value: make(file) };
    made.set(file, known);
    return known.value;
  };
}

function localTypesOf(
  definitions: Iterable<Inspect.TypedDefinition>,
): ReadonlyMap<Inspect.Local, Inspect.InferredType> {
  const types = new Map<Inspect.Local, Inspect.InferredType>();
  for (const definition of definitions) {
    for (const { local, type } of definition.params) types.set(local, type);
    eachTyped(definition.body, (node) => {
      if (node.kind === "lambda") {
        const type = Inspect.shallow(node.type);
        if (type.kind !== "fn") return;
        node.params.forEach((local, i) => {
          const of = type.params[i];
          if (of !== undefined) types.set(local, of);
        });
      } else if (node.kind === "bind" || node.kind === "as") types.set(node.local, node.type);
      else if (node.kind === "list" && "rest" in node && node.rest?.local !== undefined)
        types.set(node.rest.local, node.type);
    });
  }
  return types;
}

/** The innermost typed node that covers `offset`, or ends there. */
export function typedAt(analysis: Analysis, file: string, offset: number): TypedNode | undefined {
  let best: TypedNode | undefined;
  for (const definition of analysis.checked.typed.functions.values()) {
    if (definition.file !== file || offset < definition.span.start || offset > definition.span.end) continue;
    eachTyped(definition.body, (node) => {
      const { start, end } = node.span;
      if (offset < start || offset > end || node.kind === "error") return;
      if (best === undefined || end - start <= best.span.end - best.span.start) best = node;
    });
  }
  return best;
}
