/**
 * Programs that start by themselves: what `on every`, `on at` and `on fact` promise, by hand-made cases and by random lives
 * of clock jumps, crashes after any write, two Bandits at once and upgrades.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type CompiledFolder, compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { addressUnit } from "../../src/code/index.ts";
import { type ContentHash, Decimal, show, Value } from "../../src/content/index.ts";
import type { Clock, Store } from "../../src/execution/index.ts";
import type { Core } from "../../src/language/index.ts";
import {
  armedOf,
  type Bandit,
  deposit,
  encodeCompiled,
  fireDue,
  type Instance,
  loadAccount,
  loadInstance,
  nextInstant,
  recover,
  Schedule,
  showTrigger,
  type Tended,
  type Trigger,
  tend,
  triggersOf,
} from "../../src/programs/index.ts";
import { Fact, Retraction } from "../../src/protocol/index.ts";
import { liveOn, PROGRAM } from "./life.ts";
import { Crash, crashingStore, createWorld, gaps, startBandit, take, vaultOf } from "./memoryWorld.ts";
import { call, compile, DESK, deployDesk, stateOf, upgradeTo } from "./upgrading.ts";

const START = 1_750_000_000_000;
const SECOND = 1_000;

/** Stands still, and is moved by hand; nobody waits for it. */
function handClock(): Clock & { move(milliseconds: number): void } {
  let now = START;
  return {
    now: () => now,
    until: (_, signal) => new Promise((resolve) => signal?.addEventListener("abort", resolve)),
    move(milliseconds) {
      now += milliseconds;
    },
  };
}

const STATE = "state { ticks: Int = 0; tocks: Int = 0; once: Int = 0; odd: Int = 0 }";
const ENTRIES = `
  exclusive entry tick() -> Int { state.ticks = state.ticks + 1; state.ticks }
  exclusive entry tock() -> Int { state.tocks = state.tocks + 1; state.tocks }
  exclusive entry once() -> Int { state.once = state.once + 1; state.once }
  exclusive entry odd(limit: Int) -> Int {
    state.odd = state.odd + 1
    assert state.odd > limit
    state.odd
  }`;
const desk = (version: string, triggers: string) => compile({ version, program: `${STATE}\n${triggers}\n${ENTRIES}` });

const START_TEXT = "@2025-06-15T15:06:40Z";

async function activated(compiled: CompiledFolder) {
  const world = createWorld();
  const clock = handClock();
  const bandit = startBandit(world, world.store, clock);
  await deployDesk(bandit, compiled);
  return { world, clock, bandit };
}

type Triggered = Instance.InstanceEvent & { readonly kind: "Triggered" };

const firings = (bandit: Bandit): readonly (Triggered & { readonly at: number })[] =>
  take(loadInstance(bandit, DESK)).events.flatMap(({ entry, event }) =>
    event.kind === "Triggered" ? [{ ...event, at: entry.at }] : [],
  );

const dues = (bandit: Bandit): readonly (readonly [number, number])[] =>
  firings(bandit).map(({ due, missed }) => [(Number(due) - START) / SECOND, missed]);

const counts = (bandit: Bandit): string => show(stateOf(bandit));
const outcomes = async (bandit: Bandit) =>
  take(await fireDue(bandit, DESK)).map((one) => (one.kind === "fired" ? one.report.outcome : one.kind));

