/** Reading a decoded block step by step: each check names the place where the block is wrong. */
import { type ContentHash, isLink, isList, type Node, Value, valueFromNode } from "../content/index.ts";
import type { Core } from "../language/index.ts";

/** Leaves the recursive readers; `decodeDefinition` turns it into InvalidCode. */
export class Refusal {
  readonly at: string;
  readonly reason: string;
  constructor(at: string, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

/** A node and where it stands. */
export interface Place {
  readonly node: Node | undefined;
  readonly at: string;
}

export function refuse(place: Place, reason: string): never {
  throw new Refusal(place.at, reason);
}

export function list(place: Place, what: string): readonly Place[] {
  if (place.node === undefined || !isList(place.node)) return refuse(place, `${what} must be a list`);
  return place.node.map((node, i) => ({ node, at: `${place.at}[${i}]` }));
}

/** A list of exactly `count` items. */
export function tuple(place: Place, count: number, what: string): readonly Place[] {
  const items = list(place, what);
  if (items.length !== count) refuse(place, `${what} has ${count} parts, not ${items.length}`);
  return items;
}

export function text(place: Place | undefined, what: string): string {
  if (place === undefined || typeof place.node !== "string")
    throw new Refusal(place?.at ?? "$", `${what} must be text`);
  return place.node;
}

/** A natural number up to and including `max`. */
export function natural(place: Place, max: number, what: string): number {
  const node = place.node;
  if (typeof node !== "number" || node < 0 || node > max)
    return refuse(place, `${what} must be a number from 0 to ${max}`);
  return node;
}

export function value(place: Place): Value.Value {
  if (place.node === undefined) return refuse(place, "a value is missing");
  const read = valueFromNode(place.node);
  if (!read.ok) return refuse(place, read.error.kind === "NotCanonical" ? read.error.reason : "the value is too large");
  return read.value;
}

/** Names ascending by code point, each once. */
export function ascending(places: readonly Place[], names: readonly string[], what: string): void {
  for (let i = 1; i < names.length; i++) {
    if (Value.compareText(names[i - 1]!, names[i]!) >= 0)
      refuse(places[i]!, `${what} must be sorted by name, each once`);
  }
}

export function distinct(places: readonly Place[], names: readonly string[], what: string): void {
  if (new Set(names).size === names.length) return;
  const seen = new Set<string>();
  names.forEach((name, i) => {
    if (seen.has(name)) refuse(places[i]!, `${what} ${name} occurs twice`);
    seen.add(name);
  });
}

/** What a form may refer to by number: the members of its component, by address. */
export interface Component {
  readonly members: readonly ContentHash.ContentHash[];
}

export function reference(place: Place, component: Component): Core.Reference {
  const node = place.node;
  if (typeof node === "number") {
    const hash = component.members[node];
    if (hash === undefined) return refuse(place, `the component has no member ${node}`);
    return { kind: "hash", hash };
  }
  if (node === undefined || !isLink(node)) return refuse(place, "a reference must be a link or a member number");
  return { kind: "hash", hash: node.link };
}
