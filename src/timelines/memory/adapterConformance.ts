/**
 * What every timeline adapter must do, as data: each case is a law and a run that throws when the law is broken.
 * Free of any test runner, so that a deployed adapter can be put through it as well. Each case gets a rig of its own.
 */
import { type ContentHash, Decimal, hashValue, show, Value } from "../../content/index.ts";
import {
  type ActionCall,
  Bindings,
  checkFacts,
  equivocation,
  Fact,
  type FactQuery,
  HouseCalls,
  hashReceipt,
  isRetracted,
  keyId,
  Observation,
  parseBindings,
  type Receipt,
  Retraction,
  resolveAction,
  resolveFact,
  showTimelineError,
  startKeeper,
  type TimelineError,
} from "../../protocol/index.ts";
import { Bytes, type Result } from "../../std/index.ts";
import { marketManifest } from "./marketManifest.ts";
import { asset, FEE_BASIS_POINTS, type Rig } from "./Rig.ts";
import { tamperings } from "./tamperings.ts";

export interface ConformanceCase {
  readonly law: string;
  readonly run: (rig: Rig) => Promise<void>;
}

const d = (text: string): Decimal.Decimal => Decimal.parse(text)!;
const PAIR = Value.record([
  ["base", "ETH"],
  ["quote", "USDC"],
]);
const DEPLOYMENT: ContentHash.ContentHash = hashValue("a deployment");

