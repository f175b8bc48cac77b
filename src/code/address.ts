/** A checked unit → addresses and blocks. Spec: docs/spec/code.md. */
import { ContentHash, encode, Kind, link, NODE_DEPTH_MAX } from "../content/index.ts";
import { type Core, librarySources, parse } from "../language/index.ts";
import { assert } from "../std/index.ts";
import { components } from "./components.ts";
import { codeFormat } from "./Format.ts";
import type * as H from "./Hashed.ts";
import { COMPONENT_MEMBERS_MAX } from "./Hashed.ts";
import { type IntrinsicTable, intrinsics } from "./intrinsics.ts";
import type * as Meta from "./Meta.ts";
import { refine } from "./refine.ts";
import type * as Typing from "./Typing.ts";
import { CodeTooLarge, type CoreItem, type Resolve, toHashed } from "./toHashed.ts";

export interface CodeBlock {
  readonly hash: ContentHash.ContentHash;
  readonly bytes: Uint8Array;
}

export interface AddressedUnit {
  /** The address of every definition, type, fact, action, event, operation and program, by full name; names ascending. */
  readonly definitions: ReadonlyMap<string, ContentHash.ContentHash>;
  /** The names of what stands in a codebase under its name: see `namedDefinitions`. */
  readonly named: readonly string[];
  /** Component and member blocks, each once, each after those that it links to. */
  readonly blocks: readonly CodeBlock[];
  /** The component of each member of a larger one. */
  readonly components: ReadonlyMap<ContentHash.ContentHash, ContentHash.ContentHash>;
  /** What each address depends on: other definitions, in order of first mention, each once. */
  readonly links: ReadonlyMap<ContentHash.ContentHash, readonly ContentHash.ContentHash[]>;
  /** What is told beside each address: names of locals, docs, source. */
  readonly meta: ReadonlyMap<ContentHash.ContentHash, Meta.Meta>;
  /** What the checker found out about each address. */
  readonly typings: ReadonlyMap<ContentHash.ContentHash, Typing.Typing>;
}

export interface AddressOptions {
  readonly table?: IntrinsicTable;
  /** Addresses of what has one already, by full name: the unit may mention them, and what it says of them is left out. */
  readonly known?: ReadonlyMap<string, ContentHash.ContentHash>;
  /** The written form of a definition, by its full name; called after every address is known. */
  readonly source?: (name: string, addresses: ReadonlyMap<string, ContentHash.ContentHash>) => Meta.Source | undefined;
  /** What the checker found out about a definition; called as `source` is. */
  readonly typing?: (
    name: string,
    addresses: ReadonlyMap<string, ContentHash.ContentHash>,
  ) => Typing.TypingEntry | undefined;
}

