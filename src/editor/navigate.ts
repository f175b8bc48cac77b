/** From a name to where it is declared, to all its uses, and to another name. */

import { KNOWN_PATH, Token, type Tree } from "../language/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type Analysis, analyse, type Place } from "./Analysis.ts";
import { fullNameOf } from "./describe.ts";
import type { Occurrence } from "./occurrences.ts";
import { keyOf, type Target } from "./Target.ts";

/** The name that covers `offset`, or ends there. */
export function occurrenceAt(analysis: Analysis, file: string, offset: number): Occurrence | undefined {
  const all = analysis.occurrencesIn(file);
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.span.start <= offset) low = middle + 1;
    else high = middle;
  }
  const found = all[low - 1];
  return found !== undefined && offset <= found.span.end ? found : undefined;
}

/**
 * Of library names, the place is in a file of the library: `library:list.tel`. What is only in the codebase has no place:
 * `hashAt` tells its hash.
 */
export function definition(analysis: Analysis, file: string, offset: number): readonly Place[] {
  const found = occurrenceAt(analysis, file, offset);
  const places = found === undefined ? [] : placesOf(analysis, found);
  return places.filter((place) => !place.file.startsWith(KNOWN_PATH));
}

/** The hash that is written at a place, without its `#`, or of the name there: it names something in a codebase. */
export function hashAt(analysis: Analysis, file: string, offset: number): string | undefined {
  const target = occurrenceAt(analysis, file, offset)?.target;
  if (target?.kind === "symbol" && target.symbol.file.startsWith(KNOWN_PATH))
    return analysis.hashOf(fullNameOf(target.symbol) ?? "");
  let found: string | undefined;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null || found !== undefined) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const { span, hash } = node as { readonly span?: Place["span"]; readonly hash?: Tree.Hash };
    if (span !== undefined && (offset < span.start || offset > span.end)) return;
    if (hash !== undefined && offset >= hash.span.start && offset <= hash.span.end) found = hash.text;
    for (const key of Object.keys(node)) visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(analysis.trees.get(file)?.items);
  return found;
}

function placesOf(analysis: Analysis, { target, file }: Occurrence): readonly Place[] {
  switch (target.kind) {
    case "symbol":
      return [{ file: target.symbol.file, span: target.symbol.span }];
    case "local":
      return declarationsOf(analysis, target).concat({ file, span: target.local.span }).slice(0, 1);
    case "field":
      return [{ file: target.file, span: target.field.name.span }];
    case "module":
      return analysis.checked.files
        .filter(({ tree }) => tree.module?.text === target.module.name)
        .map(({ path, tree }) => ({ file: path, span: tree.module!.span }));
    default:
      return [];
  }
}

const declarationsOf = (analysis: Analysis, target: Target): Place[] =>
  all(analysis, target).filter(({ role }) => role === "declaration");

const all = (analysis: Analysis, target: Target): readonly Occurrence[] => analysis.occurrencesOf(keyOf(target));

export function references(
  analysis: Analysis,
  file: string,
  offset: number,
  withDeclaration: boolean,
): readonly Place[] {
  const found = occurrenceAt(analysis, file, offset);
  if (found === undefined) return [];
  return all(analysis, found.target).filter(({ role }) => withDeclaration || role !== "declaration");
}

/** The places of one file that a caret on a name lights up. */
export const highlights = (analysis: Analysis, file: string, offset: number): readonly Occurrence[] => {
  const found = occurrenceAt(analysis, file, offset);
  return found === undefined ? [] : all(analysis, found.target).filter((one) => one.file === file);
};

// ------------------------------------------------------------------------------------------------ rename

export type RenameRefusal =
  | { readonly kind: "nothing-here" }
  /** Given by the language, the library or the manifest. */
  | { readonly kind: "not-yours"; readonly name: string }
  | { readonly kind: "not-a-name"; readonly got: string; readonly expected: string }
  /** The new name would mean something else somewhere. */
  | { readonly kind: "clash"; readonly message: string };

