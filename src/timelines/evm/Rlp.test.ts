import { RLP } from "@ethereumjs/rlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bytes } from "../../std/index.ts";
import * as Rlp from "./Rlp.ts";

const { item } = fc.letrec<{ item: Rlp.Rlp }>((tie) => ({
  item: fc.oneof({ depthSize: "small" }, fc.uint8Array({ maxLength: 70 }), fc.array(tie("item"), { maxLength: 6 })),
}));

describe("RLP", () => {
  it("is what another implementation writes, and reads back", () => {
    fc.assert(
      fc.property(item, (value) => {
        const bytes = Rlp.encode(value);
        expect(Bytes.toHex(bytes)).toBe(Bytes.toHex(RLP.encode(value as Parameters<typeof RLP.encode>[0])));
        expect(Rlp.decode(bytes)).toEqual({ ok: true, value });
      }),
    );
  });

  it("of long strings and lists has long lengths", () => {
    for (const length of [55, 56, 255, 256, 65_536]) {
      const value = [new Uint8Array(length).fill(0x81), []];
      expect(Rlp.decode(Rlp.encode(value))).toEqual({ ok: true, value });
    }
  });

  it("has one form: whatever decodes encodes to the same bytes, and the rest is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const read = Rlp.decode(bytes);
        if (read.ok) expect(Bytes.toHex(Rlp.encode(read.value))).toBe(Bytes.toHex(bytes));
        else expect(read.error.kind).toBe("MalformedRlp");
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["nothing", ""],
    ["a byte after the end", "8000"],
    ["a small byte written as a string", "8105"],
    ["a short length in the long form", `b801${"ff"}`],
    ["a length with a leading zero", `b90038${"ff".repeat(56)}`],
    ["a string that is cut", "83ffff"],
    ["an item that leaves its list", "c183ffffff"],
    ["an absurd length", "bfffffffffffffffff"],
    ["deep nesting", Array.from({ length: 40 }, (_, i) => (0xc0 + Math.min(39 - i, 55)).toString(16)).join("")],
  ])("refuses %s", (_, hex) => {
    expect(Rlp.decode(Bytes.fromHex(hex)!).ok).toBe(false);
  });

  it("is read down to its nesting and its count of items, and not one further", () => {
    const nested = (lists: number): Rlp.Rlp => (lists === 0 ? Bytes.empty : [nested(lists - 1)]);
    expect(Rlp.decode(Rlp.encode(nested(Rlp.RLP_DEPTH_MAX)))).toEqual({ ok: true, value: nested(Rlp.RLP_DEPTH_MAX) });
    expect(Rlp.decode(Rlp.encode(nested(Rlp.RLP_DEPTH_MAX + 1)))).toEqual({
      ok: false,
      error: { kind: "MalformedRlp", at: Rlp.RLP_DEPTH_MAX + 1, reason: "nesting deeper than 16" },
    });
    // The list itself is one item.
    const flat = (items: number): Rlp.Rlp => Array.from({ length: items - 1 }, () => Bytes.empty);
    expect(Rlp.decode(Rlp.encode(flat(Rlp.RLP_ITEMS_MAX))).ok).toBe(true);
    expect(Rlp.decode(Rlp.encode(flat(Rlp.RLP_ITEMS_MAX + 1)))).toMatchObject({
      error: { reason: "more than 65536 items" },
    });
  });

  it("reads natural numbers without leading zeros only", () => {
    expect(Rlp.toBigInt(Rlp.fromNumber(0))).toBe(0n);
    expect(Rlp.toBigInt(Rlp.fromNumber(2n ** 255n))).toBe(2n ** 255n);
    expect(Rlp.toBigInt(Uint8Array.of(0))).toBeUndefined();
    expect(Rlp.toBigInt(new Uint8Array(33).fill(1))).toBeUndefined();
    expect(Rlp.toBigInt([])).toBeUndefined();
    expect(Rlp.toCount(Rlp.fromNumber(2n ** 53n))).toBeUndefined();
  });
});
