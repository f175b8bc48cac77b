/** What an Ethereum node answers is believed only as far as its hashes go, however it is bent. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { decodeValue, encodeValue, Value } from "../../src/content/index.ts";
import { type FactQuery, Observation, showTimelineError } from "../../src/protocol/index.ts";
import { Bytes, ok } from "../../src/std/index.ts";
import * as Header from "../../src/timelines/evm/Header.ts";
import { observe } from "../../src/timelines/evm/observe.ts";
import * as Rlp from "../../src/timelines/evm/Rlp.ts";
import { blockBy, connect, type Rpc } from "../../src/timelines/evm/Rpc.ts";
import * as TransactionReceipt from "../../src/timelines/evm/TransactionReceipt.ts";
import * as Trie from "../../src/timelines/evm/Trie.ts";
import { slotKey, verify } from "../../src/timelines/evm/verify.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const hex = (bytes: Uint8Array): string => `0x${Bytes.toHex(bytes)}`;
const word = (byte: number): string => hex(new Uint8Array(32).fill(byte));

// ------------------------------------------------------------------------------------------------ a small chain

const contract = new Uint8Array(20).fill(0xc0);
const slot = { name: "price", index: 3, keys: [], offset: 0, bytes: 32, type: "uint" } as const;
const key = slotKey(slot);
if (!key.ok) throw new Error(key.error);
const storage = Trie.of([[keccak_256(key.value), Rlp.encode(Rlp.fromNumber(2500))]]);
const account = Rlp.encode([Rlp.fromNumber(1), Bytes.empty, storage.root, keccak_256(Uint8Array.of(1))]);
const accounts = Trie.of([
  [keccak_256(contract), account],
  [keccak_256(new Uint8Array(20)), Rlp.encode([Bytes.empty, Bytes.empty, Trie.EMPTY_ROOT, keccak_256(Bytes.empty)])],
]);
const raws = [Uint8Array.of(2, 0xc0), Uint8Array.of(2, 0xc1, 1)];
const event = "Paid(uint256 amount)";
const receiptsJson: readonly Json[] = raws.map((_, i) => ({
  type: "0x2",
  status: "0x1",
  cumulativeGasUsed: `0x${(i + 1).toString(16)}`,
  logsBloom: hex(new Uint8Array(256)),
  blockNumber: "0x5",
  logs: [{ address: hex(contract), topics: [hex(keccak_256(Bytes.fromText("Paid(uint256)")))], data: word(i) }],
}));
const index = (i: number) => Rlp.encode(Rlp.fromNumber(i));
const receiptBytes = receiptsJson.map((receipt) => {
  const encoded = TransactionReceipt.encodeFromRpc(receipt);
  if (!encoded.ok) throw new Error(encoded.error);
  return encoded.value;
});
const unhashed: { readonly [name: string]: Json } = {
  parentHash: word(1),
  sha3Uncles: word(2),
  miner: hex(contract),
  stateRoot: hex(accounts.root),
  transactionsRoot: hex(Trie.of(raws.map((raw, i) => [index(i), raw])).root),
  receiptsRoot: hex(Trie.of(receiptBytes.map((receipt, i) => [index(i), receipt])).root),
  logsBloom: hex(new Uint8Array(256)),
  difficulty: "0x0",
  number: "0x5",
  gasLimit: "0x1c9c380",
  gasUsed: "0x2",
  timestamp: "0x65000000",
  extraData: "0x",
  mixHash: word(3),
  nonce: "0x0000000000000000",
  baseFeePerGas: "0x7",
};
const header = Header.encodeFromRpc(unhashed);
if (!header.ok) throw new Error(header.error);
const block: Json = {
  ...unhashed,
  hash: hex(keccak_256(header.value)),
  transactions: raws.map((raw) => hex(keccak_256(raw))),
};
const ANSWERS: { readonly [method: string]: Json } = {
  eth_getBlockByNumber: block,
  eth_getProof: {
    accountProof: accounts.prove(keccak_256(contract)).map(hex),
    storageProof: [{ proof: storage.prove(keccak_256(key.value)).map(hex) }],
  },
  eth_getTransactionReceipt: receiptsJson[1]!,
  eth_getBlockReceipts: receiptsJson,
};
const rawOf = new Map(raws.map((raw) => [hex(keccak_256(raw)), hex(raw)]));
const answerTo = (method: string, params: readonly unknown[]): Json =>
  method === "eth_getRawTransactionByHash" ? (rawOf.get(String(params[0])) ?? null) : ANSWERS[method]!;

const QUERIES: readonly FactQuery[] = [
  {
    kind: "Storage",
    fact: "Price",
    arguments: Value.unit,
    contract,
    slots: [slot],
    reading: { kind: "Word", word: "price" },
  },
  {
    kind: "Outcome",
    transaction: keccak_256(raws[1]!),
    contract,
    event,
    where: [],
    answer: { kind: "Word", word: "amount" },
    moves: [],
  },
];

/** A node whose answers, in turn, pass through `bend`. */
const node = (bend: (answer: Json, method: string, turn: number) => unknown): Rpc => {
  let turn = 0;
  return {
    timeline: "ethereum",
    url: "",
    call: async (method, params) => ok(bend(structuredClone(answerTo(method, params)), method, turn++)),
  };
};

