/** The fields of a proof, by name, as the verifier reads them; and proofs with one of them changed. */
import { Bytes } from "../../src/std/index.ts";
import {
  claimOf,
  headerBytes,
  type Profile,
  type Reader,
  reader,
  type Statement,
  verifyProof,
} from "../../src/verifier/index.ts";

export type Field = { readonly where: string; readonly at: number; readonly bytes: number };

/** Every field after the statement, in the order in which the verifier reads them, with its place in the proof. */
export function fieldsOf(
  proof: Uint8Array,
  statement: Statement.Statement,
  profile: Profile.Profile,
  hiding = false,
): Field[] {
  const start = headerBytes(statement, profile, hiding).length;
  const inner = reader(proof.subarray(start));
  const fields: Field[] = [];
  let at = start;
  const seen = (where: string, bytes: number): void => {
    fields.push({ where, at, bytes });
    at += bytes;
  };
  const recording: Reader = {
    ...inner,
    bytes(count, where) {
      seen(where, count);
      return inner.bytes(count, where);
    },
    byte(where) {
      seen(where, 1);
      return inner.byte(where);
    },
    word(where) {
      seen(where, 4);
      return inner.word(where);
    },
    words(count, where) {
      seen(where, 4 * count);
      return inner.words(count, where);
    },
    elements(count, where) {
      seen(where, 4 * count);
      return inner.elements(count, where);
    },
    ext(where) {
      seen(where, 20);
      return inner.ext(where);
    },
    digest(where) {
      seen(where, 32);
      return inner.digest(where);
    },
  };
  verifyProof(claimOf(statement, profile, hiding), recording);
  return fields;
}

export function withByte(proof: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = proof.slice();
  copy[at] = change(copy[at]!);
  return copy;
}

export function withWord(proof: Uint8Array, at: number, change: (word: number) => number): Uint8Array {
  const copy = proof.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(at, change(view.getUint32(at, true)), true);
  return copy;
}

/** The proof with another statement written before it. */
export const restated = (
  proof: Uint8Array,
  statement: Statement.Statement,
  profile: Profile.Profile,
  changed: Partial<Statement.Statement>,
): Uint8Array =>
  Bytes.concat(
    headerBytes({ ...statement, ...changed }, profile, false),
    proof.subarray(headerBytes(statement, profile, false).length),
  );
