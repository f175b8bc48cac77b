/**
 * Ed25519 keys (RFC 8032): who says something. Names of keys are did:key texts (`did:key:z6Mk…`).
 *
 * Verdicts are strict on purpose: public keys of small order and encodings that are not canonical are refused, because
 * implementations disagree about them, and two nodes must never differ about one signature.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { base58btc } from "multiformats/bases/base58";
import { Bytes } from "../std/index.ts";

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const SEED_BYTES = 32;
/** A did:key of Ed25519 has 56 characters; longer texts are refused before they are decoded. */
const KEY_ID_CHARS_MAX = 64;
const KEY_ID_PREFIX = "did:key:";
/** Multicodec ed25519-pub (0xed) as a varint. */
const CODEC = Uint8Array.of(0xed, 0x01);

/** The port of a signing key. The key itself stays behind it. Same bytes, same signature. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Checks a signature; Node drivers may give a faster one that agrees. */
export type VerifySignature = (publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** A signer from a secret seed of 32 bytes. */
export function signerFromSeed(seed: Uint8Array): Signer {
  const secret = seed.slice();
  return { publicKey: ed25519.getPublicKey(secret), sign: (bytes) => ed25519.sign(bytes, secret) };
}

/** True for a canonical point of the curve that is not of small order. Check when a key is registered. */
export function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== PUBLIC_KEY_BYTES) return false;
  try {
    return !ed25519.Point.fromBytes(bytes, false).isSmallOrder();
  } catch {
    return false;
  }
}

export const verifySignature: VerifySignature = (publicKey, bytes, signature) => {
  if (signature.length !== SIGNATURE_BYTES || !isPublicKey(publicKey)) return false;
  try {
    return ed25519.verify(signature, bytes, publicKey, { zip215: false });
  } catch {
    return false;
  }
};

/** `did:key:z6Mk…` of a public key. */
export function keyId(publicKey: Uint8Array): string {
  return KEY_ID_PREFIX + base58btc.encode(Bytes.concat(CODEC, publicKey));
}

/** The public key that a did:key names; `undefined` when the text is no Ed25519 did:key or its key is refused. */
export function parseKeyId(text: string): Uint8Array | undefined {
  if (!text.startsWith(`${KEY_ID_PREFIX}z`) || text.length > KEY_ID_CHARS_MAX) return undefined;
  try {
    const bytes = base58btc.decode(text.slice(KEY_ID_PREFIX.length));
    if (bytes[0] !== CODEC[0] || bytes[1] !== CODEC[1]) return undefined;
    const key = bytes.slice(CODEC.length);
    return isPublicKey(key) && keyId(key) === text ? key : undefined;
  } catch {
    return undefined;
  }
}
