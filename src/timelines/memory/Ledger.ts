/**
 * The state of the memory chain and its contracts: the same functions, events, storage slots and refusals as the
 * Solidity in contracts/src, so that a program sees no difference. Pure: a call gives a new state or a reason.
 */
import { Int, show, Value } from "../../content/index.ts";
import { HouseCalls } from "../../protocol/index.ts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";

/** `${contract}/${slot}/${keys}` → word; and who owns how much of the chain's coin, by address. */
export interface Ledger {
  readonly words: ReadonlyMap<string, bigint>;
  readonly coins: ReadonlyMap<string, bigint>;
}

export interface Addresses {
  readonly registry: Uint8Array;
  readonly vault: Uint8Array;
  readonly market: Uint8Array;
  readonly usdc: Uint8Array;
}

export interface Event {
  readonly contract: Uint8Array;
  readonly name: string;
  readonly words: readonly (readonly [string, Value.Value])[];
}

export interface Call {
  readonly sender: Uint8Array;
  readonly contract: Uint8Array;
  readonly function: string;
  readonly values: readonly Value.Value[];
  readonly payment: Int.Int;
}

export interface Done {
  readonly ledger: Ledger;
  readonly events: readonly Event[];
  /** What a view answers. */
  readonly answer: bigint;
}

export const empty: Ledger = { words: new Map(), coins: new Map() };

const BASIS_POINTS = 10_000n;
const NATIVE = new Uint8Array(20);

