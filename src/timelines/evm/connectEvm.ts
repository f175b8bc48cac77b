/** The EVM driver of the timeline port: proofs by `observe` and `verify`, transactions by `send`. */
import { Value } from "../../content/index.ts";
import {
  type ActionCall,
  evmTimeline,
  HouseCalls,
  hashAction,
  type Observation,
  outcomeFrom,
  outcomeOf,
  Reading,
  type Receipt,
  type TimelineAdapter,
  type TimelineError,
  type TransactionJournal,
  type TransferRequest,
} from "../../protocol/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import type { EvmKey } from "./EvmKey.ts";
import { latest, observe } from "./observe.ts";
import { ask, blockBy, connect, countOf, headOf, toHex } from "./Rpc.ts";
import { broadcast, type Sender, send, view } from "./send.ts";
import { verify } from "./verify.ts";

export interface EvmConfig {
  readonly chainId: number;
  readonly url: string;
  /** Addresses of this project's contracts on the chain, 20 bytes each. */
  readonly contracts: { readonly registry: Uint8Array; readonly vault: Uint8Array };
  /** The account's key on this chain: it pays gas, owns the vault's account and what is deposited. */
  readonly key: EvmKey;
  /** 32 bytes that name the account's owner (an Ed25519 public key, a hash): one vault account per owner and key. */
  readonly traveler: Uint8Array;
  readonly journal: TransactionJournal;
  /** Blocks that must stand on top of a transaction before its outcome counts. */
  readonly depth?: number;
  readonly weiPerGasMax?: bigint;
  /** How long an action waits to be mined and deep enough, before its outcome is `Unknown`. */
  readonly waitMilliseconds?: number;
  readonly pollMilliseconds?: number;
  /** The host's time in milliseconds: how long to wait is taken from it, and nothing else. */
  readonly now: () => number;
  readonly requestMilliseconds?: number;
}

const WEI_PER_GAS_MAX = 500_000_000_000n;
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 20;

/** Connects, and refuses a node of another chain. */
export async function connectEvm(config: EvmConfig): Promise<Result<TimelineAdapter, TimelineError>> {
  const timeline = evmTimeline(config.chainId);
  const rpc = connect(timeline, config.url, config.requestMilliseconds);
  const chainId = await ask(rpc, "eth_chainId", [], "a chain id", countOf);
  if (!chainId.ok) return chainId;
  if (chainId.value !== config.chainId)
    return err({ kind: "Refused", timeline, reason: `the node at ${config.url} is of chain ${chainId.value}` });

  const { key, journal } = config;
  const { registry, vault } = config.contracts;
  const house = { timeline, registry, vault, traveler: config.traveler, sender: key.address };
  const account = HouseCalls.vaultAccount(config.traveler, key.address);
  const weiPerGasMax = config.weiPerGasMax ?? WEI_PER_GAS_MAX;
  const sender: Sender = { rpc, chainId: config.chainId, key, journal, weiPerGasMax };
  const depth = config.depth ?? 0;
  const waitMilliseconds = config.waitMilliseconds ?? WAIT_MILLISECONDS;
  const pollMilliseconds = config.pollMilliseconds ?? POLL_MILLISECONDS;
  const inTurn = turns();

  async function act(action: ActionCall, effect: string): Promise<Result<Receipt, TimelineError>> {
    if (action.timeline !== timeline)
      return err({ kind: "Refused", timeline, reason: `the action is for ${action.timeline}` });
    const sent = await inTurn(() => send(sender, action, effect));
    if (!sent.ok) return sent;
    const seen = await outcome(action, sent.value);
    if (!seen.ok) return seen;
    const observation = seen.value;
    const verified = verify(timeline, observation);
    if (!verified.ok) return err({ kind: "BadProof", timeline, error: verified.error });
    const read = outcomeFrom(observation.query, observation.value);
    if (!read.ok) return err({ kind: "MalformedAnswer", timeline, method: "outcome", reason: read.error.expected });
    const transaction = sent.value.hash;
    if (read.value.kind === "Reverted")
      return err({ kind: "Reverted", timeline, transaction: toHex(transaction), observation });
    const { answer, moves } = read.value;
    return ok({ timeline, effect, action: hashAction(action), transaction, answer, moves, observation });
  }

  /** Waits until the transaction is in a block that is deep enough; sends it again when the chain lost it. */
  async function outcome(
    action: ActionCall,
    sent: Parameters<typeof broadcast>[1],
  ): Promise<Result<Observation, TimelineError>> {
    const query = outcomeOf(action, sent.hash);
    const until = config.now() + waitMilliseconds;
    for (;;) {
      const seen = await observe(rpc, query, depth);
      if (seen.ok || (seen.error.kind !== "NoSuchTransaction" && seen.error.kind !== "NotFinal")) {
        if (seen.ok || seen.error.kind !== "Unreachable") return seen;
        return unknown(sent.hash, seen.error.reason);
      }
      if (config.now() >= until)
        return unknown(sent.hash, `it is not ${depth} blocks deep after ${waitMilliseconds} ms`);
      if (seen.error.kind === "NoSuchTransaction") {
        const again = await broadcast(rpc, sent);
        if (!again.ok) return again;
      }
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
  }

  const unknown = (hash: Uint8Array, reason: string) =>
    err({ kind: "Unknown", timeline, transaction: toHex(hash), reason } as const);

  async function openAccount(): Promise<Result<unknown, TimelineError>> {
    const owner = await view(rpc, key.address, house.vault, "keyOf(bytes32)", [Value.bytes(account)]);
    return !owner.ok || owner.value !== 0n ? owner : act(HouseCalls.open(house), `open/${toHex(account)}`);
  }

  const units = ({ asset, amount }: TransferRequest): Result<number | bigint, TimelineError> => {
    const value = Reading.toSmallestUnit(amount, asset.decimals);
    return value === undefined || value === 0
      ? err({
          kind: "Refused",
          timeline,
          reason: `an amount of ${asset.name} has 1 to ${asset.decimals} digits after the point and is more than 0`,
        })
      : ok(value);
  };

  return ok({
    timeline,
    account,
    act,
    observe: (query, blocks) => observe(rpc, query, blocks),
    verify: (observation) => verify(timeline, observation),

    async head() {
      const block = await latest(rpc);
      return block.ok ? ok(headOf(block.value)) : block;
    },

    async blockAt(number) {
      const block = await blockBy(rpc, number);
      return block.ok ? ok(block.value === undefined ? undefined : headOf(block.value)) : block;
    },

    async deposit(request) {
      const amount = units(request);
      if (!amount.ok) return amount;
      const opened = await openAccount();
      if (!opened.ok) return opened;
      const { asset, effect } = request;
      if (asset.contract !== undefined) {
        const approved = await act(HouseCalls.approve(house, asset.contract, amount.value), `${effect}/approve`);
        if (!approved.ok) return approved;
      }
      return act(HouseCalls.deposit(house, asset, amount.value), effect);
    },

    async withdraw(request) {
      const amount = units(request);
      return amount.ok
        ? act(HouseCalls.withdraw(house, request.asset, amount.value, request.to), request.effect)
        : amount;
    },

    register: ({ effect, deployment, component }) => act(HouseCalls.register(house, deployment, component), effect),
    unregister: ({ effect, deployment, component }) => act(HouseCalls.unregister(house, deployment, component), effect),

    close: async () => {},
  });
}

/** Runs one task after the other. */
function turns(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task, task);
    last = mine.catch(() => undefined);
    return mine;
  };
}
