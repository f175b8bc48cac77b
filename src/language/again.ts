/** Checking again: what has changed, and which modules that reaches. */
import { moduleName, qualify, type SourceFile } from "./names/collect.ts";
import { order } from "./names/order.ts";
import { outsideOf } from "./outside.ts";
import type { Typed } from "./types/check.ts";
import { back, front, type Home, type Kept, type Own, type Work } from "./walk.ts";

/** After so many, all modules that lean on what is being checked are checked with it. */
const ROUNDS_MAX = 3;

export function modulesOf(own: ReadonlyMap<string, Own>): ReadonlyMap<string, readonly SourceFile[]> {
  const found = new Map<string, SourceFile[]>();
  for (const { file } of own.values()) {
    const name = moduleName(file.tree);
    const known = found.get(name);
    if (known === undefined) found.set(name, [file]);
    else known.push(file);
  }
  return found;
}

/** Checks what differs from the last time, and what that reaches; undefined where nothing can be kept after all. */
export function again(work: Work): Typed | undefined {
  const { kept, own } = work;
  const modules = modulesOf(own);
  const dirty = new Set<string>();
  for (const [name, files] of modules) {
    if (files.some((file) => kept.parts.get(file.path)?.file !== file)) dirty.add(name);
  }
  for (const name of unsettled(kept)) dirty.add(name);
  for (let round = 1; ; round++) {
    const files = [...own.values()].map(({ file }) => file).filter((file) => dirty.has(moduleName(file.tree)));
    const found = front(work, files, false);
    if (kept.types.isMixed) return undefined;
    const homes = new Map(kept.homes);
    for (const name of dirty) homes.set(name, homeOf(kept, modules, name));
    const more = reached(kept, modules, homes, dirty, round);
    if (more.size === 0) {
      for (const name of dirty) kept.homes.set(name, homes.get(name)!);
      return back(work, files, found);
    }
    for (const name of more) dirty.add(name);
  }
}

export function homeOf(kept: Kept, modules: ReadonlyMap<string, readonly SourceFile[]>, name: string): Home {
  const asked = new Set<string>();
  const leansOn = new Set<string>();
  for (const { path } of modules.get(name)!) {
    for (const [home, words] of kept.names.scopes.get(path)!.asked) {
      for (const word of words) asked.add(qualify({ name: home }, word));
      if (home !== name && modules.has(home)) leansOn.add(home);
    }
  }
  return { asked, leansOn, outside: outsideOf(kept.types, kept.names.modules.get(name)!) };
}

/** Modules in which a type is decided by who uses it first, and those that use it. */
function unsettled(kept: Kept): ReadonlySet<string> {
  const found = new Set<string>();
  const open = new Set<string>();
  for (const [name, { outside }] of kept.homes) {
    for (const [full, { isOpen }] of outside) {
      if (!isOpen) continue;
      found.add(name);
      open.add(full);
    }
  }
  if (open.size === 0) return found;
  for (const [name, { asked }] of kept.homes) for (const full of open) if (asked.has(full)) found.add(name);
  return found;
}

/** The modules that must be checked too, when those in `dirty` have become what `homes` says. */
function reached(
  kept: Kept,
  modules: ReadonlyMap<string, readonly SourceFile[]>,
  homes: ReadonlyMap<string, Home>,
  dirty: ReadonlySet<string>,
  round: number,
): ReadonlySet<string> {
  const changed = changedNames(kept, homes, dirty);
  const more = new Set<string>();
  const files = new Set([...dirty].flatMap((name) => modules.get(name)!.map((file) => file.path)));
  for (const [name, { asked }] of homes) {
    if (dirty.has(name)) continue;
    const parts = modules.get(name)!.map((file) => kept.parts.get(file.path)!);
    const isReached =
      intersects(asked, changed) ||
      // What is said about something wrong may be about any name there is.
      (changed.size > 0 && parts.some((part) => part.hasErrors)) ||
      parts.some((part) => intersects(part.pointsAt, files));
    if (isReached) more.add(name);
  }
  // Modules that lean on each other are understood only together.
  for (const group of order(homes.keys(), (name) => [...homes.get(name)!.leansOn])) {
    if (group.length === 1 || !group.some((name) => dirty.has(name) || more.has(name))) continue;
    for (const name of group) if (!dirty.has(name)) more.add(name);
  }
  if (round < ROUNDS_MAX || more.size === 0) return more;
  for (let before = -1; before < more.size; ) {
    before = more.size;
    for (const [name, { leansOn }] of homes) {
      if (!dirty.has(name) && (intersects(leansOn, dirty) || intersects(leansOn, more))) more.add(name);
    }
  }
  return more;
}

const intersects = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const each of small) if (large.has(each)) return true;
  return false;
};

/** The names of `dirty` modules that say something else than the last time, themselves or by what they lean on. */
function changedNames(kept: Kept, homes: ReadonlyMap<string, Home>, dirty: ReadonlySet<string>): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const name of dirty) {
    const before = kept.homes.get(name)!.outside;
    const now = homes.get(name)!.outside;
    for (const [full, said] of before) if (now.get(full)?.text !== said.text) changed.add(full);
    for (const [full, { isOpen, isLoose }] of now) if (isOpen || isLoose || !before.has(full)) changed.add(full);
  }
  for (let before = -1; before < changed.size; ) {
    before = changed.size;
    for (const name of dirty) {
      for (const [full, { mentions }] of homes.get(name)!.outside) {
        if (!changed.has(full) && intersects(mentions, changed)) changed.add(full);
      }
    }
  }
  return changed;
}
