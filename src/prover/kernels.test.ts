import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { BabyBear, Ext, Ntt } from "../field/index.ts";
import { Blake3, foldCoset, Layout, Transcript, treeRoot } from "../verifier/index.ts";
import { cosetShift, domain, domainPoints, powers } from "./Domain.ts";
import { start } from "./Engine.ts";
import { findWork } from "./findWork.ts";
import { BLOCK_ROWS, extWords, fromMontgomery, program, toMontgomery } from "./Program.ts";
import { kernelRows } from "./rowHasher.ts";
import { commit, commitColumns } from "./Tree.ts";
import { writer } from "./Writer.ts";

/** Each kernel against its plain twin. Corner values stand among random ones. */
const engine = start(0);
afterAll(() => engine.close());

const CORNERS = [0, 1, 2, BabyBear.P - 1, BabyBear.P - 2, 1 << 27, 0x3fffffff, 0x40000000];

function random(seed: number, count: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i < CORNERS.length ? CORNERS[(i + seed) % CORNERS.length]! : BabyBear.of(state);
  });
}

const put = (values: Uint32Array): number => {
  const address = engine.alloc(4 * values.length);
  engine.words(address, values.length).set(values.map(toMontgomery));
  return address;
};
const get = (address: number, count: number): Uint32Array => engine.words(address, count).map(fromMontgomery);
const ext = (columns: Uint32Array, height: number, row: number): Ext.Ext =>
  [0, 1, 2, 3, 4].map((l) => columns[l * height + row]!) as unknown as Ext.Ext;

describe("words", () => {
  test("into Montgomery form", async () => {
    const values = random(1, 64);
    const address = engine.alloc(256);
    engine.words(address, 64).set(values);
    await engine.run("toMontgomery", 64, 64, address, address);
    expect(get(address, 64)).toEqual(values);
  });
  test("powers", async () => {
    const address = engine.alloc(4 * 64);
    await engine.run("powers", 64, 16, address, toMontgomery(3), toMontgomery(5));
    expect(get(address, 64)).toEqual(Uint32Array.from({ length: 64 }, (_, i) => BabyBear.mul(3, BabyBear.pow(5, i))));
  });
});

