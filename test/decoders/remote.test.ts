/** Code over HTTP: neither side believes the other. What is malformed is refused in one line, and nothing of it is kept. */
import type { Server } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliFailure } from "../../apps/cli/exit.ts";
import { importBundle, packCar, unpackCar } from "../../apps/cli/node/exchange.ts";
import { getCar, missingAt, putCar } from "../../apps/cli/node/remote.ts";
import { codebaseServer } from "../../apps/cli/node/serveCodebase.ts";
import { addressUnit, applyAdd, planAdd, written } from "../../src/code/index.ts";
import { ContentHash } from "../../src/content/index.ts";
import type { Store } from "../../src/execution/index.ts";
import { check } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";
import { byteEdits } from "./mutate.ts";

const CRLF = "\r\n";
const listen = async (server: { listen: Server["listen"]; address: Server["address"] }): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
};
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

async function filled(): Promise<Store> {
  const store = openMemoryStore();
  const sources = [
    { path: "base.tel", text: "module base\nfn one() -> Int { 1 }\nfn two() -> Int { one() + one() }\n" },
  ];
  const checked = check(sources);
  const unit = addressUnit(checked.unit!, { source: written(checked, new Map(sources.map((s) => [s.path, s.text]))) });
  await store.write((tx) => applyAdd(tx, unit, planAdd(tx, unit), { author: "ann", time: 1, reason: "add" }));
  return store;
}

/** All that a store holds, as one text. */
const contents = (store: Store): string =>
  JSON.stringify([store.blockSizes(undefined, 1000), store.names(""), store.nameHistory().length]);

describe("a server that answers anything", () => {
  let reply: Uint8Array = new Uint8Array(0);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(reply));
  });
  let url = "";
  beforeAll(async () => {
    url = `http://127.0.0.1:${await listen(server as unknown as Server)}/code`;
  });
  afterAll(() => void server.close());

  const hash = ContentHash.of(new Uint8Array(0));

  /** What each question gives: its answer, or how it failed. */
  async function outcomes(bytes: Uint8Array): Promise<readonly unknown[]> {
    reply = bytes;
    const asked = [
      () => getCar(url, [hash]),
      () => getCar(url, []),
      () => missingAt(url, [hash]),
      () => putCar(url, bytes),
    ];
    const found: unknown[] = [];
    for (const ask of asked) {
      found.push(
        await ask().catch((error: unknown) => {
          if (!(error instanceof CliFailure)) throw error;
          return error;
        }),
      );
    }
    return found;
  }

  function judge([some, all, missing, put]: readonly unknown[]): void {
    for (const one of [some, all, missing, put]) {
      if (!(one instanceof CliFailure)) continue;
      expect([2, 3, 7]).toContain(one.exit);
      expect(one.message).toContain(url);
      expect(one.message.length).toBeLessThan(3000);
      expect(one.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(one.message).not.toMatch(/: $/);
    }
    if (!(put instanceof CliFailure) && put !== undefined) {
      const done = put as Awaited<ReturnType<typeof putCar>> & object;
      expect(Number.isSafeInteger(done.definitions) && done.definitions >= 0).toBe(true);
      for (const { candidates } of done.conflicts)
        for (const one of candidates)
          expect(one === undefined || (typeof one === "string" && ContentHash.parse(one) === one)).toBe(true);
    }
    if (missing instanceof Set) for (const one of missing) expect(typeof one).toBe("string");
  }

  const json = (body: string, head = "HTTP/1.1 200 OK") =>
    bytesOf(`${head}${CRLF}content-type: application/json${CRLF}content-length: ${body.length}${CRLF}${CRLF}${body}`);
  const exchanged = { definitions: 1, bytes: 1, names: ["a"], conflicts: [{ name: "a", candidates: [hash, null] }] };

  test("is understood when it answers as it should", async () => {
    const [, , missing, put] = await outcomes(json(JSON.stringify({ ...exchanged, missing: [hash] })));
    expect(missing).toEqual(new Set([hash]));
    expect(put).toMatchObject({
      definitions: 1,
      names: ["a"],
      conflicts: [{ name: "a", candidates: [hash, undefined] }],
    });
  });

  test.each<readonly [string, object]>([
    ["fewer than no definitions", { definitions: -1 }],
    ["half a definition", { definitions: 0.5 }],
    ["definitions past 2^53", { definitions: 1e300 }],
    ["a candidate inside a list", { conflicts: [{ name: "a", candidates: [[hash]] }] }],
    ["a candidate that only prints as one", { conflicts: [{ name: "a", candidates: [[[hash]], hash] }] }],
    ["a name that steers the terminal", { names: ["\u001b[2J"] }],
  ])("with %s is not believed", async (_, change) => {
    const found = await outcomes(json(JSON.stringify({ ...exchanged, ...change })));
    judge(found);
    expect(found[3]).toBeUndefined();
  });

  test.each<readonly [string, Uint8Array]>([
    [
      "a reason phrase that steers the terminal",
      bytesOf(`HTTP/1.1 500 \u001b[2Jgone${CRLF}content-length: 0${CRLF}${CRLF}`),
    ],
    [
      "a refusal that steers the terminal",
      bytesOf(`HTTP/1.1 422 x${CRLF}content-length: 9${CRLF}${CRLF}\u001b[2J\u009bgone`),
    ],
    [
      "a refusal without end",
      bytesOf(`HTTP/1.1 422 x${CRLF}content-length: 100000${CRLF}${CRLF}${"no ".repeat(30000)}`),
    ],
    [
      "less than it says",
      bytesOf(`HTTP/1.1 200 OK${CRLF}content-type: application/json${CRLF}content-length: 900${CRLF}${CRLF}{}`),
    ],
    ["chunks of no size", bytesOf(`HTTP/1.1 200 OK${CRLF}transfer-encoding: chunked${CRLF}${CRLF}zz${CRLF}`)],
    ["two lengths", bytesOf(`HTTP/1.1 200 OK${CRLF}content-length: 1${CRLF}content-length: 2${CRLF}${CRLF}xx`)],
    ["itself, again and again", bytesOf(`HTTP/1.1 302 x${CRLF}location: /code${CRLF}content-length: 0${CRLF}${CRLF}`)],
    ["another protocol", bytesOf("SSH-2.0-OpenSSH_9.6\r\n")],
    ["nothing", new Uint8Array(0)],
    ["JSON nested without end", json("[".repeat(100_000))],
    ["JSON with bytes that are no text", json('{"missing":["\u00ff\u00fe"]}')],
    ["a document of nothing", json("null")],
    ["zeros", new Uint8Array(5000)],
  ])("with %s is refused in one line", async (_, bytes) => {
    judge(await outcomes(bytes));
  });

  test("and a long reason is told as far as it fits", async () => {
    const body = `because ${"no ".repeat(3000)}`;
    const found = await outcomes(bytesOf(`HTTP/1.1 422 x${CRLF}content-length: ${body.length}${CRLF}${CRLF}${body}`));
    judge(found);
    expect(found[3]).toMatchObject({ exit: 3, message: expect.stringContaining("refused it: because no no") });
  });

  test("and bends its answer at random is refused in one line, or says what can be", async () => {
    const good = json(JSON.stringify({ ...exchanged, missing: [hash] }));
    await fc.assert(
      fc.asyncProperty(byteEdits, async (bend) => judge(await outcomes(bend(good)))),
      { numRuns: 25, seed: 20_261_126 },
    );
  });
});

