/** Two real Ethereum nodes on loopback with the project's contracts: `ethereum` and `optimism`, with prices that differ. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createWalletClient, http, parseAbi, parseEther, publicActions } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Decimal } from "../../../src/content/index.ts";
import { showTimelineError } from "../../../src/protocol/index.ts";
import {
  type Anvil,
  DEVELOPMENT_KEYS,
  ETH_DECIMALS,
  evmKey,
  setUpChain,
  showAnvilError,
  startAnvil,
  USDC_DECIMALS,
} from "../../../src/timelines/evm/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import {
  addressText,
  type NetworkFile,
  networkExists,
  readNetwork,
  type TimelineEntry,
  writeNetwork,
} from "./networkFile.ts";

export interface ChainPlan {
  readonly name: string;
  readonly chainId: number;
  /** The pool's reserves at the start; their ratio is the price. */
  readonly eth: string;
  readonly usdc: string;
}

export const CHAINS: readonly ChainPlan[] = [
  { name: "ethereum", chainId: 31337, eth: "1000", usdc: "2900000" },
  { name: "optimism", chainId: 42001, eth: "1000", usdc: "3100000" },
];

const FEE_BASIS_POINTS = 5;

export interface Chains {
  readonly network: NetworkFile;
  readonly anvils: readonly Anvil[];
  stop(): Promise<void>;
}

/**
 * Starts the nodes and deploys the contracts; `keep` lets each chain outlive its process in `<directory>/chains`, and
 * then the contracts that stand there are the ones that accounts of this store have their assets in.
 */
export async function startChains(directory: string, keep: boolean): Promise<Chains> {
  mkdirSync(join(directory, "chains"), { recursive: true });
  const kept = keep && networkExists(directory) ? readNetwork(directory).timelines : {};
  const anvils: Anvil[] = [];
  const stop = async () => {
    await Promise.all(anvils.map((anvil) => anvil.stop()));
  };
  try {
    const entries = await Promise.all(
      CHAINS.map(async (plan) => {
        const started = await startAnvil({
          chainId: plan.chainId,
          ...(keep ? { stateFile: join(directory, "chains", `${plan.name}.json`) } : {}),
        });
        if (!started.ok) throw new CliFailure(Exit.store, showAnvilError(started.error));
        anvils.push(started.value);
        const { url } = started.value;
        const entry = kept[plan.name];
        const stands = entry !== undefined && (await hasContracts({ ...entry, rpc: url }));
        return [plan.name, stands ? { ...entry, rpc: url } : await setUp(plan, url)] as const;
      }),
    );
    const network: NetworkFile = { version: 1, timelines: Object.fromEntries(entries) };
    writeNetwork(directory, network);
    return { network, anvils, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function setUp(plan: ChainPlan, url: string): Promise<TimelineEntry> {
  const key = evmKey(DEVELOPMENT_KEYS[0]!);
  if (!key.ok) throw new Error("internal error: the development key is a key");
  const chain = await setUpChain({
    now: Date.now,
    chainId: plan.chainId,
    url,
    key: key.value,
    base: Decimal.parse(plan.eth)!,
    quote: Decimal.parse(plan.usdc)!,
    feeBasisPoints: FEE_BASIS_POINTS,
    grants: [],
  });
  if (!chain.ok) throw new CliFailure(Exit.store, `${plan.name}: ${showTimelineError(chain.error)}`);
  const { registry, vault, market, usdc } = chain.value;
  return {
    chainId: plan.chainId,
    rpc: url,
    depth: 0,
    contracts: {
      registry: addressText(registry),
      vault: addressText(vault),
      market: addressText(market),
      usdc: addressText(usdc),
    },
    assets: [
      { name: "ETH", decimals: ETH_DECIMALS },
      { name: "USDC", contract: addressText(usdc), decimals: USDC_DECIMALS },
    ],
  };
}

/** Whether every contract that the store knows has code on the chain. */
async function hasContracts(entry: TimelineEntry): Promise<boolean> {
  const client = developmentClient(entry);
  for (const address of Object.values(entry.contracts)) {
    const code = await client.getCode({ address: address as `0x${string}` });
    if (code === undefined || code === "0x") return false;
  }
  return true;
}

/** The node's first account, which owns play money. */
function developmentClient(entry: TimelineEntry) {
  const account = privateKeyToAccount(DEVELOPMENT_KEYS[0] as `0x${string}`);
  const chain = {
    id: entry.chainId,
    name: "development",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: ETH_DECIMALS },
    rpcUrls: { default: { http: [entry.rpc] } },
  };
  return createWalletClient({ account, chain, transport: http(entry.rpc), pollingInterval: 20 }).extend(publicActions);
}

/** Play money for a new Traveler on a development chain: ether from the node's first account, test dollars minted. */
export async function fund(entry: TimelineEntry, address: Uint8Array, eth: string, usdc: string): Promise<void> {
  const client = developmentClient(entry);
  const to = addressText(address) as `0x${string}`;
  const sent = [
    await client.sendTransaction({ to, value: parseEther(eth) }),
    await client.writeContract({
      address: entry.contracts["usdc"] as `0x${string}`,
      abi: parseAbi(["function mint(address to, uint256 amount)"]),
      functionName: "mint",
      args: [to, BigInt(usdc) * 10n ** BigInt(USDC_DECIMALS)],
    }),
  ];
  for (const hash of sent) await client.waitForTransactionReceipt({ hash });
}