export const adapterConformance: readonly ConformanceCase[] = [
  {
    law: "a fact is answered with a proof that holds, at the head's block and time",
    async run(rig) {
      const head = good(await rig.adapter.head());
      const seen = good(await rig.adapter.observe(price(rig), 0));
      equal(show(seen.value), show(Decimal.divideRounded(rig.quote, rig.base, 18, "half-even")), "price");
      equal(seen.block.number, head.number, "block");
      check(Bytes.equal(seen.block.hash, head.hash), "the block is not the head's");
      equal(seen.observedAt, head.time, "time");
      check(rig.adapter.verify(seen).ok, "its own proof does not hold");
    },
  },
  {
    law: "a slot that was never written is proven to be zero",
    async run(rig) {
      const seen = good(await rig.adapter.observe(holding(rig), 0));
      equal(show(seen.value), "0", "holding");
      check(rig.adapter.verify(seen).ok, "the proof of absence does not hold");
    },
  },
  {
    law: "what is no contract has no facts",
    async run(rig) {
      const query = { ...price(rig), contract: new Uint8Array(20).fill(0x77) };
      refusal(await rig.adapter.observe(query, 0), "BadProof");
    },
  },
  {
    law: "every tampered state observation is refused",
    async run(rig) {
      const seen = good(await rig.adapter.observe(price(rig), 0));
      for (const { name, observation } of tamperings(seen))
        check(!rig.adapter.verify(observation).ok, `accepted with ${name}`);
    },
  },
  {
    law: "every tampered receipt observation is refused",
    async run(rig) {
      const { observation: seen } = good(await deposit(rig, "ETH", "1"));
      check(rig.adapter.verify(seen).ok, "its own proof does not hold");
      for (const { name, observation } of tamperings(seen))
        check(!rig.adapter.verify(observation).ok, `accepted with ${name}`);
    },
  },
  {
    law: "deposits of coin and token are receipts of what arrived, and the vault holds it",
    async run(rig) {
      const coin = good(await deposit(rig, "ETH", "2.5"));
      equal(show(coin.answer), "2.5", "deposited");
      equal(moves(coin), "ETH in 2.5", "moves");
      const token = good(await deposit(rig, "USDC", "1000.000001"));
      equal(moves(token), "USDC in 1000.000001", "moves");
      const held = good(await rig.adapter.observe(holding(rig), 0));
      equal(show(held.value), "1000.000001", "held");
    },
  },
  {
    law: "an amount that is zero, negative or finer than the smallest unit is refused before anything is done",
    async run(rig) {
      for (const amount of ["0", "-1", "0.0000001"]) refusal(await deposit(rig, "USDC", amount), "Refused");
    },
  },
  {
    law: "withdrawals pay out what the account holds and no more",
    async run(rig) {
      good(await deposit(rig, "USDC", "100"));
      const to = new Uint8Array(20).fill(0x42);
      const ask = (effect: string, amount: string) =>
        rig.adapter.withdraw({ effect, asset: asset("USDC", rig), amount: d(amount), to });
      refusal(await ask("too much", "100.000001"), "Refused");
      equal(moves(good(await ask("enough", "60"))), "USDC out 60", "moves");
      refusal(await ask("more than is left", "41"), "Refused");
      equal(show(good(await rig.adapter.observe(holding(rig), 0)).value), "40", "held");
    },
  },
  {
    law: "buying moves the price up, selling down, and each receipt says what the market took or paid",
    async run(rig) {
      good(await deposit(rig, "USDC", "100000"));
      const before = await priceNow(rig);
      const bought = good(await rig.adapter.act(trade(rig, "Buy", "3"), "buy"));
      const expected = quoteBuy(rig.base, rig.quote, d("3"));
      equal(show(bought.answer), show(expected), "paid");
      equal(moves(bought), `USDC out ${show(expected)}, ETH in 3`, "moves");
      const between = await priceNow(rig);
      check(Decimal.compare(between, before) > 0, "the price did not rise");
      const sold = good(await rig.adapter.act(trade(rig, "Sell", "3"), "sell"));
      equal(sold.moves[0]!.asset, "ETH", "sold");
      check(Decimal.compare(await priceNow(rig), between) < 0, "the price did not fall");
      check(Decimal.compare(sold.moves[1]!.amount, expected) < 0, "a round trip earned money");
    },
  },
  {
    law: "the same effect is done once, however often it is asked",
    async run(rig) {
      good(await deposit(rig, "USDC", "100000"));
      const action = trade(rig, "Buy", "1");
      const first = good(await rig.adapter.act(action, "once"));
      const now = await priceNow(rig);
      const again = good(await rig.adapter.act(action, "once"));
      check(Bytes.equal(first.transaction, again.transaction), "a second transaction was made");
      equal(hashReceipt(first), hashReceipt(again), "receipt");
      equal(show(await priceNow(rig)), show(now), "price");
      refusal(await rig.adapter.act(trade(rig, "Buy", "2"), "once"), "Refused");
    },
  },
  {
    law: "an action that cannot be done is refused and nothing is done",
    async run(rig) {
      good(await deposit(rig, "USDC", "100"));
      const head = good(await rig.adapter.head());
      refusal(await rig.adapter.act(trade(rig, "Buy", "1"), "too dear"), "Refused");
      refusal(await rig.adapter.act(trade(rig, "Buy", Decimal.print(rig.base)), "all there is"), "Refused");
      refusal(await rig.adapter.act({ ...trade(rig, "Sell", "0.1"), timeline: "eip155:9" }, "elsewhere"), "Refused");
      equal(good(await rig.adapter.head()).number, head.number, "height");
    },
  },
  {
    law: "actions asked at the same time are all done, each in its own transaction",
    async run(rig) {
      good(await deposit(rig, "USDC", "100000"));
      const names = ["a", "b", "c", "d"];
      const receipts = await Promise.all(names.map((name) => rig.adapter.act(trade(rig, "Buy", "0.5"), name)));
      const transactions = new Set(receipts.map((r) => Bytes.toHex(good(r).transaction)));
      equal(transactions.size, names.length, "transactions");
    },
  },
  {
    law: "a registration is proven by its receipt, and can be taken back once",
    async run(rig) {
      const request = { deployment: DEPLOYMENT, component: "here" };
      const registered = good(await rig.adapter.register({ effect: "register", ...request }));
      check(rig.adapter.verify(registered.observation).ok, "the proof does not hold");
      const ids = HouseCalls.registrationIds(DEPLOYMENT, "here");
      const answer = registered.answer as Value.Record;
      check(Value.equal(Value.field(answer, "deployment")!, Value.bytes(ids.deployment)), "another deployment");
      good(await rig.adapter.unregister({ effect: "unregister", ...request }));
      refusal(await rig.adapter.unregister({ effect: "again", ...request }), "Refused");
    },
  },
  {
    law: "a keeper signs facts at its finality depth and not before",
    async run(rig) {
      const keeper = startKeeper(rig.adapter, rig.signer, { depth: 5 });
      const receipt = good(await deposit(rig, "ETH", "1"));
      const { query } = receipt.observation;
      refusal(await keeper.observe(query), "NotFinal");
      await rig.mine(5);
      const fact = good(await keeper.observe(query));
      check(fact.body.finality.depth >= 5, "too shallow");
      const head = good(await rig.adapter.head());
      const state = good(await keeper.observe(price(rig)));
      equal(state.body.block.number, head.number - 5, "block");
    },
  },
  {
    law: "facts survive their encoding, and a Bandit accepts them by its policy alone",
    async run(rig) {
      const keeper = startKeeper(rig.adapter, rig.signer, { depth: 0 });
      const fact = good(await keeper.observe(price(rig)));
      const opened = Fact.open(Fact.encode(fact));
      check(opened.ok, "a fact does not survive its encoding");
      equal(Fact.hash(opened.value), Fact.hash(fact), "hash");
      const policy = { keepers: [keeper.keeper], quorum: 1, depth: 0 };
      check(checkFacts([opened.value], policy, rig.adapter.verify).ok, "a good fact is refused");
      check(
        !checkFacts([opened.value], { ...policy, quorum: 2 }, rig.adapter.verify).ok,
        "one keeper made a quorum of two",
      );
      check(!checkFacts([fact, fact], { ...policy, quorum: 2 }, rig.adapter.verify).ok, "one keeper counted twice");
      check(!checkFacts([fact], { ...policy, depth: 1 }, rig.adapter.verify).ok, "a shallow fact is accepted");
      check(!checkFacts([fact], { ...policy, keepers: [] }, rig.adapter.verify).ok, "an unknown keeper is accepted");
      const forged = { ...fact, body: { ...fact.body, observedAt: fact.body.observedAt + 1 } };
      check(!checkFacts([forged], policy, rig.adapter.verify).ok, "a forged fact is accepted");
    },
  },
  {
    law: "a reorganisation retracts the facts it undid, once, and leaves the others",
    async run(rig) {
      const keeper = startKeeper(rig.adapter, rig.signer, { depth: 0 });
      const kept = good(await keeper.observe(price(rig)));
      await rig.mine(4);
      const receipt = good(await deposit(rig, "ETH", "1"));
      const gone = good(await keeper.observe(receipt.observation.query));
      equal(good(await keeper.review()).length, 0, "retractions before");
      await rig.reorganise(2);
      const retractions = good(await keeper.review());
      equal(retractions.map((r) => r.body.fact).join(), Fact.hash(gone), "retracted");
      check(Retraction.isSigned(retractions[0]!), "the retraction is not signed");
      equal(keyId(retractions[0]!.signer), keeper.keeper.key, "keeper");
      equal(good(await keeper.review()).length, 0, "retractions after");
      equal(keeper.standing().map(Fact.hash).join(), Fact.hash(kept), "standing");
    },
  },
  {
    law: "a keeper that begins anew takes back what was signed before it, and a quorum of keepers is believed",
    async run(rig) {
      const first = startKeeper(rig.adapter, rig.signer, { depth: 0 });
      await rig.mine(4);
      const kept = good(await first.observe(price(rig)));
      const receipt = good(await deposit(rig, "ETH", "1"));
      const gone = good(await first.observe(receipt.observation.query));
      const anew = startKeeper(rig.adapter, rig.signer, { depth: 0 });
      equal(good(await anew.recheck([kept, gone])).length, 0, "retractions before");
      // One block less: the deposit's own one is replaced, and there is something else at its height.
      await rig.reorganise(1);
      const retractions = good(await anew.recheck([kept, gone]));
      equal(retractions.map((r) => r.body.fact).join(), Fact.hash(gone), "retracted");
      check(retractions[0]!.body.replacedBy !== undefined, "the block in its place is not named");
      const policy = { keepers: [anew.keeper], quorum: 1, depth: 0 };
      check(isRetracted(gone, retractions, policy), "a keeper's retraction is not believed");
      check(!isRetracted(kept, retractions, policy), "another fact is retracted too");
      check(!isRetracted(gone, [], policy), "nobody's word is believed");
      check(!isRetracted(gone, retractions, { ...policy, keepers: [] }), "a stranger's word is believed");
      check(
        !isRetracted(gone, [...retractions, ...retractions], { ...policy, quorum: 2 }),
        "one keeper is a quorum of two",
      );
      const [word] = retractions;
      const forged = { ...word!, body: { ...word!.body, fact: Fact.hash(kept) } };
      check(!isRetracted(kept, [forged], policy), "a forged retraction is believed");
      const same = Retraction.sign({ ...word!.body, replacedBy: gone.body.block }, rig.signer);
      check(!isRetracted(gone, [same], policy), "a block that stands is believed to be gone");
    },
  },
  {
    law: "two blocks at one height are evidence of equivocation, unless one was retracted",
    async run(rig) {
      await rig.mine(2);
      const keeper = startKeeper(rig.adapter, rig.signer, { depth: 0 });
      const before = good(await keeper.observe(price(rig)));
      await rig.reorganise(1);
      const after = good(await keeper.observe(price(rig)));
      equal(after.body.block.number, before.body.block.number, "height");
      check(equivocation(before, after) !== undefined, "no evidence");
      check(equivocation(before, after, new Set([Fact.hash(before)])) === undefined, "a retraction does not excuse");
      const both = checkFacts([before, after], { keepers: [keeper.keeper], quorum: 1, depth: 0 }, rig.adapter.verify);
      check(!both.ok && both.error.kind === "Equivocation", "equivocation is accepted");
    },
  },
  {
    law: "a transaction that a reorganisation dropped is sent again as it was signed",
    async run(rig) {
      await rig.mine(3);
      const first = good(await deposit(rig, "ETH", "1", "dropped"));
      await rig.reorganise(1);
      const again = good(await deposit(rig, "ETH", "1", "dropped"));
      check(Bytes.equal(first.transaction, again.transaction), "another transaction was signed");
      check(!Bytes.equal(first.observation.block.hash, again.observation.block.hash), "the old block is claimed");
    },
  },
  {
    law: "of several dropped transactions the last may be asked for first",
    async run(rig) {
      await rig.mine(1);
      good(await deposit(rig, "ETH", "1", "first"));
      const last = good(await deposit(rig, "ETH", "2", "last"));
      await rig.reorganise(3);
      const again = good(await deposit(rig, "ETH", "2", "last"));
      check(Bytes.equal(last.transaction, again.transaction), "another transaction was signed");
      const account = await rig.adapter.withdraw({
        effect: "all",
        asset: asset("ETH", rig),
        amount: d("3"),
        to: rig.owner,
      });
      equal(moves(good(account)), "ETH out 3", "both deposits are there");
    },
  },
  {
    law: "nonsense from the chain is a declared refusal",
    async run(rig) {
      const action = trade(rig, "Sell", "0.1");
      await rig.garble(true);
      const results = [
        await rig.adapter.head(),
        await rig.adapter.blockAt(0),
        await rig.adapter.observe(price(rig), 0),
        await rig.adapter.act(action, "garbled"),
      ];
      await rig.garble(false);
      for (const result of results)
        check(
          !result.ok && ["MalformedAnswer", "Unreachable", "BadProof", "Refused"].includes(result.error.kind),
          `got ${said(result)}`,
        );
      good(await rig.adapter.observe(price(rig), 0));
    },
  },
  {
    law: "a dead chain is a declared refusal, and what is known is still provable",
    async run(rig) {
      const seen = good(await rig.adapter.observe(price(rig), 0));
      const receipt = good(await deposit(rig, "ETH", "1", "done before"));
      await rig.kill();
      refusal(await rig.adapter.head(), "Unreachable");
      refusal(await rig.adapter.blockAt(0), "Unreachable");
      refusal(await rig.adapter.observe(price(rig), 0), "Unreachable");
      refusal(await rig.adapter.act(trade(rig, "Sell", "0.1"), "too late"), "Unreachable");
      check(rig.adapter.verify(seen).ok, "a proof needs the chain");
      check(rig.adapter.verify(receipt.observation).ok, "a proof needs the chain");
      const copy = Observation.fromValue(Observation.toValue(seen));
      check(copy.ok && rig.adapter.verify(copy.value).ok, "a proof does not survive its encoding");
    },
  },
];

