/**
 * Merkle-Patricia tries (Yellow Paper, appendix D): `get` follows a proof from a root, `of` builds a small trie to prove
 * from. A proof is the nodes on the path in order, no more and no less, so that one fact has one encoding.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { ProofError } from "../../protocol/index.ts";
import { assert, Bytes, err, ok, type Result } from "../../std/index.ts";
import * as Rlp from "./Rlp.ts";

/** A key of 32 bytes has 64 nibbles, so a path has at most 65 nodes. */
export const PROOF_NODES_MAX = 65;
/** A leaf holds a whole receipt or transaction. */
export const PROOF_NODE_BYTES_MAX = 512 * 1024;
const BRANCH_ITEMS = 17;
const HASH_BYTES = 32;

/** keccak-256 of RLP(""): the root of the trie without entries. */
export const EMPTY_ROOT = keccak_256(Rlp.encode(Bytes.empty));

/** The value at `key`, or `undefined` when the proof shows that there is none. `part` names the proof in refusals. */
export function get(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
  part: string,
): Result<Uint8Array | undefined, ProofError> {
  if (proof.length > PROOF_NODES_MAX)
    return err({ kind: "TooLarge", part: `node list of the ${part}`, got: proof.length, max: PROOF_NODES_MAX });
  if (Bytes.equal(root, EMPTY_ROOT) && proof.length === 0) return ok(undefined);
  const path = nibbles(key);
  let used = 0;
  let at = 0;
  let reference: Rlp.Rlp = root;

  const finish = (value: Uint8Array | undefined): Result<Uint8Array | undefined, ProofError> =>
    used === proof.length ? ok(value) : malformed(part, `${proof.length - used} nodes are not on the path`);

  for (;;) {
    let node: Rlp.Rlp;
    if (Rlp.isBytes(reference)) {
      if (reference.length !== HASH_BYTES) return malformed(part, "a reference is neither a hash nor a short node");
      const raw = proof[used];
      if (raw === undefined) return err({ kind: "MissingNode", part, hash: hex(reference) });
      if (raw.length > PROOF_NODE_BYTES_MAX)
        return err({ kind: "TooLarge", part: `node of the ${part}`, got: raw.length, max: PROOF_NODE_BYTES_MAX });
      // A node below 32 bytes is written inside its parent; only the root may be that short and still be hashed.
      if (raw.length < HASH_BYTES && used > 0) return malformed(part, "a short node is not inside its parent");
      const got = keccak_256(raw);
      if (!Bytes.equal(got, reference))
        return err({ kind: "WrongHash", part: `node ${used} of the ${part}`, expected: hex(reference), got: hex(got) });
      used++;
      const decoded = Rlp.decode(raw);
      if (!decoded.ok) return malformed(part, decoded.error.reason);
      node = decoded.value;
    } else {
      if (Rlp.encode(reference).length >= HASH_BYTES) return malformed(part, "a long node stands inside its parent");
      node = reference;
    }
    if (!Rlp.isList(node)) return malformed(part, "a node is not a list");

    if (node.length === BRANCH_ITEMS) {
      if (at === path.length) {
        const value = node[BRANCH_ITEMS - 1];
        if (!Rlp.isBytes(value)) return malformed(part, "a value is not a string");
        return finish(value.length === 0 ? undefined : value);
      }
      reference = node[path[at++]!]!;
      if (Rlp.isBytes(reference) && reference.length === 0) return finish(undefined);
      continue;
    }
    if (node.length !== 2) return malformed(part, `a node has ${node.length} items`);
    const segment = readSegment(node[0]);
    if (segment === undefined) return malformed(part, "the path of a node is malformed");
    const follows = segment.path.every((nibble, i) => path[at + i] === nibble);
    at += segment.path.length;
    if (segment.isLeaf) {
      const value = node[1];
      if (!Rlp.isBytes(value) || value.length === 0) return malformed(part, "the value of a leaf is not a string");
      return finish(follows && at === path.length ? value : undefined);
    }
    if (segment.path.length === 0) return malformed(part, "an extension has no path");
    if (!follows) return finish(undefined);
    reference = node[1]!;
  }
}

const malformed = (part: string, reason: string) => err({ kind: "MalformedProof", part, reason } as const);
const hex = (bytes: Uint8Array) => `0x${Bytes.toHex(bytes)}`;

function nibbles(bytes: Uint8Array): number[] {
  const out: number[] = [];
  for (const byte of bytes) out.push(byte >> 4, byte & 15);
  return out;
}

