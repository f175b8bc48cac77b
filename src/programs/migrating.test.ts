/** Migration functions by their hash: what is accepted as one, what it may not do, and what it may cost. */
import { describe, expect, it } from "vitest";
import { addressUnit } from "../code/index.ts";
import { ContentHash, Decimal, Value } from "../content/index.ts";
import { Core, check } from "../language/index.ts";
import { type Call, compilePlan, plan, Schema, Type } from "../schema/index.ts";
import { MIGRATION_LIMITS, migrationFunctions } from "./migrating.ts";

const SOURCE = `module m
type Quote(ask: Decimal, bid: Decimal)
fn sides(old: (spread: Decimal, middle: Decimal)) -> Quote {
  Quote(ask: old.middle + old.spread / 2, bid: old.middle - old.spread / 2)
}
fn add(a: Decimal, b: Decimal) -> Decimal { a + b }
fn both(a: Decimal, b: Decimal) -> (Decimal, Decimal) { (a, b) }
fn length(xs: List<a>) -> Int { list.length(xs) }
fn later(t: Instant) -> Instant uses Clock { now!() }
fn apply(f: fn(Int) -> Int) -> Int { f(1) }
fn spin(n: Int) -> Int { list.fold(list.range(0, n), 0, fn(sum, i) { sum + i }) }
fn count(n: Int, log: Option<Int>) -> Int { n + option.or(log, 0) }
fn one(before: Option<Int>, event: (price: Decimal)) -> Int { option.or(before, 0) + 1 }
fn loop(before: Option<Int>, event: (price: Decimal)) -> Int { list.fold(list.range(0, 1000), option.or(before, 0), fn(sum, i) { sum + 1 }) }
fn three(a: Int, b: Int, c: Int) -> Int { a }
fn texts(n: Int, log: Option<Text>) -> Int { n }
fn noted(before: Option<Int>, event: (other: Text)) -> Int { option.or(before, 0) + 1 }
`;

const checked = check([{ path: "m.tel", text: SOURCE }]);
if (checked.unit === undefined) throw new Error(checked.problems.map((p) => p.message).join("\n"));

/** What the checker would never let through, under a signature that promises better. */
const hostile = (name: string, result: string, body: Core.Expression, locals = 1): Core.Definition => ({
  name: `m.${name}`,
  kind: "function",
  parameters: 1,
  captured: 0,
  locals,
  body,
  signature: {
    kind: "function",
    parameters: [{ kind: "builtin", name: "Int", arguments: [] }],
    result: { kind: "builtin", name: result, arguments: [] },
    row: { labels: [], variable: undefined },
  },
  localNames: [],
  doc: undefined,
});
const unit: Core.Unit = {
  ...checked.unit,
  definitions: [
    ...checked.unit.definitions,
    hostile("asks", "Instant", { kind: "perform", label: "Clock", operation: "now", arguments: [] }),
    hostile("lies", "Decimal", { kind: "atom", atom: Core.literal("no number") }),
    hostile("reads", "Int", { kind: "stateGet", field: "secret" }),
  ],
};
const addressed = addressUnit(unit);
const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));

const hashOf = (name: string): string => addressed.definitions.get(`m.${name}`)!;
const callOf = (name: string, reads: readonly string[], writes: readonly string[], fold?: string): Call => ({
  op: "call",
  function: hashOf(name),
  reads,
  writes,
  history: fold === undefined ? undefined : { effects: ["Noted"], from: "genesis", fold: hashOf(fold) },
  at: undefined,
});
const noted = (price: string) => Value.variant("Noted", Value.record([["price", Decimal.parse(price)!]]));
const find = (call: Call, more: Partial<Parameters<typeof migrationFunctions>[0]> = {}) =>
  migrationFunctions({ blocks: { get: (hash: ContentHash.ContentHash) => blocks.get(hash) }, ...more })(call);
const fields = (of: Record<string, Value.Value>) => new Map(Object.entries(of));
const number = (text: string) => Decimal.parse(text)!;

