/**
 * The data model of a block: the part of DAG-CBOR in which every value has exactly one encoding.
 * No maps, no floats, no undefined; integers are safe integers; text is well-formed; links are content hashes (tag 42).
 */
import type { ContentHash } from "./ContentHash.ts";

export type Node = null | boolean | number | string | Uint8Array | Link | readonly Node[];

export interface Link {
  readonly link: ContentHash;
}

export const link = (hash: ContentHash): Link => ({ link: hash });

export const isLink = (node: Node): node is Link =>
  typeof node === "object" && node !== null && !Array.isArray(node) && "link" in node;

export const isList = (node: Node): node is readonly Node[] => Array.isArray(node);