describe("programs", () => {
  const height = 3 * BLOCK_ROWS;
  const operands = (seed: number) => {
    const a = random(seed, 5 * height);
    const b = random(seed + 1, 5 * height);
    return { a, b, pa: put(a), pb: put(b), out: engine.alloc(20 * height) };
  };
  test.each([
    ["add", BabyBear.add],
    ["sub", BabyBear.sub],
    ["mul", BabyBear.mul],
  ] as const)("%s of columns and constants", async (name, plain) => {
    const { a, b, pa, pb, out } = operands(3);
    const p = program();
    const [x, y, c] = [p.column(pa), p.column(pb), p.constant(BabyBear.P - 5)];
    p.storeBase(p[name](x, y), out);
    p.storeBase(p[name](x, c), out + 4 * height);
    p.storeBase(p[name](c, x), out + 8 * height);
    await p.load(engine).run(height);
    const got = get(out, 3 * height);
    for (let i = 0; i < height; i++) {
      expect([got[i], got[height + i], got[2 * height + i]]).toEqual([
        plain(a[i]!, b[i]!),
        plain(a[i]!, BabyBear.P - 5),
        plain(BabyBear.P - 5, a[i]!),
      ]);
    }
  });
  test.each([
    ["extAdd", Ext.add],
    ["extSub", Ext.sub],
    ["extMul", Ext.mul],
  ] as const)("%s", async (name, plain) => {
    const { a, b, pa, pb, out } = operands(5);
    const p = program();
    p.store(p[name](p.extColumn(pa, 4 * height), p.extColumn(pb, 4 * height)), out, 4 * height);
    await p.load(engine).run(height);
    const got = get(out, 5 * height);
    for (let i = 0; i < height; i++) expect(ext(got, height, i)).toEqual(plain(ext(a, height, i), ext(b, height, i)));
  });
  test("inverses of both fields; zero stays zero", async () => {
    const { a, pa, out } = operands(7);
    const p = program();
    p.store(p.extInverse(p.extColumn(pa, 4 * height)), out, 4 * height);
    const base = engine.alloc(4 * height);
    p.storeBase(p.inverse(p.column(pa)), base);
    await p.load(engine).run(height);
    const got = get(out, 5 * height);
    const inverses = get(base, height);
    for (let i = 0; i < height; i++) {
      const value = ext(a, height, i);
      expect(ext(got, height, i)).toEqual(Ext.isZero(value) ? Ext.ZERO : Ext.inv(value));
      expect(inverses[i]).toBe(a[i] === 0 ? 0 : BabyBear.inv(a[i]!));
    }
  });
  test("combinations, products with the base field and accumulation", async () => {
    const { a, b, pa, pb, out } = operands(9);
    const p = program();
    const factors = Array.from({ length: 70 }, (_, i) => [...random(i + 50, 13).subarray(8)] as unknown as Ext.Ext);
    const columns = [p.column(pa), p.column(pa + 4 * height), p.column(pb)];
    const combined = p.combine(
      factors[0]!,
      factors.map((factor, i) => [i === 5 ? p.constant(77) : columns[i % 3]!, factor] as const),
    );
    const sum = p.accumulator();
    p.accumulate(sum, combined, factors[1]!);
    p.accumulate(sum, columns[2]!, factors[2]!);
    p.store(p.extMulBase(sum, columns[1]!), out, 4 * height);
    await p.load(engine).run(height);
    const got = get(out, 5 * height);
    for (let i = 0; i < height; i += 13) {
      const cells = [a[i]!, a[height + i]!, b[i]!];
      const combination = factors.reduce(
        (s, factor, k) => Ext.add(s, Ext.mulBase(factor, k === 5 ? 77 : cells[k % 3]!)),
        factors[0]!,
      );
      const total = Ext.add(Ext.mul(combination, factors[1]!), Ext.mulBase(factors[2]!, cells[2]!));
      expect(ext(got, height, i)).toEqual(Ext.mulBase(total, cells[1]!));
    }
  });
  test("the next row of a bit-reversed column", async () => {
    const values = random(11, 256);
    const natural = Ntt.bitReversed(values);
    const p = program();
    const out = engine.alloc(1024);
    p.storeBase(p.next(p.column(put(values))), out);
    await p.load(engine).run(256, { log: 8, step: 1 });
    const got = Ntt.bitReversed(get(out, 256));
    for (let i = 0; i < 256; i++) expect(got[i]).toBe(natural[(i + 1) % 256]);
  });
});

describe("transforms", () => {
  test.each([4, 5, 6, 9, 12, 13, 14, 15])("extension of 2^%i rows to four cosets", async (log) => {
    const n = 2 ** log;
    const columns = [random(log, n), random(log + 1, n)];
    const roots = await domain(engine, [log]);
    const source = put(Uint32Array.from(columns.flatMap((column) => [...column])));
    const target = engine.alloc(4 * 8 * n);
    const { twiddles, inverses, scales } = roots;
    const address = scales.get(log)!;
    await engine.run("extend", 2, 1, source, 4 * n, target, 16 * n, log, 4, address, twiddles, inverses, 1);
    columns.forEach((column, c) => {
      const expected = Ntt.bitReversed(Ntt.extend(column, 2, BabyBear.GENERATOR));
      expect(get(target + 16 * n * c, 4 * n)).toEqual(expected);
    });
    // Back: the first coset gives the coefficients.
    const unscale = engine.alloc(4 * n);
    await powers(engine, unscale, n, toMontgomery(BabyBear.inv(n)), BabyBear.inv(BabyBear.GENERATOR));
    await engine.run("interpolate", 1, 1, target, 16 * n, log, unscale, inverses);
    const coefficients = Ntt.interpolate(columns[0]!);
    expect(get(target, n)).toEqual(coefficients);
    // And coefficients, multiplied by n, extend to the same.
    engine.words(target, n).set(coefficients.map((c) => toMontgomery(BabyBear.mul(c, n))));
    const again = engine.alloc(16 * n);
    await engine.run("extendCoefficients", 1, 1, target, 4 * n, again, 16 * n, log, 4, address, twiddles);
    expect(get(again, 4 * n)).toEqual(Ntt.bitReversed(Ntt.extend(columns[0]!, 2, BabyBear.GENERATOR)));
  });
  test("points of the evaluation domain, and their cosets", async () => {
    const roots = await domain(engine, [5]);
    const address = engine.alloc(512);
    await domainPoints(engine, roots, address, 128);
    const root = BabyBear.rootOfUnity(7);
    const expected = Uint32Array.from({ length: 128 }, (_, i) =>
      BabyBear.mul(BabyBear.GENERATOR, BabyBear.pow(root, Ntt.reverseBits(i, 7))),
    );
    expect(get(address, 128)).toEqual(expected);
    for (let coset = 0; coset < 4; coset++) expect(cosetShift(5, coset)).toBe(expected[32 * coset]);
  });
});