// ------------------------------------------------------------------------------------------------ bent answers

const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -0,
    2 ** 53,
    1e308,
    "",
    "0x",
    "0x0",
    "0x00",
    "0X1",
    "-0x1",
    "0x1g",
    "0x20000000000000",
    `0x${"f".repeat(64)}`,
    `0x${"f".repeat(65)}`,
    word(0),
    "\ud800",
    [],
    {},
    [[]],
    { toString: 1, valueOf: 1 },
    { length: 2 ** 32 },
    Array.from({ length: 5000 }, () => "0x"),
  ),
  fc.constant(JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) as Json),
  fc.constant(JSON.parse('{"__proto__":{"number":"0x5"},"constructor":null}') as Json),
  fc.uint8Array({ maxLength: 40 }).map(hex),
);

const nodesOf = (json: Json): number =>
  typeof json === "object" && json !== null
    ? Object.values(json).reduce<number>((sum, one) => sum + nodesOf(one as Json), 1)
    : 1;

/** The document with its part number `at` changed. */
function replace(json: Json, at: number, edit: (part: Json) => Json): Json {
  if (at === 0) return edit(json);
  if (typeof json !== "object" || json === null) return json;
  let before = 1;
  const changed = Object.entries(json).map(([name, one]) => {
    const from = at - before;
    before += nodesOf(one as Json);
    return [name, from >= 0 && at < before ? replace(one as Json, from, edit) : (one as Json)] as const;
  });
  return Array.isArray(json) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

const bend = fc.record({ at: fc.nat(), how: fc.nat(6), put: hostile, place: fc.nat() }).map(
  ({ at, how, put, place }) =>
    (json: Json): Json =>
      replace(json, at % nodesOf(json), (part) => {
        if (typeof part === "string" && how < 4) {
          const i = place % (part.length + 1);
          const digit = "0123456789abcdef"[place % 16]!;
          return [part.slice(0, i), `${part}00`, part.slice(0, i) + digit + part.slice(i + 1), part.toUpperCase()][
            how
          ]!;
        }
        if (Array.isArray(part) && part.length > 0 && how < 4) {
          const i = place % part.length;
          return [part.toSpliced(i, 1), [...part, part[i]!], part.toReversed(), part.with(i, put)][how] as Json;
        }
        return put;
      }),
);

const KINDS = ["Unreachable", "MalformedAnswer", "NotFinal", "NoSuchBlock", "NoSuchTransaction", "BadProof", "Refused"];

describe("an answer of a node", () => {
  test("that is whole is an observation that holds", async () => {
    for (const [i, query] of QUERIES.entries()) {
      const seen = await observe(
        node((answer) => answer),
        query,
        0,
      );
      if (!seen.ok) throw new Error(showTimelineError(seen.error));
      expect(verify("ethereum", seen.value)).toMatchObject({ ok: true, value: { time: 0x65000000 * 1000 } });
      expect(seen.value.value).toEqual(
        [
          2500,
          Value.variant(
            "Done",
            Value.record([
              ["answer", uint(word(1))],
              ["moves", Value.list([])],
            ]),
          ),
        ][i],
      );
    }
  });

  test("that is bent anywhere is refused by name, or is an observation that holds all the same", async () => {
    const seenKinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...QUERIES),
        fc.nat(6),
        bend,
        bend,
        fc.nat(2),
        async (query, turn, one, two, depth) => {
          const rpc = node((answer, _, now) =>
            now === turn ? one(answer) : now === turn + 1 && depth > 0 ? two(answer) : answer,
          );
          const seen = await observe(rpc, query, depth === 2 ? 1 : 0);
          seenKinds.add(seen.ok ? "ok" : seen.error.kind);
          if (!seen.ok) {
            expect(KINDS).toContain(seen.error.kind);
            expect(showTimelineError(seen.error)).toContain("ethereum");
            return;
          }
          expect(verify("ethereum", seen.value).ok).toBe(true);
          // What was observed is one value: it is written and read back before it is signed.
          expect(Observation.fromValue(Observation.toValue(seen.value))).toEqual({ ok: true, value: seen.value });
        },
      ),
      { numRuns: 250, seed: 20_261_126 },
    );
    expect([...seenKinds].sort()).toEqual(expect.arrayContaining(["MalformedAnswer", "NotFinal", "ok"]));
  });

  test("of a block is the block whose hash it gives", async () => {
    await fc.assert(
      fc.asyncProperty(bend, fc.constantFrom(5, "latest" as const), async (one, which) => {
        const read = await blockBy(node(one), which);
        if (!read.ok) expect(read.error.kind).toBe("MalformedAnswer");
        else if (read.value !== undefined) {
          const { encoded, header: head, transactions } = read.value;
          expect(Bytes.equal(keccak_256(encoded), head.hash)).toBe(true);
          expect(Header.decode(encoded)).toEqual({ ok: true, value: head });
          expect(transactions.every((hash) => hash.length === 32)).toBe(true);
        }
      }),
      { numRuns: 200, seed: 20_261_126 },
    );
  });

  test("of a receipt has the bytes that are read back, and any count of its parts is refused or written", () => {
    fc.assert(
      fc.property(bend, (one) => {
        const encoded = TransactionReceipt.encodeFromRpc(one(receiptsJson[0]!));
        if (!encoded.ok) expect(encoded.error).not.toBe("");
      }),
      { numRuns: 200, seed: 20_261_126 },
    );
    const [bytes] = receiptBytes;
    expect(TransactionReceipt.decode(bytes!)).toMatchObject({ ok: true });
    // The type 0 is written as no type: with its byte, one receipt would have two forms.
    const twice = TransactionReceipt.decode(Bytes.concat(Uint8Array.of(0), bytes!.subarray(1)));
    expect(twice).toMatchObject({ ok: false });
    const many = new Array<Json>(300_000).fill(word(0));
    const [first] = (receiptsJson[0] as { readonly logs: readonly { readonly [name: string]: Json }[] }).logs;
    const flooded = { ...(receiptsJson[0] as object), logs: [{ ...first, topics: many }] };
    expect(TransactionReceipt.encodeFromRpc(flooded)).toEqual({ ok: false, error: "a log has at most four topics" });
  });
});

