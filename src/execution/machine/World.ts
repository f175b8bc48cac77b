/**
 * The world of a test: `with world([…])` answers every built-in operation from a list, and time passes only when all that
 * runs in it waits. What is asked and has no answer in the list is a fault that says what to add.
 */
import { Decimal, hashValue, Int, show, Value } from "../../content/index.ts";
import { decimalOfInt } from "../builtins/Implementation.ts";
import { Fault, Stuck } from "./Meter.ts";

type V = Value.Value;

/** Mutable; part of the machine's state. */
export interface World {
  now: Int.Int;
  /** While an `advance` is under way: the time that it goes to. */
  goal: Int.Int | undefined;
  /** Items of the list that are not used up. */
  items: readonly V[];
  balances: Value.MapValue;
  draws: number;
}

/** Where virtual time starts unless `started` says otherwise: 2025-01-01T00:00:00Z. */
export const WORLD_START = 1_735_689_600_000;

export type WorldAnswer =
  | { readonly kind: "value"; readonly value: V }
  /** Never. */
  | { readonly kind: "stalled" };

const value = (answer: V): WorldAnswer => ({ kind: "value", value: answer });

const part = (record: V, name: string): V => {
  const value = typeof record === "object" && record.tag === "record" ? Value.field(record, name) : undefined;
  if (value === undefined) throw new Stuck(`a world item without ${name}`);
  return value;
};

const caseOf = (item: V): string => {
  if (typeof item === "object" && item.tag === "variant") return item.case;
  throw new Stuck("a world item that is no variant");
};
const payload = (item: V): V => (item as Value.Variant).payload ?? Value.unit;

export function worldOf(items: readonly V[]): World {
  let now: Int.Int = WORLD_START;
  const balances: (readonly [V, V])[] = [];
  const rest: V[] = [];
  for (const item of items) {
    const kind = caseOf(item);
    if (kind === "Started") {
      const at = part(payload(item), "instant");
      if (typeof at !== "object" || at.tag !== "instant") throw new Stuck("Started takes an Instant");
      now = at.milliseconds;
    } else if (kind === "Balance") balances.push([part(payload(item), "asset"), part(payload(item), "amount")]);
    else rest.push(item);
  }
  return { now, goal: undefined, items: rest, balances: Value.map(balances), draws: 0 };
}

/** What the world says to an operation; `undefined` for one that is not built in. */
export function worldAnswer(world: World, operation: string, args: readonly V[]): WorldAnswer | undefined {
  switch (operation) {
    case "now":
      return value(Value.instant(world.now));
    case "random":
      return value(draw(world, args[0]!));
    case "emit":
      return value(Value.unit);
    case "observe":
      return observe(world, args[0]!, args[1]!);
    case "act":
      return act(world, args[0]!, args[1]!);
    case "invoke":
    case "query":
      return call(world, operation, args[0]!);
    case "safety":
      return value(Value.variant("Safe"));
    case "deposit":
      return value(bring(world, args[1]!, amountOf(args[2]!)));
    case "withdraw":
      return value(take(world, args[1]!, amountOf(args[2]!), receipt(world, Value.unit)));
    case "transfer":
      return value(take(world, args[1]!, amountOf(args[2]!), receipt(world, Value.unit)));
    case "reserve":
      return value(
        take(
          world,
          args[0]!,
          amountOf(args[1]!),
          Value.record([
            ["amount", amountOf(args[1]!)],
            ["asset", args[0]!],
          ]),
        ),
      );
    case "send":
    case "pay":
      return value(Value.okValue(receipt(world, Value.unit)));
    case "release": {
      const funds = args[0]!;
      bring(world, part(funds, "asset"), amountOf(part(funds, "amount")));
      return value(Value.unit);
    }
    case "deploy":
    case "activate":
      throw new Fault("Unanswered", `a world does not ${operation}`);
    default:
      return undefined;
  }
}

const amountOf = (value: V): Decimal.Decimal => {
  if (typeof value === "object" && value.tag === "decimal") return value;
  if (typeof value === "number" || typeof value === "bigint") return decimalOfInt(value);
  throw new Stuck("an amount is a Decimal");
};

const receipt = (world: World, value: V): V =>
  Value.record([
    ["at", Value.instant(world.now)],
    ["reference", "world"],
    ["value", value],
  ]);

