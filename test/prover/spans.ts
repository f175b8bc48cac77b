/** Where each field of a proof lies: what an accepting verifier read, in order, with the name that it gave it. */
import { type Reader, reader } from "../../src/verifier/index.ts";

export type Span = {
  readonly where: string;
  readonly from: number;
  readonly to: number;
  /** Whether it holds field elements, which have one encoding. */
  readonly elements: boolean;
};

export function spansOf(bytes: Uint8Array, verify: (input: Reader) => void): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const inner = reader(bytes);
  const note = (count: number, where: string, elements = false): void => {
    spans.push({ where, from: at, to: at + count, elements });
    at += count;
  };
  verify({
    ...inner,
    bytes(count, where) {
      note(count, where);
      return inner.bytes(count, where);
    },
    byte(where) {
      note(1, where);
      return inner.byte(where);
    },
    word(where) {
      note(4, where);
      return inner.word(where);
    },
    words(count, where) {
      note(4 * count, where);
      return inner.words(count, where);
    },
    elements(count, where) {
      note(4 * count, where, true);
      return inner.elements(count, where);
    },
    ext(where) {
      note(20, where, true);
      return inner.ext(where);
    },
    digest(where) {
      note(32, where);
      return inner.digest(where);
    },
  });
  if (inner.refusal() !== undefined || at !== bytes.length) throw new Error("the proof is not an accepted one");
  return spans;
}

/** The first and the last field of each name. */
export function ends(spans: readonly Span[]): Span[] {
  const first = new Map<string, Span>();
  const last = new Map<string, Span>();
  for (const span of spans) {
    if (span.from === span.to) continue;
    if (!first.has(span.where)) first.set(span.where, span);
    last.set(span.where, span);
  }
  return [...new Set([...first.values(), ...last.values()])];
}

export function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = change(copy[at]!);
  return copy;
}
