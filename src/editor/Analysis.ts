/**
 * A checked set of files with what editor features share, made when first asked for. Files are known by the names under
 * which they were given; places are UTF-16 offsets. Nothing here knows of any editor protocol.
 */

import { addressUnit, CodeTooLarge } from "../code/index.ts";
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
import { type Occurrence, occurrencesIn } from "./occurrences.ts";
import { eachTyped, type TypedNode } from "./typedNodes.ts";

export type Analysis = {
  readonly environment: Environment;
  readonly checked: Checked;
  /** The files that were given, by path; the library is not among them. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly trees: ReadonlyMap<string, Tree.File>;
  /** Every place of a given file where something is declared or named, in order of place. */
  readonly occurrencesIn: (file: string) => readonly Occurrence[];
  /** Of every given file. */
  readonly occurrences: () => ReadonlyMap<string, readonly Occurrence[]>;
  /** The type of every local of a given file that was inferred or written. */
  readonly localTypesIn: (file: string) => ReadonlyMap<Inspect.Local, Inspect.InferredType>;
  /** Of every given file. */
  readonly localTypes: () => ReadonlyMap<Inspect.Local, Inspect.InferredType>;
  /** Full name → content hash, of the definitions without errors. */
  readonly hashes: () => ReadonlyMap<string, string>;
  /** The same files with one of them changed, aside: this analysis still holds, the last one that was tried does not. */
  readonly tried: (changed: Source) => Analysis;
};

/** `addresses`: of what is known of the codebase (`environment.known`), by full name. */
export const analyse = (
  sources: readonly Source[],
  environment: Environment = {},
  addresses: Addresses = new Map(),
): Analysis => analysisOf(check(sources, environment), sources, environment, addresses, once(checker));

type Addresses = ReadonlyMap<string, ContentHash.ContentHash>;

/**
 * Analyses the same files again and again while they are edited: only what an edit reaches is checked again. An analysis
 * holds until the next one is asked for.
 */
export function analyser(): typeof analyse {
  const kept = checker();
  const aside = once(checker);
  return (sources, environment = {}, addresses = new Map()) =>
    analysisOf(kept.check(sources, environment), sources, environment, addresses, aside);
}

function analysisOf(
  checked: Checked,
  sources: readonly Source[],
  environment: Environment,
  addresses: Addresses,
  aside: () => Checker,
): Analysis {
  const own = checked.files.filter((file) => !file.library && file.known !== true);
  const trees = new Map(own.map((file) => [file.path, file.tree]));
  const places = onceEach((file) => occurrencesIn(checked, file));
  return {
    environment,
    checked,
    sources: new Map(sources.map((source) => [source.path, source])),
    trees,
    occurrencesIn: places,
    occurrences: once(() => new Map([...trees.keys()].map((file) => [file, places(file)]))),
    localTypesIn: onceEach((file) =>
      localTypesOf([...checked.typed.functions.values()].filter((definition) => definition.file === file)),
    ),
    localTypes: once(() => localTypesOf(checked.typed.functions.values())),
    hashes: once(() => hashesOf(checked, addresses)),
    tried: (changed) => {
      const files = sources.map((source) => (source.path === changed.path ? changed : source));
      return analysisOf(aside().check(files, environment), files, environment, addresses, aside);
    },
  };
}

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

function hashesOf(checked: Checked, known: Addresses): ReadonlyMap<string, string> {
  try {
    return new Map([...known, ...addressUnit(whole(checked.sound, known), { known }).definitions]);
  } catch (error) {
    // A definition that no reader would accept is told by `tb add`; the editor only has no hash to show.
    if (error instanceof CodeTooLarge) return known;
    throw error;
  }
}

/** Without the definitions that lean on one with errors, which has no Core. */
function whole(unit: Core.Unit, elsewhere: Addresses): Core.Unit {
  const all = [...unit.definitions, ...unit.types, ...unit.outside, ...unit.programs];
  const known = new Set([...elsewhere.keys(), ...all.map((one) => one.name)]);
  const named = new Map(all.map((one) => [one.name, symbolsIn(one)]));
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const [name, symbols] of named) {
      if (!known.has(name) || symbols.every((one) => known.has(one))) continue;
      known.delete(name);
      shrunk = true;
    }
  }
  const keep = <A extends { readonly name: string }>(items: readonly A[]): A[] =>
    items.filter((one) => known.has(one.name));
  return {
    definitions: keep(unit.definitions),
    types: keep(unit.types),
    outside: keep(unit.outside),
    programs: keep(unit.programs),
  };
}

/** Names of other definitions inside one, wherever they stand. */
function symbolsIn(item: object): readonly string[] {
  const found = new Set<string>();
  const stack: unknown[] = [item];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    const { kind, name } = node as { readonly kind?: unknown; readonly name?: unknown };
    if (kind === "symbol" && typeof name === "string") found.add(name);
    stack.push(...Object.values(node));
  }
  return [...found];
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
