/**
 * Where a program's facts are read and how its actions are encoded: pure data, from the manifest's tables
 * `[timelines] [assets] [contracts] [facts] [actions]`. A program says `PriceOf(pair)`; the binding says which slots of
 * which contract, and how they become a Decimal. Spec: docs/spec/timelines.md §2.
 */
import { Codec, encodeValue, type Value } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import { Asset } from "./parties.ts";
import { Reading } from "./Reading.ts";

/** Where a call's parameter, or a mapping's key, comes from. */
const Simple = {
  /** An argument by path: `amount`, `pair.base`. With `decimals`, an amount in whole units becomes the smallest unit. */
  Argument: Codec.record({ path: Codec.text, decimals: Codec.option(Codec.count) }),
  /** The account's name on the timeline. */
  Account: Codec.record({}),
  /** A contract by its name in `[contracts.<timeline>]`. */
  Contract: Codec.record({ name: Codec.text }),
  Constant: Codec.record({ value: Codec.value }),
};
export const Source = Codec.variant(Simple);
export type Source = Codec.Of<typeof Source>;

export const InputBinding = Codec.variant({
  ...Simple,
  Limit: Codec.record({
    contract: Codec.text,
    view: Codec.text,
    inputs: Codec.list(Source),
    bound: Codec.word("most", "least"),
    slippageBasisPoints: Codec.count,
  }),
});
export type InputBinding = Codec.Of<typeof InputBinding>;

/** The arguments for which a binding answers: each path has this value (a case without payload equals its name). */
const When = Codec.list(Codec.record({ path: Codec.text, value: Codec.value }));

export const SlotBinding = Codec.record({
  name: Codec.text,
  index: Codec.int,
  keys: Codec.list(Source),
  offset: Codec.count,
  bytes: Codec.count,
  type: Codec.word("uint", "int", "bool", "bytes"),
});
export type SlotBinding = Codec.Of<typeof SlotBinding>;

export const FactBinding = Codec.record({
  fact: Codec.text,
  when: When,
  contract: Codec.text,
  slots: Codec.list(SlotBinding),
  value: Reading,
});
export type FactBinding = Codec.Of<typeof FactBinding>;

export const ActionBinding = Codec.record({
  action: Codec.text,
  when: When,
  contract: Codec.text,
  function: Codec.text,
  inputs: Codec.list(InputBinding),
  payment: Codec.option(Source),
  gasMax: Codec.count,
  event: Codec.text,
  where: Codec.list(Codec.record({ name: Codec.text, input: Source })),
  answer: Reading,
  moves: Codec.list(Codec.record({ asset: Codec.text, direction: Codec.word("in", "out"), amount: Reading })),
});
export type ActionBinding = Codec.Of<typeof ActionBinding>;

export const Bindings = Codec.record({
  /** Name → CAIP-2 id. */
  timelines: Codec.map(Codec.text),
  assets: Codec.list(Asset),
  /** Timeline name → contract name → address bytes. */
  contracts: Codec.map(Codec.map(Codec.bytes)),
  facts: Codec.list(FactBinding),
  actions: Codec.list(ActionBinding),
});
export type Bindings = Codec.Of<typeof Bindings>;

export const toValue = (bindings: Bindings): Value.Value => Bindings.toValue(bindings);
export const fromValue = Bindings.fromValue;
export const encode = (bindings: Bindings): Uint8Array => encodeValue(Bindings.toValue(bindings));

export const none: Bindings = { timelines: new Map(), assets: [], contracts: new Map(), facts: [], actions: [] };

/** Names addresses of one timeline; a network says where its contracts are, so a manifest need not. */
export function withContracts(
  bindings: Bindings,
  timeline: string,
  contracts: ReadonlyMap<string, Uint8Array>,
): Bindings {
  const known = bindings.contracts.get(timeline) ?? new Map<string, Uint8Array>();
  return { ...bindings, contracts: new Map(bindings.contracts).set(timeline, new Map([...known, ...contracts])) };
}

/** Assets whose contract a network names: replaces an asset of the same name and timeline. */
export function withAsset(bindings: Bindings, asset: Asset): Bindings {
  const others = bindings.assets.filter((a) => a.name !== asset.name || a.timeline !== asset.timeline);
  return { ...bindings, assets: [...others, asset] };
}

/** The asset of this name on a timeline, given by name or CAIP-2 id. */
export const asset = (bindings: Bindings, timeline: string, name: string): Asset | undefined =>
  bindings.assets.find(
    (a) => a.name === name && (a.timeline === timeline || bindings.timelines.get(a.timeline) === timeline),
  );

/** The manifest's name of a timeline that is given by name or CAIP-2 id. */
export function timelineName(bindings: Bindings, timeline: string): string | undefined {
  if (bindings.timelines.has(timeline)) return timeline;
  for (const [name, id] of bindings.timelines) if (id === timeline) return name;
  return undefined;
}

/** An address of 20 bytes from `0x…`. */
export function parseAddress(text: string): Uint8Array | undefined {
  const bytes = text.startsWith("0x") && text.length === 42 ? Bytes.fromHex(text) : undefined;
  return bytes?.length === 20 ? bytes : undefined;
}
