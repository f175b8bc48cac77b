import { type Ext, P } from "./Field.ts";

/** Why a proof is refused. */
export class Refusal extends Error {}

export function insist(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Refusal(why);
}

/** The bytes of a proof, from the first to the last. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    insist(this.#at < this.#bytes.length, "truncated");
    return this.#bytes[this.#at++]!;
  }

  word(): number {
    return this.words(1)[0]!;
  }

  words(count: number): Uint32Array {
    insist(4 * count <= this.#bytes.length - this.#at, "truncated");
    return Uint32Array.from({ length: count }, () => {
      const [a, b, c, d] = [this.byte(), this.byte(), this.byte(), this.byte()];
      return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
    });
  }

  elements(count: number): Uint32Array {
    const words = this.words(count);
    insist(
      words.every((word) => word < P),
      "no field element",
    );
    return words;
  }

  ext(): Ext {
    return [...this.elements(5)];
  }

  end(): void {
    insist(this.#at === this.#bytes.length, "bytes after the end");
  }
}