function bindingsOf(rig: Rig): Bindings.Bindings {
  const parsed = parseBindings({ ...marketManifest, timelines: { here: rig.adapter.timeline } });
  check(parsed.ok, "the manifest of the suite is malformed");
  return Bindings.withContracts(parsed.value, "here", new Map(Object.entries(rig.contracts)));
}

function resolved<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`not resolved: ${JSON.stringify(result.error)}`);
  return result.value;
}

const ask = (rig: Rig, name: string, fields: readonly (readonly [string, Value.Value])[]) => ({
  timeline: "here",
  name,
  arguments: Value.record(fields),
  account: rig.adapter.account,
});

type Storage = Extract<FactQuery, { readonly kind: "Storage" }>;

const price = (rig: Rig): Storage => resolved(resolveFact(bindingsOf(rig), ask(rig, "PriceOf", [["pair", PAIR]])));

/** The vault's USDC of the account: a mapping in a mapping. */
const holding = (rig: Rig): Storage =>
  resolved(resolveFact(bindingsOf(rig), ask(rig, "Holding", [["token", Value.bytes(rig.contracts.usdc)]])));

export const trade = (rig: Rig, side: "Buy" | "Sell", amount: string): ActionCall =>
  resolved(
    resolveAction(
      bindingsOf(rig),
      ask(rig, "Trade", [
        ["pair", PAIR],
        ["side", Value.variant(side)],
        ["amount", d(amount)],
      ]),
    ),
  );

