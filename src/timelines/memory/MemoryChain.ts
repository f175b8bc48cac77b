/**
 * A deterministic ledger in memory: each transaction makes a block, time advances by a fixed step, and a test may
 * reorganise it, garble its answers or kill it. `connectMemory` puts the timeline port in front of it.
 */
import { Codec, decodeValue, encodeValue, type Int } from "../../content/index.ts";
import type { Head } from "../../protocol/index.ts";
import { assert, Bytes, err, ok, type Result } from "../../std/index.ts";
import * as Ledger from "./Ledger.ts";
import { digest, type Executed, encodeExecuted, encodeHeader, encodeState, type HeaderData } from "./MemoryBlock.ts";

export interface MemoryBlock {
  readonly head: Head;
  readonly header: HeaderData;
  readonly encoded: Uint8Array;
  readonly ledger: Ledger.Ledger;
  readonly state: Uint8Array;
  readonly executed: readonly Executed[];
  readonly executedBytes: Uint8Array;
}

export interface MemoryChain {
  readonly timeline: string;
  readonly contracts: Ledger.Addresses;
  readonly feeBasisPoints: number;
  /** `"dead"` or `"garbled"` answers nothing that can be used. */
  readonly mood: () => "well" | "dead" | "garbled";
  readonly latest: () => MemoryBlock;
  readonly blockAt: (number: number) => MemoryBlock | undefined;
  readonly find: (transaction: Uint8Array) => { readonly block: MemoryBlock; readonly index: number } | undefined;
  /** Transactions of this sender in the chain. */
  readonly count: (sender: Uint8Array) => number;
  /** Tries a call on the latest state. */
  readonly attempt: (call: Ledger.Call) => Result<Ledger.Done, string>;
  /** Puts a transaction into a block of its own; one that is there already changes nothing. */
  readonly include: (raw: Uint8Array) => Result<undefined, string>;
  readonly mine: (blocks: number) => void;
  readonly reorganise: (blocks: number) => void;
  readonly garble: (isOn: boolean) => void;
  readonly kill: () => void;
}

export interface MemorySetUp {
  readonly timeline: string;
  /** The market's reserves in the smallest units. */
  readonly base: bigint;
  readonly quote: bigint;
  readonly feeBasisPoints: number;
  /** What addresses own at first, in the smallest units. */
  readonly grants: readonly { readonly to: Uint8Array; readonly coins: bigint; readonly usdc: bigint }[];
  /** Milliseconds of block 0. */
  readonly startTime?: number;
}

const START_TIME = 1_750_000_000_000;
const BLOCK_MILLISECONDS = 12_000;

/** A transaction as this chain writes it. */
export const Raw = Codec.record({
  timeline: Codec.text,
  sender: Codec.bytes,
  nonce: Codec.count,
  contract: Codec.bytes,
  function: Codec.text,
  values: Codec.list(Codec.value),
  payment: Codec.int,
});
export const encodeRaw = (call: Ledger.Call, timeline: string, nonce: number): Uint8Array =>
  encodeValue(Raw.toValue({ ...call, timeline, nonce }));

const address = (last: number) => new Uint8Array(20).fill(0xc0).with(19, last);

export function createMemoryChain(setUp: MemorySetUp): MemoryChain {
  const contracts: Ledger.Addresses = {
    registry: address(1),
    vault: address(2),
    market: address(3),
    usdc: address(4),
  };
  const contractList = Object.values(contracts) as Uint8Array[];
  const blocks: MemoryBlock[] = [];
  let mood: "well" | "dead" | "garbled" = "well";
  let branch = 0;

  function append(ledger: Ledger.Ledger, executed: readonly Executed[]): void {
    const parent = blocks.at(-1);
    const state = encodeState(ledger, contractList);
    const executedBytes = encodeExecuted(executed);
    const header: HeaderData = {
      timeline: setUp.timeline,
      number: blocks.length,
      parent: parent?.head.hash ?? new Uint8Array(32),
      time: (setUp.startTime ?? START_TIME) + blocks.length * BLOCK_MILLISECONDS,
      branch,
      state: digest(state),
      transactions: digest(executedBytes),
    };
    const encoded = encodeHeader(header);
    const head = { number: header.number, hash: digest(encoded), parent: header.parent, time: header.time };
    blocks.push({ head, header, encoded, ledger, state, executed, executedBytes });
  }

  const latest = (): MemoryBlock => {
    const last = blocks.at(-1);
    assert(last !== undefined, "the chain has a first block");
    return last;
  };

  function find(transaction: Uint8Array) {
    for (const block of blocks) {
      const index = block.executed.findIndex((one) => Bytes.equal(digest(one.raw), transaction));
      if (index >= 0) return { block, index };
    }
    return undefined;
  }

  const count = (sender: Uint8Array): number =>
    blocks.flatMap((block) => block.executed).filter((one) => Bytes.equal(readRaw(one.raw).sender, sender)).length;

  append(genesis(setUp, contracts), []);
  return {
    timeline: setUp.timeline,
    contracts,
    feeBasisPoints: setUp.feeBasisPoints,
    mood: () => mood,
    latest,
    blockAt: (number) => blocks[number],
    find,
    count,
    attempt: (call) => Ledger.run(latest().ledger, contracts, setUp.feeBasisPoints, call),
    include(raw) {
      if (find(digest(raw)) !== undefined) return ok(undefined);
      const call = readRaw(raw);
      if (call.nonce !== count(call.sender)) return err(`the nonce is ${call.nonce}, expected ${count(call.sender)}`);
      const done = Ledger.run(latest().ledger, contracts, setUp.feeBasisPoints, call);
      append(done.ok ? done.value.ledger : latest().ledger, [
        { raw, isDone: done.ok, events: done.ok ? done.value.events : [] },
      ]);
      return ok(undefined);
    },
    mine(amount) {
      for (let i = 0; i < amount; i++) append(latest().ledger, []);
    },
    reorganise(amount) {
      assert(amount > 0 && amount < blocks.length, "a reorganisation keeps the first block");
      blocks.length -= amount;
      branch++;
      for (let i = 0; i < amount; i++) append(latest().ledger, []);
    },
    garble(isOn) {
      if (mood !== "dead") mood = isOn ? "garbled" : "well";
    },
    kill() {
      mood = "dead";
    },
  };
}

function readRaw(raw: Uint8Array): Ledger.Call & { readonly nonce: number; readonly payment: Int.Int } {
  const value = decodeValue(raw);
  assert(value.ok, "own transactions decode");
  const read = Raw.fromValue(value.value);
  assert(read.ok, "own transactions have their shape");
  return read.value;
}

/** Slots as in contracts/src: Market 0 and 1, TestToken.balanceOf 2. */
function genesis(setUp: MemorySetUp, at: Ledger.Addresses): Ledger.Ledger {
  const words = new Map<string, bigint>();
  const coins = new Map<string, bigint>([[Bytes.toHex(at.market), setUp.base]]);
  words.set(Ledger.wordKey(at.market, 0, []), setUp.base);
  words.set(Ledger.wordKey(at.market, 1, []), setUp.quote);
  for (const { to, coins: owned, usdc } of [...setUp.grants, { to: at.market, coins: setUp.base, usdc: setUp.quote }]) {
    coins.set(Bytes.toHex(to), owned);
    words.set(Ledger.wordKey(at.usdc, 2, [{ tag: "bytes", bytes: to }]), usdc);
  }
  return { words, coins };
}
