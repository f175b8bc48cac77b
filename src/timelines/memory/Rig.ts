/** What the conformance suite needs of a timeline under test: the adapter, a house with a stocked market, and levers. */

import type { Decimal } from "../../content/index.ts";
import type { Asset, Signer, TimelineAdapter } from "../../protocol/index.ts";

export interface Rig {
  readonly adapter: TimelineAdapter;
  /** The keeper's key. */
  readonly signer: Signer;
  readonly contracts: { readonly market: Uint8Array; readonly vault: Uint8Array; readonly usdc: Uint8Array };
  /** The market's first reserves, in whole units; its fee is 30 basis points. The Traveler owns 1,000,000 USDC. */
  readonly base: Decimal.Decimal;
  readonly quote: Decimal.Decimal;
  /** The Traveler's own address on the timeline. */
  readonly owner: Uint8Array;
  /** Appends empty blocks. */
  mine(blocks: number): Promise<void>;
  /** Replaces this many of the last blocks by others without transactions. */
  reorganise(blocks: number): Promise<void>;
  /** While on, the chain's answers are nonsense. */
  garble(isOn: boolean): Promise<void>;
  /** The chain dies for good. */
  kill(): Promise<void>;
  /** Frees everything. */
  dispose(): Promise<void>;
}

export const FEE_BASIS_POINTS = 30;
export const GRANT_USDC = "1000000";

export const asset = (name: "ETH" | "USDC", rig: Pick<Rig, "contracts">): Asset => ({
  name,
  timeline: "here",
  contract: name === "ETH" ? undefined : rig.contracts.usdc,
  decimals: name === "ETH" ? 18 : 6,
});