function uint(text: string): number | bigint {
  const big = BigInt(text);
  return Number.isSafeInteger(Number(big)) ? Number(big) : big;
}

describe("a call", () => {
  afterEach(() => void vi.unstubAllGlobals());

  /** What `call` gives when a node answers with these bytes; all at once, each of a node of its own. */
  async function calling(answers: readonly (readonly [body: string, status: number])[]) {
    vi.stubGlobal("fetch", async (url: string) => {
      const [body, status] = answers[Number(url.slice(url.lastIndexOf("/") + 1))]!;
      return new Response(body, { status, headers: { "content-type": "application/json" } });
    });
    const all = answers.map((_, i) => connect("ethereum", `http://node.invalid/${i}`, 500).call("eth_blockNumber", []));
    return Promise.all(all);
  }

  test("that the node refuses is an error of one line that a terminal can show and a log can hold", async () => {
    const messages: readonly Json[] = [
      "no",
      "two\nlines",
      "\u001b[2J\rgone",
      "\u202eturned",
      { toString: 1, valueOf: 1 },
      null,
      [],
      "x".repeat(5000),
      // Cut at its 300th unit, the pair would leave a half behind.
      `${"x".repeat(299)}\u{1f600}`,
      "half \ud800",
    ];
    const answers = messages.flatMap((message) =>
      [3, -32000, "3", null].map((code) => {
        const answer = { jsonrpc: "2.0", id: 0, error: { code, message, data: message } };
        return [JSON.stringify([answer]), 200] as const;
      }),
    );
    const called = await calling(answers);
    const errors = called.flatMap((one) => (one.ok ? [] : [one.error]));
    expect(errors).toHaveLength(answers.length);
    for (const error of errors) {
      expect(["Refused", "Unreachable"]).toContain(error.kind);
      const shown = showTimelineError(error);
      expect(shown.length).toBeLessThan(400);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      expect(decodeValue(encodeValue(shown))).toEqual({ ok: true, value: shown });
    }
    expect(errors[0]).toMatchObject({ kind: "Refused", reason: "eth_blockNumber: no" });
    expect(errors[8]).toMatchObject({ reason: "eth_blockNumber:  [2J gone" });
  });

  test("that is answered with anything at all ends, and not with an exception", async () => {
    const bodies = [
      "",
      "null",
      "[]",
      "{}",
      "7",
      '"x"',
      "[null]",
      '[{"id":0}]',
      '[{"id":1e999,"result":"0x1"}]',
      '{"__proto__":null}',
      "[".repeat(100_000),
      "\ufeff[]",
      "<html>",
      ...["null", "7", "{}", "[]", '{"code":{}}', '{"code":-0}'].map((e) => `[{"jsonrpc":"2.0","id":0,"error":${e}}]`),
    ];
    const called = await calling(bodies.flatMap((body) => [200, 404, 500].map((status) => [body, status] as const)));
    for (const one of called) if (!one.ok) expect(["Refused", "Unreachable"]).toContain(one.error.kind);
    expect(called.some((one) => !one.ok)).toBe(true);
  });
});
