/** What programs do through their account and to each other: every asset stays accounted for, every call ends. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFolder } from "../../apps/cli/node/compile.ts";
import { Decimal, show, type Value } from "../../src/content/index.ts";
import { showExecutionError } from "../../src/execution/index.ts";
import {
  Account,
  type Bandit,
  deposit,
  invoke,
  loadAccount,
  loadInstance,
  openAccount,
  type RunReport,
  reconcile,
  recover,
} from "../../src/programs/index.ts";
import { type Compiled, deploy, sign } from "./life.ts";
import {
  aliceSigner,
  balanceOf,
  Crash,
  crashingStore,
  createWorld,
  eventsOf,
  gaps,
  startBandit,
  take,
  type World,
} from "./memoryWorld.ts";

const folder = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const dec = (text: string) => Decimal.parse(text)!;
const NOBODY = `0x${"ab".repeat(20)}`;
const compiled = new Map<string, Compiled>();

beforeAll(async () => {
  for (const name of ["treasurer", "desk", "teller"]) compiled.set(name, await compileFolder(folder(name)));
});

/** alice with 5 ETH on each chain, bob with nothing, and these programs live. */
async function settled(world: World, ...programs: readonly string[]): Promise<Bandit> {
  const bandit = startBandit(world);
  take(await openAccount(bandit, "alice", aliceSigner.publicKey));
  take(await openAccount(bandit, "bob", new Uint8Array(32).fill(9)));
  for (const timeline of ["ethereum", "optimism"])
    take(await deposit(bandit, "alice", timeline, "ETH", dec("5"), `first/${timeline}`));
  for (const name of programs) await deploy(bandit, compiled.get(name)!);
  return bandit;
}

const call = async (bandit: Bandit, program: string, entry: string, ...args: readonly Value.Value[]) =>
  invoke(bandit, sign(bandit, { kind: "Invoke", program: `alice/${program}`, entry, arguments: args }));

const result = (report: RunReport) =>
  report.error === undefined ? show(report.value) : showExecutionError(report.error);

const held = (bandit: Bandit) => [
  balanceOf(bandit, "alice", "ethereum", "ETH"),
  balanceOf(bandit, "alice", "optimism", "ETH"),
  balanceOf(bandit, "bob", "ethereum", "ETH"),
  balanceOf(bandit, "bob", "optimism", "ETH"),
];

describe("a program moves assets of its account", () => {
  it.each<[string, string, readonly Value.Value[], string, readonly string[]]>([
    [
      "transfers from timelines in the order of their names",
      "give",
      ["bob", "ETH", dec("6")],
      "Ok(1)",
      ["0", "4", "5", "1"],
    ],
    [
      "refuses more than there is, and says what there is",
      "give",
      ["bob", "ETH", dec("10.5")],
      'Err(NotEnough(asset: "ETH", available: 10, needed: 10.5))',
      ["5", "5", "0", "0"],
    ],
    [
      "refuses a receiver that does not exist",
      "give",
      ["carol", "ETH", dec("1")],
      'Err(AccountRefused(reason: "there is no account or program named carol"))',
      ["5", "5", "0", "0"],
    ],
    [
      "refuses an amount that is not positive",
      "give",
      ["bob", "ETH", dec("-1")],
      'Err(AccountRefused(reason: "an amount must be greater than zero, got -1"))',
      ["5", "5", "0", "0"],
    ],
    [
      "refuses more digits than the asset has, which could never be paid out",
      "give",
      ["bob", "ETH", dec("0.0000000000000000001")],
      'Err(AccountRefused(reason: "0.0000000000000000001 has more digits than ETH on ethereum: at most 18 after the point"))',
      ["5", "5", "0", "0"],
    ],
    [
      "sends a part of Funds and gives the rest back",
      "split",
      ["bob", "ETH", dec("6"), dec("5.5")],
      "Ok(1)",
      ["0.5", "4", "4.5", "1"],
    ],
    ["pays Funds out to an address", "payOut", ["ETH", dec("2"), NOBODY], "Ok(2)", ["3", "5", "0", "0"]],
    [
      "does not pay out to what is no address",
      "payOut",
      ["ETH", dec("2"), "bob"],
      'Err(AccountRefused(reason: "the receiver is not an address: 0x and 40 hex digits"))',
      ["5", "5", "0", "0"],
    ],
    ["withdraws to the Traveler's own address", "takeOut", ["ETH", dec("1.25")], "Ok(3)", ["3.75", "5", "0", "0"]],
    [
      "does not withdraw more than lies on that timeline",
      "takeOut",
      ["ETH", dec("6")],
      'Err(NotEnough(asset: "ETH", available: 5, needed: 6))',
      ["5", "5", "0", "0"],
    ],
    ["deposits", "bring", ["ETH", dec("3")], "Ok(4)", ["8", "5", "0", "0"]],
    [
      "does not deposit what the Traveler does not have",
      "bring",
      ["ETH", dec("1000000")],
      expect.stringContaining("AccountRefused") as unknown as string,
      ["5", "5", "0", "0"],
    ],
    [
      "has Funds of a run that faults free again",
      "drop",
      ["ETH", dec("4"), 0],
      "division by zero",
      ["5", "5", "0", "0"],
    ],
  ])("%s", async (_, entry, args, expected, balances) => {
    const world = createWorld();
    const bandit = await settled(world, "treasurer");
    const report = take(await call(bandit, "Treasurer", entry, ...args));
    expect(result(report)).toEqual(typeof expected === "string" ? expect.stringContaining(expected) : expected);
    expect(held(bandit)).toEqual(balances);
    expect(gaps(world, bandit, ["alice", "bob"])).toEqual([]);
    const { account } = take(loadAccount(bandit, "alice"));
    expect([account.held.size, account.outstanding.size, account.answers.size]).toEqual([0, 0, 0]);
  });

  it.each(["give", "split", "payOut", "takeOut", "bring"])(
    "does not move anything twice when %s crashes at any write",
    async (entry) => {
      const args: { readonly [entry: string]: readonly Value.Value[] } = {
        give: ["bob", "ETH", dec("6")],
        split: ["bob", "ETH", dec("6"), dec("5.5")],
        payOut: ["ETH", dec("2"), NOBODY],
        takeOut: ["ETH", dec("1.25")],
        bring: ["ETH", dec("3")],
      };
      const whole = createWorld();
      const untroubled = await settled(whole, "treasurer");
      take(await call(untroubled, "Treasurer", entry, ...args[entry]!));
      for (let at = 2; ; at++) {
        const world = createWorld();
        await settled(world, "treasurer");
        const when = at % 2 === 0 ? "before" : "after";
        const { store, writes } = crashingStore(world.store, at, when);
        const crashed = await call(startBandit(world, store), "Treasurer", entry, ...args[entry]!).catch(
          (error) => error,
        );
        if (writes() < at) break;
        expect(crashed).toBeInstanceOf(Crash);
        const bandit = startBandit(world);
        take(await recover(bandit, "alice/Treasurer"));
        take(await reconcile(bandit, "alice"));
        expect(held(bandit)).toEqual(held(untroubled));
        expect(gaps(world, bandit, ["alice", "bob"])).toEqual([]);
        expect([...world.chains.values()].map(eventsOf)).toEqual([...whole.chains.values()].map(eventsOf));
        expect(take(loadInstance(bandit, "alice/Treasurer")).instance).toMatchObject({ runs: 1, pending: [] });
      }
    },
  );
});

