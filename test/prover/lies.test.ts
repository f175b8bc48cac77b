/**
 * Provers that lie in one place and are honest in all that follows, so that each check of the verifier is met by
 * itself: the transcript agrees, the trees open, and only the lie is left.
 */
import { afterAll, describe, expect, test } from "vitest";
import { type Engine, type Kernel, start } from "../../src/prover/Engine.ts";
import { proveOn } from "../../src/prover/prove.ts";
import { Layout } from "../../src/verifier/index.ts";
import { claimOf, machine, task, verdict } from "./toy.ts";

const engine = start(0);
afterAll(() => engine.close());

type Call = { readonly kernel: Kernel; readonly count: number; readonly args: readonly number[] };

/** An engine that lets `lie` change memory before the kernel runs for the count-th time, or after it did. */
function lying(lie: (call: Call, memory: Uint32Array) => void, when: "before" | "after"): Engine {
  const counts = new Map<Kernel, number>();
  return {
    ...engine,
    async run(kernel, total, grain, ...args) {
      const count = (counts.get(kernel) ?? 0) + 1;
      counts.set(kernel, count);
      if (when === "before") lie({ kernel, count, args }, engine.memory());
      await engine.run(kernel, total, grain, ...args);
      if (when === "after") lie({ kernel, count, args }, engine.memory());
    },
  };
}

async function verdictOn(lie: (call: Call, memory: Uint32Array) => void, when: "before" | "after" = "before") {
  const of = task(100);
  const mark = engine.mark();
  const proof = await proveOn(lying(lie, when), of);
  engine.release(mark);
  return verdict(of, proof);
}

const nothing = (): void => undefined;

/** Changes the words of a column from one address on. */
const scramble = (memory: Uint32Array, address: number, words: number): void => {
  for (let i = 0; i < words; i++) memory[address / 4 + i] = (Math.imul(i + 1, 2654435761) >>> 0) % 2013265921;
};

describe("a prover that lies", () => {
  test("not at all is accepted", async () => {
    expect(await verdictOn(nothing)).toBe("accepted");
  });
  test("about a sum of a table is refused by its running sum", async () => {
    // The claimed sum is read where sumColumns leaves it; another table gets the opposite, so that the total is 0.
    let sums = 0;
    const result = await verdictOn(({ kernel, args }, memory) => {
      if (kernel !== "sumColumns" || sums === 2) return;
      const at = args[3]! / 4;
      memory[at] = sums === 0 ? (memory[at]! + 5) % 2013265921 : (memory[at]! + 2013265921 - 5) % 2013265921;
      sums++;
    }, "after");
    expect(result).toMatch(/^constraint: table fibonacci/);
  });
  test("about the running sum on one row is refused", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      if (kernel === "runningSum" && count === 1) memory[args[0]! / 4 + 3]! += 1;
    }, "after");
    expect(result).toMatch(/^constraint: table fibonacci/);
  });
  test("about the quotient is refused at the point", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      if (kernel === "interpolate" && count === 1) memory[args[0]! / 4] = 12345;
    }, "after");
    expect(result).toMatch(/^constraint: table fibonacci/);
  });
  test("with columns of too high a degree is refused by the folds", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      if (kernel !== "extend" || count !== 2) return;
      // The second matrix that is extended is the first table's; a column of it, on half of its domain.
      scramble(memory, args[2]!, 128);
    }, "after");
    expect(result).toMatch(/^constraint|^fold/);
  });
  test("about one value of a column, which no query may meet, is caught by the point", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      if (kernel === "extend" && count === 2) memory[args[2]! / 4 + 200]! ^= 1;
    }, "after");
    // The barycentric sum runs over the first half only: the lie is in the second, and most queries find it.
    expect(result).toMatch(/^fold|^constraint/);
  });
  test("about a value at the point is refused by the reduced word", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      if (kernel !== "dot" || count !== 1) return;
      const out = args[4]! / 4;
      // The values of two columns change places.
      for (let limb = 0; limb < 5; limb++) {
        const [a, b] = [out + limb, out + 5 + limb];
        const kept = memory[a]!;
        memory[a] = memory[b]!;
        memory[b] = kept;
      }
    }, "after");
    expect(result).not.toBe("accepted");
  });
  test("about the reduced word is refused where the queries meet it", async () => {
    const result = await verdictOn(({ kernel, count, args }, memory) => {
      // The first gathering is that of the reduced word of the largest height.
      if (kernel === "gather" && count === 1) scramble(memory, args[0]!, 64);
    });
    expect(result).toMatch(/^fold: fold 0/);
  });
  test("about a fold is refused by the next", async () => {
    for (const round of [1, 2]) {
      const result = await verdictOn(({ kernel, count, args }, memory) => {
        if (kernel === "gather" && count === round + 1) scramble(memory, args[0]!, 16);
      });
      expect(result).toMatch(new RegExp(`^fold: fold ${round}`));
    }
  });
  test("about the last word is refused by the final polynomial", async () => {
    const layout = Layout.segment(machine, [7, 6, 8], claimOf(task(100)).keys, task(100).profile, false);
    let folds = 0;
    const halvings = layout.folds.reduce((sum, fold) => sum + fold.bits, 0);
    const result = await verdictOn(({ kernel, args }, memory) => {
      if (kernel === "fold" && ++folds === halvings) scramble(memory, args[2]!, 16);
    }, "after");
    expect(result).toMatch(/^fold: final polynomial/);
  });
});

describe("a proof that bends the shape", () => {
  const header = (count: number, heights: readonly number[]): Uint8Array => {
    const one = new Uint8Array(heights.length + 32);
    one.set(heights);
    const bytes = new Uint8Array(4 + count * one.length);
    new DataView(bytes.buffer).setUint32(0, count, true);
    for (let i = 0; i < count; i++) bytes.set(one, 4 + i * one.length);
    return bytes;
  };
  test.each([
    ["so many messages that counts could wrap around p", 200, [22, 22, 8], /^bus: number of messages/],
    ["no segment", 0, [7, 6, 8], /^shape: number of segments/],
    ["too many segments", 4097, [7, 6, 8], /^shape: number of segments/],
    ["segments without tables", 1, [255, 255, 255], /^shape: heights/],
    ["a table of constants at another height", 1, [7, 6, 9], /^shape: height of table byte/],
    ["a table that is too low", 1, [3, 6, 8], /^shape: height of table fibonacci/],
    ["a table that is too high", 1, [23, 6, 8], /^shape: height of table fibonacci/],
  ] as const)("%s is refused at once", (_, count, heights, reason) => {
    expect(verdict(task(100), header(count, heights))).toMatch(reason);
  });
});