describe("on every", () => {
  it("fires at the activation plus each period, and what was missed is one run that says so", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => tick()"));
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(10 * SECOND - 1);
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(1);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(37 * SECOND);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    clock.move(3 * SECOND);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    expect(dues(bandit)).toEqual([
      [10, 0],
      [40, 2],
      [50, 0],
    ]);
    expect(counts(bandit)).toContain("ticks: 3");
  });

  it("does nothing before the activation, nor while the clock is behind what it did already", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => tick()"));
    clock.move(20 * SECOND);
    await outcomes(bandit);
    clock.move(-15 * SECOND);
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(24 * SECOND);
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(SECOND);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    expect(dues(bandit)).toEqual([
      [20, 1],
      [30, 0],
    ]);
  });

  it("goes on after faults, and counts those in a row", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => odd(0)\non every 20s => odd(9)"));
    const faults = () =>
      take(armedOf(bandit, take(loadInstance(bandit, DESK)))).map(({ last }) => [last?.outcome, last?.faults]);
    clock.move(20 * SECOND);
    expect(await outcomes(bandit)).toEqual(["returned", "faulted"]);
    clock.move(20 * SECOND);
    expect(await outcomes(bandit)).toEqual(["returned", "faulted"]);
    expect(faults()).toEqual([
      ["returned", 0],
      ["faulted", 2],
    ]);
  });

  it("waits for a call that goes on, and is not begun twice by two that look at once", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => tick()"));
    clock.move(10 * SECOND);
    const [, first, second] = await Promise.all([call(bandit, "tock"), outcomes(bandit), outcomes(bandit)]);
    expect([...first, ...second]).toEqual(["returned"]);
    expect(counts(bandit)).toContain("ticks: 1");
    expect(counts(bandit)).toContain("tocks: 1");
  });

  it("keeps its rhythm over an upgrade that keeps it, and has a new one where it is new", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => tick()\non every 20s => tock()"));
    clock.move(15 * SECOND);
    expect(
      (await upgradeTo(bandit, await desk("1.1.0", "on every 20s => tock()\non every 11s => tick()"))).done.ok,
    ).toBe(true);
    const next = () =>
      take(armedOf(bandit, take(loadInstance(bandit, DESK)))).map((one) => (Schedule.nextDue(one)! - START) / SECOND);
    expect(next()).toEqual([20, 26]);
    clock.move(SECOND);
    expect(
      (await upgradeTo(bandit, await desk("1.2.0", "on every 10s => tick()\non every 20s => tock()"))).done.ok,
    ).toBe(true);
    // It was gone in between: it begins anew.
    expect(next()).toEqual([26, 20]);
  });
});

describe("on at", () => {
  it("fires once, at once where the instant is past, and never again", async () => {
    const { bandit, clock } = await activated(
      await desk("1.0.0", `on at ${START_TEXT} => once()\non at @2025-06-15T15:07:00Z => tock()`),
    );
    expect(await outcomes(bandit)).toEqual(["returned"]);
    clock.move(19 * SECOND);
    expect(await outcomes(bandit)).toEqual([]);
    clock.move(3600 * SECOND);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    expect(dues(bandit)).toEqual([
      [0, 0],
      [20, 0],
    ]);
    expect((await upgradeTo(bandit, await desk("1.1.0", `on at ${START_TEXT} => once()`))).done.ok).toBe(true);
    expect(await outcomes(bandit)).toEqual([]);
  });
});

const HELD = `
[facts.Held]
contract = "vault"
slots = { held = { slot = 1, keys = [{ account = true }, { constant = "0x0000000000000000000000000000000000000000" }] } }
value = { word = "held", decimals = 18 }
`;

describe("on fact", () => {
  let watching: CompiledFolder;
  beforeAll(async () => {
    watching = await compile({
      version: "1.0.0",
      before: "fact Held() -> Decimal",
      schema: HELD,
      program: `${STATE}\n on fact (ethereum, Held()) => tick()\n${ENTRIES}`,
    });
  });

  const seen = (bandit: Bandit) => firings(bandit).map((one) => show(one.seen!.value));
  const payIn = async (bandit: Bandit, amount: string) =>
    take(await deposit(bandit, "alice", "ethereum", "ETH", Decimal.parse(amount)!, `alice/deposit/${amount}`));

  it("fires for what it sees first, then for each other value, and not for another block", async () => {
    const { bandit, world, clock } = await activated(watching);
    expect(await outcomes(bandit)).toEqual(["returned"]);
    world.chains.get("ethereum")!.mine(3);
    clock.move(3600 * SECOND);
    expect(await outcomes(bandit)).toEqual([]);
    await payIn(bandit, "5");
    const both = await Promise.all([outcomes(bandit), outcomes(bandit)]);
    expect(both.flat()).toEqual(["returned"]);
    expect(await outcomes(bandit)).toEqual([]);
    expect(seen(bandit)).toEqual(["0", "5"]);
    // What it rests on is kept with its proof.
    for (const one of firings(bandit)) {
      const fact = Fact.decode(bandit.store.blocks.get(one.seen!.fact)!);
      expect(fact.ok && Value.equal(fact.value.body.value, one.seen!.value)).toBe(true);
    }
  });

  it("keeps nothing in the store for a look that sees nothing new", async () => {
    const { bandit, world } = await activated(watching);
    await outcomes(bandit);
    world.chains.get("ethereum")!.mine(1);
    const counted = crashingStore(world.store, 0, "before");
    expect(await outcomes({ ...bandit, store: counted.store })).toEqual([]);
    expect(counted.writes()).toBe(0);
  });

  it("takes back what a reorganisation undid, and fires for what then stands, each once", async () => {
    const { bandit, world } = await activated(watching);
    await outcomes(bandit);
    await payIn(bandit, "5");
    await outcomes(bandit);
    world.chains.get("ethereum")!.reorganise(1);
    expect(await outcomes(bandit)).toEqual(["retracted", "returned"]);
    expect(await outcomes(bandit)).toEqual([]);
    expect(seen(bandit)).toEqual(["0", "5", "0"]);
    const retracted = take(loadInstance(bandit, DESK)).events.flatMap(({ event }) =>
      event.kind === "TriggerRetracted" ? [event] : [],
    );
    expect(retracted.map(({ fact }) => fact)).toEqual([firings(bandit)[1]!.seen!.fact]);
    const word = Retraction.decode(bandit.store.blocks.get(retracted[0]!.retraction)!);
    expect(word.ok && word.value.body.fact).toBe(retracted[0]!.fact);
  });

  it("says what is wrong when the timeline does not answer, and fires once it does", async () => {
    const { bandit, world } = await activated(watching);
    world.chains.get("ethereum")!.garble(true);
    expect(await outcomes(bandit)).toEqual(["failed"]);
    world.chains.get("ethereum")!.garble(false);
    expect(await outcomes(bandit)).toEqual(["returned"]);
  });
});