describe("a timeline that is away", () => {
  it("holds a payment that was not signed for half a minute, then nothing was done and the program is told so", async () => {
    const world = createWorld();
    const bandit = await settled(world, "treasurer");
    world.chains.get("ethereum")!.garble(true);
    const report = take(await call(bandit, "Treasurer", "takeOut", "ETH", dec("1")));
    expect(result(report)).toContain("AccountFailed(effects: NoneDone");
    world.chains.get("ethereum")!.garble(false);
    expect(held(bandit)).toEqual(["5", "5", "0", "0"]);
    expect(take(await reconcile(bandit, "alice"))).toEqual([]);
    expect(gaps(world, bandit, ["alice", "bob"])).toEqual([]);
  });

  it("leaves open what was signed, and the fact of it settles the account later", async () => {
    const world = createWorld();
    const bandit = await settled(world, "treasurer");
    const chain = world.chains.get("ethereum")!;
    // The chain takes the transaction and is silent from then on.
    const quiet = startBandit({
      ...world,
      chains: new Map([...world.chains]).set("ethereum", {
        ...chain,
        include: (raw) => {
          const included = chain.include(raw);
          chain.garble(true);
          return included;
        },
      }),
    });
    const report = take(await call(quiet, "Treasurer", "takeOut", "ETH", dec("1")));
    expect(result(report)).toContain("AccountFailed(effects: Unknown");
    expect(take(loadAccount(bandit, "alice")).account.outstanding.size).toBe(1);
    expect(held(bandit)[0]).toBe("4");
    chain.garble(false);
    expect(take(await reconcile(bandit, "alice"))).toMatchObject([{ outcome: "done" }]);
    expect(held(bandit)).toEqual(["4", "5", "0", "0"]);
    expect(eventsOf(chain).filter((name) => name === "Withdrawn")).toHaveLength(1);
    expect(gaps(world, bandit, ["alice", "bob"])).toEqual([]);
  });

  it("does not let a deposit be forgotten: the next command finishes the first one", async () => {
    const world = createWorld();
    const bandit = await settled(world);
    const chain = world.chains.get("optimism")!;
    for (let at = 1; ; at++) {
      const { store, writes } = crashingStore(world.store, at, "after");
      const name = `deposit/${at}`;
      await deposit(startBandit(world, store), "alice", "optimism", "USDC", dec("10"), name).catch(() => {});
      if (writes() < at) break;
      take(await reconcile(bandit, "alice"));
      expect(gaps(world, bandit, ["alice", "bob"])).toEqual([]);
      expect(take(loadAccount(bandit, "alice")).account.outstanding.size).toBe(0);
    }
    expect(eventsOf(chain).filter((event) => event === "Deposited").length).toBeGreaterThan(1);
  });
});

