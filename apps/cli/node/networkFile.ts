/** `network.json`: where the timelines of a store are reached, and which contracts and keepers stand there. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Asset } from "../../../src/protocol/index.ts";
import { Bytes } from "../../../src/std/index.ts";
import { CliFailure, Exit } from "../exit.ts";

const Address = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/, "expected an address: 0x and 40 lower-case hex digits"));

const TimelineEntry = v.strictObject({
  chainId: v.pipe(v.number(), v.integer(), v.minValue(1)),
  rpc: v.pipe(v.string(), v.url()),
  /** Blocks that must stand on top of a block before its facts count. */
  depth: v.pipe(v.number(), v.integer(), v.minValue(0)),
  contracts: v.record(v.string(), Address),
  assets: v.array(
    v.strictObject({
      name: v.string(),
      contract: v.optional(Address),
      decimals: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(77)),
    }),
  ),
});

const NetworkFile = v.strictObject({ version: v.literal(1), timelines: v.record(v.string(), TimelineEntry) });

export type NetworkFile = v.InferOutput<typeof NetworkFile>;
export type TimelineEntry = v.InferOutput<typeof TimelineEntry>;

const pathOf = (directory: string) => join(directory, "network.json");

export const networkExists = (directory: string): boolean => existsSync(pathOf(directory));

export function readNetwork(directory: string): NetworkFile {
  const path = pathOf(directory);
  if (!networkExists(directory)) {
    throw new CliFailure(Exit.source, `there is no network in ${directory}`, "start one with: tb network start");
  }
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CliFailure(Exit.source, `${path} is not JSON: ${(error as Error).message}`);
  }
  const network = v.safeParse(NetworkFile, data);
  if (network.success) return network.output;
  const issue = network.issues[0];
  throw new CliFailure(Exit.source, `${path}: ${v.getDotPath(issue) ?? "$"}: ${issue.message}`);
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
