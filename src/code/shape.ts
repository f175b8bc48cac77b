/**
 * What a definition is and takes, with `*` for every declared type: the key under which a store lists it, so that looking
 * for a type reads only what can have it. Declared types have no lasting name; those of the language do.
 *
 *     fn withTax(price: Price, rate: Decimal) -> Price     fn(*, Decimal) -> *
 *     fact PriceOf(pair: Pair) -> Decimal                  fact(*) -> Decimal
 *     type Price(amount: Decimal, currency: Text)          type(Decimal, Text)
 *
 * It is read from the block alone. What finds something by its shape looks at the definition too.
 */

import { type ContentHash, decode, isLink, isList, Kind, type Node } from "../content/index.ts";
import { builtinLabels } from "../language/index.ts";
import { Bytes } from "../std/index.ts";
import { DefinitionTag, TypeTag } from "./Hashed.ts";

/** Longer ones are all listed under `ANY_SHAPE`. */
const SHAPE_BYTES_MAX = 400;

/** The shape of what has too long a one: it may be anything. */
export const ANY_SHAPE = "…";

const TYPE_DEPTH_MAX = 200;

/** Undefined for what has no signature (tests, programs, lambdas, sums), and for blocks that are no definition. */
export function shapeOf(
  block: Uint8Array,
  load: (hash: ContentHash.ContentHash) => Uint8Array | undefined,
): string | undefined {
  const definition = definitionIn(block, load);
  if (definition === undefined) return undefined;
  try {
    const shape = print(definition);
    return shape === undefined || Bytes.fromText(shape).length <= SHAPE_BYTES_MAX ? shape : ANY_SHAPE;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

function definitionIn(
  block: Uint8Array,
  load: (hash: ContentHash.ContentHash) => Uint8Array | undefined,
): Node | undefined {
  const [kind, , third, fourth] = partsOf(block);
  if (kind === Kind.component) return isListNode(third) && third.length === 1 ? third[0] : undefined;
  if (kind !== Kind.member || third === undefined || third === null || !isLink(third)) return undefined;
  const component = load(third.link);
  const [, , members] = component === undefined ? [] : partsOf(component);
  return isListNode(members) && typeof fourth === "number" ? members[fourth] : undefined;
}

function partsOf(block: Uint8Array): readonly Node[] {
  const node = decode(block);
  return node.ok && isListNode(node.value) ? node.value : [];
}

class Malformed extends Error {}

const isListNode = (node: Node | undefined): node is readonly Node[] =>
  node !== undefined && node !== null && isList(node);
const list = (node: Node | undefined): readonly Node[] => {
  if (!isListNode(node)) throw new Malformed();
  return node;
};
const word = (node: Node | undefined): string => {
  if (typeof node !== "string") throw new Malformed();
  return node;
};

function print(definition: Node): string | undefined {
  const [tag, ...rest] = list(definition);
  const fields = (all: readonly Node[]) => all.map((field) => type(list(field)[1], 0)).join(", ");
  switch (tag) {
    case DefinitionTag.function:
      return rest[2] === null ? undefined : type(rest[2], 0);
    case DefinitionTag.record:
      return `type(${fields(rest.slice(1))})`;
    case DefinitionTag.event:
      return `event(${fields(list(rest[1]))})`;
    case DefinitionTag.fact:
    case DefinitionTag.action:
    case DefinitionTag.operation: {
      const kind = tag === DefinitionTag.fact ? "fact" : tag === DefinitionTag.action ? "action" : "operation";
      return `${kind}(${fields(list(rest[1]))}) -> ${type(rest[2], 0)}`;
    }
    default:
      return undefined;
  }
}

function type(node: Node | undefined, depth: number): string {
  if (depth > TYPE_DEPTH_MAX) throw new Malformed();
  const [tag, ...rest] = list(node);
  const all = (of: readonly Node[]) => of.map((one) => type(one, depth + 1)).join(", ");
  const withArguments = (name: string, of: readonly Node[]) => (of.length === 0 ? name : `${name}<${all(of)}>`);
  switch (tag) {
    case TypeTag.builtin:
      return withArguments(word(rest[0]), rest.slice(1));
    case TypeTag.declared:
      return withArguments("*", rest.slice(1));
    case TypeTag.variable:
      return `t${String(rest[0])}`;
    case TypeTag.tuple:
      return `(${all(rest)})`;
    case TypeTag.record:
      return `(${rest.flatMap((name, i) => (i % 2 === 0 ? [`${word(name)}: ${type(rest[i + 1], depth + 1)}`] : [])).join(", ")})`;
    case TypeTag.function: {
      const labels = list(rest[2]).map((label) => (isOfLanguage(word(label)) ? word(label) : "*"));
      if (rest[3] !== null) labels.push(`e${String(rest[3])}`);
      const row = labels.length === 0 ? "" : ` uses ${labels.join(", ")}`;
      return `fn(${all(list(rest[0]))}) -> ${type(rest[1], depth + 1)}${row}`;
    }
    default:
      throw new Malformed();
  }
}

const isOfLanguage = (label: string): boolean => (builtinLabels as readonly string[]).includes(label);