/** Items that speak of a fact or action on a timeline, each kind under the name that it has for what is asked. */
function itemsOn(world: World, kinds: Readonly<Record<string, string>>, timeline: V, asked: V): readonly V[] {
  return world.items.filter((item) => {
    const name = kinds[caseOf(item)];
    if (name === undefined) return false;
    return Value.equal(part(payload(item), "timeline"), timeline) && Value.equal(part(payload(item), name), asked);
  });
}

function observe(world: World, timeline: V, fact: V): WorldAnswer {
  const matching = itemsOn(world, { Seen: "fact", Silent: "asked" }, timeline, fact);
  const first = matching[0];
  if (first === undefined)
    throw new Fault("Unanswered", `the world has not seen ${show(fact)} on ${show(timeline)}: add seen(…) to its list`);
  // Each is seen once, in order, and the last one from then on.
  if (matching.length > 1) world.items = world.items.filter((item) => item !== first);
  if (caseOf(first) === "Silent") return { kind: "stalled" };
  return value(
    Value.record([
      ["observedAt", Value.instant(world.now)],
      // Nothing proves what a test says; the hash of what was said stands there.
      ["proof", Value.hash(hashValue(part(payload(first), "value")))],
      ["value", part(payload(first), "value")],
    ]),
  );
}

function act(world: World, timeline: V, action: V): WorldAnswer {
  const found = itemsOn(world, { Answer: "action", Failing: "action", Silent: "asked" }, timeline, action)[0];
  if (found === undefined)
    throw new Fault(
      "Unanswered",
      `the world has no answer left to ${show(action)} on ${show(timeline)}: add answer(…)`,
    );
  world.items = world.items.filter((item) => item !== found);
  if (caseOf(found) === "Silent") return { kind: "stalled" };
  return value(
    caseOf(found) === "Answer"
      ? Value.okValue(receipt(world, part(payload(found), "value")))
      : Value.errValue(part(payload(found), "error")),
  );
}

function call(world: World, operation: string, asked: V): WorldAnswer {
  const reply = world.items.find((item) => caseOf(item) === "Reply" && Value.equal(part(payload(item), "call"), asked));
  if (reply !== undefined) return { kind: "value", value: part(payload(reply), "result") };
  const stalled = world.items.some(
    (item) =>
      caseOf(item) === "Stalled" &&
      Value.equal(part(payload(item), "program"), part(asked, "program")) &&
      Value.equal(part(payload(item), "entry"), part(asked, "entry")),
  );
  if (stalled && operation === "invoke") return { kind: "stalled" };
  throw new Fault("Unanswered", `the world does not answer ${operation}!(${show(asked)}): add reply(…) or stalled(…)`);
}

function bring(world: World, asset: V, amount: Decimal.Decimal): V {
  const has = Value.mapGet(world.balances, asset);
  const all = has === undefined ? amount : Decimal.add(amountOf(has), amount);
  world.balances = Value.mapSet(world.balances, asset, all);
  return Value.okValue(receipt(world, Value.unit));
}

function take(world: World, asset: V, amount: Decimal.Decimal, result: V): V {
  const free = amountOf(Value.mapGet(world.balances, asset) ?? Decimal.zero);
  if (amount.coefficient < 0n || Decimal.compare(amount, free) > 0)
    return Value.errValue(
      Value.variant(
        "NotEnough",
        Value.record([
          ["asset", asset],
          ["available", free],
          ["needed", amount],
        ]),
      ),
    );
  world.balances = Value.mapSet(world.balances, asset, Decimal.subtract(free, amount));
  return Value.okValue(result);
}

/** The same numbers in every run of a test: a multiplicative sequence, not meant to be good. */
function draw(world: World, below: V): V {
  if (typeof below !== "number" || below <= 0) throw new Fault("OutOfRange", "random needs a bound above 0");
  world.draws++;
  return Number((BigInt(world.draws) * 2_654_435_761n) % BigInt(below));
}

/** Takes the next `advance` of the list as the goal; false when there is none. */
export function nextAdvance(world: World): boolean {
  const at = world.items.findIndex((item) => caseOf(item) === "Advance");
  if (at < 0) return false;
  const by = part(payload(world.items[at]!), "duration");
  if (typeof by !== "object" || by.tag !== "duration") throw new Stuck("Advance takes a Duration");
  world.goal = Int.add(world.now, by.milliseconds);
  world.items = world.items.toSpliced(at, 1);
  return true;
}
