/** `network.json`: where the timelines of a store are reached, and which contracts and keepers stand there. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Asset } from "../../../src/protocol/index.ts";
import { Bytes } from "../../../src/std/index.ts";
import { CliFailure, Exit } from "../exit.ts";

const Address = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/, "expected an address: 0x and 40 lower-case hex digits"));

const count = (least: number) =>
  v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(least),
    v.check((number) => !Object.is(number, -0), "expected 0 without a sign"),
  );

/** Names that JavaScript keeps for itself: a record would leave them out without a word. */
const KEPT_NAMES = ["__proto__", "constructor", "prototype"];

const tableOf = <T extends v.GenericSchema>(item: T) =>
  v.pipe(
    v.unknown(),
    v.check(
      (table) => typeof table !== "object" || table === null || !KEPT_NAMES.some((name) => Object.hasOwn(table, name)),
      `nothing can be named ${KEPT_NAMES.join(" or ")}`,
    ),
    v.record(v.string(), item),
  );

const TimelineEntry = v.strictObject({
  chainId: count(1),
  rpc: v.pipe(v.string(), v.url(), v.regex(/^https?:/, "expected an address that begins with http:// or https://")),
  /** Blocks that must stand on top of a block before its facts count. */
  depth: count(0),
  contracts: tableOf(Address),
  assets: v.pipe(
    v.array(
      v.strictObject({
        name: v.string(),
        contract: v.optional(Address),
        decimals: v.pipe(count(0), v.maxValue(77)),
      }),
    ),
    v.check(
      (assets) => new Set(assets.map((asset) => asset.name)).size === assets.length,
      "an asset stands there twice",
    ),
  ),
});

const NetworkFile = v.strictObject({ version: v.literal(1), timelines: tableOf(TimelineEntry) });

export type NetworkFile = v.InferOutput<typeof NetworkFile>;
export type TimelineEntry = v.InferOutput<typeof TimelineEntry>;

const NETWORK_BYTES_MAX = 1_048_576;
const REASON_CHARS_MAX = 500;

const pathOf = (directory: string) => join(directory, "network.json");

export const networkExists = (directory: string): boolean => existsSync(pathOf(directory));

export function readNetwork(directory: string): NetworkFile {
  const path = pathOf(directory);
  if (!networkExists(directory)) {
    throw new CliFailure(Exit.source, `there is no network in ${directory}`, "start one with: tb network start");
  }
  // Of what stands in the file only as much is shown as fits a line.
  const refuse = (reason: string) =>
    new CliFailure(Exit.source, `${path}${reason.slice(0, REASON_CHARS_MAX).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, " ")}`);
  const bytes = readFileSync(path);
  if (bytes.length > NETWORK_BYTES_MAX) throw refuse(` has more than ${NETWORK_BYTES_MAX} bytes`);
  let source: string;
  let data: unknown;
  try {
    source = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    data = JSON.parse(source);
  } catch (error) {
    throw refuse(` is not JSON: ${(error as Error).message}`);
  }
  const twice = keyTwice(source);
  if (twice !== undefined) throw refuse(`: ${JSON.stringify(twice)} stands twice in one table`);
  const network = v.safeParse(NetworkFile, data);
  if (network.success) return network.output;
  const issue = network.issues[0];
  throw refuse(`: ${v.getDotPath(issue) ?? "$"}: ${issue.message}`);
}

/** The first key that stands twice in one object of JSON text: `JSON.parse` would take the last, and say nothing. */
function keyTwice(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(text!) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}

export function writeNetwork(directory: string, network: NetworkFile): void {
  const path = pathOf(directory);
  writeFileSync(`${path}.new`, `${JSON.stringify(network, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export const addressBytes = (text: string): Uint8Array => Bytes.fromHex(text)!;
export const assetsOf = (timeline: string, entry: TimelineEntry): readonly Asset[] =>
  entry.assets.map(({ name, contract, decimals }) => ({
    name,
    timeline,
    contract: contract === undefined ? undefined : addressBytes(contract),
    decimals,
  }));
export const addressText = (bytes: Uint8Array): string => `0x${Bytes.toHex(bytes)}`;