describe("hashes", () => {
  test.each([1, 5, 15, 16, 17, 40, 256, 257, 512, 600, 800, 1030, 1300])("rows of %i words", async (columns) => {
    const rows = 16;
    const values = random(columns, rows * columns);
    const tree = await commitColumns(engine, 4, { address: put(values), stride: 4 * rows }, columns);
    const list = Array.from({ length: columns }, (_, c) => values.subarray(c * rows, (c + 1) * rows));
    expect(tree.root).toEqual(treeRoot(new Map([[4, list]])));
  });
  test("trees of several heights, with words that are no residues behind each row", async () => {
    const shapes = [
      [3, 7],
      [2, 6],
      [20, 6],
      [1, 4],
    ] as const;
    const columns = shapes.map(([count, log], i) => random(i + 20, count * 2 ** log));
    const addresses = columns.map(put);
    const salt = (logRows: number): Uint32Array => random(logRows, Layout.SALT_WORDS * 2 ** logRows);
    const layout: Layout.Tree = {
      name: "main",
      salted: true,
      logLeaves: 7,
      matrices: shapes.map(([count, logRows], place) => ({ place, kind: "main", columns: count, logRows })),
    };
    const tree = await commit(
      engine,
      layout,
      ({ place, logRows }) => ({ address: addresses[place]!, stride: 4 * 2 ** logRows }),
      (logRows) => {
        const words = salt(logRows);
        const address = engine.alloc(4 * words.length);
        engine.words(address, words.length).set(words);
        return { address, stride: 4 * 2 ** logRows };
      },
    );
    const byHeight = new Map<number, Uint32Array[]>();
    const cut = (words: Uint32Array, log: number): Uint32Array[] =>
      Array.from({ length: words.length / 2 ** log }, (_, c) => words.subarray(c * 2 ** log, (c + 1) * 2 ** log));
    shapes.forEach(([, log], i) => {
      byHeight.set(log, [...(byHeight.get(log) ?? []), ...cut(columns[i]!, log)]);
    });
    for (const [log, list] of byHeight) byHeight.set(log, [...list, ...cut(salt(log), log)]);
    expect(tree.root).toEqual(treeRoot(byHeight));
  });
  test.each([1, 7, 16, 17, 63, 256, 257, 600])("rows of %i words for the verifier", (width) => {
    for (const rows of [1, 3, 4, 9]) {
      const words = random(width + rows, width * rows);
      expect(kernelRows(words, width)).toEqual(Blake3.plainRows(words, width));
    }
  });
  test("the work found is the first, and is work", async () => {
    for (const bits of [1, 7, 12]) {
      const transcript = Transcript.start(`work ${bits}`);
      const state = transcript.workState();
      const output = writer();
      await findWork(engine, transcript, bits, output);
      const nonce = new Uint32Array(output.finish().buffer)[0]!;
      expect(Transcript.hasWork(state, nonce, bits)).toBe(true);
      for (let earlier = 0; earlier < nonce; earlier++) expect(Transcript.hasWork(state, earlier, bits)).toBe(false);
    }
  });
});

