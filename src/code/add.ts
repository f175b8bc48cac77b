/** Checked code into the codebase: what is new or changed, and which of what is there should follow. */
import type { ContentHash } from "../content/index.ts";
import { assert } from "../std/index.ts";
import type { AddressedUnit } from "./address.ts";
import type { CodebaseReads, CodebaseTransaction, NameMoved, Note } from "./Codebase.ts";
import { putUnit } from "./CodeRepository.ts";
import { freshNote, namesOf } from "./NameRegistry.ts";

export interface NamePlan {
  readonly name: string;
  readonly status: "new" | "changed" | "unchanged";
  readonly hash: ContentHash.ContentHash;
  /** What the name stands for now. */
  readonly old: ContentHash.ContentHash | undefined;
}

export const planAdd = (
  reads: CodebaseReads,
  unit: AddressedUnit,
  names: readonly string[] = unit.named,
): readonly NamePlan[] =>
  names.map((name) => {
    const hash = unit.definitions.get(name);
    assert(hash !== undefined, `${name} has no address`);
    const old = reads.name(name);
    return { name, hash, old, status: old === undefined ? "new" : old === hash ? "unchanged" : "changed" };
  });

/**
 * Writes what the plan names with all that it needs, and sets the names, all of it or none. A name that moved since the
 * plan was made is thrown. What else the unit holds is not written: watch lines, library functions that nothing uses.
 */
export function applyAdd(
  tx: CodebaseTransaction,
  unit: AddressedUnit,
  plan: readonly NamePlan[],
  note: Note,
): readonly ContentHash.ContentHash[] {
  const fresh = freshNote(tx, note);
  const stored = putUnit(
    tx,
    closureOf(
      unit,
      plan.map((one) => one.hash),
    ),
    fresh,
  );
  for (const { name, hash, old, status } of plan) {
    if (status === "unchanged") continue;
    const done = tx.setName(name, old, hash, fresh);
    if (!done.ok) throw new NameConflict(done.error);
  }
  return stored;
}

/** The part of a unit that these definitions need. */
function closureOf(unit: AddressedUnit, roots: readonly ContentHash.ContentHash[]): AddressedUnit {
  const reached = new Set<ContentHash.ContentHash>();
  const todo = [...roots];
  for (let hash = todo.pop(); hash !== undefined; hash = todo.pop()) {
    if (reached.has(hash)) continue;
    reached.add(hash);
    const component = unit.components.get(hash);
    if (component !== undefined) reached.add(component);
    todo.push(...(unit.links.get(hash) ?? []));
  }
  const kept = <T>(of: ReadonlyMap<ContentHash.ContentHash, T>) =>
    new Map([...of].filter(([hash]) => reached.has(hash)));
  return {
    ...unit,
    blocks: unit.blocks.filter((block) => reached.has(block.hash)),
    links: kept(unit.links),
    meta: kept(unit.meta),
    typings: kept(unit.typings),
  };
}

/** Another writer changed a name between the plan and the write: nothing was written. */
export class NameConflict extends Error {
  readonly detail: NameMoved;
  constructor(detail: NameMoved) {
    super(`${detail.name} was changed by another writer meanwhile`);
    this.name = "NameConflict";
    this.detail = detail;
  }
}

/** A named definition that depends on one whose name has moved on. */
export interface Outdated {
  readonly name: string;
  readonly hash: ContentHash.ContentHash;
  /** The names that it uses in an old version. */
  readonly uses: readonly string[];
  /** How many named definitions depend on it, directly or not. */
  readonly dependents: number;
}

/**
 * What is left to do: named definitions that use an old version of a named one. Most-depended-on first, since whoever
 * changes those first changes the others only once. Costs as much as has been replaced, however large the codebase.
 */
export function outdated(reads: CodebaseReads): readonly Outdated[] {
  /** What a name stood for, and no name stands for now → the names that have moved on. */
  const moved = new Map<ContentHash.ContentHash, Set<string>>();
  for (const [old, name] of reads.replaced()) {
    const now = reads.name(name);
    if (now !== undefined && now !== old) moved.set(old, (moved.get(old) ?? new Set()).add(name));
  }
  const found = new Map<string, { readonly hash: ContentHash.ContentHash; readonly uses: Set<string> }>();
  for (const [old, names] of moved) {
    if (reads.dependents(old).length === 0 || namesOf(reads, old).length > 0) continue;
    const seen = new Set([old]);
    const todo = [old];
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      for (const user of reads.dependents(at)) {
        if (seen.has(user)) continue;
        seen.add(user);
        const userNames = namesOf(reads, user);
        // Through what has no name of its own (lambdas, initial values, old versions) up to what has.
        if (userNames.length === 0) todo.push(user);
        for (const name of userNames) {
          const known = found.get(name) ?? { hash: user, uses: new Set<string>() };
          found.set(name, known);
          for (const one of names) known.uses.add(one);
        }
      }
    }
  }
  return [...found]
    .map(([name, { hash, uses }]) => ({
      name,
      hash,
      uses: [...uses].sort(),
      dependents: namedDependents(reads, [hash]).size,
    }))
    .sort((a, b) => b.dependents - a.dependents || (a.name < b.name ? -1 : 1));
}

/** The named definitions that depend on any of these, directly or through others. */
export function namedDependents(
  reads: CodebaseReads,
  hashes: Iterable<ContentHash.ContentHash>,
): ReadonlyMap<string, ContentHash.ContentHash> {
  const seen = new Set<ContentHash.ContentHash>();
  const found = new Map<string, ContentHash.ContentHash>();
  const todo = [...hashes];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const user of reads.dependents(at)) {
      if (seen.has(user)) continue;
      seen.add(user);
      for (const name of namesOf(reads, user)) found.set(name, user);
      todo.push(user);
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
