/**
 * Upgrades by migrations that programs bring in TEL, over the whole way: message, plan, run, record, log. Every case of
 * "When Migration Functions Are Still Required" (ADR 010), chains of versions, and all that may go wrong.
 */
import { describe, expect, it } from "vitest";
import { type CompiledFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { Decimal, decode, show } from "../../src/content/index.ts";
import { recordInstance } from "../../src/programs/Bandit.ts";
import {
  type Bandit,
  type Instance,
  loadInstance,
  planUpgrade,
  recomputeUpgrades,
  stepsTo,
  submit,
  upgrade,
} from "../../src/programs/index.ts";
import { judge } from "../../src/programs/upgrading.ts";
import { Message } from "../../src/protocol/index.ts";
import { compilePlan, Tombstone } from "../../src/schema/index.ts";
import { finishWhatWasCutOff, sign } from "./life.ts";
import { Crash, crashingStore, createWorld, startBandit, take } from "./memoryWorld.ts";
import { asked, call, compile, DESK, deployDesk, EVERY_RULE, stateOf, upgradeTo, type Version } from "./upgrading.ts";

const ENTRIES = `
  entry note(p: Decimal) -> Int uses Emit {
    emit!(Noted(price: p))
    state.seen = list.append(state.seen, p)
    state.spread = p / 100
    state.price["ETH"] = p
    state.risk["ETH"] = p / 10000
    state.risk["DAI"] = 0.5
    list.length(state.seen)
  }`;

const FIRST: Version = {
  version: "1.0.0",
  program: `
  state {
    count: Int = 7
    price: Map<Text, Decimal> = [:]
    risk: Map<Text, Decimal> = [:]
    seen: List<Decimal> = []
    spread: Decimal = 0
  }${ENTRIES}`,
};

/** npm run test:crash: every write crashes both before and after; else they take turns. */
const ALL_CRASHES = Number(process.env["TB_CRASH_ROUNDS"] ?? 0) > 0;

const number = (text: string) => Decimal.parse(text)!;

/** A desk of 1.0.0 that has seen two prices. */
async function desk(first = FIRST) {
  const world = createWorld();
  const bandit = startBandit(world);
  await deployDesk(bandit, await compile(first));
  await call(bandit, "note", number("2900"));
  await call(bandit, "note", number("3100"));
  return { world, bandit };
}

const BEFORE = `(count: 7, price: ["ETH": 3100], risk: ["DAI": 0.5, "ETH": 0.31], seen: [2900, 3100], spread: 31)`;

/** What a later version keeps as it was. */
const KEPT =
  "count: Int = 7; price: Map<Text, Decimal> = [:]; risk: Map<Text, Decimal> = [:]; seen: List<Decimal> = []";
const keeping = (...names: readonly string[]) => names.map((name) => `${name}: old.${name}`).join(", ");
const SIZE = "entry size() -> Int { list.length(state.seen) }";

interface Case {
  readonly what: string;
  readonly second: Version;
  readonly after: string;
  readonly changes: readonly (readonly [path: string, rule: string])[];
  readonly retired: readonly string[];
}

/** The ADR's table "When Migration Functions Are Still Required". */
const CASES: readonly Case[] = [
  {
    what: "a semantic change: risk is no longer per asset but global",
    second: {
      version: "1.1.0",
      program: `state { count: Int = 7; price: Map<Text, Decimal> = [:]; risk: Decimal = 0; seen: List<Decimal> = []; spread: Decimal = 0 }
        ${SIZE}
        migration 1.0.0 -> 1.1.0 (old) {
          State(${keeping("count", "price", "seen", "spread")}, risk: option.or(list.maximum(map.values(old.risk)), 0.05))
        }`,
    },
    after: `(count: 7, price: ["ETH": 3100], risk: 0.5, seen: [2900, 3100], spread: 31)`,
    changes: [["$.risk", "call"]],
    retired: [],
  },
  {
    what: "a rename: price becomes oraclePrice",
    second: {
      version: "1.1.0",
      program: `state { count: Int = 7; oraclePrice: Map<Text, Decimal> = [:]; risk: Map<Text, Decimal> = [:]; seen: List<Decimal> = []; spread: Decimal = 0 }
        ${SIZE}
        migration 1.0.0 -> 1.1.0 (old) {
          State(${keeping("count", "risk", "seen", "spread")}, oraclePrice: old.price)
        }`,
    },
    after: `(count: 7, oraclePrice: ["ETH": 3100], risk: ["DAI": 0.5, "ETH": 0.31], seen: [2900, 3100], spread: 31)`,
    changes: [
      ["$.oraclePrice", "call"],
      ["$.price", "call"],
    ],
    retired: ["$.price"],
  },
  {
    what: "a split: spread becomes askPrice and bidPrice in one record",
    second: {
      version: "1.1.0",
      before: "type Quote(askPrice: Decimal, bidPrice: Decimal)",
      program: `state { ${KEPT}; quote: Quote = Quote(0, 0) }
        ${SIZE}
        migration 1.0.0 -> 1.1.0 (old) {
          let middle = option.or(map.get(old.price, "ETH"), 0)
          let half = old.spread / 2
          State(${keeping("count", "price", "risk", "seen")}, quote: Quote(askPrice: middle + half, bidPrice: middle - half))
        }`,
    },
    after: `(count: 7, price: ["ETH": 3100], quote: (askPrice: 3115.5, bidPrice: 3084.5), risk: ["DAI": 0.5, "ETH": 0.31], seen: [2900, 3100])`,
    changes: [
      ["$.quote", "call"],
      ["$.spread", "call"],
    ],
    retired: ["$.spread"],
  },
  {
    what: "an aggregation: a rolling average that starts from the prices the state has seen",
    second: {
      version: "1.1.0",
      before:
        "fn average(xs: List<Decimal>) -> Decimal { if list.isEmpty(xs) { 0 } else { decimal.sum(xs) / int.toDecimal(list.length(xs)) } }",
      program: `state { ${KEPT}; spread: Decimal = 0; average: Decimal = 0 }
        ${SIZE}
        migration 1.0.0 -> 1.1.0 (old) {
          State(${keeping("count", "price", "risk", "seen", "spread")}, average: average(list.drop(old.seen, list.length(old.seen) - 10)))
        }`,
    },
    after: `(average: 3000, count: 7, price: ["ETH": 3100], risk: ["DAI": 0.5, "ETH": 0.31], seen: [2900, 3100], spread: 31)`,
    changes: [["$.average", "call"]],
    retired: [],
  },
  {
    what: "an aggregation over the program's log, declared in the manifest",
    second: {
      version: "1.1.0",
      before: `type Sum(total: Decimal, count: Int)
        fn more(before: Option<Sum>, event: (price: Decimal)) -> Sum {
          match before {
            None => Sum(event.price, 1)
            Some(sum) => Sum(sum.total + event.price, sum.count + 1)
          }
        }
        fn average(count: Int, log: Option<Sum>) -> Decimal {
          match log {
            None => int.toDecimal(count)
            Some(sum) => sum.total / int.toDecimal(sum.count)
          }
        }`,
      program: `state { ${KEPT}; spread: Decimal = 0; average: Decimal = 0 }\n${SIZE}`,
      schema: `[[schema.migrations]]
op = "call"
function = "average"
reads = ["count"]
writes = ["average"]
history = { effects = ["Noted"], from = "genesis", fold = "more" }`,
    },
    after: `(average: 3000, count: 7, price: ["ETH": 3100], risk: ["DAI": 0.5, "ETH": 0.31], seen: [2900, 3100], spread: 31)`,
    changes: [["$.average", "call"]],
    retired: [],
  },
];

describe("a migration runs when its program is upgraded", () => {
  it.each(CASES)("for $what", async ({ second, after, changes, retired }) => {
    const { world, bandit } = await desk();
    expect(show(stateOf(bandit))).toBe(BEFORE);
    const { planned, done } = await upgradeTo(bandit, await compile(second));
    const [step] = planned.steps;
    const { plan } = step!;
    expect(plan.verdict).toBe("migrated");
    expect(plan.changes.map((c) => [c.path, c.rule])).toEqual(changes);
    // The plan names the function whose hash the record has.
    const functions = plan.changes.map((c) => c.function);
    expect(new Set(functions).size).toBe(1);
    expect(functions[0]).toMatch(/^bafyrei/);
    if (step!.migration !== undefined) expect(functions[0]).toBe(step!.migration);

    const { records } = take(done);
    expect(show(stateOf(bandit))).toBe(after);
    const { instance, events } = take(loadInstance(bandit, DESK));
    expect(instance).toMatchObject({ version: "1.1.0", retired });
    expect(events.at(-1)!.event).toMatchObject({ kind: "Upgraded", record: records[0], before: expect.any(String) });
    const record = decode(bandit.store.blocks.get(records[0]!)!);
    expect(record).toMatchObject({ ok: true });
    expect(JSON.stringify(record)).toContain(functions[0]!);
    expect(JSON.stringify(record)).toContain("no-pending-returns");

    // Another process recomputes it from the store alone, and the tombstones give exactly the old state.
    expect(take(recomputeUpgrades(startBandit(world), DESK))).toEqual([
      { from: "1.0.0", to: "1.1.0", record: records[0] },
    ]);
    const applied = compilePlan(plan).apply(planned.state);
    if (!applied.ok) throw new Error(applied.error.what);
    for (const tombstone of applied.value.tombstones)
      expect(bandit.store.blocks.has(Tombstone.hash(tombstone, plan.hash))).toBe(true);
    const back = compilePlan(plan).rollback(stateOf(bandit), applied.value.tombstones);
    expect(back.ok && show(back.value.value)).toBe(BEFORE);
  });

  it("leaves what it takes over to the rules of the version that runs", async () => {
    const second = (allowed: readonly string[]): Version => ({
      version: "1.1.0",
      allowed,
      program: `state { count: Decimal = 7; oraclePrice: Map<Text, Decimal> = [:]; seen: List<Decimal> = [] }
        ${SIZE}
        migration 1.0.0 -> 1.1.0 (old) { State(count: old.count, oraclePrice: old.price, seen: old.seen) }`,
    });
    const { bandit } = await desk();
    const { planned, done } = await upgradeTo(bandit, await compile(second(EVERY_RULE)));
    expect(planned.steps[0]!.plan.changes.map((c) => [c.path, c.rule, c.class])).toEqual([
      ["$.count", "change-default", "identical"],
      ["$.count", "coerce-lossless", "auto"],
      ["$.oraclePrice", "call", "migration"],
      ["$.price", "call", "migration"],
      ["$.risk", "remove-unused-field", "conditional"],
      ["$.spread", "remove-unused-field", "conditional"],
    ]);
    take(done);
    expect(show(stateOf(bandit))).toBe(`(count: 7, oraclePrice: ["ETH": 3100], seen: [2900, 3100])`);
    expect(take(loadInstance(bandit, DESK)).instance.retired).toEqual(["$.price", "$.risk", "$.spread"]);
  });
});

describe("a name that the manifest changes", () => {
  it("is a rename also where the migration writes it out", async () => {
    const second: Version = {
      ...CASES[1]!.second,
      schema: '[[schema.migrations]]\nop = "rename"\nfrom = "price"\nto = "oraclePrice"',
    };
    const { bandit } = await desk();
    const { planned, done } = await upgradeTo(bandit, await compile(second));
    take(done);
    const [step] = planned.steps;
    expect(step!.plan.changes.map((c) => [c.path, c.rule])).toEqual([["$.oraclePrice", "rename"]]);
    expect(show(stateOf(bandit))).toBe(CASES[1]!.after);
    expect(take(recomputeUpgrades(bandit, DESK)).length).toBe(1);
  });
});

const STATE = `${KEPT}; spread: Decimal = 0`;
const copying = (change: string) => `state { ${STATE} }
  ${SIZE}
  migration 1.0.0 -> 1.1.0 (old) { State(${keeping("count", "price", "risk", "seen")}, ${change}) }`;

const RENAMED: Version = CASES[1]!.second;

describe("an upgrade is refused, and nothing is changed", () => {
  const REFUSED: readonly (readonly [what: string, second: Version, reason: string])[] = [
    [
      "when the migration faults on the state",
      { version: "1.1.0", program: copying("spread: old.spread / (old.spread - 31)") },
      "DivisionByZero",
    ],
    [
      "when the migration asks for more than its grant",
      { version: "1.1.0", program: copying("spread: int.toDecimal(list.length(list.repeat(old.count, 400000000)))") },
      "out of memory: the grant of 268435456 bytes is used up",
    ],
    [
      "when the migration is of other types than the state",
      {
        version: "1.1.0",
        program: copying(
          "spread: old.spread + decimal.sum(map.values(map.mapValues(old.risk, fn(r) { r + old.count })))",
        ).replace("count: old.count", "count: 7"),
      },
      "takes count as decimal, the old state has int",
    ],
    [
      "when the migration reads a field that the state has not",
      { version: "1.1.0", program: copying("spread: old.spraed") },
      "the old state has no field `spraed`; did you mean `spread`?",
    ],
    [
      "when the migration is from another version",
      { version: "1.1.0", program: copying("spread: old.spread + 1").replace("1.0.0 ->", "1.0.1 ->") },
      "1.1.0 is reached by a migration from 1.0.1, and alice/Desk runs 1.0.0: a migration is written for the states of one version",
    ],
    [
      "when a migration is missing",
      { version: "1.1.0", program: RENAMED.program.replace(/migration[\s\S]*/, "") },
      "$.oraclePrice looks like a rename of price",
    ],
    [
      "when what the migration leaves to the rules breaks them",
      {
        version: "1.1.0",
        program: copying("spread: old.spread + 1").replace("count: Int", "count: Decimal"),
        allowed: [],
      },
      "$.count changes its type",
    ],
  ];

  it.each(REFUSED)("%s", async (_, second, reason) => {
    // The rules of the version that runs govern: where the next one allows nothing, this one does not either.
    const { bandit } = await desk({ ...FIRST, allowed: second.allowed ?? EVERY_RULE });
    const before = take(loadInstance(bandit, DESK));
    const { done } = await upgradeTo(bandit, await compile(second));
    expect(done).toMatchObject({ ok: false, error: { kind: "Refused", reason: expect.stringContaining(reason) } });
    const after = take(loadInstance(bandit, DESK));
    expect(after.instance).toEqual(before.instance);
    expect(after.events.at(-1)!.event).toMatchObject({ kind: "UpgradeRefused", version: "1.1.0" });
    expect(after.events.length).toBe(before.events.length + 1);
    // And the program goes on as it was.
    await call(bandit, "note", number("3000"));
    expect(show(stateOf(bandit))).toContain("seen: [2900, 3100, 3000]");
  });
});

describe("versions on the way", () => {
  const SECOND: Version = { version: "1.1.0", program: `state { ${STATE}; limit: Decimal = 5 }\n${SIZE}` };
  const third = (limit: string): Version => ({
    version: "1.2.0",
    program: `state { ${STATE}; cap: Decimal = 0 }
      ${SIZE}
      migration 1.1.0 -> 1.2.0 (old) { State(${keeping("count", "price", "risk", "seen", "spread")}, cap: ${limit}) }`,
  });

  it("are taken in order, each with its own plan and migration, in one message", async () => {
    const { world, bandit } = await desk();
    await storeCompiled(bandit.store, await compile(SECOND));
    const { planned, versions, done } = await upgradeTo(bandit, await compile(third("old.limit * 2")));
    expect(planned.steps.map((s) => [s.from.version, s.to.version, s.plan.verdict])).toEqual([
      ["1.0.0", "1.1.0", "auto"],
      ["1.1.0", "1.2.0", "migrated"],
    ]);
    const { records } = take(done);
    expect(show(stateOf(bandit))).toContain("cap: 10");
    const { instance, events } = take(loadInstance(bandit, DESK));
    expect(instance).toMatchObject({ version: "1.2.0", retired: ["$.limit"] });
    expect(events.slice(-2).map(({ event }) => event)).toMatchObject([
      { kind: "Upgraded", to: versions[0], version: "1.1.0", record: records[0] },
      { kind: "Upgraded", from: versions[0], to: versions[1], version: "1.2.0", record: records[1] },
    ]);
    expect(take(recomputeUpgrades(startBandit(world), DESK)).map((one) => one.to)).toEqual(["1.1.0", "1.2.0"]);
  });

  it("are all taken or none", async () => {
    const { bandit } = await desk();
    await storeCompiled(bandit.store, await compile(SECOND));
    const before = take(loadInstance(bandit, DESK)).instance;
    const { done } = await upgradeTo(bandit, await compile(third("old.limit / (old.limit - 5)")));
    expect(done).toMatchObject({
      ok: false,
      error: { reason: expect.stringMatching(/^1\.1\.0 → 1\.2\.0: .*DivisionByZero/) },
    });
    expect(take(loadInstance(bandit, DESK)).instance).toEqual(before);
  });

  it("that are not in the store are asked for", async () => {
    const { bandit } = await desk();
    const { planned, done } = await upgradeTo(bandit, await compile(third("old.limit * 2")));
    expect(done).toMatchObject({ ok: false, error: { reason: expect.stringContaining("from 1.1.0") } });
    expect(planned.steps[0]!.plan.problems[0]).toMatchObject({
      code: "SCH0150",
      fix: expect.stringContaining("--through DIRECTORY"),
    });
  });

  it("are not planned without the program's definition, which says what its migrations are", async () => {
    const { bandit } = await desk();
    const compiled = await compile(RENAMED);
    const to = await storeCompiled(bandit.store, compiled);
    const { definition } = compiled.program;
    const get = (hash: string) => (hash === definition ? undefined : bandit.store.blocks.get(hash as typeof to));
    const without = { ...bandit, store: { ...bandit.store, blocks: { ...bandit.store.blocks, get } } };
    for (const planned of [planUpgrade(without, DESK, to), stepsTo(without, DESK, to)])
      expect(planned).toMatchObject({ ok: false, error: { kind: "NoBlock", what: "definition of Desk 1.1.0" } });
  });

  it("are no more than 32, and at least one", async () => {
    const { bandit } = await desk();
    const second = await compile(SECOND);
    const to = await storeCompiled(bandit.store, second);
    for (const versions of [[], new Array(33).fill(to)]) {
      const message = sign(bandit, { kind: "UpgradeThrough", program: DESK, versions, config: to });
      expect(await upgrade(bandit, message)).toMatchObject({ ok: false, error: { kind: "Refused" } });
    }
  });

  it("do not matter to code that is compiled again under the version that runs", async () => {
    const { bandit } = await desk();
    take((await upgradeTo(bandit, await compile(RENAMED))).done);
    const again = { ...RENAMED, program: RENAMED.program.replace("list.length(state.seen)", "state.count") };
    take((await upgradeTo(bandit, await compile(again))).done);
    expect((await call(bandit, "size")).value).toBe(7);
  });
});

describe("a program whose migration leads elsewhere", () => {
  it("does not compile", async () => {
    const stale = { ...RENAMED, version: "1.2.0" };
    await expect(compile(stale)).rejects.toThrow("1 problem");
  });
});

describe("another party", () => {
  /** A log in which the owner asked for the rename, and the Bandit wrote what `change` makes of the right entry. */
  async function logWith(change: (event: Instance.InstanceEvent & { kind: "Upgraded" }, to: CompiledFolder) => object) {
    const { bandit } = await desk();
    const compiled = await compile(RENAMED);
    const to = await storeCompiled(bandit.store, compiled);
    const message = await asked(bandit, compiled, [to]);
    const planned = take(planUpgrade(bandit, DESK, to));
    const judged = judge(planned, Message.hash(message));
    if (!judged.ok) throw new Error(judged.error.join());
    take(await submit(bandit, message));
    await bandit.store.write((transaction) => {
      for (const block of judged.value.blocks) transaction.put(block);
    });
    const event = judged.value.events[0]!;
    await recordInstance(bandit, DESK, { ...event, ...change(event, compiled) });
    return recomputeUpgrades(bandit, DESK);
  }

  it("accepts what the log and the code give", async () => {
    expect(await logWith(() => ({}))).toMatchObject({ ok: true, value: [{ from: "1.0.0", to: "1.1.0" }] });
  });

  it.each([
    ["another result", (event) => ({ after: event.before }), "its after is"],
    ["another record", (event) => ({ record: event.before }), "its record is"],
    ["another state before", (event) => ({ before: event.after }), "its before is"],
    ["fewer retired names", () => ({ retired: [] }), "its retired is"],
    ["another program, with another migration", (event) => ({ to: event.from }), "no message of the owner asks for it"],
    ["a message that nobody signed", (event) => ({ message: event.before }), "cannot be read"],
  ] satisfies readonly [string, (event: Instance.InstanceEvent & { kind: "Upgraded" }) => object, string][])(
    "rejects %s",
    async (_, change, reason) => {
      expect(await logWith(change)).toMatchObject({
        ok: false,
        error: { kind: "Refused", reason: expect.stringContaining(reason) },
      });
    },
  );
});

describe("a crash during upgrades with migrations", () => {
  /** Deploys, notes and upgrades through two versions, doing only what is missing. */
  async function live(bandit: Bandit, versions: readonly CompiledFolder[]): Promise<void> {
    await finishWhatWasCutOff(bandit);
    if (!loadInstance(bandit, DESK).ok || take(loadInstance(bandit, DESK)).instance.status === "deployed")
      await deployDesk(bandit, versions[0]!);
    if (take(loadInstance(bandit, DESK)).instance.runs === 0) await call(bandit, "note", number("2900"));
    await storeCompiled(bandit.store, versions[1]!);
    const { version } = take(loadInstance(bandit, DESK)).instance;
    if (version !== "1.2.0") take((await upgradeTo(bandit, versions[2]!)).done);
  }

  it("just before or just after any write leaves all steps or none", async () => {
    const versions = [
      await compile(FIRST),
      await compile({ version: "1.1.0", program: `state { ${STATE}; limit: Decimal = 5 }\n${SIZE}` }),
      await compile({
        version: "1.2.0",
        program: `state { ${STATE}; cap: Decimal = 0 }
          ${SIZE}
          migration 1.1.0 -> 1.2.0 (old) { State(${keeping("count", "price", "risk", "seen", "spread")}, cap: old.limit + 1) }`,
      }),
    ];
    const whole = createWorld();
    const counted = crashingStore(whole.store, 0, "before");
    await live(startBandit(whole, counted.store), versions);
    for (let at = 1; at <= counted.writes(); at++) {
      const both = ["before", "after"] as const;
      for (const when of ALL_CRASHES ? both : [both[at % 2]!]) {
        const world = createWorld();
        const { store } = crashingStore(world.store, at, when);
        await expect(live(startBandit(world, store), versions)).rejects.toThrow(Crash);
        const bandit = startBandit(world);
        const found = loadInstance(bandit, DESK);
        if (found.ok) expect(["1.0.0", "1.2.0"]).toContain(found.value.instance.version);
        await live(bandit, versions);
        expect(show(stateOf(bandit))).toContain("cap: 6");
        const kinds = take(loadInstance(bandit, DESK)).events.map(({ event }) => event.kind);
        expect(kinds.filter((kind) => kind === "Upgraded").length).toBe(2);
        expect(take(recomputeUpgrades(bandit, DESK)).length).toBe(2);
      }
    }
  });
});
