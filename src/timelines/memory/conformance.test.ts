/** The adapter laws on the memory twin. */
import { describe, expect, it } from "vitest";
import { Decimal } from "../../content/index.ts";
import { memoryJournal, Reading, signerFromSeed } from "../../protocol/index.ts";
import {
  adapterConformance,
  connectMemory,
  createMemoryChain,
  FEE_BASIS_POINTS,
  GRANT_USDC,
  type Rig,
} from "./index.ts";

describe("the memory adapter keeps the laws of adapters", () => {
  for (const { law, run } of adapterConformance) {
    it(law, async () => {
      const rig = memoryRig();
      await run(rig);
      expect(rig.adapter.timeline).toBe("memory:1");
    });
  }
});

function memoryRig(): Rig {
  const owner = new Uint8Array(20).fill(5);
  const base = Decimal.parse("1000")!;
  const quote = Decimal.parse("2900000")!;
  const units = (amount: Decimal.Decimal, decimals: number) => BigInt(Reading.toSmallestUnit(amount, decimals)!);
  const chain = createMemoryChain({
    timeline: "memory:1",
    base: units(base, 18),
    quote: units(quote, 6),
    feeBasisPoints: FEE_BASIS_POINTS,
    grants: [{ to: owner, coins: 10_000n * 10n ** 18n, usdc: units(Decimal.parse(GRANT_USDC)!, 6) }],
  });
  const traveler = new Uint8Array(32).fill(7);
  return {
    adapter: connectMemory({ chain, sender: owner, traveler, journal: memoryJournal() }),
    signer: signerFromSeed(new Uint8Array(32).fill(9)),
    contracts: chain.contracts,
    base,
    quote,
    owner,
    mine: async (blocks) => chain.mine(blocks),
    reorganise: async (blocks) => chain.reorganise(blocks),
    garble: async (isOn) => chain.garble(isOn),
    kill: async () => chain.kill(),
    dispose: async () => {},
  };
}