describe("a program calls another", () => {
  it("gets its answer; both logs have the run", async () => {
    const bandit = await settled(createWorld(), "desk", "teller");
    expect(result(take(await call(bandit, "Teller", "ask", 10, 50)))).toBe('"high"');
    expect(take(loadInstance(bandit, "alice/Desk")).instance).toMatchObject({ runs: 1, pending: [] });
  });

  it("is told when the callee faults, is not active, or is nobody", async () => {
    const bandit = await settled(createWorld(), "teller");
    expect(result(take(await call(bandit, "Teller", "ask", 10, 50)))).toBe(
      '"refused: there is no program alice/Desk here"',
    );
    await deploy(bandit, compiled.get("desk")!);
    expect(result(take(await call(bandit, "Teller", "ask", 0, 50)))).toContain(
      "failed: DivisionByZero: division by zero",
    );
  });

  it("are refused when the callee needs a timeline that is away: it would begin and fail", async () => {
    const bandit = await settled(createWorld(), "desk", "teller");
    const blind = { ...bandit, timelines: new Map() };
    expect(result(take(await call(blind, "Teller", "ask", 10, 50)))).toBe(
      '"refused: alice/Desk needs ethereum, which is not reached from here now"',
    );
    expect(take(loadInstance(bandit, "alice/Desk")).instance.runs).toBe(0);
  });

  it("is refused a call in a circle", async () => {
    const bandit = await settled(createWorld(), "desk", "teller");
    expect(result(take(await call(bandit, "Teller", "circle")))).toContain("calls in a circle are refused");
  });

  it("goes on at its own deadline, and can ask later what became of the call", async () => {
    const bandit = await settled(createWorld(), "desk", "teller");
    expect(result(take(await call(bandit, "Teller", "impatient")))).toContain("has not answered yet");
    take(await recover(bandit, "alice/Desk"));
    expect(take(loadInstance(bandit, "alice/Desk")).instance).toMatchObject({ runs: 1, pending: [] });
    expect(take(loadInstance(bandit, "alice/Teller")).instance).toMatchObject({ runs: 1, pending: [] });
  });

  it("is carried out once when anything crashes, whichever of the two is looked at first", async () => {
    for (const order of [
      ["Teller", "Desk"],
      ["Desk", "Teller"],
    ]) {
      for (let at = 2; ; at++) {
        const world = createWorld();
        await settled(world, "desk", "teller");
        const { store, writes } = crashingStore(world.store, at, at % 2 === 0 ? "before" : "after");
        await call(startBandit(world, store), "Teller", "ask", 10, 50).catch(() => {});
        if (writes() < at) break;
        const bandit = startBandit(world);
        for (const name of order) take(await recover(bandit, `alice/${name}`));
        for (const name of order)
          expect(take(loadInstance(bandit, `alice/${name}`)).instance).toMatchObject({ runs: 1, pending: [] });
      }
    }
  });

  it("runs one at a time per program, however many are asked for at once", async () => {
    const bandit = await settled(createWorld(), "desk", "teller");
    const signed = (entry: string, ...args: Value.Value[]) =>
      sign(bandit, { kind: "Invoke", program: "alice/Desk", entry, arguments: args });
    // Signed with the same nonce: one is taken, the others are refused.
    const reports = await Promise.all([1, 2, 3].map((by) => invoke(bandit, signed("check", 1, by))));
    expect(reports.filter((report) => report.ok)).toHaveLength(1);
    expect(take(loadInstance(bandit, "alice/Desk")).instance.runs).toBe(1);
  });
});

describe("who may do what", () => {
  it("only the owner's account calls, activates and upgrades a program", async () => {
    const world = createWorld();
    const bandit = await settled(world, "desk");
    take(await openAccount(bandit, "eve", aliceSigner.publicKey));
    const message = { ...sign(bandit, { kind: "Invoke", program: "alice/Desk", entry: "check", arguments: [1, 1] }) };
    const { signMessage } = await import("../../src/programs/index.ts");
    const foreign = take(
      signMessage(bandit, "eve", aliceSigner, {
        kind: "Invoke",
        program: "alice/Desk",
        entry: "check",
        arguments: [1, 1],
      }),
    );
    expect(await invoke(bandit, foreign)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: "alice/Desk belongs to alice, not to eve" },
    });
    expect(take(loadInstance(bandit, "alice/Desk")).instance.runs).toBe(0);
    take(await invoke(bandit, message));
    expect(await invoke(bandit, message)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("already used") },
    });
    expect(Account.balance(take(loadAccount(bandit, "eve")).account, "ethereum", "ETH")).toEqual(Decimal.zero);
  });
});
