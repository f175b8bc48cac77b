import { hash } from "./Blake3.ts";
import { type Ext, P } from "./Field.ts";

/** proof.md, "Transcript". */
export class Transcript {
  #state: Uint32Array;
  #buffer: number[] = [];
  #drawn: number[] = [];
  #counter = 0;

  constructor(state: Uint32Array) {
    this.#state = state;
  }

  static start(): Transcript {
    return new Transcript(hash([..."time-bandits proof 1"].map((c) => c.charCodeAt(0))));
  }

  absorb(words: Iterable<number>): void {
    for (const word of words) this.#buffer.push(word);
  }

  #empty(): void {
    if (this.#buffer.length === 0) return;
    this.#state = hash([0], this.#state, this.#buffer);
    this.#buffer = [];
    this.#drawn = [];
    this.#counter = 0;
  }

  #word(): number {
    this.#empty();
    if (this.#drawn.length === 0) this.#drawn = [...hash([1], this.#state, [this.#counter++])];
    return this.#drawn.shift()!;
  }

  element(): Ext {
    return [0, 1, 2, 3, 4].map(() => {
      for (;;) {
        const word = this.#word() & 0x7fffffff;
        if (word < P) return word;
      }
    });
  }

  index(bits: number): number {
    return this.#word() % 2 ** bits;
  }

  /** Whether the nonce shows `bits` of work; it is absorbed. */
  work(bits: number, nonce: number): boolean {
    this.#empty();
    const shown = hash([2], this.#state, [nonce])[0]! % 2 ** bits === 0;
    this.absorb([nonce]);
    return shown;
  }

  fork(): Transcript {
    this.#empty();
    return new Transcript(this.#state);
  }
}
