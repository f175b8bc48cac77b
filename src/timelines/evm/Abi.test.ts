import fc from "fast-check";
import { encodeFunctionData, parseAbi, toEventSelector } from "viem";
import { describe, expect, it } from "vitest";
import { Int, Value } from "../../content/index.ts";
import { Bytes } from "../../std/index.ts";
import * as Abi from "./Abi.ts";

const parsed = (text: string): Abi.Signature => {
  const signature = Abi.parse(text);
  if (!signature.ok) throw new Error(signature.error);
  return signature.value;
};

describe("ABI", () => {
  it("encodes calls as viem does", () => {
    const text = "f(bytes32,address,uint256,int16,bool,bytes4)";
    const abi = parseAbi(["function f(bytes32,address,uint256,int16,bool,bytes4)"]);
    const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        fixed(32),
        fixed(20),
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.integer({ min: -32768, max: 32767 }),
        fc.boolean(),
        fixed(4),
        (a, b, c, d, e, f) => {
          const ours = Abi.encodeCall(parsed(text), [Value.bytes(a), Value.bytes(b), Int.of(c), d, e, Value.bytes(f)]);
          const hex = (bytes: Uint8Array) => `0x${Bytes.toHex(bytes)}` as const;
          const args = [hex(a), hex(b), c, d, e, hex(f)] as const;
          expect(ours.ok && hex(ours.value)).toBe(encodeFunctionData({ abi, functionName: "f", args }));
        },
      ),
    );
  });

  it("names events as viem does, spaces and parameter names or not", () => {
    const text = "Bought(bytes32 indexed account, address indexed market, uint256 base, uint256 quote)";
    expect(`0x${Bytes.toHex(parsed(text).hash)}`).toBe(toEventSelector(`event ${text}`));
    expect(parsed(text.replaceAll("uint256", "uint")).hash).toEqual(parsed(text).hash);
  });

  it.each([
    "f",
    "f(",
    "f(string)",
    "f(uint256[])",
    "f(uint7)",
    "f(uint264)",
    "f(bytes33)",
    "f((uint256))",
    "f(uint256 a b)",
    "(uint256)",
  ])("refuses the signature %s", (text) => {
    expect(Abi.parse(text).ok).toBe(false);
  });

  it.each([
    ["f(uint8)", 256],
    ["f(uint256)", -1],
    ["f(int8)", 128],
    ["f(uint256)", "1"],
    ["f(bool)", 1],
    ["f(address)", Value.bytes(new Uint8Array(19))],
    ["f(bytes32)", Value.bytes(new Uint8Array(33))],
  ] as const)("refuses for %s a value that does not fit", (text, value) => {
    expect(Abi.encodeCall(parsed(text), [value]).ok).toBe(false);
    expect(Abi.encodeCall(parsed(text), []).ok).toBe(false);
  });

  it("decodes words that are padded as their type says, and no others", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("uint8", "uint256", "int16", "bool", "address", "bytes4"),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.boolean(),
        (name, random, isClean) => {
          const { type } = parsed(`f(${name})`).parameters[0]!;
          const word = isClean ? random.map((b, i) => (i === 31 ? b & 1 : 0)) : random;
          const value = Abi.decodeWord(type, word);
          if (!value.ok) return;
          const again = Abi.encodeWord(type, value.value);
          expect(again.ok && Bytes.toHex(again.value)).toBe(Bytes.toHex(word));
        },
      ),
    );
  });

  it("takes 32 parameters and no more", () => {
    const text = (count: number) => `f(${Array.from({ length: count }, () => "bool").join(",")})`;
    expect(parsed(text(32)).parameters).toHaveLength(32);
    expect(Abi.parse(text(33))).toEqual({ ok: false, error: "more than 32 parameters" });
  });

  it("says which parameter does not fit, counted from one", () => {
    const call = Abi.encodeCall(parsed("f(bool,uint8,bool)"), [true, 256, true]);
    expect(call).toEqual({ ok: false, error: "parameter 2 of f: 256 does not fit uint8" });
  });

  it("reads a log with four topics and none with five", () => {
    const text = (count: number) => `E(${Array.from({ length: count }, (_, i) => `bool indexed p${i}`).join(", ")})`;
    const read = (count: number) => {
      const signature = parsed(text(count));
      const words = Array.from({ length: count }, (_, i) => Abi.uintWord(BigInt(i % 2)));
      const topics = [signature.hash, ...words];
      return Abi.decodeLog(signature, { address: new Uint8Array(20), topics, data: Bytes.empty });
    };
    const three = read(3);
    expect(three?.ok && [...three.value]).toEqual([
      ["p0", false],
      ["p1", true],
      ["p2", false],
    ]);
    expect(read(4)).toEqual({ ok: false, error: "E has 4 indexed parameters, the log 4" });
  });

  it("does not read a log with other topics or data", () => {
    const signature = parsed("E(address indexed a, uint256 b)");
    const log = { address: new Uint8Array(20), topics: [signature.hash, new Uint8Array(32)], data: new Uint8Array(32) };
    expect(Abi.decodeLog(signature, log)?.ok).toBe(true);
    expect(Abi.decodeLog(signature, { ...log, topics: [] })).toBeUndefined();
    expect(Abi.decodeLog(signature, { ...log, topics: [signature.hash] })?.ok).toBe(false);
    expect(Abi.decodeLog(signature, { ...log, data: new Uint8Array(64) })?.ok).toBe(false);
    const dirty = { ...log, topics: [signature.hash, new Uint8Array(32).fill(1)] };
    expect(Abi.decodeLog(signature, dirty)?.ok).toBe(false);
  });
});
