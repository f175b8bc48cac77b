/**
 * Code blocks → Core, for code from anywhere. What is accepted is exactly what `addressUnit` writes: canonical bytes, the
 * right address, a format that this executor runs, known builtins, numbers in range, members in canonical order.
 */
import { ContentHash, decode, isLink, isList, Kind, type Node, showDecodeError } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import { addressComponent, memberBlock } from "./address.ts";
import { components } from "./components.ts";
import { checkFormat, type IncompatibleFormat, showIncompatibleFormat } from "./Format.ts";
import { fromHashed } from "./fromHashed.ts";
import { COMPONENT_MEMBERS_MAX } from "./Hashed.ts";
import { type IntrinsicTable, intrinsics } from "./intrinsics.ts";
import { list, natural, Refusal } from "./Place.ts";
import { CodeTooLarge, type CoreItem } from "./toHashed.ts";

export interface InvalidCode {
  readonly kind: "InvalidCode";
  /** The path of item numbers in the block, `$[2][0][4]`; "address" when the bytes are not those of the hash. */
  readonly at: string;
  readonly reason: string;
}

/** A block that is needed to read another, and is not here. */
export interface MissingBlock {
  readonly kind: "MissingBlock";
  readonly hash: ContentHash.ContentHash;
  /** What needs it; undefined when it was asked for itself. */
  readonly neededBy: ContentHash.ContentHash | undefined;
}

export type CodeError = InvalidCode | IncompatibleFormat | MissingBlock;

export function showCodeError(error: CodeError): string {
  switch (error.kind) {
    case "InvalidCode":
      return `invalid code: ${error.reason} (at ${error.at})`;
    case "IncompatibleFormat":
      return showIncompatibleFormat(error);
    case "MissingBlock":
      return `block #${error.hash} is missing${error.neededBy === undefined ? "" : `, needed by #${error.neededBy}`}`;
  }
}

/** A definition as Core, all references by hash. */
export type Code = CoreItem & {
  readonly hash: ContentHash.ContentHash;
  /** The definitions it depends on, in order of first mention, each once. */
  readonly links: readonly ContentHash.ContentHash[];
};

export interface DecodeOptions {
  readonly table?: IntrinsicTable;
  /** Gives the component that a member block links to. Without it, member blocks are refused as missing it. */
  readonly load?: (hash: ContentHash.ContentHash) => Uint8Array | undefined;
  /** The members of components that were read before; filled here, so that a component is not read once for each member. */
  readonly components?: Map<ContentHash.ContentHash, readonly Code[]>;
}

/** Reads the definition at `hash`. Its Core name is `#hash`, since hashed code has no names. */
export function decodeDefinition(
  bytes: Uint8Array,
  hash: ContentHash.ContentHash,
  options: DecodeOptions = {},
): Result<Code, CodeError> {
  const opened = open(bytes, hash);
  if (!opened.ok) return opened;
  const [kind, , third, fourth] = opened.value;
  if (kind === Kind.component) {
    const all = decodeComponent(opened.value, hash, bytes, options.table ?? intrinsics);
    if (!all.ok) return all;
    // A larger component is no definition: its members are.
    return all.value.length === 1 ? ok(all.value[0]!) : invalid("$[2]", "this component has several members");
  }
  if (kind !== Kind.member) return invalid("$[0]", "the block is not code");
  if (opened.value.length !== 4) return invalid("$", "a member block has 4 parts");
  if (third === undefined || !isLink(third)) return invalid("$[2]", "a member block must link its component");
  if (typeof fourth !== "number" || fourth < 0) return invalid("$[3]", "a member number must not be negative");
  const members = membersOf(third.link, hash, options);
  if (!members.ok) return members;
  const found = members.value[fourth];
  return found === undefined ? invalid("$[3]", `the component has ${members.value.length} members`) : ok(found);
}