describe("a random life of a fact", () => {
  const lives = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant("pay" as const), amount: fc.integer({ min: 1, max: 3 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("reorganise" as const), blocks: fc.integer({ min: 1, max: 2 }) }),
      },
      { weight: 1, arbitrary: fc.constant({ do: "mine" as const }) },
      { weight: 3, arbitrary: fc.constant({ do: "look" as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("crash" as const),
          at: fc.integer({ min: 1, max: 7 }),
          when: fc.constantFrom("before" as const, "after" as const),
        }),
      },
    ),
    { minLength: 1, maxLength: 12 },
  );

  it("tells the program of each value that it had not seen, and in the end of the one that stands", async () => {
    const watching = await compile({
      version: "1.0.0",
      before: "fact Held() -> Decimal",
      schema: HELD,
      program: `${STATE}\n on fact (ethereum, Held()) => tick()\n${ENTRIES}`,
    });
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { world, clock } = await activated(watching);
        const chain = world.chains.get("ethereum")!;
        chain.mine(3);
        const look = async (store: Store = world.store) => {
          const bandit = startBandit(world, store, clock);
          take(await recover(bandit, DESK));
          await outcomes(bandit);
          return bandit;
        };
        for (const [i, step] of life.entries()) {
          if (step.do === "pay") {
            const bandit = startBandit(world, world.store, clock);
            take(await deposit(bandit, "alice", "ethereum", "ETH", Decimal.of(BigInt(step.amount), 0), `pay/${i}`));
          } else if (step.do === "reorganise") chain.reorganise(step.blocks);
          else if (step.do === "mine") chain.mine(1);
          else if (step.do === "look") await look();
          else
            await look(crashingStore(world.store, step.at, step.when).store).catch((error) => {
              if (!(error instanceof Crash)) throw error;
            });
        }
        const bandit = await look();
        let standing: Triggered["seen"];
        let fired = 0;
        for (const { event } of take(loadInstance(bandit, DESK)).events) {
          if (event.kind === "TriggerRetracted") {
            expect(event.fact).toBe(standing?.fact);
            standing = undefined;
          } else if (event.kind === "Triggered") {
            fired++;
            expect(standing !== undefined && Value.equal(standing.value, event.seen!.value)).toBe(false);
            standing = event.seen;
          }
        }
        expect(show(standing!.value)).toBe(Decimal.print(vaultOf(world, bandit, "ethereum", "ETH")));
        expect(counts(bandit)).toContain(`ticks: ${fired}`);
        expect(take(loadInstance(bandit, DESK)).instance.pending).toEqual([]);
      }),
      { numRuns: Number(process.env["TB_CRASH_ROUNDS"] ?? 20) },
    );
  });
});

