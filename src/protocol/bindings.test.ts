import { readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import { describe, expect, it } from "vitest";
import { Decimal, decodeValue, show, Value } from "../content/index.ts";
import { ActionCall, Bindings, parseBindings, resolveAction, resolveFact, showBindingError } from "./index.ts";

/** The normative example itself. */
const spec = readFileSync(new URL("../../docs/spec/timelines.md", import.meta.url), "utf8");
const toml = /<!-- bindings example -->\n```toml\n([\s\S]*?)```/.exec(spec)![1]!;
const manifest = (): Record<string, never> => parseToml(toml) as Record<string, never>;

const bindings = (() => {
  const parsed = parseBindings(manifest());
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
})();

const PAIR = Value.record([
  ["base", "ETH"],
  ["quote", "USDC"],
]);
const account = new Uint8Array(32).fill(1);
const ask = (timeline: string, name: string, fields: readonly (readonly [string, Value.Value])[]) => ({
  timeline,
  name,
  arguments: Value.record(fields),
  account,
});
const trade = (side: Value.Value, amount: Value.Value, timeline = "ethereum") =>
  ask(timeline, "Trade", [
    ["pair", PAIR],
    ["side", side],
    ["amount", amount],
  ]);

describe("bindings", () => {
  it("of the specification's example are read, and survive their canonical form", () => {
    expect(bindings.facts).toHaveLength(1);
    expect(bindings.actions).toHaveLength(2);
    expect(Bindings.asset(bindings, "ethereum", "USDC")?.decimals).toBe(6);
    expect(Bindings.asset(bindings, "eip155:31337", "ETH")?.contract).toBeUndefined();
    const value = decodeValue(Bindings.encode(bindings));
    expect(value.ok && Bindings.fromValue(value.value)).toEqual({ ok: true, value: bindings });
  });

  it("resolve a fact to the exact question", () => {
    const query = resolveFact(bindings, ask("ethereum", "PriceOf", [["pair", PAIR]]));
    expect(query).toMatchObject({
      ok: true,
      value: {
        kind: "Storage",
        contract: bindings.contracts.get("ethereum")!.get("market"),
        slots: [
          { name: "base", index: 0 },
          { name: "quote", index: 1 },
        ],
        reading: { kind: "Ratio", places: 18, rounding: "half-even" },
      },
    });
  });

  it("resolve an action by its arguments, amounts in the smallest unit", () => {
    const buy = resolveAction(bindings, trade(Value.variant("Buy"), Decimal.parse("0.5")!, "eip155:31337"));
    const sell = resolveAction(bindings, trade(Value.variant("Sell"), 2));
    expect(buy.ok && buy.value.function).toBe("buy(bytes32,address,uint256,uint256)");
    expect(sell.ok && sell.value.function).toBe("sell(bytes32,address,uint256,uint256)");
    if (!buy.ok || !sell.ok) return;
    expect(buy.value.timeline).toBe("eip155:31337");
    expect(buy.value.inputs[2]).toEqual({ kind: "Given", value: 5n * 10n ** 17n });
    expect(buy.value.inputs[3]).toMatchObject({ kind: "Limit", bound: "most", slippageBasisPoints: 100 });
    expect(sell.value.inputs[2]).toEqual({ kind: "Given", value: 2n * 10n ** 18n });
    expect(ActionCall.fromValue(ActionCall.toValue(buy.value))).toEqual({ ok: true, value: buy.value });
  });

  it.each([
    ["UnknownTimeline", trade(Value.variant("Buy"), 1, "mars")],
    ["UnknownContract", trade(Value.variant("Buy"), 1, "optimism")],
    ["Unbound", trade(Value.variant("Borrow"), 1)],
    ["Unbound", ask("ethereum", "Trade", [])],
    ["BadArgument", trade(Value.variant("Buy"), Decimal.parse("1e-19")!)],
    ["BadArgument", trade(Value.variant("Buy"), -1)],
    ["BadArgument", trade(Value.variant("Buy"), "1")],
  ] as const)("refuse with %s", (kind, one) => {
    const call = resolveAction(bindings, one);
    expect(call.ok ? undefined : call.error.kind).toBe(kind);
    if (!call.ok) expect(showBindingError(call.error)).not.toContain("undefined");
  });

  it("that answer twice for the same arguments are refused when they are asked", () => {
    const twice = { ...bindings, facts: [...bindings.facts, ...bindings.facts] };
    const query = resolveFact(twice, ask("ethereum", "PriceOf", [["pair", PAIR]]));
    expect(query.ok ? undefined : query.error.kind).toBe("Ambiguous");
  });

  it("take names of contracts from a network, over those of the manifest", () => {
    const market = new Uint8Array(20).fill(9);
    const named = Bindings.withContracts(bindings, "optimism", new Map([["market", market]]));
    const query = resolveFact(named, ask("optimism", "PriceOf", [["pair", PAIR]]));
    expect(query.ok && query.value.contract).toEqual(market);
  });
});

describe("problems in the tables are reported with their path", () => {
  const problems = (change: object): readonly string[] => {
    const parsed = parseBindings({ ...manifest(), ...change });
    return parsed.ok ? [] : parsed.error.map((p) => `${p.path}: ${p.reason}`);
  };
  const price = { contract: "market", slots: { base: 0 }, value: { word: "base" } };

  it.each<[string, object]>([
    ["timelines.ethereum: expected a CAIP-2 chain id", { timelines: { ethereum: "Ethereum" } }],
    ["contracts.mars: the timeline mars is not in [timelines]", { contracts: { mars: {} } }],
    ["contracts.ethereum.market: expected an address", { contracts: { ethereum: { market: "0x12" } } }],
    ["assets.ETH.id: expected", { assets: { ETH: { timeline: "ethereum", id: "gold" } } }],
    ["facts.PriceOf.slots.base: expected a slot number", { facts: { PriceOf: { ...price, slots: { base: -1 } } } }],
    [
      "facts.PriceOf.slots.base",
      { facts: { PriceOf: { ...price, slots: { base: { slot: 0, offset: 20, bytes: 20 } } } } },
    ],
    [
      "facts.PriceOf.value: expected { word, decimals? }",
      { facts: { PriceOf: { ...price, value: { wrod: "base" } } } },
    ],
    ["facts.PriceOf.colour: there is no such key", { facts: { PriceOf: { ...price, colour: "red" } } }],
    ["facts.PriceOf.value: the key is missing", { facts: { PriceOf: { contract: "market", slots: {} } } }],
    ["facts.PriceOf", { facts: { PriceOf: 5 } }],
    ["the asset USDC is not in [assets]", { assets: { ETH: { timeline: "ethereum", id: "native" } } }],
    [
      "a token needs its decimals",
      { assets: { USDC: { timeline: "ethereum", id: "erc20:usdc" }, ETH: { timeline: "ethereum", id: "native" } } },
    ],
  ])("%s", (expected, change) => {
    expect(problems(change).join("\n")).toContain(expected);
  });

  it("says nothing was wrong when nothing was", () => {
    expect(problems({})).toEqual([]);
    expect(parseBindings({})).toEqual({ ok: true, value: Bindings.none });
  });

  it.each<unknown>([null, undefined, 5, "x", [], { facts: [] }, { facts: { __proto__: 5 } }])(
    "refuses or reads %j, and never throws",
    (input) => {
      expect(typeof parseBindings(input).ok).toBe("boolean");
    },
  );

  it("slippage is a share in steps of a basis point", () => {
    const withSlippage = (slippage: unknown) => {
      const tables = JSON.parse(JSON.stringify(manifest())) as {
        actions: { Trade: { inputs: { slippage?: unknown }[] }[] };
      };
      tables.actions.Trade[0]!.inputs[3]!.slippage = slippage;
      const parsed = parseBindings(tables);
      return parsed.ok ? parsed.value.actions[0]!.inputs[3] : "refused";
    };
    expect(withSlippage("0.0001")).toMatchObject({ slippageBasisPoints: 1 });
    for (const bad of ["1", "0.00001", "-0.1", "1%", 0.01]) expect(withSlippage(bad)).toBe("refused");
  });
});

it("shows arguments as a program writes them", () => {
  expect(show(PAIR)).toBe('(base: "ETH", quote: "USDC")');
});