/** A contract's refusal; never escapes `run`. */
class Revert {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A ledger being changed by one call. Dropped whole when the call reverts. */
interface Change {
  readonly words: Map<string, bigint>;
  readonly coins: Map<string, bigint>;
  readonly events: Event[];
  readonly at: Addresses;
  readonly feeBasisPoints: bigint;
}

export function run(ledger: Ledger, at: Addresses, feeBasisPoints: number, call: Call): Result<Done, string> {
  const change: Change = {
    words: new Map(ledger.words),
    coins: new Map(ledger.coins),
    events: [],
    at,
    feeBasisPoints: BigInt(feeBasisPoints),
  };
  try {
    pay(change, call.sender, call.contract, BigInt(call.payment));
    const answer = dispatch(change, call);
    return ok({ ledger: { words: change.words, coins: change.coins }, events: change.events, answer });
  } catch (refusal) {
    if (refusal instanceof Revert) return err(`the contract says ${refusal.reason}`);
    throw refusal;
  }
}

export const wordKey = (contract: Uint8Array, slot: Int.Int, keys: readonly Value.Value[]): string =>
  [Bytes.toHex(contract), String(slot), ...keys.map(show)].join("/");

function dispatch(change: Change, call: Call): bigint {
  const { at } = change;
  const name = call.function.slice(0, call.function.indexOf("("));
  const isAt = (address: Uint8Array) => Bytes.equal(call.contract, address);
  const [a, b, c, d] = call.values;
  if (isAt(at.registry)) return registry(change, name, call.sender, bytes(a), bytes(b));
  if (isAt(at.usdc) && name === "approve") {
    set(change, at.usdc, 3, [Value.bytes(call.sender), Value.bytes(bytes(a))], units(b));
    emit(change, at.usdc, "Approval", { owner: call.sender, spender: bytes(a), amount: units(b) });
    return 1n;
  }
  if (isAt(at.market) && name === "quoteBuy") return quoteBuy(change, units(a));
  if (isAt(at.market) && name === "quoteSell") return quoteSell(change, units(a));
  if (isAt(at.vault)) {
    switch (name) {
      case "keyOf":
        return get(change, at.vault, 0, [Value.bytes(bytes(a))]);
      case "open":
        return open(change, call.sender, bytes(a));
      case "deposit":
        return deposit(change, bytes(a), NATIVE, BigInt(call.payment), call.sender);
      case "depositToken":
        return deposit(change, bytes(a), bytes(b), units(c), call.sender);
      case "withdraw":
        return withdraw(change, call.sender, bytes(a), bytes(b), units(c), bytes(d));
      case "buy":
        return trade(change, call.sender, bytes(a), bytes(b), units(c), units(d), "Bought");
      case "sell":
        return trade(change, call.sender, bytes(a), bytes(b), units(c), units(d), "Sold");
    }
  }
  throw new Revert(`there is no ${call.function} at 0x${Bytes.toHex(call.contract)}`);
}

function registry(change: Change, name: string, by: Uint8Array, deployment: Uint8Array, component: Uint8Array): bigint {
  const key = [Value.bytes(deployment), Value.bytes(component), Value.bytes(by)];
  const { registry: at } = change.at;
  if (name === "withdraw" && get(change, at, 0, key) === 0n) throw new Revert("NotRegistered");
  if (name !== "withdraw" && name !== "register") throw new Revert(`there is no ${name}`);
  set(change, at, 0, key, name === "register" ? 1n : 0n);
  emit(change, at, name === "register" ? "Registered" : "Withdrawn", { deployment, component, by });
  return 0n;
}

function open(change: Change, key: Uint8Array, traveler: Uint8Array): bigint {
  const account = HouseCalls.vaultAccount(traveler, key);
  const at = change.at.vault;
  if (get(change, at, 0, [Value.bytes(account)]) !== 0n) throw new Revert("AlreadyOpen");
  set(change, at, 0, [Value.bytes(account)], BigInt(`0x${Bytes.toHex(key)}`));
  emit(change, at, "Opened", { account, traveler, key });
  return 0n;
}

function deposit(change: Change, account: Uint8Array, asset: Uint8Array, amount: bigint, from: Uint8Array): bigint {
  const at = change.at.vault;
  if (get(change, at, 0, [Value.bytes(account)]) === 0n) throw new Revert("NotOpen");
  if (amount === 0n) throw new Revert("NothingDeposited");
  if (!Bytes.equal(asset, NATIVE)) {
    checkToken(change, asset);
    const allowance = [Value.bytes(from), Value.bytes(at)];
    const allowed = get(change, asset, 3, allowance);
    if (allowed < amount) throw new Revert("InsufficientAllowance");
    set(change, asset, 3, allowance, allowed - amount);
    moveToken(change, from, at, amount);
  }
  credit(change, account, asset, amount);
  emit(change, at, "Deposited", { account, asset, amount });
  return 0n;
}

function withdraw(
  change: Change,
  by: Uint8Array,
  account: Uint8Array,
  asset: Uint8Array,
  amount: bigint,
  to: Uint8Array,
): bigint {
  checkKey(change, account, by);
  debit(change, account, asset, amount);
  emit(change, change.at.vault, "Withdrawn", { account, asset, amount, to });
  if (Bytes.equal(asset, NATIVE)) pay(change, change.at.vault, to, amount);
  else {
    checkToken(change, asset);
    moveToken(change, change.at.vault, to, amount);
  }
  return 0n;
}

/** Vault.buy and Vault.sell, with Market.buy and Market.sell inside. */
function trade(
  change: Change,
  by: Uint8Array,
  account: Uint8Array,
  market: Uint8Array,
  base: bigint,
  limit: bigint,
  event: "Bought" | "Sold",
): bigint {
  const { at } = change;
  checkKey(change, account, by);
  if (!Bytes.equal(market, at.market)) throw new Revert("there is no such market");
  const reserveBase = get(change, market, 0, []);
  const reserveQuote = get(change, market, 1, []);
  const isBuy = event === "Bought";
  const quote = isBuy ? quoteBuy(change, base) : quoteSell(change, base);
  if (isBuy && quote > limit) throw new Revert(`TooDear(${quote}, ${limit})`);
  if (!isBuy && quote < limit) throw new Revert(`TooCheap(${quote}, ${limit})`);
  debit(change, account, isBuy ? at.usdc : NATIVE, isBuy ? quote : base);
  credit(change, account, isBuy ? NATIVE : at.usdc, isBuy ? base : quote);
  set(change, market, 0, [], isBuy ? reserveBase - base : reserveBase + base);
  set(change, market, 1, [], isBuy ? reserveQuote + quote : reserveQuote - quote);
  pay(change, isBuy ? market : at.vault, isBuy ? at.vault : market, base);
  moveToken(change, isBuy ? at.vault : market, isBuy ? market : at.vault, quote);
  emit(change, at.vault, event, { account, market, base, quote });
  return quote;
}

function quoteBuy(change: Change, base: bigint): bigint {
  const reserveBase = get(change, change.at.market, 0, []);
  if (base === 0n) throw new Revert("NothingTraded");
  if (base >= reserveBase) throw new Revert(`NotEnoughLiquidity(${reserveBase}, ${base})`);
  const numerator = get(change, change.at.market, 1, []) * base * BASIS_POINTS;
  return numerator / ((reserveBase - base) * (BASIS_POINTS - change.feeBasisPoints)) + 1n;
}

function quoteSell(change: Change, base: bigint): bigint {
  if (base === 0n) throw new Revert("NothingTraded");
  const net = base * (BASIS_POINTS - change.feeBasisPoints);
  const reserveBase = get(change, change.at.market, 0, []);
  return (get(change, change.at.market, 1, []) * net) / (reserveBase * BASIS_POINTS + net);
}

function get(change: Change, contract: Uint8Array, slot: number, keys: readonly Value.Value[]): bigint {
  return change.words.get(wordKey(contract, slot, keys)) ?? 0n;
}

function set(change: Change, contract: Uint8Array, slot: number, keys: readonly Value.Value[], word: bigint): void {
  const key = wordKey(contract, slot, keys);
  if (word === 0n) change.words.delete(key);
  else change.words.set(key, word);
}

function credit(change: Change, account: Uint8Array, asset: Uint8Array, amount: bigint): void {
  const keys = [Value.bytes(account), Value.bytes(asset)];
  set(change, change.at.vault, 1, keys, get(change, change.at.vault, 1, keys) + amount);
}

function debit(change: Change, account: Uint8Array, asset: Uint8Array, amount: bigint): void {
  const keys = [Value.bytes(account), Value.bytes(asset)];
  const has = get(change, change.at.vault, 1, keys);
  if (has < amount) throw new Revert(`InsufficientFunds(${has}, ${amount})`);
  set(change, change.at.vault, 1, keys, has - amount);
}

function moveToken(change: Change, from: Uint8Array, to: Uint8Array, amount: bigint): void {
  const token = change.at.usdc;
  const has = get(change, token, 2, [Value.bytes(from)]);
  if (has < amount) throw new Revert(`InsufficientBalance(${has}, ${amount})`);
  set(change, token, 2, [Value.bytes(from)], has - amount);
  set(change, token, 2, [Value.bytes(to)], get(change, token, 2, [Value.bytes(to)]) + amount);
}

function pay(change: Change, from: Uint8Array, to: Uint8Array, amount: bigint): void {
  if (amount === 0n) return;
  const has = change.coins.get(Bytes.toHex(from)) ?? 0n;
  if (amount < 0n || has < amount) throw new Revert("not enough coins to pay");
  change.coins.set(Bytes.toHex(from), has - amount);
  change.coins.set(Bytes.toHex(to), (change.coins.get(Bytes.toHex(to)) ?? 0n) + amount);
}

function checkToken(change: Change, token: Uint8Array): void {
  if (!Bytes.equal(token, change.at.usdc)) throw new Revert("there is no such token");
}

function checkKey(change: Change, account: Uint8Array, by: Uint8Array): void {
  const key = get(change, change.at.vault, 0, [Value.bytes(account)]);
  if (key !== BigInt(`0x${Bytes.toHex(by)}`)) throw new Revert("NotTheKey");
}

function emit(
  change: Change,
  contract: Uint8Array,
  name: string,
  words: { readonly [field: string]: Uint8Array | bigint },
): void {
  change.events.push({
    contract,
    name,
    words: Object.entries(words).map(([field, word]) => [
      field,
      typeof word === "bigint" ? Int.of(word) : Value.bytes(word),
    ]),
  });
}

function bytes(value: Value.Value | undefined): Uint8Array {
  if (typeof value !== "object" || value.tag !== "bytes") throw new Revert("expected Bytes");
  return value.bytes;
}

function units(value: Value.Value | undefined): bigint {
  if ((typeof value !== "number" && typeof value !== "bigint") || value < 0) throw new Revert("expected an amount");
  return BigInt(value);
}