describe("an artifact that no compiler wrote", () => {
  const forged = async (trigger: Core.Trigger | undefined) => {
    const { store } = createWorld();
    const { unit, program } = await desk("1.0.0", "on every 10s => tick()");
    const programs = unit.programs.map((one) => ({ ...one, triggers: trigger === undefined ? [] : [trigger] }));
    const addressed = addressUnit({ ...unit, programs });
    const definition = addressed.definitions.get(unit.programs[0]!.name)!;
    const hash = await store.write((transaction) => {
      if (trigger !== undefined) for (const { bytes } of addressed.blocks) transaction.put(bytes);
      return transaction.put(encodeCompiled({ ...program, definition }));
    });
    return triggersOf(store, hash);
  };
  const clocked = (kind: "every" | "at", time: Value.Value) => ({ kind, time, entry: "tick", arguments: [] });

  it.each<[string, Core.Trigger, string]>([
    ["a period of nothing", clocked("every", Value.duration(0)), "a period is too short"],
    ["a period below nothing", clocked("every", Value.duration(-1)), "a period is too short"],
    ["a period that is no duration", clocked("every", 5), "a period is too short"],
    ["an instant that is none", clocked("at", Value.duration(5)), "an instant is none"],
    ["an instant before all counting", clocked("at", Value.instant(-(2n ** 80n))), "an instant is none"],
    [
      "a fact that is none",
      { kind: "fact", timeline: "ethereum", fact: "Held", entry: "tick", arguments: [] },
      "a fact is none",
    ],
  ])("has no triggers: %s", async (_, trigger, reason) => {
    expect(await forged(trigger)).toMatchObject({
      ok: false,
      error: { kind: "Damaged", reason: `the triggers of Desk: ${reason}` },
    });
  });

  it("has no triggers when its definition is not here", async () => {
    expect(await forged(undefined)).toMatchObject({
      ok: false,
      error: { kind: "NoBlock", what: "program definition" },
    });
  });

  it("may say an instant or a period that no clock reaches", async () => {
    const far = 2n ** 80n;
    for (const trigger of [clocked("every", Value.duration(far)), clocked("at", Value.instant(far))]) {
      const [read] = take(await forged(trigger));
      const armed = { trigger: read!, anchor: START, last: undefined };
      expect(Schedule.dueBy(armed, Number.MAX_SAFE_INTEGER)).toBeUndefined();
      expect(showTrigger(read!)).toContain(`on ${trigger.kind} `);
    }
  });
});

describe("the address of a trigger", () => {
  it("is the one that the specification shows", async () => {
    const folder = await compileFolder(fileURLToPath(new URL("../../examples/cross-chain-arb", import.meta.url)));
    const { store } = createWorld();
    const [trigger] = take(triggersOf(store, await storeCompiled(store, folder)));
    const spec = readFileSync(new URL("../../docs/spec/programs.md", import.meta.url), "utf8");
    expect(spec).toContain(`\`on every 1m => rebalance(Pair("ETH", "USDC"))\` is \`${trigger!.id}\``);
    expect(showTrigger(trigger!)).toBe('on every 1m => rebalance((base: "ETH", quote: "USDC"))');
  });
});

describe("tending an account", () => {
  it("lets no program wait for the run of another", async () => {
    const world = createWorld();
    const bandit = startBandit(world);
    await deployDesk(bandit, await desk("1.0.0", "on every 10s => tick()"));
    const slow = await compile({
      version: "1.0.0",
      name: "Slow",
      program:
        "state { done: Int = 0 }\n on every 10s => sleep()\n exclusive entry sleep() -> Int uses Clock { after 65s { state.done = state.done + 1; state.done } }",
    });
    await deployDesk(bandit, slow);
    const begun = bandit.clock.now();
    await bandit.clock.until(begun + 10 * SECOND);
    const told: string[] = [];
    const tell = (event: Tended) => {
      if (event.kind === "firing" && event.firing.kind === "fired") told.push(event.firing.report.entry);
      else told.push(event.kind);
    };
    take(await tend(bandit, "alice", tell, 3600 * SECOND));
    expect(told.filter((one) => one === "sleep")).toEqual(["sleep"]);
    expect(told.filter((one) => one !== "sleep" && one !== "tick")).toEqual([]);
    const ticks = dues(bandit);
    expect(ticks.length).toBeGreaterThanOrEqual(6);
    expect(ticks.map(([, missed]) => missed)).toEqual(ticks.map(() => 0));
  });
});

