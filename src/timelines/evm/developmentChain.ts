/**
 * Deploys this project's contracts on a development chain and stocks the market, so that there is something to trade
 * against. Deterministic: the same key on a fresh chain gives the same addresses.
 */
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem";
import type { Decimal } from "../../content/index.ts";
import { evmTimeline, Reading, type TimelineError } from "../../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import { Market, Registry, TestToken, Vault } from "./contracts.generated.ts";
import type { EvmKey } from "./EvmKey.ts";
import { ask, connect, countOf, isTable, toHex } from "./Rpc.ts";

export interface DevelopmentChain {
  readonly timeline: string;
  readonly registry: Uint8Array;
  readonly vault: Uint8Array;
  readonly market: Uint8Array;
  /** The test dollar, 6 decimals. */
  readonly usdc: Uint8Array;
}

export const USDC_DECIMALS = 6;
export const ETH_DECIMALS = 18;

export interface ChainSetUp {
  /** The host's time in milliseconds: how long to wait is taken from it, and nothing else. */
  readonly now: () => number;
  readonly chainId: number;
  readonly url: string;
  /** Deploys, mints and provides; must own enough ether. */
  readonly key: EvmKey;
  /** What the pool starts with; the price is quote ÷ base. */
  readonly base: Decimal.Decimal;
  readonly quote: Decimal.Decimal;
  readonly feeBasisPoints: number;
  /** Test dollars for these addresses. */
  readonly grants: readonly { readonly to: Uint8Array; readonly amount: Decimal.Decimal }[];
}

const GAS_MAX = 3_000_000n;
const TIP_WEI = 1_000_000_000n;
const FEE_WEI = 10_000_000_000n;
const WAIT_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 10;

export async function setUpChain(setUp: ChainSetUp): Promise<Result<DevelopmentChain, TimelineError>> {
  const timeline = evmTimeline(setUp.chainId);
  const rpc = connect(timeline, setUp.url);
  const { key } = setUp;
  const base = Reading.toSmallestUnit(setUp.base, ETH_DECIMALS);
  const quote = Reading.toSmallestUnit(setUp.quote, USDC_DECIMALS);
  if (base === undefined || quote === undefined)
    return err({ kind: "Refused", timeline, reason: "a reserve is finer than the smallest unit of its asset" });
  const count = await ask(rpc, "eth_getTransactionCount", [toHex(key.address), "pending"], "a count", countOf);
  if (!count.ok) return count;
  let nonce = count.value;

  /** Sends, waits for the receipt, and gives the address that a creation would have. */
  async function run(
    to: Uint8Array | undefined,
    data: string,
    value: bigint,
  ): Promise<Result<Uint8Array, TimelineError>> {
    const created = getContractAddress({ from: toHex(key.address), nonce: BigInt(nonce) });
    const raw = await key.signTransaction({
      chainId: setUp.chainId,
      nonce: nonce++,
      to,
      data: Bytes.fromHex(data)!,
      value,
      gas: GAS_MAX,
      maxFeePerGas: FEE_WEI,
      maxPriorityFeePerGas: TIP_WEI,
    });
    const hash = await ask(rpc, "eth_sendRawTransaction", [toHex(raw)], "a hash", (h) =>
      typeof h === "string" ? h : undefined,
    );
    if (!hash.ok) return hash;
    for (const until = setUp.now() + WAIT_MILLISECONDS; ; ) {
      const receipt = await rpc.call("eth_getTransactionReceipt", [hash.value]);
      if (!receipt.ok) return receipt;
      if (isTable(receipt.value)) {
        return receipt.value["status"] === "0x1"
          ? ok(Bytes.fromHex(created)!)
          : err({ kind: "Refused", timeline, reason: `the transaction ${hash.value} was reverted` });
      }
      if (setUp.now() > until)
        return err({ kind: "Unknown", timeline, transaction: hash.value, reason: "it was not mined" });
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  }

  const steps: {
    readonly [name: string]: (made: {
      [name: string]: Uint8Array;
    }) => readonly [Uint8Array | undefined, string, bigint];
  } = {
    registry: () => [undefined, Registry.bytecode, 0n],
    vault: () => [undefined, Vault.bytecode, 0n],
    usdc: () => [undefined, encodeDeployData({ ...TestToken, args: ["USDC", USDC_DECIMALS] }), 0n],
    market: ({ usdc }) => [
      undefined,
      encodeDeployData({ ...Market, args: [toHex(usdc!), BigInt(setUp.feeBasisPoints)] }),
      0n,
    ],
    mint: ({ usdc }) => [usdc!, mint(key.address, BigInt(quote)), 0n],
    approve: ({ usdc, market }) => [
      usdc!,
      encodeFunctionData({ abi: TestToken.abi, functionName: "approve", args: [toHex(market!), BigInt(quote)] }),
      0n,
    ],
    provide: ({ market }) => [
      market!,
      encodeFunctionData({ abi: Market.abi, functionName: "provide", args: [BigInt(quote)] }),
      BigInt(base),
    ],
  };
  const made: { [name: string]: Uint8Array } = {};
  for (const [name, step] of Object.entries(steps)) {
    const done = await run(...step(made));
    if (!done.ok) return done;
    made[name] = done.value;
  }
  for (const { to, amount } of setUp.grants) {
    const units = Reading.toSmallestUnit(amount, USDC_DECIMALS);
    if (units === undefined)
      return err({ kind: "Refused", timeline, reason: "a grant is finer than the smallest unit of the token" });
    const done = await run(made["usdc"]!, mint(to, BigInt(units)), 0n);
    if (!done.ok) return done;
  }
  const { registry, vault, market, usdc } = made;
  return ok({ timeline, registry: registry!, vault: vault!, market: market!, usdc: usdc! });
}

const mint = (to: Uint8Array, amount: bigint) =>
  encodeFunctionData({ abi: TestToken.abi, functionName: "mint", args: [toHex(to), amount] });
