import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Codec, encode as encodeNode, hashValue, Kind, Value, valueToNode } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import {
  DeploymentObservation,
  FACT_BYTES_MAX,
  Fact,
  keyId,
  LogEntry,
  Message,
  parseKeyId,
  Retraction,
  type SignedKind,
  signedKind,
  signerFromSeed,
  verifySignature,
} from "./index.ts";

const signer = signerFromSeed(new Uint8Array(32).fill(1));
const other = signerFromSeed(new Uint8Array(32).fill(2));
const hash = hashValue("x");
const block = { number: 7, hash: new Uint8Array(32).fill(3) };

/** One statement of every signed kind. */
const statements: readonly (readonly [string, SignedKind<unknown>, unknown])[] = [
  ["message", Message as SignedKind<unknown>, { to: "alice", nonce: 0, action: Value.record([["a", 1]]) }],
  [
    "log entry",
    LogEntry as SignedKind<unknown>,
    { stream: "program/1", sequence: 3, previous: hash, event: Value.unit, at: 5 },
  ],
  [
    "deployment observation",
    DeploymentObservation as SignedKind<unknown>,
    { deployment: hash, component: "ethereum", timeline: "eip155:1", fact: hash },
  ],
  ["retraction", Retraction as SignedKind<unknown>, { timeline: "eip155:1", fact: hash, block, replacedBy: undefined }],
  [
    "fact",
    Fact as SignedKind<unknown>,
    {
      timeline: "eip155:1",
      query: {
        kind: "Storage",
        fact: "PriceOf",
        arguments: Value.record([["pair", "ETH"]]),
        contract: new Uint8Array(20),
        slots: [{ name: "a", index: 2n ** 255n, keys: [Value.bytes(block.hash)], offset: 0, bytes: 32, type: "uint" }],
        reading: { kind: "Scaled", word: "a", decimals: 18 },
      },
      block,
      header: Uint8Array.of(0xc0),
      proof: { kind: "State", account: [Uint8Array.of(1)], slots: [[Uint8Array.of(2)], []] },
      value: Value.some(1),
      observedAt: 1000,
      finality: { kind: "Depth", depth: 2 },
    },
  ],
];

describe("signed statements", () => {
  it.each(statements)(
    "%s: survives its encoding, and its signature is its signer's over every byte",
    (_, kind, body) => {
      const statement = kind.sign(body, signer);
      const bytes = kind.encode(statement);
      const opened = kind.open(bytes);
      expect(opened).toEqual({ ok: true, value: statement });
      expect(kind.isSigned({ ...statement, signer: other.publicKey })).toBe(false);
      expect(kind.isSigned({ ...statement, signature: other.sign(bytes) })).toBe(false);
      for (let at = 0; at < bytes.length; at += 3) {
        const forged = kind.open(bytes.with(at, bytes[at]! ^ 1));
        expect(forged.ok, `byte ${at}`).toBe(false);
      }
    },
  );

  it("never decode anything else, and never throw", () => {
    const encoded = statements.map(([, kind, body]) => kind.encode(kind.sign(body, signer)));
    fc.assert(
      fc.property(
        fc.constantFrom(...encoded),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        (bytes, edits, cut) => {
          const hostile = bytes.slice(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0));
          for (const [at, byte] of edits) hostile[at % hostile.length] = byte;
          for (const [, kind] of statements) {
            const read = kind.decode(hostile);
            if (read.ok) expect(Bytes.toHex(kind.encode(read.value))).toBe(Bytes.toHex(hostile));
          }
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const [, kind] of statements) expect(kind.decode(bytes).ok).toBe(false);
      }),
    );
  });

  it("of one kind are never another kind, though the bodies agree", () => {
    const codec = Codec.record({ a: Codec.text });
    const one = signedKind(Kind.message, "one", codec, 1000);
    const two = signedKind(Kind.logEntry, "two", codec, 1000);
    const statement = one.sign({ a: "x" }, signer);
    expect(two.decode(one.encode(statement)).ok).toBe(false);
    expect(two.isSigned(statement)).toBe(false);
  });

  it("refuse each thing that may be wrong by its own name", () => {
    const [, kind, body] = statements[0]!;
    const statement = kind.sign(body, signer);
    const bytes = kind.encode(statement);
    const refusal = (block: Uint8Array) => {
      const read = kind.open(block);
      return read.ok ? "accepted" : read.error.kind;
    };
    expect(refusal(new Uint8Array(256 * 1024 + 1))).toBe("TooLarge");
    expect(refusal(Uint8Array.of(0xff))).toBe("NotCanonical");
    expect(refusal(encodeNode([1]))).toBe("WrongBlock");
    expect(refusal(encodeNode([Kind.message, 2, null, signer.publicKey, statement.signature]))).toBe("WrongBlock");
    const shape = valueToNode(Value.record([["to", "alice"]]));
    expect(refusal(encodeNode([Kind.message, 1, shape, signer.publicKey, statement.signature]))).toBe("WrongShape");
    expect(refusal(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1))).toBe("BadSignature");
    const large = Fact.decode(new Uint8Array(FACT_BYTES_MAX + 1));
    expect(large.ok ? undefined : large.error.kind).toBe("TooLarge");
  });
});

describe("keys", () => {
  it("have a did:key that reads back, and only in its one form", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const { publicKey } = signerFromSeed(seed);
        const id = keyId(publicKey);
        expect(id.startsWith("did:key:z6Mk")).toBe(true);
        expect(parseKeyId(id)).toEqual(publicKey);
        expect(parseKeyId(`${id}1`)).toBeUndefined();
        expect(parseKeyId(id.slice(0, -1))).toBeUndefined();
      }),
      { numRuns: 20 },
    );
    for (const text of ["", "did:key:", "did:key:z", "did:web:x", `did:key:z${"1".repeat(100)}`, "did:key:z0OIl"])
      expect(parseKeyId(text)).toBeUndefined();
  });

  it("sign as RFC 8032 test 1", () => {
    const seed = Bytes.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")!;
    const key = signerFromSeed(seed);
    expect(Bytes.toHex(key.publicKey)).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const signature =
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    expect(Bytes.toHex(key.sign(Bytes.empty))).toBe(signature);
    expect(verifySignature(key.publicKey, Bytes.empty, Bytes.fromHex(signature)!)).toBe(true);
  });

  it("of small order sign nothing, though some implementations accept them", () => {
    const identity = new Uint8Array(32).with(0, 1);
    const trivial = Bytes.concat(identity, new Uint8Array(32));
    expect(verifySignature(identity, Bytes.fromText("anything"), trivial)).toBe(false);
    expect(verifySignature(new Uint8Array(31), Bytes.empty, new Uint8Array(64))).toBe(false);
    expect(verifySignature(signer.publicKey, Bytes.empty, new Uint8Array(63))).toBe(false);
  });
});
