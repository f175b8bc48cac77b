/**
 * Changed definitions and those that depend on them. The modules of the dependents are printed from the codebase, where
 * a mention stands for its name and not for an old version, and checked together with the changed files: what passes
 * gets its new address, what does not keeps its old one and is told to the user.
 */
import {
  type AddressedUnit,
  applyAdd,
  codeRepository,
  isLibraryName,
  moduleOf,
  type NamePlan,
  NameRegistry,
  namedDependents,
  outdated,
  planAdd,
} from "../../../src/code/index.ts";
import type { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import { type Environment, parse, type Source } from "../../../src/language/index.ts";
import { err, ok, type Result } from "../../../src/std/index.ts";
import { environmentOf, readSources } from "./checkFiles.ts";
import { type CheckedBeside, checkBeside, checkSources, isOfCodebase, noteOf, usedModules } from "./codebase.ts";

export interface Updated {
  /** What the files declare. */
  readonly plan: readonly NamePlan[];
  /** What followed. */
  readonly followed: readonly NamePlan[];
  readonly byHand: readonly ByHand[];
}

export interface ByHand {
  readonly name: string;
  /** How many named definitions depend on it. */
  readonly dependents: number;
  readonly reason: string;
}

export async function updateCodebase(
  store: Store,
  paths: readonly string[],
  dryRun: boolean,
): Promise<Result<Updated, CheckedBeside>> {
  let plan: readonly NamePlan[] = [];
  let own: readonly Source[] = [];
  let environment: Environment = {};
  let alone: AddressedUnit | undefined;
  if (paths.length > 0) {
    const files = checkBeside(store, paths);
    if (files.unit === undefined) return err(files);
    plan = planAdd(store, files.unit, files.names);
    own = files.own;
    alone = files.unit;
    environment = environmentOf(readSources(paths).manifest);
  }
  const given = new Set(plan.map((one) => one.name));
  const changed = plan.flatMap((one) => (one.status === "changed" ? [one.old!] : []));
  const behind = new Set([...namedDependents(store, changed).keys(), ...outdated(store).map((one) => one.name)]);
  const dependents = [...behind].filter((name) => !given.has(name)).sort();

  // Nothing has to follow: no text of the codebase needs to be read.
  if (dependents.length === 0) {
    if (alone !== undefined) await apply(store, alone, plan, paths, dryRun);
    return ok({ plan, followed: [], byHand: [] });
  }

  const modules = [
    ...new Set([...dependents.map(moduleOf), ...own.flatMap(usedModules), ...plan.map((one) => moduleOf(one.name))]),
  ];
  const all = checkSources(store, own, modules, environment);
  if (all.unit === undefined) return err(all);
  const { unit } = all;
  const passed = dependents.filter((name) => unit.definitions.has(name));
  const followed = planAdd(store, unit, passed).filter((one) => one.status !== "unchanged");
  const reasons = reasonsOf(all);
  const byHand = dependents
    .filter((name) => !unit.definitions.has(name))
    .map(
      (name): ByHand => ({
        name,
        dependents: namedDependents(store, [store.name(name)!]).size,
        reason: reasons.get(name) ?? withoutReason(store, name),
      }),
    )
    .sort((a, b) => b.dependents - a.dependents || (a.name < b.name ? -1 : 1));
  const changes = [...planAdd(store, unit, [...given]), ...followed];
  await apply(store, unit, changes, paths, dryRun);
  return ok({ plan, followed, byHand });
}

async function apply(
  store: Store,
  unit: AddressedUnit,
  changes: readonly NamePlan[],
  paths: readonly string[],
  dryRun: boolean,
): Promise<void> {
  if (!dryRun && changes.some((one) => one.status !== "unchanged"))
    await store.write((tx) => applyAdd(tx, unit, changes, noteOf(`update ${paths.join(" ")}`.trim())));
}

/** Why a definition cannot follow, where no problem is its own: it needs something that is named no more, perhaps. */
function withoutReason(store: Store, name: string): string {
  const repository = codeRepository(store);
  const seen = new Set<ContentHash.ContentHash>();
  const todo = [store.name(name)!];
  for (let hash = todo.pop(); hash !== undefined; hash = todo.pop()) {
    if (seen.has(hash)) continue;
    seen.add(hash);
    const code = repository.get(hash);
    if (code.ok) todo.push(...code.value.links);
    const had = repository.meta(hash)?.entries.map((entry) => entry.name) ?? [];
    const deleted = had.find((one) => NameRegistry.isName(one) && !isLibraryName(one));
    if (deleted !== undefined && had.every((one) => store.name(one) === undefined))
      return `it needs ${deleted}, which was deleted: add it again, or change what uses it`;
  }
  return "it uses one that needs your hand, or its text is not in the codebase";
}

/** The first problem of each definition of the codebase. */
function reasonsOf(all: CheckedBeside): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const source of all.sources) {
    if (!isOfCodebase(source.path)) continue;
    const { tree } = parse(source.text, source.path);
    const prefix = tree.module === undefined ? "" : `${tree.module.text}.`;
    for (const problem of all.checked.problems) {
      if (problem.severity !== "error" || problem.file !== source.path) continue;
      const item = tree.items.find((one) => one.span.start <= problem.span.start && problem.span.end <= one.span.end);
      if (item === undefined || item.kind === "use" || item.kind === "watch") continue;
      const name = item.kind === "test" || item.kind === "prop" ? `${item.kind} ${item.title.value}` : item.name.text;
      const parts =
        item.kind === "program"
          ? item.clauses.flatMap((clause) =>
              clause.kind === "entry" || clause.kind === "fn" ? [`${name}.${clause.name.text}`] : [],
            )
          : [];
      for (const one of [name, ...parts])
        if (!found.has(prefix + one)) found.set(prefix + one, `${problem.code}: ${problem.message}`);
    }
  }
  return found;
}
