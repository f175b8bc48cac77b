/**
 * The order of the members of a recursive component, by colour refinement: a member's first colour is the hash of its
 * form with every member reference blanked; each round hashes that with the colours of the members it refers to. When
 * the number of colours stops growing, members of one colour unfold to the same infinite tree (they are bisimilar), so
 * they are one definition. Classes are numbered by colour, which depends on nothing but the code.
 *
 * A single round, as other systems use, leaves ties whose order then depends on names.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { encode } from "../content/index.ts";
import { Bytes } from "../std/index.ts";

export interface Refinement {
  /** The class of each member. */
  readonly classOf: readonly number[];
  /** A member of each class, the first in the given order. */
  readonly representatives: readonly number[];
}

/**
 * How many colours may be made, members times rounds. Code that people write settles in a few rounds; only a long circle
 * of definitions that look the same needs as many rounds as it has members, which would take minutes.
 */
export const COLOURS_MAX = 131_072;

/** Undefined when it takes more than COLOURS_MAX. `blanked[i]` is the form of member i with member references blanked, `targets[i]` what they were, in order. */
export function refine(
  blanked: readonly Uint8Array[],
  targets: readonly (readonly number[])[],
): Refinement | undefined {
  const first = blanked.map(sha256);
  let colours: readonly Uint8Array[] = first;
  let count = distinct(colours);
  for (let made = first.length; ; made += first.length) {
    if (made > COLOURS_MAX) return undefined;
    const before = colours;
    const next = first.map((own, i) =>
      sha256(encode([own, before[i]!, ...targets[i]!.map((target) => before[target]!)])),
    );
    const nextCount = distinct(next);
    colours = next;
    if (nextCount === count) break;
    count = nextCount;
  }
  const order = colours.map((_, i) => i).sort((a, b) => Bytes.compare(colours[a]!, colours[b]!) || a - b);
  const classOf = new Array<number>(colours.length).fill(0);
  const representatives: number[] = [];
  for (const member of order) {
    const last = representatives[representatives.length - 1];
    if (last === undefined || !Bytes.equal(colours[last]!, colours[member]!)) representatives.push(member);
    classOf[member] = representatives.length - 1;
  }
  return { classOf, representatives };
}

const distinct = (colours: readonly Uint8Array[]): number => new Set(colours.map(Bytes.toHex)).size;
