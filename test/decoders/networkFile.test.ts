/** `network.json` is edited by hand: what it says is taken whole, or refused with the place of the first mistake. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliFailure } from "../../apps/cli/exit.ts";
import { type NetworkFile, readNetwork, writeNetwork } from "../../apps/cli/node/networkFile.ts";
import { Bytes } from "../../src/std/index.ts";
import { text } from "./arbitrary.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tb-network-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, "network.json");

function read(source: string | Uint8Array): NetworkFile | CliFailure {
  writeFileSync(path(), source);
  try {
    return readNetwork(folder);
  } catch (error) {
    if (error instanceof CliFailure) return error;
    throw error;
  }
}

// Names that JavaScript has for itself are in `refused` below.
const name = text.filter((one) => !["__proto__", "constructor", "prototype"].includes(one));
const table = <T>(item: fc.Arbitrary<T>) => fc.dictionary(name, item, { maxKeys: 3 });
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${Bytes.toHex(bytes)}`);
const network: fc.Arbitrary<NetworkFile> = fc.record({
  version: fc.constant(1 as const),
  timelines: table(
    fc.record({
      chainId: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.constant(2 ** 53 - 1)),
      rpc: fc.constantFrom("http://127.0.0.1:8545", "https://node.example/v2/key?x=1"),
      depth: fc.nat(100),
      contracts: table(address),
      assets: fc.uniqueArray(
        fc.oneof(
          fc.record({ name: text, decimals: fc.nat(77) }),
          fc.record({ name: text, contract: address, decimals: fc.nat(77) }),
        ),
        { maxLength: 3, selector: (asset) => asset.name },
      ),
    }),
  ),
});

const sample = {
  version: 1,
  timelines: {
    ethereum: {
      chainId: 31337,
      rpc: "http://127.0.0.1:8545",
      depth: 0,
      contracts: { vault: `0x${"ab".repeat(20)}` },
      assets: [{ name: "ETH", decimals: 18 }],
    },
  },
} as const;
const entry = sample.timelines.ethereum;
const withEntry = (changes: object) =>
  JSON.stringify({ version: 1, timelines: { ethereum: { ...entry, ...changes } } });

const PIECES = [
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"',
  "null",
  "-0",
  "1e999",
  "9007199254740993",
  "NaN",
  "\\ud800",
  "\0",
  "//",
  "__proto__",
  '"a":1,',
];
const edits = fc.array(
  fc.record({ at: fc.nat(), length: fc.nat(12), piece: fc.oneof(fc.constantFrom(...PIECES), text), how: fc.nat(4) }),
  { minLength: 1, maxLength: 3 },
);

describe("a network file", () => {
  test("is read back as it was written", () => {
    fc.assert(
      fc.property(network, (one) => {
        writeNetwork(folder, one);
        expect(readNetwork(folder)).toEqual(one);
      }),
      { numRuns: 100, seed: 20_261_126 },
    );
  });

  test("that was bent is refused, or means all that it says", () => {
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(edits, (list) => {
        const bent = list.reduce(
          (now, { at, length, piece, how }) => {
            const place = at % (now.length + 1);
            const [before, middle, after] = [
              now.slice(0, place),
              now.slice(place, place + length),
              now.slice(place + length),
            ];
            return [
              before + piece + middle + after,
              before + after,
              before,
              before + middle + middle + after,
              before + piece + after,
            ][how]!;
          },
          JSON.stringify(sample, null, 2),
        );
        const found = read(bent);
        if (found instanceof CliFailure) {
          refused++;
          expect(found.message).toContain(path());
          expect(found.message.slice(0, 2000)).not.toMatch(/\p{Cc}/u);
        } else {
          accepted++;
          // Nothing of it is left out, and nothing is there twice.
          expect(found).toEqual(JSON.parse(readFileSync(path(), "utf8")));
          writeNetwork(folder, found);
          expect(readNetwork(folder)).toEqual(found);
        }
      }),
      { numRuns: 500, seed: 20_261_126 },
    );
    expect(Math.min(refused, accepted)).toBeGreaterThan(5);
  });

  test.each<readonly [string, string | Uint8Array, RegExp]>([
    ["nothing", "", /is not JSON/],
    ["bytes that are no text", Uint8Array.of(0x22, 0xff, 0x22), /is not JSON: .*not valid/],
    ["a list", "[]", /version/],
    ["more than a megabyte", " ".repeat(1_048_577), /more than 1048576 bytes/],
    ["nesting without end", "[".repeat(200_000), /is not JSON/],
    ["another version", '{"version":2,"timelines":{}}', /version/],
    ["a key too many", '{"version":1,"timelines":{},"more":1}', /more/],
    ["a chain without a number", withEntry({ chainId: 0 }), /timelines\.ethereum\.chainId/],
    ["a number that is none", withEntry({}).replace("31337", "1e999"), /timelines\.ethereum\.chainId/],
    ["a number past 2^53", withEntry({}).replace("31337", "9007199254740993"), /timelines\.ethereum\.chainId/],
    ["a depth of half a block", withEntry({ depth: 0.5 }), /timelines\.ethereum\.depth/],
    ["a depth past 2^53", withEntry({ depth: 1e300 }), /timelines\.ethereum\.depth/],
    ["a depth below zero by nothing", withEntry({}).replace('"depth":0', '"depth":-0'), /timelines\.ethereum\.depth/],
    ["an address that is a script", withEntry({ rpc: "javascript:alert(1)" }), /timelines\.ethereum\.rpc/],
    ["an address of a file", withEntry({ rpc: "file:///etc/passwd" }), /timelines\.ethereum\.rpc/],
    ["an upper-case contract", withEntry({ contracts: { vault: `0x${"AB".repeat(20)}` } }), /contracts\.vault/],
    ["an asset of 78 decimals", withEntry({ assets: [{ name: "X", decimals: 78 }] }), /assets\.0\.decimals/],
    ["an asset twice", withEntry({ assets: [entry.assets[0], entry.assets[0]] }), /assets/],
    [
      "a timeline twice",
      withEntry({}).replace('"ethereum":', `"ethereum":${JSON.stringify(entry)},"ethereum":`),
      /twice/,
    ],
    ["a chain id twice", withEntry({}).replace('"depth":0', '"depth":0,"depth":9'), /twice/],
    ["a timeline __proto__", withEntry({}).replace('"ethereum"', '"__proto__"'), /__proto__/],
    ["a contract constructor", withEntry({ contracts: { constructor: `0x${"ab".repeat(20)}` } }), /constructor/],
  ])("with %s is refused", (_, source, reason) => {
    const found = read(source);
    if (!(found instanceof CliFailure)) throw new Error(`accepted: ${JSON.stringify(found)}`);
    expect(found.message).toMatch(reason);
    expect(found.message.length).toBeLessThan(1000);
  });
});