describe("sums and folds", () => {
  test("weighted sums of columns", async () => {
    const n = 64;
    const columns = random(31, 9 * n);
    const weights = random(32, 5 * n);
    const list = engine.alloc(36);
    const from = put(columns);
    engine.words(list, 9).set(Array.from({ length: 9 }, (_, c) => from + 4 * n * c));
    const out = engine.alloc(180);
    await engine.run("dot", 9, 4, list, put(weights), 4 * n, n, out);
    const got = get(out, 45);
    for (let c = 0; c < 9; c++) {
      let sum: Ext.Ext = Ext.ZERO;
      for (let i = 0; i < n; i++) sum = Ext.add(sum, Ext.mulBase(ext(weights, n, i), columns[c * n + i]!));
      expect([...got.subarray(5 * c, 5 * c + 5)]).toEqual([...sum]);
    }
  });
  test("sums and running sums of columns", async () => {
    const n = 32;
    const values = random(33, 5 * n);
    const address = put(values);
    const out = engine.alloc(40);
    await engine.run("sumColumns", 5, 1, address, 4 * n, n, out);
    const shares = random(34, 5);
    engine.words(out + 20, 5).set(shares.map(toMontgomery));
    await engine.run("runningSum", 5, 1, address, 4 * n, n, out + 20);
    const sums = get(out, 5);
    const running = get(address, 5 * n);
    for (let l = 0; l < 5; l++) {
      let sum = 0;
      let total = 0;
      for (let i = 0; i < n; i++) {
        expect(running[l * n + i]).toBe(sum);
        sum = BabyBear.add(sum, BabyBear.sub(values[l * n + i]!, shares[l]!));
        total = BabyBear.add(total, values[l * n + i]!);
      }
      expect(sums[l]).toBe(total);
    }
  });
  test("folding and gathering cosets", async () => {
    const log = 7;
    const n = 2 ** log;
    const values = random(35, 5 * n);
    const roots = await domain(engine, [log]);
    const from = put(values);
    const beta = [...random(36, 13).subarray(8)] as unknown as Ext.Ext;
    const challenge = engine.alloc(20);
    engine.words(challenge, 5).set(extWords(beta));
    const to = engine.alloc(20 * n);
    const half = toMontgomery(BabyBear.inv(2));
    await engine.run("fold", n / 2, 16, from, 4 * n, to, 2 * n, roots.inverses, half, challenge);
    const folded = get(to, (5 * n) / 2);
    for (let i = 0; i < n / 2; i++) {
      const pair = [ext(values, n, 2 * i), ext(values, n, 2 * i + 1)];
      expect(ext(folded, n / 2, i)).toEqual(foldCoset(pair, i, log, beta));
    }
    await engine.run("gather", 20, 3, from, 4 * n, to, n, n / 4, 2);
    const gathered = get(to, 5 * n);
    for (let c = 0; c < 20; c++) {
      for (let i = 0; i < n / 4; i++) {
        expect(gathered[c * (n / 4) + i]).toBe(values[(c % 5) * n + 4 * i + Math.floor(c / 5)]);
      }
    }
  });
  test("folding eight at once is folding pairs three times", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.integer({ min: 3, max: 10 }), (seed, log) => {
        const values = random(seed, 48).subarray(8);
        const coset = Array.from({ length: 8 }, (_, i) => [...values.subarray(5 * i, 5 * i + 5)] as unknown as Ext.Ext);
        const index = seed % 2 ** (log - 3);
        const beta = coset[3]!;
        let level = coset;
        let power = beta;
        for (let bit = 0; bit < 3; bit++) {
          const here = level;
          level = Array.from({ length: here.length / 2 }, (_, i) =>
            foldCoset([here[2 * i]!, here[2 * i + 1]!], (index * here.length) / 2 + i, log - bit, power),
          );
          power = Ext.mul(power, power);
        }
        expect(foldCoset(coset, index, log, beta)).toEqual(level[0]);
      }),
    );
  });
});
