import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import * as Elf from "./Elf.ts";
import { WINDOW_BYTES } from "./Program.ts";

const source =
  "_start:\n  la t0, k\n  lw a0, 0(t0)\n  li a7, 93\n  ecall\n.rodata\nk: .word 7\n.data\n.word 1, 2\n.zero 6";
const program = (() => {
  const assembled = assemble(source);
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  return assembled.value;
})();
const file = Elf.encode(program);

/** The file with some 32-, 16- or 8-bit fields replaced. */
const patched = (...fields: readonly (readonly [at: number, bytes: 1 | 2 | 4, value: number])[]): Uint8Array => {
  const copy = file.slice();
  for (const [at, bytes, value] of fields) for (let i = 0; i < bytes; i++) copy[at + i] = value >>> (8 * i);
  return copy;
};
const kind = (bytes: Uint8Array): string => {
  const decoded = Elf.decode(bytes);
  return decoded.ok ? "accepted" : decoded.error.kind;
};
/** A field of the i-th program header: 0 type, 1 offset, 2 address, 4 file size, 5 memory size, 6 permission. */
const header = (i: number, field: number): number => 52 + 32 * i + 4 * field;

describe("an ELF file", () => {
  test("gives back the program that was encoded", () => {
    const decoded = Elf.decode(file);
    expect(decoded.ok && decoded.value).toEqual(program);
  });
  test("may lie in a larger buffer", () => {
    const larger = new Uint8Array(file.length + 9);
    larger.set(file, 5);
    expect(kind(larger.subarray(5, 5 + file.length))).toBe("accepted");
  });

  const refused: readonly (readonly [string, Uint8Array, string])[] = [
    ["nothing", new Uint8Array(0), "not-elf"],
    ["text", Uint8Array.from([35, 33, 47, 98, 105, 110]), "not-elf"],
    ["only the magic", file.slice(0, 4), "cut-short"],
    ["a cut header", file.slice(0, 51), "cut-short"],
    ["cut program headers", file.slice(0, 60), "cut-short"],
    ["cut contents", file.slice(0, -1), "cut-short"],
    ["64 bits", patched([4, 1, 2]), "wrong-target"],
    ["big-endian", patched([5, 1, 2]), "wrong-target"],
    ["another version", patched([6, 1, 2]), "malformed"],
    ["x86", patched([18, 2, 3]), "wrong-target"],
    ["relocatable", patched([16, 2, 1]), "not-static"],
    ["position-independent", patched([16, 2, 3]), "not-static"],
    ["compressed instructions", patched([36, 4, 1]), "wrong-target"],
    ["a hard-float ABI", patched([36, 4, 4]), "wrong-target"],
    ["RVE", patched([36, 4, 8]), "wrong-target"],
    ["a FreeBSD ABI", patched([7, 1, 9]), "wrong-target"],
    ["no program headers", patched([44, 2, 0]), "malformed"],
    ["too many program headers", patched([44, 2, 65]), "malformed"],
    ["headers past the end", patched([28, 4, 0xffffffff]), "cut-short"],
    ["headers of another size", patched([42, 2, 56]), "malformed"],
    ["an interpreter", patched([header(2, 0), 4, 3]), "not-static"],
    ["a dynamic segment", patched([header(2, 0), 4, 2]), "not-static"],
    ["contents past the end", patched([header(0, 1), 4, 0xfffffff0]), "cut-short"],
    ["more file than memory", patched([header(0, 5), 4, 4]), "malformed"],
    ["a segment that wraps around", patched([header(2, 2), 4, 0xfffffffc]), "outside-window"],
    ["a segment too large", patched([header(2, 5), 4, WINDOW_BYTES + 1]), "outside-window"],
    ["segments far apart", patched([header(2, 2), 4, 0x80000000]), "outside-window"],
    ["zeroed memory below the window", patched([header(2, 2), 4, 0x8000], [header(2, 4), 4, 0]), "outside-window"],
    ["segments that overlap", patched([header(2, 2), 4, 0x10004]), "regions-overlap"],
    ["zeroed memory over code", patched([header(2, 2), 4, 0xf000], [header(2, 5), 4, 0x1001]), "regions-overlap"],
    ["code without sections, writable", patched([header(0, 6), 4, 7]), "writable-code"],
    ["no code", patched([header(0, 6), 4, 4]), "no-code"],
    ["an entry outside", patched([24, 4, 0x20000]), "entry-outside-code"],
    ["an entry between words", patched([24, 4, 0x10002]), "entry-outside-code"],
    ["an entry in constants", patched([24, 4, 0x11000]), "entry-outside-code"],
    ["constants of gigabytes", patched([header(1, 5), 4, 0xf0000000]), "outside-window"],
    ["constants larger than the image may be", patched([header(1, 5), 4, 2 ** 25]), "image-too-large"],
  ];
  test.each(refused)("%s is refused", (_, bytes, expected) => {
    expect(kind(bytes)).toBe(expected);
  });
  test("segments may adjoin, and overlap by one word at the least", () => {
    const constants = program.regions[1]!;
    const stop = constants.address + 4 * constants.words.length;
    expect(kind(patched([header(2, 2), 4, stop]))).toBe("accepted");
    expect(kind(patched([header(2, 2), 4, stop - 1]))).toBe("regions-overlap");
    // Zeroed memory is no region of the program, so only the segments tell.
    expect(kind(patched([header(2, 2), 4, 0x10ffc], [header(2, 4), 4, 0], [header(2, 5), 4, 4]))).toBe("accepted");
    expect(kind(patched([header(2, 2), 4, 0x10ffc], [header(2, 4), 4, 0], [header(2, 5), 4, 5]))).toBe(
      "regions-overlap",
    );
  });
  test("zeroed memory may reach the end of the window and no further", () => {
    const top = 0x10000 + WINDOW_BYTES;
    expect(kind(patched([header(2, 2), 4, top - 16], [header(2, 4), 4, 0], [header(2, 5), 4, 16]))).toBe("accepted");
    expect(kind(patched([header(2, 2), 4, top - 16], [header(2, 4), 4, 0], [header(2, 5), 4, 17]))).toBe(
      "outside-window",
    );
  });
  test("segments need not start at whole words", () => {
    const decoded = Elf.decode(patched([header(2, 2), 4, 0x12002]));
    expect(decoded.ok && decoded.value.regions.at(-1)).toEqual({
      address: 0x12000,
      words: Uint32Array.from([1 << 16, 2 << 16, 0, 0, 0]),
      access: "data",
    });
  });
  test("any change of any byte gives a program or a reason, never an exception", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 160 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.integer({ min: 0, max: 400 }),
        (changes, cut) => {
          const copy = file.slice(0, cut > 200 ? file.length : cut);
          for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
          expect(typeof kind(copy)).toBe("string");
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("a segment that is writable and executable", () => {
  // One segment of text and data, as linkers make it with -N, and two section headers.
  const text = program.regions[0]!.words;
  const all = new Uint8Array(52 + 32 + 4 * (text.length + 2) + 80);
  const view = new DataView(all.buffer);
  all.set(file.subarray(0, 52));
  const put = (at: number, ...values: readonly number[]): void => {
    for (const [i, value] of values.entries()) view.setUint32(at + 4 * i, value, true);
  };
  view.setUint16(44, 1, true);
  const size = 4 * (text.length + 2);
  put(52, 1, 84, 0x10000, 0x10000, size, size, 7, 4);
  put(84, ...text, 8, 9);
  put(32, 84 + size);
  view.setUint16(48, 2, true);
  put(84 + size, 0, 1, 6, 0x10000, 84, 4 * text.length, 0, 0, 4, 0);
  put(84 + size + 40, 0, 1, 3, 0x10000 + 4 * text.length, 84 + 4 * text.length, 8, 0, 0, 4, 0);
  test("is split by its sections", () => {
    const decoded = Elf.decode(all);
    expect(decoded.ok && decoded.value.regions.map(({ access, address }) => [access, address])).toEqual([
      ["code", 0x10000],
      ["data", 0x10000 + 4 * text.length],
    ]);
  });
  test("with overlapping sections is refused", () => {
    const wrong = all.slice();
    wrong.set(wrong.subarray(84 + size, 84 + size + 40), 84 + size + 40);
    expect(kind(wrong)).toBe("writable-code");
  });
});