export type FileEdit = { readonly file: string; readonly span: Place["span"]; readonly text: string };

export function renameTarget(analysis: Analysis, file: string, offset: number): Result<Occurrence, RenameRefusal> {
  const found = occurrenceAt(analysis, file, offset);
  if (found === undefined) return err({ kind: "nothing-here" });
  const { target } = found;
  const name = textOf(analysis, found);
  const isOwn =
    target.kind === "local" ||
    (target.kind === "field" && analysis.sources.has(target.file)) ||
    (target.kind === "symbol" && analysis.sources.has(target.symbol.file));
  return isOwn ? ok(found) : err({ kind: "not-yours", name });
}

const textOf = (analysis: Analysis, { file, span }: Occurrence): string =>
  analysis.sources.get(file)?.text.slice(span.start, span.end) ?? "";

/** Edits that give everything with this name another one; refused where that would change what any name means. */
export function rename(
  analysis: Analysis,
  file: string,
  offset: number,
  newName: string,
): Result<readonly FileEdit[], RenameRefusal> {
  const found = renameTarget(analysis, file, offset);
  if (!found.ok) return found;
  const old = textOf(analysis, found.value);
  const isUpper = /^[A-Z]/.test(old);
  const isField = found.value.target.kind === "field";
  const wellFormed = isUpper ? /^[A-Z][A-Za-z0-9_]*$/ : /^[a-z_][A-Za-z0-9_]*$/;
  if (!wellFormed.test(newName) || newName === "_" || (!isField && Token.reserved.has(newName)))
    return err({
      kind: "not-a-name",
      got: newName,
      expected: isUpper ? "a capitalised word" : "a word in small letters",
    });
  const edits = all(analysis, found.value.target).map((one) => ({ file: one.file, span: one.span, text: newName }));
  const after = analyse(apply(analysis, edits), analysis.environment);
  const before = new Set(analysis.checked.problems.map((problem) => problem.code + problem.message));
  const grown = after.checked.problems.length > analysis.checked.problems.length;
  const problem = after.checked.problems.find((one) => !before.has(one.code + one.message));
  if (grown && problem !== undefined) return err({ kind: "clash", message: problem.message });
  for (const path of analysis.trees.keys()) {
    if (analysis.occurrencesIn(path).length !== after.occurrencesIn(path).length)
      return err({ kind: "clash", message: `\`${newName}\` already means something in ${path}` });
  }
  const places = all(after, targetAfter(after, edits, found.value) ?? found.value.target);
  if (places.length !== edits.length)
    return err({ kind: "clash", message: `\`${newName}\` already means something where it would stand` });
  return ok(edits);
}

/** The thing with its new name, found at the place where the old one stood. */
function targetAfter(after: Analysis, edits: readonly FileEdit[], { file, span }: Occurrence): Target | undefined {
  let shift = 0;
  for (const edit of edits) {
    if (edit.file === file && edit.span.start < span.start)
      shift += edit.text.length - (edit.span.end - edit.span.start);
  }
  return occurrenceAt(after, file, span.start + shift)?.target;
}

export function apply(analysis: Analysis, edits: readonly FileEdit[]): { path: string; text: string }[] {
  return [...analysis.sources.values()].map(({ path, text }) => {
    const own = edits.filter((edit) => edit.file === path).sort((a, b) => b.span.start - a.span.start);
    let edited = text;
    for (const { span, text: replacement } of own)
      edited = edited.slice(0, span.start) + replacement + edited.slice(span.end);
    return { path, text: edited };
  });
}

export function showRefusal(refusal: RenameRefusal): string {
  switch (refusal.kind) {
    case "nothing-here":
      return "there is no name here";
    case "not-yours":
      return `\`${refusal.name}\` is not declared in these files`;
    case "not-a-name":
      return `\`${refusal.got}\` cannot be a name here: expected ${refusal.expected}`;
    case "clash":
      return refusal.message;
  }
}