describe("a client that asks anything", () => {
  const token = "a-token-of-some-length";
  let store: Store;
  let server: Server;
  let port = 0;
  let car: Uint8Array;
  beforeAll(async () => {
    store = openMemoryStore();
    server = codebaseServer(store, { token, isPublic: false, bodyBytesMax: 100_000 });
    port = await listen(server);
    const other = await filled();
    car = packCar(
      other,
      [...new Set(other.names("").map(([, hash]) => hash))].filter((hash) => hash === other.name("base.two")),
      true,
    );
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** The status line that raw bytes are answered with; "" where the connection just ends. */
  const raw = (bytes: Uint8Array): Promise<string> =>
    new Promise((done) => {
      let got = "";
      const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
      socket.on("data", (part) => {
        got += part.toString("latin1");
      });
      socket.on("error", () => {});
      socket.on("close", () => done(got.split(CRLF)[0]!));
    });
  const request = (method: string, body: Uint8Array, head = ""): Uint8Array =>
    new Uint8Array(
      Buffer.concat([
        bytesOf(
          `${method} / HTTP/1.1${CRLF}host: x${CRLF}authorization: Bearer ${token}${CRLF}connection: close${CRLF}${head}content-length: ${body.length}${CRLF}${CRLF}`,
        ),
        body,
      ]),
    );

  test.each<readonly [string, () => Uint8Array, RegExp]>([
    [
      "questions about no hash",
      () => request("POST", bytesOf('{"asks":"missing","hashes":[{"toString":1}]}')),
      / 400 /,
    ],
    ["questions of an object's own words", () => request("POST", bytesOf('{"asks":"constructor","have":[]}')), / 400 /],
    ["questions that are no text", () => request("POST", bytesOf('{"asks":"pack","have":["\u00ff"]}')), / 400 /],
    ["questions nested without end", () => request("POST", bytesOf("[".repeat(90_000))), / 400 /],
    ["nothing at all to write", () => request("PUT", new Uint8Array(0)), / 422 /],
    ["a file that is too large", () => request("PUT", new Uint8Array(100_001)), / 413 /],
    ["a file and more", () => request("PUT", new Uint8Array([...car, 0])), / 422 /],
    ["a file twice", () => request("PUT", new Uint8Array([...car, ...car])), / 422 /],
    ["a method that is none", () => request("BREW", new Uint8Array(0)), / 400 /],
    ["a method that is not understood", () => request("DELETE", new Uint8Array(0)), / 405 /],
  ])("with %s is refused, and nothing is written", async (_, bytes, status) => {
    const before = contents(store);
    expect(await raw(bytes())).toMatch(status);
    expect(contents(store)).toBe(before);
  });

  test("and bends its request at random is refused without harm, or wrote all that it sent", async () => {
    const empty = contents(store);
    const twin = openMemoryStore();
    await importBundle(twin, unpackCar(twin, car, "the file"), car.length, "a push over HTTP", false);
    const whole = contents(twin);
    await fc.assert(
      fc.asyncProperty(byteEdits, fc.boolean(), fc.constantFrom("PUT", "POST"), async (bend, inBody, method) => {
        const body = method === "PUT" ? car : bytesOf('{"asks":"missing","hashes":[]}');
        const status = await raw(inBody ? request(method, bend(body)) : bend(request(method, body)));
        expect(status).not.toMatch(/ 50[0-9] /);
        // A whole request may be followed by something else: then it is done all the same, and never in part.
        expect([empty, whole]).toContain(contents(store));
      }),
      { numRuns: 100, seed: 20_261_126 },
    );
    expect(await raw(request("PUT", car))).toMatch(/ 200 /);
    expect(contents(store)).toBe(whole);
  });
});