describe("tending an account that something keeps from going on", () => {
  const kinds = async (bandit: Bandit) => {
    const told: string[] = [];
    take(await tend(bandit, "alice", (event) => told.push(event.kind), SECOND));
    return told;
  };

  it("waits with what needs a timeline that is not reached, and misses nothing for good", async () => {
    const { bandit, clock } = await activated(await desk("1.0.0", "on every 10s => tick()"));
    clock.move(20 * SECOND);
    expect(await kinds({ ...bandit, timelines: new Map() })).toEqual(["unreached"]);
    expect(nextInstant({ ...bandit, timelines: new Map() }, "alice")).toBeUndefined();
    expect(nextInstant(bandit, "alice")).toBe(START + 10 * SECOND);
    expect(await kinds(bandit)).toEqual(["firing"]);
    expect(dues(bandit)).toEqual([[20, 1]]);
    expect(nextInstant(bandit, "alice")).toBe(START + 30 * SECOND);
  });

  it("leaves to a run that waits for a timeline what it has begun", async () => {
    const arb = await compileFolder(fileURLToPath(new URL("../../examples/cross-chain-arb", import.meta.url)));
    const open = (bandit: Bandit) => [...take(loadAccount(bandit, "alice")).account.outstanding.keys()];
    const pending = (bandit: Bandit) => take(loadInstance(bandit, PROGRAM)).instance.pending.length;
    let waited = 0;
    for (let at = 38; at <= 50; at++) {
      const world = createWorld();
      const { store } = crashingStore(world.store, at, "after");
      await liveOn(startBandit(world, store), arb).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      const bandit = startBandit(world);
      if (!loadInstance(bandit, PROGRAM).ok || pending(bandit) === 0) continue;
      const before = open(bandit);
      if (before.length > 0) waited++;
      const [ethereum] = bandit.timelines;
      await kinds({ ...bandit, timelines: new Map([ethereum!]) });
      expect([open(bandit), pending(bandit)]).toEqual([before, 1]);
      await kinds(bandit);
      expect([open(bandit), pending(bandit)]).toEqual([[], 0]);
      expect(gaps(world, bandit, ["alice"])).toEqual([]);
    }
    expect(waited).toBeGreaterThan(0);
  });

  it("ends as a whole when the store fails, at any write; the next one finishes it", async () => {
    let crashes = 0;
    for (let at = 1; at <= 12; at++) {
      const { bandit, world, clock } = await activated(
        await desk("1.0.0", "on every 10s => tick()\non every 5s => tock()"),
      );
      clock.move(10 * SECOND);
      const { store } = crashingStore(world.store, at, at % 2 === 0 ? "before" : "after");
      const failure = await kinds({ ...bandit, store }).catch((error: unknown) => error);
      if (failure instanceof Crash) crashes++;
      await kinds(bandit);
      expectLawful(bandit, clock.now());
      expect(counts(bandit)).toContain("ticks: 1");
      expect(counts(bandit)).toContain("tocks: 1");
    }
    expect(crashes).toBeGreaterThan(5);
  });
});

const VERSIONS = [
  "on every 10s => tick()\non every 25s => tock()\non at @2025-06-15T15:08:00Z => once()",
  "on every 7s => odd(-1)\non every 10s => tick()",
  "on every 25s => tock()\non every 7s => odd(-1)\non at @2025-06-15T15:08:00Z => once()",
  "on every 10s => tick()",
] as const;

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("move" as const), milliseconds: fc.integer({ min: 1, max: 60_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("move" as const), milliseconds: fc.integer({ min: -9_000, max: 0 }) }),
    },
    { weight: 3, arbitrary: fc.constant({ do: "look" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "look twice" as const }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("crash" as const),
        at: fc.integer({ min: 1, max: 8 }),
        when: fc.constantFrom("before" as const, "after" as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: "upgrade" as const }) },
  ),
  { minLength: 1, maxLength: 14 },
);