/** Hex-prefix encoding (Yellow Paper, appendix C). */
function readSegment(item: Rlp.Rlp | undefined): { readonly path: number[]; readonly isLeaf: boolean } | undefined {
  if (!Rlp.isBytes(item) || item.length === 0 || item.length > HASH_BYTES + 1) return undefined;
  const all = nibbles(item);
  const flag = all[0]!;
  if (flag > 3) return undefined;
  const isOdd = (flag & 1) === 1;
  if (!isOdd && all[1] !== 0) return undefined;
  return { path: all.slice(isOdd ? 1 : 2), isLeaf: flag >= 2 };
}

function writeSegment(path: readonly number[], isLeaf: boolean): Uint8Array {
  const flag = isLeaf ? 2 : 0;
  const all = path.length % 2 === 1 ? [flag + 1, ...path] : [flag, 0, ...path];
  const bytes = new Uint8Array(all.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = all[2 * i]! * 16 + all[2 * i + 1]!;
  return bytes;
}

export interface Trie {
  readonly root: Uint8Array;
  /** The nodes on the way to a key, whether it is there or not. */
  readonly prove: (key: Uint8Array) => readonly Uint8Array[];
}

interface Entry {
  readonly path: readonly number[];
  readonly value: Uint8Array;
}

/** A trie of entries with distinct keys and values that are not empty: the transactions or receipts of one block. */
export function of(entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): Trie {
  if (entries.length === 0) return { root: EMPTY_ROOT, prove: () => [] };
  const raw = new Map<string, Uint8Array>();
  const top = build(
    entries.map(([key, value]) => ({ path: nibbles(key), value })),
    raw,
  );
  const encoded = Rlp.encode(top);
  const root = keccak_256(encoded);
  raw.set(Bytes.toHex(root), encoded);
  return { root, prove: (key) => prove(root, nibbles(key), raw) };
}

/** The node over these entries; nodes of 32 bytes or more are put into `raw` and referred to by hash. */
function build(entries: readonly Entry[], raw: Map<string, Uint8Array>): Rlp.Rlp {
  const refer = (node: Rlp.Rlp): Rlp.Rlp => {
    const encoded = Rlp.encode(node);
    if (encoded.length < HASH_BYTES) return node;
    const hash = keccak_256(encoded);
    raw.set(Bytes.toHex(hash), encoded);
    return hash;
  };
  const first = entries[0];
  assert(first !== undefined, "a trie node has entries");
  if (entries.length === 1) return [writeSegment(first.path, true), first.value];
  let shared = 0;
  while (entries.every((e) => e.path.length > shared && e.path[shared] === first.path[shared])) shared++;
  if (shared > 0) {
    const rest = entries.map((e) => ({ path: e.path.slice(shared), value: e.value }));
    return [writeSegment(first.path.slice(0, shared), false), refer(build(rest, raw))];
  }
  const items: Rlp.Rlp[] = [];
  for (let nibble = 0; nibble < BRANCH_ITEMS - 1; nibble++) {
    const below = entries.filter((e) => e.path[0] === nibble).map((e) => ({ path: e.path.slice(1), value: e.value }));
    items.push(below.length === 0 ? Bytes.empty : refer(build(below, raw)));
  }
  const ended = entries.filter((e) => e.path.length === 0);
  assert(ended.length <= 1, "keys are distinct");
  items.push(ended[0]?.value ?? Bytes.empty);
  return items;
}

function prove(root: Uint8Array, path: readonly number[], raw: ReadonlyMap<string, Uint8Array>): readonly Uint8Array[] {
  const nodes: Uint8Array[] = [];
  let reference: Rlp.Rlp = root;
  let at = 0;
  for (;;) {
    let node: Rlp.Rlp = reference;
    if (Rlp.isBytes(reference)) {
      const encoded = raw.get(Bytes.toHex(reference));
      if (encoded === undefined) return nodes; // An empty reference: the key is not there.
      nodes.push(encoded);
      const decoded = Rlp.decode(encoded);
      assert(decoded.ok, "own nodes decode");
      node = decoded.value;
    }
    assert(Rlp.isList(node), "own nodes are lists");
    if (node.length === BRANCH_ITEMS) {
      if (at === path.length) return nodes;
      reference = node[path[at++]!]!;
      if (Rlp.isBytes(reference) && reference.length === 0) return nodes;
      continue;
    }
    const segment = readSegment(node[0]);
    assert(segment !== undefined, "own paths decode");
    if (segment.isLeaf || !segment.path.every((nibble, i) => path[at + i] === nibble)) return nodes;
    at += segment.path.length;
    reference = node[1]!;
  }
}
