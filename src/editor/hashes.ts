/**
 * Content hashes of the definitions that are asked for. A unit can be large: only what a definition leans on is addressed,
 * and of that only what is not the same as when it was addressed last.
 */
import { addressUnit, CodeTooLarge } from "../code/index.ts";
import type { ContentHash } from "../content/index.ts";
import type { Core } from "../language/index.ts";

type Item = Core.Unit[keyof Core.Unit][number];

type Hashes = ReadonlyMap<string, ContentHash.ContentHash>;

/** What a definition was addressed as, and what those were that it named then, by name. */
export type KeptHashes = WeakMap<Item, { readonly hash: ContentHash.ContentHash; readonly named: Hashes }>;

/** By full name; undefined for what has errors, or leans on what has. `elsewhere`: what the unit names and does not hold. */
export function hasher(
  unit: Core.Unit,
  kept: KeptHashes,
  elsewhere: Hashes,
): (full: string) => ContentHash.ContentHash | undefined {
  let index: ReadonlyMap<string, Item> | undefined;
  const asked = new Map<string, ContentHash.ContentHash | undefined>();
  const find = (full: string): ContentHash.ContentHash | undefined => {
    index ??= indexOf(unit);
    if (!index.has(full) && elsewhere.has(full)) return elsewhere.get(full);
    const needed = closure(index, elsewhere, full);
    if (needed === undefined) return undefined;
    const stale = staleIn(needed, index, elsewhere, kept);
    if (!stale.has(full)) return kept.get(index.get(full)!)!.hash;
    const known = new Map(elsewhere);
    for (const name of needed.keys()) if (!stale.has(name)) known.set(name, kept.get(index.get(name)!)!.hash);
    const found = addressed(only(unit, stale), known);
    if (found === undefined) return undefined;
    for (const name of stale) {
      const hash = found.get(name);
      const named = new Map(needed.get(name)!.map((one) => [one, (found.get(one) ?? known.get(one))!]));
      if (hash !== undefined) kept.set(index.get(name)!, { hash, named });
    }
    return found.get(full);
  };
  return (full) => {
    if (!asked.has(full)) asked.set(full, find(full));
    return asked.get(full);
  };
}

/** A definition with all that it leans on and that is not `elsewhere`; undefined for what has errors, or leans on what has. */
export function codeAround(unit: Core.Unit, elsewhere: Hashes, full: string): Core.Unit | undefined {
  const needed = closure(indexOf(unit), elsewhere, full);
  return needed === undefined ? undefined : only(unit, new Set(needed.keys()));
}

const indexOf = (unit: Core.Unit): ReadonlyMap<string, Item> =>
  new Map([...unit.definitions, ...unit.types, ...unit.outside, ...unit.programs].map((one) => [one.name, one]));

/** What a definition leans on and itself, each with the names in it; undefined where some of that is not in the unit. */
function closure(
  index: ReadonlyMap<string, Item>,
  elsewhere: Hashes,
  full: string,
): ReadonlyMap<string, readonly string[]> | undefined {
  const found = new Map<string, readonly string[]>();
  const waiting = [full];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const item = index.get(name);
    if (item === undefined && elsewhere.has(name)) continue;
    if (item === undefined) return undefined;
    const named = symbolsIn(item);
    found.set(name, named);
    waiting.push(...named);
  }
  return found;
}

/** Those of a closure that are new or name something new, and all that lean on them. */
function staleIn(
  needed: ReadonlyMap<string, readonly string[]>,
  index: ReadonlyMap<string, Item>,
  elsewhere: Hashes,
  kept: KeptHashes,
): ReadonlySet<string> {
  const users = new Map<string, string[]>([...needed.keys()].map((name) => [name, []]));
  const stale = new Set<string>();
  for (const [name, named] of needed) {
    for (const one of named) users.get(one)?.push(name);
    const before = kept.get(index.get(name)!);
    const isSame = (one: string): boolean => {
      const item = index.get(one);
      return (item === undefined ? elsewhere.get(one) : kept.get(item)?.hash) === before?.named.get(one);
    };
    if (before === undefined || !named.every(isSame)) stale.add(name);
  }
  for (const name of stale) for (const user of users.get(name)!) stale.add(user);
  return stale;
}

function only(unit: Core.Unit, names: ReadonlySet<string>): Core.Unit {
  const keep = <A extends Item>(items: readonly A[]): A[] => items.filter((one) => names.has(one.name));
  return {
    definitions: keep(unit.definitions),
    types: keep(unit.types),
    outside: keep(unit.outside),
    programs: keep(unit.programs),
  };
}

function addressed(unit: Core.Unit, known: Hashes): Hashes | undefined {
  try {
    return addressUnit(unit, { known }).definitions;
  } catch (error) {
    // A definition that no reader would accept is told by `tb add`; the editor only has no hash to show.
    if (error instanceof CodeTooLarge) return undefined;
    throw error;
  }
}

const symbols = new WeakMap<Item, readonly string[]>();

/** Names of other definitions inside one, wherever they stand. */
function symbolsIn(item: Item): readonly string[] {
  const before = symbols.get(item);
  if (before !== undefined) return before;
  const found = new Set<string>();
  const stack: unknown[] = [item];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    const { kind, name } = node as { readonly kind?: unknown; readonly name?: unknown };
    if (kind === "symbol" && typeof name === "string") found.add(name);
    for (const key in node) stack.push((node as Readonly<Record<string, unknown>>)[key]);
  }
  const made = [...found];
  symbols.set(item, made);
  return made;
}