/** Throws CodeTooLarge for a definition that no reader would accept. A symbol that the unit lacks is a caller's bug. */
export function addressUnit(unit: Core.Unit, options: AddressOptions = {}): AddressedUnit {
  const known = options.known ?? new Map<string, ContentHash.ContentHash>();
  const items = itemsOf(unit, known);
  const names = [...items.keys()].sort();
  const numberOf = new Map(names.map((name, i) => [name, i]));
  const aliases = transparentAliases(unit);
  const target = (name: string): Core.Reference => {
    const hash = known.get(name);
    return hash === undefined ? (aliases.get(name) ?? { kind: "symbol", name }) : { kind: "hash", hash };
  };
  const table = options.table ?? intrinsics;

  const edges = names.map((name) => {
    const found = new Set<number>();
    const alias = aliases.get(name);
    if (alias !== undefined) return alias.kind === "symbol" ? [numberIn(numberOf, alias.name, name)] : [];
    const note: Resolve = (reference) => {
      const to = reference.kind === "symbol" ? target(reference.name) : reference;
      if (to.kind === "symbol") found.add(numberIn(numberOf, to.name, name));
      return 0;
    };
    toHashed(items.get(name)!, note, table);
    return [...found];
  });

  const addresses = new Map<string, ContentHash.ContentHash>();
  const blocks = new Map<ContentHash.ContentHash, Uint8Array>();
  const links = new Map<ContentHash.ContentHash, readonly ContentHash.ContentHash[]>();
  const localOrders = new Map<string, readonly number[]>();
  const componentOf = new Map<ContentHash.ContentHash, ContentHash.ContentHash>();

  for (const numbers of components(edges)) {
    const members = numbers.map((number) => names[number]!);
    const alias = aliases.get(members[0]!);
    if (alias !== undefined) {
      addresses.set(members[0]!, alias.kind === "hash" ? alias.hash : addresses.get(alias.name)!);
      continue;
    }
    const outer = (reference: Core.Reference): ContentHash.ContentHash | undefined => {
      const to = reference.kind === "symbol" ? target(reference.name) : reference;
      return to.kind === "hash" ? to.hash : addresses.get(to.name);
    };
    const inner = (reference: Core.Reference): number => {
      const to = target((reference as { readonly name: string }).name);
      return members.indexOf((to as { readonly name: string }).name);
    };
    const component = addressComponent(
      members.map((name) => items.get(name)!),
      outer,
      inner,
      table,
    );
    for (const block of component.blocks) blocks.set(block.hash, block.bytes);
    members.forEach((name, i) => {
      addresses.set(name, component.hashes[i]!);
      links.set(component.hashes[i]!, component.links[i]!);
      localOrders.set(name, component.localOrders[i]!);
      if (component.blocks.length > 1) componentOf.set(component.hashes[i]!, component.blocks[0]!.hash);
    });
  }

  const definitions = new Map(names.map((name) => [name, addresses.get(name)!]));
  const meta = new Map<ContentHash.ContentHash, Meta.Meta>();
  const typings = new Map<ContentHash.ContentHash, Typing.Typing>();
  const all = known.size === 0 ? definitions : new Map([...known, ...definitions]);
  for (const [name, hash] of definitions) {
    const { item, form } = items.get(name)!;
    const order = localOrders.get(name) ?? [];
    const entry: Meta.MetaEntry = {
      name,
      localNames: form === "definition" ? order.map((local) => item.localNames[local] ?? "") : [],
      doc: item.doc,
      source: options.source?.(name, all),
    };
    const told = meta.get(hash);
    // Names come in order, so entries are sorted.
    meta.set(hash, { definition: hash, entries: told === undefined ? [entry] : [...told.entries, entry] });
    const typing = options.typing?.(name, all);
    if (typing !== undefined)
      typings.set(hash, { definition: hash, entries: [...(typings.get(hash)?.entries ?? []), typing] });
  }
  return {
    definitions,
    named: namedDefinitions(unit),
    blocks: [...blocks].map(([hash, bytes]) => ({ hash, bytes })),
    components: componentOf,
    links,
    meta,
    typings,
  };
}

/**
 * The definitions of a unit that get names in a codebase: functions, tests, properties, types, facts, actions, events,
 * operations and programs. Lambdas and initial values belong to what they are written in; watch lines are questions, not
 * definitions; the library comes with the language.
 */
export function namedDefinitions(unit: Core.Unit): readonly string[] {
  const functions = unit.definitions.filter(
    (one) => one.kind === "function" || one.kind === "test" || one.kind === "prop",
  );
  return [...functions, ...unit.types, ...unit.outside, ...unit.programs]
    .map((one) => one.name)
    .filter((name) => !/(^|\.)> \d+$/.test(name) && !libraryNames().has(name))
    .sort();
}

export const isLibraryName = (name: string): boolean => libraryNames().has(name);

let library: ReadonlySet<string> | undefined;

/** The full names that the library declares. */
function libraryNames(): ReadonlySet<string> {
  library ??= new Set(
    librarySources.flatMap((source) => {
      const { tree } = parse(source.text, source.path);
      return tree.items.flatMap((item) => {
        if (item.kind === "use" || item.kind === "watch") return [];
        const name = item.kind === "test" || item.kind === "prop" ? `${item.kind} ${item.title.value}` : item.name.text;
        const parts = item.kind === "effect" ? item.operations.map((one) => `${name}.${one.name.text}`) : [];
        return [name, ...parts].map((one) => `${tree.module!.text}.${one}`);
      });
    }),
  );
  return library;
}

/** One component's blocks. `hashes`, `links` and `localOrders` are by member, in the given order. */
export interface AddressedComponent {
  readonly hashes: readonly ContentHash.ContentHash[];
  readonly links: readonly (readonly ContentHash.ContentHash[])[];
  readonly localOrders: readonly (readonly number[])[];
  readonly blocks: readonly CodeBlock[];
}

/**
 * Addresses definitions that refer to one another. `outer` gives the address of what is outside the component and
 * undefined for a member; `inner` then gives the member's number.
 */
