/**
 * The migration of a program's state, written as far as the two versions say it: what both have is taken over, what only
 * one has stands in a comment. A rename is never guessed.
 */
import { showType, type Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import { meets } from "./actions.ts";
import type { FileEdit } from "./navigate.ts";

/** Where a state comes from: the version's text, where it is known. */
export type EarlierVersion = { readonly version: string; readonly analysis: Analysis | undefined };

/** The text is laid out as the formatter does. */
const LINE_LENGTH_MAX = 100;
const INDENT = 2;

/** The program at a place whose state could be migrated to `version`: its state or name is there, and no migration leads there. */
export function migrationOffer(
  analysis: Analysis,
  file: string,
  range: Tree.Span,
  version: string,
): string | undefined {
  for (const item of analysis.trees.get(file)?.items ?? []) {
    if (item.kind !== "program") continue;
    const state = stateOf(item);
    if (state === undefined || !(meets(state.span, range) || meets(item.name.span, range))) continue;
    const has = item.clauses.some((clause) => clause.kind === "migration" && clause.to.text === version);
    return has ? undefined : item.name.text;
  }
  return undefined;
}

/** Adds `migration earlier -> version` at the end of `program`; undefined where the file has no such program with a state. */
export function migration(
  analysis: Analysis,
  file: string,
  program: string,
  version: string,
  earlier: EarlierVersion,
): FileEdit | undefined {
  const now = programIn(analysis, file, program);
  const state = now === undefined ? undefined : stateOf(now);
  if (now === undefined || state === undefined) return undefined;
  const fields = fieldsOf(analysis, file, state);
  const before = earlier.analysis === undefined ? undefined : earlierFields(earlier.analysis, program);
  const { notes, taken } = before === undefined ? { notes: [], taken: fields } : compared(fields, before);
  const head = `migration ${earlier.version} -> ${version} (old) {`;
  const body = [...notes.map((note) => `// ${note}`), ...made(taken.map(({ name }) => `${name}: old.${name}`))];
  const line = `${head} ${body.join(" ")} }`;
  const isShort = body.length === 1 && line.length + INDENT <= LINE_LENGTH_MAX;
  const lines = isShort ? [line] : [head, ...body.map((each) => `  ${each}`), "}"];
  const end = now.span.end - 1;
  const text = `\n${lines.map((line) => `  ${line}\n`).join("")}`;
  return { file, span: { start: end, end }, text };
}

function made(items: readonly string[]): readonly string[] {
  const line = `State(${items.join(", ")})`;
  if (line.length + 2 * INDENT <= LINE_LENGTH_MAX) return [line];
  return ["State(", ...items.map((item) => `  ${item},`), ")"];
}

type StateClause = Extract<Tree.Clause, { readonly kind: "state" }>;

/** A field of a state. Two types are the same where texts are, and the declarations that they name have the same hash. */
type StateField = {
  readonly name: string;
  readonly type: string;
  readonly named: readonly string[];
  readonly hasInitial: boolean;
};

const stateOf = (program: Tree.ProgramDecl): StateClause | undefined =>
  program.clauses.find((clause) => clause.kind === "state");

const programIn = (analysis: Analysis, file: string, name: string): Tree.ProgramDecl | undefined =>
  analysis.trees.get(file)?.items.find((item) => item.kind === "program" && item.name.text === name) as
    | Tree.ProgramDecl
    | undefined;

function earlierFields(analysis: Analysis, program: string): readonly StateField[] | undefined {
  for (const file of analysis.trees.keys()) {
    const found = programIn(analysis, file, program);
    const state = found === undefined ? undefined : stateOf(found);
    if (state !== undefined) return fieldsOf(analysis, file, state);
  }
  return undefined;
}

const fieldsOf = (analysis: Analysis, file: string, state: StateClause): readonly StateField[] =>
  state.fields.map((field) => ({
    name: field.name.text,
    type: field.type === undefined ? "" : showType(field.type),
    named: field.type === undefined ? [] : declaredIn(analysis, file, field.type),
    hasInitial: field.default !== undefined,
  }));

/** The hashes of the declared types in a type; their full names where they have errors. */
function declaredIn(analysis: Analysis, file: string, type: Tree.Type): string[] {
  const bindings = analysis.checked.resolved.scopes.get(file)?.bindings;
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const binding = bindings?.get(node);
    if (binding?.kind === "type") found.push(analysis.hashOf(binding.full) ?? binding.full);
    for (const key of Object.keys(node)) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(type);
  return found;
}

const sameType = (a: StateField, b: StateField): boolean =>
  a.type === b.type && a.named.length === b.named.length && a.named.every((one, i) => one === b.named[i]);

type Compared = { readonly notes: readonly string[]; readonly taken: readonly StateField[] };

function compared(now: readonly StateField[], before: readonly StateField[]): Compared {
  const known = new Map(before.map((field) => [field.name, field]));
  const names = new Set(now.map(({ name }) => name));
  const gone = before.filter(({ name }) => !names.has(name));
  const notes: string[] = [];
  const taken: StateField[] = [];
  for (const field of now) {
    const old = known.get(field.name);
    if (old !== undefined) {
      taken.push(field);
      if (!sameType(field, old)) notes.push(changedNote(field, old));
      continue;
    }
    const same = gone.filter((one) => sameType(one, field)).map(({ name }) => `\`${field.name}: old.${name}\``);
    const value = field.hasInitial ? "it gets its first value" : "give it a value";
    notes.push(`\`${field.name}\` is new: ${value}${same.length === 0 ? "" : `, or ${same.join(" or ")}`}.`);
  }
  for (const { name, type } of gone) notes.push(`\`${name}\`, ${article(type)} ${type}, is gone.`);
  return { notes, taken };
}

const changedNote = ({ name, type }: StateField, old: StateField): string =>
  type === old.type
    ? `\`${name}\`: the declaration of ${type} has changed; make the new one from old.${name}.`
    : `\`${name}\` was ${article(old.type)} ${old.type}; make ${article(type)} ${type} of it.`;

const article = (type: string): string => (/^[AEIO]/.test(type) ? "an" : "a");