describe("a random life", () => {
  let versions: readonly CompiledFolder[];
  beforeAll(async () => {
    versions = await Promise.all(VERSIONS.map((triggers, i) => desk(`1.${i}.0`, triggers)));
  });

  it("fires each due point once at most, and loses none but those that it says were missed", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const { world, clock } = await activated(versions[0]!);
        const begin = (store: Store = world.store) => startBandit(world, store, clock);
        /** A process begins: what was cut off is finished, then it looks. */
        const look = async (bandit: Bandit) => {
          take(await recover(bandit, DESK));
          return outcomes(bandit);
        };
        let version = 0;
        for (const step of life) {
          if (step.do === "move") clock.move(step.milliseconds);
          else if (step.do === "look") await look(begin());
          else if (step.do === "look twice") {
            const bandit = begin();
            await Promise.all([look(bandit), look(bandit)]);
          } else if (step.do === "crash") {
            const { store } = crashingStore(world.store, step.at, step.when);
            await look(begin(store)).catch((error) => {
              if (!(error instanceof Crash)) throw error;
            });
          } else if (version + 1 < versions.length) {
            const bandit = begin();
            take(await recover(bandit, DESK));
            expect((await upgradeTo(bandit, versions[++version]!)).done.ok).toBe(true);
          }
        }
        const bandit = begin();
        await look(bandit);
        expectLawful(bandit, clock.now());
      }),
      { numRuns: Number(process.env["TB_CRASH_ROUNDS"] ?? 25) },
    );
  });
});

/** Checked against the log alone, and by counting points instead of computing them. */
function expectLawful(bandit: Bandit, now: number): void {
  const { events, schedule, instance } = take(loadInstance(bandit, DESK));
  expect(instance.pending).toEqual([]);
  // Whoever replays the log knows the same.
  expect(events.reduce((so, { entry, event }) => Schedule.evolve(so, event, entry.at), Schedule.empty)).toEqual(
    schedule,
  );
  for (const { event } of events) {
    if (event.kind !== "Triggered") continue;
    for (const kind of ["RunStarted", "RunEnded"] as const)
      expect(events.filter(({ event: one }) => one.kind === kind && one.run === event.run).length).toBe(1);
  }
  const runs = new Map<string, number>();
  for (const { trigger, entry } of everyTrigger(bandit)) {
    let anchor: number | undefined;
    let points: number[] = [];
    let last = Number.NEGATIVE_INFINITY;
    let stands = 0;
    for (const { entry: logged, event } of events) {
      const program =
        event.kind === "Activated" ? instanceProgram(events) : event.kind === "Upgraded" ? event.to : undefined;
      if (program !== undefined) {
        const has = take(triggersOf(bandit.store, program)).some(({ id }) => id === trigger.id);
        if (!has) anchor = undefined;
        else anchor ??= logged.at;
      }
      if (event.kind !== "Triggered" || event.trigger !== trigger.id) continue;
      const due = Number(event.due);
      expect(anchor).toBeDefined();
      expect(due).toBeGreaterThan(last);
      expect(due).toBeLessThanOrEqual(logged.at);
      if (trigger.kind === "every") {
        points = pointsOf(anchor!, trigger.period, due).filter((point) => point > last);
        expect(points.at(-1)).toBe(due);
        expect(event.missed).toBe(points.length - 1);
      } else expect([due, event.missed, stands]).toEqual([trigger.kind === "at" ? trigger.instant : 0, 0, 0]);
      last = due;
      stands++;
      runs.set(entry, (runs.get(entry) ?? 0) + 1);
    }
    // Nothing that is due now is left.
    if (anchor === undefined) continue;
    if (trigger.kind === "every")
      expect(pointsOf(anchor, trigger.period, now).filter((point) => point > last)).toEqual([]);
    else if (trigger.kind === "at" && trigger.instant <= now) expect(stands).toBe(1);
  }
  const state = counts(bandit);
  for (const [entry, field] of [
    ["tick", "ticks"],
    ["tock", "tocks"],
    ["once", "once"],
    ["odd", "odd"],
  ] as const)
    expect(state).toContain(`${field}: ${runs.get(entry) ?? 0}`);
}

const instanceProgram = (events: readonly { readonly event: Instance.InstanceEvent }[]): ContentHash.ContentHash => {
  const created = events[0]!.event;
  if (created.kind !== "Created") throw new Error("a log begins with Created");
  return created.program;
};

function pointsOf(anchor: number, period: number, until: number): number[] {
  const points: number[] = [];
  for (let point = anchor + period; point <= until; point += period) points.push(point);
  return points;
}

function everyTrigger(bandit: Bandit): readonly { readonly trigger: Trigger; readonly entry: string }[] {
  const { events } = take(loadInstance(bandit, DESK));
  const programs = events.flatMap(({ event }) =>
    event.kind === "Created" ? [event.program] : event.kind === "Upgraded" ? [event.to] : [],
  );
  const all = programs.flatMap((program) => take(triggersOf(bandit.store, program)));
  return [...new Map(all.map((trigger) => [trigger.id, { trigger, entry: trigger.entry }])).values()];
}