export function addressComponent(
  items: readonly CoreItem[],
  outer: (reference: Core.Reference) => ContentHash.ContentHash | undefined,
  inner: (reference: Core.Reference) => number,
  table: IntrinsicTable,
): AddressedComponent {
  if (items.length > COMPONENT_MEMBERS_MAX)
    throw new CodeTooLarge(items[0]!.item.name, `more than ${COMPONENT_MEMBERS_MAX} definitions call one another`);
  const mentions: (number | ContentHash.ContentHash)[][] = [];
  const localOrders: (readonly number[])[] = [];
  const blanked = items.map((item) => {
    const seen: (number | ContentHash.ContentHash)[] = [];
    const { form, localOrder } = toHashed(
      item,
      (reference) => {
        const hash = outer(reference);
        seen.push(hash ?? inner(reference));
        return hash === undefined ? 0 : link(hash);
      },
      table,
    );
    mentions.push(seen);
    localOrders.push(localOrder);
    return encodeForm(item, form);
  });
  const targets = mentions.map((seen) => seen.filter((mention) => typeof mention === "number"));
  const refined = refine(blanked, targets);
  if (refined === undefined)
    throw new CodeTooLarge(items[0]!.item.name, "too many definitions that look alike call one another");
  const { classOf, representatives } = refined;

  const forms = representatives.map((member) => {
    const resolve: Resolve = (reference) => {
      const hash = outer(reference);
      return hash === undefined ? classOf[inner(reference)]! : link(hash);
    };
    return toHashed(items[member]!, resolve, table).form;
  });
  const bytes = encode([Kind.component, codeFormat, forms]);
  const hash = ContentHash.of(bytes);
  const blocks: CodeBlock[] = [{ hash, bytes }];
  const classHashes =
    forms.length === 1
      ? [hash]
      : forms.map((_, number) => {
          const member = memberBlock(hash, number);
          blocks.push(member);
          return member.hash;
        });
  return {
    hashes: classOf.map((number) => classHashes[number]!),
    links: mentions.map((seen, i) => {
      const own = classHashes[classOf[i]!]!;
      const all = seen.map((mention) => (typeof mention === "number" ? classHashes[classOf[mention]!]! : mention));
      // A definition that calls itself is not a dependent of itself.
      return [...new Set(all)].filter((one) => one !== own);
    }),
    localOrders,
    blocks,
  };
}

/** Member `number` of a component: a small block, so that every definition has one address. */
export function memberBlock(component: ContentHash.ContentHash, number: number): CodeBlock {
  const bytes = encode([Kind.member, codeFormat, link(component), number]);
  return { hash: ContentHash.of(bytes), bytes };
}

/** The outermost three levels of a block are the block, its definitions and the definition itself. */
const BLOCK_LEVELS = 3;

function encodeForm(item: CoreItem, form: H.Definition): Uint8Array {
  const bytes = encode(form);
  if (depthOf(form) + BLOCK_LEVELS > NODE_DEPTH_MAX) throw new CodeTooLarge(item.item.name, "it is nested too deeply");
  return bytes;
}

function depthOf(form: unknown): number {
  if (!Array.isArray(form)) return 0;
  let deepest = 0;
  for (const part of form) deepest = Math.max(deepest, depthOf(part));
  return deepest + 1;
}

function itemsOf(unit: Core.Unit, known: ReadonlyMap<string, unknown>): ReadonlyMap<string, CoreItem> {
  const items = new Map<string, CoreItem>();
  const add = (item: CoreItem) => {
    if (known.has(item.item.name)) return;
    assert(!items.has(item.item.name), `two definitions are called ${item.item.name}`);
    items.set(item.item.name, item);
  };
  for (const item of unit.definitions) add({ form: "definition", item });
  for (const item of unit.types) add({ form: "type", item });
  for (const item of unit.outside) add({ form: "outside", item });
  for (const item of unit.programs) add({ form: "program", item });
  return items;
}

function numberIn(numbers: ReadonlyMap<string, number>, name: string, from: string): number {
  const number = numbers.get(name);
  assert(number !== undefined, `${from} refers to ${name}, which is not in the unit`);
  return number;
}

/**
 * A value that only names another value of the same written type is that value: it gets no address of its own.
 * Values that name each other in a circle are left as they are.
 */
function transparentAliases(unit: Core.Unit): ReadonlyMap<string, Core.Reference> {
  const values = new Map(unit.definitions.filter((one) => one.kind === "value").map((one) => [one.name, one]));
  const direct = new Map<string, string>();
  for (const [name, value] of values) {
    const { body } = value;
    if (body.kind !== "call" || body.arguments.length > 0 || body.reference.kind !== "symbol") continue;
    const target = values.get(body.reference.name);
    if (target !== undefined && sameSignature(value.signature, target.signature)) direct.set(name, target.name);
  }
  const resolved = new Map<string, Core.Reference>();
  for (const name of direct.keys()) {
    const seen = new Set([name]);
    let at = direct.get(name)!;
    while (direct.has(at) && !seen.has(at)) {
      seen.add(at);
      at = direct.get(at)!;
    }
    if (!seen.has(at)) resolved.set(name, { kind: "symbol", name: at });
  }
  return resolved;
}

const sameSignature = (a: Core.FunctionType | undefined, b: Core.FunctionType | undefined): boolean =>
  a === undefined || JSON.stringify(a) === JSON.stringify(b);
