/**
 * A statement and who signed it. One block `[kind, 1, body, signer, signature]`; the signature covers the block
 * without it, so the kind separates domains: a signed message can never be read as a fact.
 * Spec: docs/spec/protocol.md §1.
 */
import {
  type Codec,
  ContentHash,
  type DecodeError,
  decode as decodeNode,
  encode as encodeNode,
  isList,
  showDecodeError,
  valueFromNode,
  valueToNode,
} from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signer, type VerifySignature, verifySignature } from "./Signer.ts";

const VERSION = 1;

export interface Signed<T> {
  readonly body: T;
  /** Ed25519 public key, 32 bytes. */
  readonly signer: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

export type SignedError =
  | { readonly kind: "TooLarge"; readonly bytes: number; readonly bytesMax: number }
  | { readonly kind: "NotCanonical"; readonly reason: string }
  | { readonly kind: "WrongBlock"; readonly expected: string }
  | Codec.ShapeError
  | { readonly kind: "BadSignature"; readonly what: string; readonly signer: Uint8Array };

export function showSignedError(error: SignedError): string {
  switch (error.kind) {
    case "TooLarge":
      return `the block has ${error.bytes} bytes, more than ${error.bytesMax}`;
    case "NotCanonical":
      return error.reason;
    case "WrongBlock":
      return `the block is not ${error.expected}`;
    case "WrongShape":
      return `${error.path}: expected ${error.expected}, got ${error.got}`;
    case "BadSignature":
      return `the signature of the ${error.what} is not its signer's`;
  }
}

/** The laws of one kind of signed statement. */
export interface SignedKind<T> {
  readonly sign: (body: T, signer: Signer) => Signed<T>;
  /** True when the signature is the signer's over this body. */
  readonly isSigned: (statement: Signed<T>, verify?: VerifySignature) => boolean;
  readonly encode: (statement: Signed<T>) => Uint8Array;
  /** Reads hostile bytes: size, canonical form and shape; the signature is `isSigned`'s. */
  readonly decode: (block: Uint8Array) => Result<Signed<T>, SignedError>;
  /** `decode`, then `isSigned`. */
  readonly open: (block: Uint8Array, verify?: VerifySignature) => Result<Signed<T>, SignedError>;
  readonly hash: (statement: Signed<T>) => ContentHash.ContentHash;
}

/** `kind` as in content's Kind table; `what` as people call it; larger blocks than `bytesMax` are refused unread. */
export function signedKind<T>(kind: number, what: string, codec: Codec.Codec<T>, bytesMax: number): SignedKind<T> {
  const signable = (body: T, signer: Uint8Array) =>
    encodeNode([kind, VERSION, valueToNode(codec.toValue(body)), signer]);
  const encode = (statement: Signed<T>) =>
    encodeNode([kind, VERSION, valueToNode(codec.toValue(statement.body)), statement.signer, statement.signature]);
  const isSigned = (statement: Signed<T>, verify: VerifySignature = verifySignature) =>
    verify(statement.signer, signable(statement.body, statement.signer), statement.signature);

  function decode(block: Uint8Array): Result<Signed<T>, SignedError> {
    if (block.length > bytesMax) return err({ kind: "TooLarge", bytes: block.length, bytesMax });
    const node = decodeNode(block);
    if (!node.ok) return notCanonical(node.error);
    if (!isList(node.value) || node.value.length !== 5) return err({ kind: "WrongBlock", expected: what });
    const [gotKind, version, body, signer, signature] = node.value;
    if (
      gotKind !== kind ||
      version !== VERSION ||
      !(signer instanceof Uint8Array) ||
      signer.length !== PUBLIC_KEY_BYTES ||
      !(signature instanceof Uint8Array) ||
      signature.length !== SIGNATURE_BYTES
    ) {
      return err({ kind: "WrongBlock", expected: what });
    }
    const value = valueFromNode(body!);
    if (!value.ok) return notCanonical(value.error);
    const read = codec.fromValue(value.value);
    return read.ok ? ok({ body: read.value, signer, signature }) : read;
  }

  return {
    sign: (body, signer) => ({
      body,
      signer: signer.publicKey,
      signature: signer.sign(signable(body, signer.publicKey)),
    }),
    isSigned,
    encode,
    decode,
    open(block, verify) {
      const read = decode(block);
      if (!read.ok || isSigned(read.value, verify)) return read;
      return err({ kind: "BadSignature", what, signer: read.value.signer });
    },
    hash: (statement) => ContentHash.of(encode(statement)),
  };
}

const notCanonical = (error: DecodeError) => err({ kind: "NotCanonical", reason: showDecodeError(error) } as const);