let effects = 0;
const deposit = (rig: Rig, name: "ETH" | "USDC", amount: string, effect = `deposit ${effects++}`) =>
  rig.adapter.deposit({ effect, asset: asset(name, rig), amount: d(amount) });

async function priceNow(rig: Rig): Promise<Decimal.Decimal> {
  return good(await rig.adapter.observe(price(rig), 0)).value as Decimal.Decimal;
}

/** Market.quoteBuy, computed apart from it. */
function quoteBuy(base: Decimal.Decimal, quote: Decimal.Decimal, amount: Decimal.Decimal): Decimal.Decimal {
  const x = BigInt(Decimal.truncate(Decimal.multiply(base, d("1e18"))));
  const y = BigInt(Decimal.truncate(Decimal.multiply(quote, d("1e6"))));
  const out = BigInt(Decimal.truncate(Decimal.multiply(amount, d("1e18"))));
  return Decimal.of((y * out * 10_000n) / ((x - out) * BigInt(10_000 - FEE_BASIS_POINTS)) + 1n, -6);
}

const moves = (receipt: Receipt) =>
  receipt.moves.map((m) => `${m.asset} ${m.direction} ${Decimal.print(m.amount)}`).join(", ");

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

function equal(got: unknown, expected: unknown, what: string): void {
  check(got === expected, `${what}: expected ${String(expected)}, got ${String(got)}`);
}

function good<T>(result: Result<T, TimelineError>): T {
  if (!result.ok) throw new Error(showTimelineError(result.error));
  return result.value;
}

const said = (result: Result<unknown, TimelineError>) => (result.ok ? "an answer" : showTimelineError(result.error));

function refusal(result: Result<unknown, TimelineError>, kind: TimelineError["kind"]): void {
  check(!result.ok && result.error.kind === kind, `expected ${kind}, got ${said(result)}`);
}
