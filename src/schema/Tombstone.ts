/**
 * What an upgrade took away: the old value, where it stood, and in which step. Kept beside the state, content-addressed,
 * so that a rollback is exact.
 */
import { ContentHash, encode as encodeNode, Kind, type Node, type Value, valueToNode } from "../content/index.ts";

export interface Tombstone {
  /** Which step of a plan, from 0; the path is in the state that this step took. */
  readonly step: number;
  /** A place in a value: `$.positions[3].note`, `$.balances{"ETH"}`. */
  readonly path: string;
  readonly value: Value.Value;
}

const FORMAT_VERSION = 1;

/** `plan` is the hash of the plan that made it. */
export const toNode = (tombstone: Tombstone, plan: ContentHash.ContentHash): Node => [
  Kind.tombstone,
  FORMAT_VERSION,
  plan,
  tombstone.step,
  tombstone.path,
  valueToNode(tombstone.value),
];

export const hash = (tombstone: Tombstone, plan: ContentHash.ContentHash): ContentHash.ContentHash =>
  ContentHash.of(encodeNode(toNode(tombstone, plan)));

export const keyOf = (step: number, path: string): string => `${step} ${path}`;