describe("a migration function", () => {
  it("takes a record of what is read and gives a record of what is written", () => {
    const found = find(callOf("sides", ["middle", "spread"], ["ask", "bid"]));
    if (!found.ok) throw new Error(found.error.why);
    expect([...found.value.reads.keys()]).toEqual(["middle", "spread"]);
    expect(found.value.writes.get("ask")).toEqual(Type.decimal());
    const run = found.value.run(fields({ middle: number("10"), spread: number("4") }));
    expect(run.ok && run.value.get("ask")).toEqual(number("12"));
    expect(run.ok && run.value.get("bid")).toEqual(number("8"));
  });

  it("takes a parameter for each field that is read, in their order, and gives the one that is written", () => {
    const found = find(callOf("add", ["x", "y"], ["z"]));
    const run = found.ok ? found.value.run(fields({ x: number("1"), y: number("2") })) : undefined;
    expect(run?.ok && run.value.get("z")).toEqual(number("3"));
  });

  it("takes anything where its type is a variable", () => {
    const found = find(callOf("length", ["xs"], ["n"]));
    expect(found.ok && found.value.reads.get("xs")).toEqual(Type.list(Type.untyped));
  });

  it("starts from the fold over what its program has emitted", () => {
    const call = callOf("count", ["n"], ["n"], "one");
    const found = find(call, { emitted: [noted("1"), Value.variant("Other", Value.unit), noted("2")] });
    const run = found.ok ? found.value.run(fields({ n: 10 })) : undefined;
    expect(run?.ok && run.value.get("n")).toBe(12);
    const none = find(call, { emitted: [] });
    const empty = none.ok ? none.value.run(fields({ n: 10 })) : undefined;
    expect(empty?.ok && empty.value.get("n")).toBe(10);
  });

  it.each([
    ["is no content hash", { ...callOf("add", ["x"], ["z"]), function: "m.add" }, "m.add is no content hash"],
    [
      "is not in the store",
      { ...callOf("add", ["x"], ["z"]), function: ContentHash.of(new Uint8Array(1)) },
      "is not in this store",
    ],
    ["is a type", { ...callOf("add", ["x"], ["z"]), function: hashOf("Quote") }, "cannot be used"],
    ["takes what no state holds", callOf("apply", ["f"], ["n"]), "takes or gives a function for f"],
    ["has effects", callOf("later", ["t"], ["t"]), "is not pure: it does Clock"],
    ["takes more values than are read", callOf("add", ["x"], ["z"]), "takes 2 value(s), and `reads` names 1 field(s)"],
    ["needs a field that is not in reads", callOf("sides", ["middle"], ["ask", "bid"]), "also reads spread"],
    ["gives no record of several fields", callOf("both", ["x", "y"], ["z", "w"]), "does not give z, w"],
    ["has no fold but another function", callOf("count", ["n"], ["n"], "three"), "is no fold"],
    ["does not take what its fold gives", callOf("texts", ["n"], ["n"], "one"), "does not take what its fold gives"],
    ["needs a log where there is none", callOf("count", ["n"], ["n"], "one"), "bootstraps from a program's log"],
  ] satisfies readonly (readonly [string, Call, string])[])("that %s is refused", (_, call, why) => {
    const found = find(call, call.history === undefined || why.includes("log") ? {} : { emitted: [] });
    expect(found.ok ? "accepted" : found.error.why).toContain(why);
  });

  it.each([
    ["asks the outside", callOf("asks", ["n"], ["n"]), "does not allow now (Clock): it must be pure"],
    ["reads a state that is not there", callOf("reads", ["n"], ["n"]), ""],
  ] satisfies readonly (readonly [string, Call, string])[])(
    "whose code %s, whatever it promises, is stopped",
    (_, call, why) => {
      const found = find(call);
      const run = found.ok ? found.value.run(fields({ n: 1 })) : undefined;
      expect(run?.ok).toBe(false);
      expect(run?.ok === false && run.error).toContain(why);
    },
  );

  it("that gives another type than it promises leaves the state as it was", () => {
    const schemaOf = (type: Type.Type, migrations: readonly Call[]) => {
      const schema = Schema.of({ fields: [Type.field("n", type)], migrations });
      if (!schema.ok) throw new Error("no schema");
      return schema.value;
    };
    const functions = migrationFunctions({ blocks: { get: (hash) => blocks.get(hash) } });
    const upgrade = plan(schemaOf(Type.int(), []), schemaOf(Type.decimal(), [callOf("lies", ["n"], ["n"])]), {
      functions,
    });
    expect(upgrade.verdict).toBe("migrated");
    const applied = compilePlan(upgrade).apply(Value.record([["n", 1]]));
    expect(applied).toMatchObject({ ok: false, error: { code: "SCH0152" } });
  });

  it("that takes more than its grant is stopped, at the same step for everyone", () => {
    const spin = (fuel: number, n: number) => {
      const found = find(callOf("spin", ["n"], ["n"]), { limits: { ...MIGRATION_LIMITS, fuel } });
      return found.ok ? found.value.run(fields({ n })) : undefined;
    };
    expect(spin(100_000, 10)).toMatchObject({ ok: true });
    expect(spin(100_000, 100_000)).toEqual({ ok: false, error: "out of fuel: the grant of 100000 is used up" });
    let low = 0;
    let high = 100_000;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (spin(middle, 100)?.ok) high = middle;
      else low = middle;
    }
    expect([spin(low, 100)?.ok, spin(high, 100)?.ok, spin(high, 100)?.ok]).toEqual([false, true, true]);
  });

  it("whose fold takes more than one grant for all of the log is stopped", () => {
    const events = (count: number) => new Array<Value.Value>(count).fill(noted("1"));
    const over = (count: number) => {
      const limits = { ...MIGRATION_LIMITS, fuel: 100_000 };
      const found = find(callOf("count", ["n"], ["n"], "loop"), { limits, emitted: events(count) });
      return found.ok ? found.value.run(fields({ n: 0 })) : undefined;
    };
    expect(over(1)).toMatchObject({ ok: true });
    expect(over(100)).toEqual({
      ok: false,
      error: "its fold over the log: out of fuel: the grant of 100000 is used up",
    });
  });

  it("whose fold cannot take an event is refused when it runs", () => {
    const found = find(callOf("count", ["n"], ["n"], "noted"), { emitted: [noted("1")] });
    const run = found.ok ? found.value.run(fields({ n: 1 })) : undefined;
    expect(run?.ok === false && run.error).toContain("its fold cannot take Noted");
  });
});
