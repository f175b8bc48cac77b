import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Codec, Decimal, hashValue, type Value } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import * as Account from "./Account.ts";

const dec = (text: string) => Decimal.parse(text)!;
const factOf = (text: string) => hashValue(text);
const fresh = () => Account.opened("alice", new Uint8Array(32));
const credited = (account: Account.Account, amount: string, fact = "f1") => {
  const event = Account.settle(account, "in", deposit(amount, fact));
  if (!event.ok) throw new Error(Account.showRefusal(event.error));
  return Account.evolve(account, event.value);
};
const deposit = (amount: string, transaction: string): Account.Settlement => ({
  timeline: "ethereum",
  asset: "ETH",
  amount: dec(amount),
  transaction,
  fact: factOf(transaction),
});
const withdraw = (amount: string): Account.Action => ({
  kind: "Withdraw",
  timeline: "ethereum",
  asset: "ETH",
  amount: dec(amount),
  to: "0xabc",
});

describe("an account", () => {
  it("credits a fact once", () => {
    const account = credited(fresh(), "2.5");
    expect(Decimal.print(Account.balance(account, "ethereum", "ETH"))).toBe("2.5");
    const again = Account.settle(account, "in", deposit("2.5", "f1"));
    expect(again).toEqual({ ok: false, error: { kind: "AlreadySettled", transaction: "f1" } });
  });

  it("takes messages in nonce order: a replayed and a reordered one are refused", () => {
    const account = credited(fresh(), "5");
    const first = { hash: factOf("m1"), nonce: 0, action: withdraw("1") };
    const events = Account.decide(account, first);
    expect(events.ok && events.value.map((e) => e.kind)).toEqual(["Accepted", "Reserved"]);
    const after = events.ok ? events.value.reduce(Account.evolve, account) : account;
    expect(Account.decide(after, first)).toMatchObject({
      ok: false,
      error: { kind: "WrongNonce", expected: 1, got: 0 },
    });
    expect(Account.decide(after, { ...first, nonce: 3 })).toMatchObject({
      ok: false,
      error: { kind: "WrongNonce", expected: 1, got: 3 },
    });
  });

  it.each([
    ["more than is free", withdraw("5.01"), "InsufficientFunds"],
    ["zero", withdraw("0"), "NotPositive"],
    ["a negative amount", withdraw("-1"), "NotPositive"],
  ])("refuses to send %s", (_, action, kind) => {
    expect(Account.decide(credited(fresh(), "5"), { hash: factOf("m"), nonce: 0, action })).toMatchObject({
      ok: false,
      error: { kind },
    });
  });

  it("turns a retracted credit that was spent into a debt that blocks withdrawals until it is paid", () => {
    const rich = credited(fresh(), "5");
    const spent = Account.decide(rich, { hash: factOf("m"), nonce: 0, action: withdraw("4") });
    const after = spent.ok ? spent.value.reduce(Account.evolve, rich) : rich;
    const standing = [...after.standing.values()][0]!;
    const back = Account.retract(after, standing, factOf("gone"));
    const indebted = back.ok ? Account.evolve(after, back.value) : after;
    expect(Decimal.print(Account.balance(indebted, "ethereum", "ETH"))).toBe("-4");
    expect(Account.decide(indebted, { hash: factOf("m2"), nonce: 1, action: withdraw("1") })).toMatchObject({
      ok: false,
      error: { kind: "InDebt", debt: dec("4") },
    });
    // Once, and only what stands.
    for (const never of [standing, { ...standing, direction: "out" as const }, { ...standing, fact: factOf("never") }])
      expect(Account.retract(indebted, never, factOf("gone"))).toMatchObject({
        ok: false,
        error: { kind: "NotSettled" },
      });
    expect([...indebted.retracted.values()]).toMatchObject([{ amount: dec("5") }]);
    const paid = credited(indebted, "10", "f2");
    expect(Account.decide(paid, { hash: factOf("m2"), nonce: 1, action: withdraw("6") }).ok).toBe(true);
  });

  it("reads back every event and action from its value, and refuses other shapes with the path", () => {
    const event: Account.AccountEvent = { kind: "Accepted", message: factOf("m"), nonce: 3, action: withdraw("1") };
    expect(Account.AccountEvent.fromValue(Account.AccountEvent.toValue(event))).toEqual({ ok: true, value: event });
    const broken = Account.AccountEvent.toValue(event) as Value.Variant;
    const record = broken.payload as Value.Record;
    const wrong = {
      ...broken,
      payload: { ...record, values: record.values.map((v, i) => (record.names[i] === "nonce" ? -1 : v)) },
    };
    expect(Account.AccountEvent.fromValue(wrong)).toMatchObject({ ok: false, error: { path: "$#Accepted.nonce" } });
    expect(Account.AccountEvent.fromValue({ tag: "variant", case: "__proto__", payload: record })).toMatchObject({
      ok: false,
    });
  });

  it("keeps the sum of balances: transfers move, only facts change it", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("fact" as const), to: fc.nat(2), amount: fc.integer({ min: 1, max: 1000 }) }),
      fc.record({
        kind: fc.constant("transfer" as const),
        from: fc.nat(2),
        to: fc.nat(2),
        amount: fc.integer({ min: -5, max: 1500 }),
      }),
      fc.record({ kind: fc.constant("withdraw" as const), from: fc.nat(2), amount: fc.integer({ min: 1, max: 1500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const accounts = [fresh(), fresh(), fresh()];
        let observed = Decimal.zero;
        steps.forEach((s, i) => {
          const hash = factOf(`step ${i}`);
          const amount = Decimal.fromInt(s.amount);
          if (s.kind === "fact") {
            const event = Account.settle(accounts[s.to]!, "in", {
              timeline: "t",
              asset: "A",
              amount,
              transaction: hash,
              fact: hash,
            });
            if (!event.ok) throw new Error(Account.showRefusal(event.error));
            accounts[s.to] = Account.evolve(accounts[s.to]!, event.value);
            observed = Decimal.add(observed, amount);
            return;
          }
          const from = accounts[s.from]!;
          const base = { timeline: "t", asset: "A", amount };
          const action: Account.Action =
            s.kind === "transfer"
              ? { kind: "Transfer", ...base, to: String(s.to) }
              : { kind: "Withdraw", ...base, to: "x" };
          const events = Account.decide(from, { hash, nonce: from.nonce, action });
          if (!events.ok) return;
          accounts[s.from] = events.value.reduce(Account.evolve, from);
          if (s.kind === "transfer") {
            accounts[s.to] = Account.evolve(accounts[s.to]!, {
              kind: "Received",
              ...base,
              from: String(s.from),
              transfer: hash,
            });
          }
        });
        const key = Account.balanceKey("t", "A");
        const total = accounts
          .flatMap((a) => [a.balances.get(key), a.reserved.get(key)])
          .reduce((sum: Decimal.Decimal, part) => Decimal.add(sum, part ?? Decimal.zero), Decimal.zero);
        expect(Decimal.print(total)).toBe(Decimal.print(observed));
        for (const a of accounts) expect((a.balances.get(key) ?? Decimal.zero).coefficient >= 0n).toBe(true);
      }),
    );
  });

  it("shows every refusal in words", () => {
    const all: Account.AccountRefusal[] = [
      { kind: "WrongNonce", expected: 1, got: 0 },
      { kind: "WrongNonce", expected: 1, got: 2 },
      { kind: "InsufficientFunds", timeline: "t", asset: "A", free: dec("1"), asked: dec("2") },
      { kind: "NotPositive", amount: dec("-1") },
      { kind: "InDebt", timeline: "t", asset: "A", debt: dec("4") },
      { kind: "AlreadySettled", transaction: "0x01" },
      { kind: "NotSettled", transaction: "0x01" },
    ];
    expect(all.map(Account.showRefusal)).toMatchInlineSnapshot(`
      [
        "the message has nonce 0, the account expects 1: it was already used",
        "the message has nonce 2, the account expects 1: an earlier message is missing",
        "2 A asked on t, 1 free",
        "an amount must be greater than zero, got -1",
        "the account owes 4 A on t after a reorganisation; it must be paid in first",
        "the transaction 0x01 was already settled",
        "the transaction 0x01 was never settled, so it cannot be retracted",
      ]
    `);
  });
});

describe("codecs", () => {
  it("read what they wrote, and no more", () => {
    const codec = Codec.record({ a: Codec.option(Codec.int), b: Codec.map(Codec.list(Codec.bool)) });
    fc.assert(
      fc.property(
        fc.option(fc.integer(), { nil: undefined }),
        fc.dictionary(
          fc.string().filter((s) => Bytes.isWellFormed(s)),
          fc.array(fc.boolean()),
        ),
        (a, b) => {
          const data = { a, b: new Map(Object.entries(b)) };
          const read = codec.fromValue(codec.toValue(data));
          expect(read.ok && read.value.a).toBe(a);
          expect(read.ok && new Map(read.value.b)).toEqual(data.b);
        },
      ),
    );
    expect(codec.fromValue(5)).toMatchObject({ ok: false, error: { path: "$" } });
  });
});
