/** The memory driver of the timeline port. */
import { Int, Value } from "../../content/index.ts";
import {
  type ActionCall,
  type FactQuery,
  HouseCalls,
  hashAction,
  type Observation,
  outcomeFrom,
  outcomeOf,
  type Proof,
  Reading,
  type Receipt,
  type SignedTransaction,
  type TimelineAdapter,
  type TimelineError,
  type TransactionJournal,
} from "../../protocol/index.ts";
import { Bytes, err, never, ok, type Result } from "../../std/index.ts";
import type { Call } from "./Ledger.ts";
import { digest, provenValue, verifyMemory } from "./MemoryBlock.ts";
import { encodeRaw, type MemoryBlock, type MemoryChain } from "./MemoryChain.ts";

export interface MemoryConfig {
  readonly chain: MemoryChain;
  /** The Traveler's address on the chain, 20 bytes. */
  readonly sender: Uint8Array;
  /** 32 bytes that name the account's owner. */
  readonly traveler: Uint8Array;
  readonly journal: TransactionJournal;
  readonly depth?: number;
}

const BASIS_POINTS = 10_000n;

export function connectMemory({ chain, sender, traveler, journal, depth = 0 }: MemoryConfig): TimelineAdapter {
  const { timeline } = chain;
  const house = { timeline, registry: chain.contracts.registry, vault: chain.contracts.vault, traveler, sender };
  const account = HouseCalls.vaultAccount(traveler, sender);
  let last: Promise<unknown> = Promise.resolve();

  const refused = (reason: string) => err({ kind: "Refused", timeline, reason } as const);

  /** What a chain that is not well answers to anything. */
  function illness(method: string): Result<undefined, TimelineError> {
    const mood = chain.mood();
    switch (mood) {
      case "well":
        return ok(undefined);
      case "dead":
        return err({ kind: "Unreachable", timeline, reason: "the chain is dead" });
      case "garbled":
        return err({ kind: "MalformedAnswer", timeline, method, reason: "nonsense" });
      default:
        return never(mood);
    }
  }

  function observe(query: FactQuery, wanted: number): Result<Observation, TimelineError> {
    const well = illness("observe");
    if (!well.ok) return well;
    const head = chain.latest().head.number;
    if (query.kind === "Storage") {
      const block = chain.blockAt(head - wanted);
      if (block === undefined) return err({ kind: "NotFinal", timeline, depth: head, needed: wanted });
      return observation(
        query,
        block,
        { kind: "State", account: [block.state], slots: query.slots.map(() => []) },
        wanted,
      );
    }
    const found = chain.find(query.transaction);
    if (found === undefined)
      return err({ kind: "NoSuchTransaction", timeline, transaction: `0x${Bytes.toHex(query.transaction)}` });
    const { block, index } = found;
    const onTop = head - block.head.number;
    if (onTop < wanted) return err({ kind: "NotFinal", timeline, depth: onTop, needed: wanted });
    const transaction = [block.executed[index]!.raw];
    return observation(query, block, { kind: "Receipt", index, transaction, receipt: [block.executedBytes] }, onTop);
  }

  function observation(
    query: FactQuery,
    block: MemoryBlock,
    proof: Proof,
    onTop: number,
  ): Result<Observation, TimelineError> {
    const value = provenValue({ query, proof }, block.header);
    if (!value.ok) return err({ kind: "BadProof", timeline, error: value.error });
    return ok({
      timeline,
      query,
      block: { number: block.head.number, hash: block.head.hash },
      header: block.encoded,
      proof,
      value: value.value,
      observedAt: block.head.time,
      finality: { kind: "Depth", depth: onTop },
    });
  }

  function callOf(action: ActionCall): Result<Call, TimelineError> {
    const values: Value.Value[] = [];
    for (const input of action.inputs) {
      if (input.kind === "Given") {
        values.push(input.value);
        continue;
      }
      const call = { sender, contract: input.contract, function: input.view, values: input.arguments, payment: 0 };
      const quote = chain.attempt(call);
      if (!quote.ok) return refused(quote.error);
      const slippage = BigInt(input.slippageBasisPoints);
      values.push(
        Int.of(
          input.bound === "most"
            ? (quote.value.answer * (BASIS_POINTS + slippage)) / BASIS_POINTS
            : (quote.value.answer * (BASIS_POINTS - slippage) + BASIS_POINTS - 1n) / BASIS_POINTS,
        ),
      );
    }
    return ok({ sender, contract: action.contract, function: action.function, values, payment: action.payment });
  }

  async function sign(action: ActionCall, effect: string): Promise<Result<SignedTransaction, TimelineError>> {
    const well = illness("send");
    if (!well.ok) return well;
    for (const earlier of await journal.signedBy(timeline, sender)) {
      if (earlier.nonce < chain.count(sender) || earlier.effect === effect) continue;
      chain.include(earlier.raw);
    }
    const known = await journal.find(timeline, effect);
    if (known !== undefined)
      return known.action === hashAction(action)
        ? ok(known)
        : refused(`the effect ${effect} was used for another action: an effect's id must be its own`);
    const call = callOf(action);
    if (!call.ok) return call;
    const tried = chain.attempt(call.value);
    if (!tried.ok) return refused(tried.error);
    const nonce = chain.count(sender);
    const raw = encodeRaw(call.value, timeline, nonce);
    const transaction = { timeline, effect, action: hashAction(action), sender, nonce, hash: digest(raw), raw };
    await journal.record(transaction);
    return ok(transaction);
  }

  async function actNow(action: ActionCall, effect: string): Promise<Result<Receipt, TimelineError>> {
    if (action.timeline !== timeline) return refused(`the action is for ${action.timeline}`);
    const signed = await sign(action, effect);
    if (!signed.ok) return signed;
    const { hash } = signed.value;
    const transaction = `0x${Bytes.toHex(hash)}`;
    const included = chain.include(signed.value.raw);
    if (!included.ok) return err({ kind: "Unknown", timeline, transaction, reason: included.error });
    const seen = observe(outcomeOf(action, hash), depth);
    if (!seen.ok)
      return seen.error.kind === "NotFinal"
        ? err({ kind: "Unknown", timeline, transaction, reason: `it is not ${depth} blocks deep` })
        : seen;
    const outcome = outcomeFrom(seen.value.query, seen.value.value);
    if (!outcome.ok)
      return err({ kind: "MalformedAnswer", timeline, method: "outcome", reason: outcome.error.expected });
    if (outcome.value.kind === "Reverted")
      return err({ kind: "Reverted", timeline, transaction, observation: seen.value });
    const { answer, moves } = outcome.value;
    return ok({
      timeline,
      effect,
      action: hashAction(action),
      transaction: hash,
      answer,
      moves,
      observation: seen.value,
    });
  }

  /** One after the other, so that nonces have no gaps. */
  function act(action: ActionCall, effect: string): Promise<Result<Receipt, TimelineError>> {
    const mine = last.then(() => actNow(action, effect));
    last = mine.catch(() => undefined);
    return mine;
  }

  return {
    timeline,
    account,
    act,
    observe: async (query, wanted) => observe(query, wanted),
    verify: (seen) => verifyMemory(timeline, seen),
    async head() {
      const well = illness("head");
      return well.ok ? ok(chain.latest().head) : well;
    },
    async blockAt(number) {
      const well = illness("blockAt");
      return well.ok ? ok(chain.blockAt(number)?.head) : well;
    },
    async deposit({ effect, asset, amount }) {
      const units = Reading.toSmallestUnit(amount, asset.decimals);
      if (units === undefined || units === 0) return refused(`not an amount of ${asset.name}`);
      const well = illness("deposit");
      if (!well.ok) return well;
      const keyOf = { sender, contract: house.vault, function: "keyOf(bytes32)", payment: 0 };
      const owner = chain.attempt({ ...keyOf, values: [Value.bytes(account)] });
      if (!owner.ok) return refused(owner.error);
      if (owner.value.answer === 0n) {
        const opened = await act(HouseCalls.open(house), `open/${Bytes.toHex(account)}`);
        if (!opened.ok) return opened;
      }
      if (asset.contract !== undefined) {
        const approved = await act(HouseCalls.approve(house, asset.contract, units), `${effect}/approve`);
        if (!approved.ok) return approved;
      }
      return act(HouseCalls.deposit(house, asset, units), effect);
    },
    async withdraw({ effect, asset, amount, to }) {
      const units = Reading.toSmallestUnit(amount, asset.decimals);
      if (units === undefined || units === 0) return refused(`not an amount of ${asset.name}`);
      return act(HouseCalls.withdraw(house, asset, units, to), effect);
    },
    register: ({ effect, deployment, component }) => act(HouseCalls.register(house, deployment, component), effect),
    unregister: ({ effect, deployment, component }) => act(HouseCalls.unregister(house, deployment, component), effect),
    close: async () => {},
  };
}