function membersOf(
  link: ContentHash.ContentHash,
  neededBy: ContentHash.ContentHash,
  { load, table, components: read }: DecodeOptions,
): Result<readonly Code[], CodeError> {
  const known = read?.get(link);
  if (known !== undefined) return ok(known);
  const component = load?.(link);
  if (component === undefined) return err({ kind: "MissingBlock", hash: link, neededBy });
  const inner = open(component, link);
  if (!inner.ok) return inner;
  if (inner.value[0] !== Kind.component) return invalid("$[2]", "a member block must link a component");
  const all = decodeComponent(inner.value, link, component, table ?? intrinsics);
  if (!all.ok) return all;
  if (all.value.length === 1) return invalid("$[2]", "a component of one member has no member blocks");
  read?.set(link, all.value);
  return all;
}

/** The links of any block, in order of occurrence, each once; undefined when it is not canonical. */
export function blockLinks(bytes: Uint8Array): readonly ContentHash.ContentHash[] | undefined {
  const node = decode(bytes);
  if (!node.ok) return undefined;
  const found = new Set<ContentHash.ContentHash>();
  const walk = (at: Node): void => {
    if (isList(at)) for (const part of at) walk(part);
    else if (at !== null && isLink(at)) found.add(at.link);
  };
  walk(node.value);
  return [...found];
}

const invalid = (at: string, reason: string) => err({ kind: "InvalidCode", at, reason } as const);

function open(bytes: Uint8Array, hash: ContentHash.ContentHash): Result<readonly Node[], CodeError> {
  if (ContentHash.of(bytes) !== hash) return invalid("address", "the bytes are not those of the hash");
  const node = decode(bytes);
  if (!node.ok) return invalid("$", showDecodeError(node.error));
  const block = node.value;
  if (!isList(block) || (block[0] !== Kind.component && block[0] !== Kind.member))
    return invalid("$", "the block is not code");
  if (typeof block[1] !== "number") return invalid("$[1]", "the format must be a number");
  const format = checkFormat(block[1]);
  return format.ok ? ok(block) : format;
}

function decodeComponent(
  block: readonly Node[],
  hash: ContentHash.ContentHash,
  bytes: Uint8Array,
  table: IntrinsicTable,
): Result<readonly Code[], InvalidCode> {
  try {
    return ok(readComponent(block, hash, bytes, table));
  } catch (error) {
    if (error instanceof Refusal) return invalid(error.at, error.reason);
    if (error instanceof CodeTooLarge) return invalid("$[2]", error.message);
    throw error;
  }
}

function readComponent(
  block: readonly Node[],
  hash: ContentHash.ContentHash,
  bytes: Uint8Array,
  table: IntrinsicTable,
): readonly Code[] {
  if (block.length !== 3) throw new Refusal("$", "a component block has 3 parts");
  const places = list({ node: block[2], at: "$[2]" }, "a component");
  natural({ node: places.length, at: "$[2]" }, COMPONENT_MEMBERS_MAX, "the number of members");
  if (places.length === 0) throw new Refusal("$[2]", "a component has at least one member");
  const members = places.length === 1 ? [hash] : places.map((_, i) => memberBlock(hash, i).hash);
  const items = places.map((place, i) => fromHashed(place, `#${members[i]}`, { members }, table));

  // Written again from what was read, it must be the same block: that settles whatever has more than one spelling.
  const numbers = new Map(members.map((member, i) => [member, i]));
  const again = addressComponent(
    items,
    (reference) => {
      const target = (reference as { readonly hash: ContentHash.ContentHash }).hash;
      return numbers.has(target) ? undefined : target;
    },
    (reference) => numbers.get((reference as { readonly hash: ContentHash.ContentHash }).hash)!,
    table,
  );
  if (!Bytes.equal(again.blocks[0]!.bytes, bytes)) throw new Refusal("$[2]", "the members are not in canonical form");
  if (places.length > 1) {
    const edges = again.links.map((links) => links.flatMap((one) => numbers.get(one) ?? []));
    if (components(edges).length > 1) throw new Refusal("$[2]", "the members do not all depend on one another");
  }
  return items.map((item, i) => ({ ...item, hash: members[i]!, links: again.links[i]! }));
}
