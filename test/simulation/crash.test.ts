/**
 * A crash at any durable write, just before it or just after: whoever comes back to the same store and the same chains
 * finds nothing lost, does nothing twice, and comes to the same end.
 */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFolder } from "../../apps/cli/node/compile.ts";
import { type Bandit, loadAccount, loadInstance } from "../../src/programs/index.ts";
import { type Compiled, liveOn, PROGRAM } from "./life.ts";
import { Crash, crashingStore, createWorld, eventsOf, gaps, startBandit, take, type World } from "./memoryWorld.ts";

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
/**
 * Above 0 (npm run test:crash): every write crashes both before and after, and that many lives more crash several times
 * each, at random places. Else every second write crashes before, and the others after.
 */
const ROUNDS = Number(process.env["TB_CRASH_ROUNDS"] ?? 0);

let first: Compiled;
let second: Compiled;
beforeAll(async () => {
  first = await compileFolder(example("cross-chain-arb"));
  second = await compileFolder(example("cross-chain-arb-1.3.0"));
});

/** Lives until the crash, if it comes; says whether it came. */
async function liveUntilCrash(world: World, at: number, when: "before" | "after"): Promise<boolean> {
  const { store } = crashingStore(world.store, at, when);
  try {
    await liveOn(startBandit(world, store), first, second);
    return false;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return true;
  }
}

/** What must be true at the end of every life. */
function expectWholeLife(world: World, bandit: Bandit): void {
  const chains = [...world.chains.values()];
  const count = (name: string) => chains.map((chain) => eventsOf(chain).filter((event) => event === name).length);
  expect(count("Bought")).toEqual([1, 0]);
  expect(count("Sold")).toEqual([0, 1]);
  expect(count("Registered")).toEqual([1, 1]);
  expect(count("Deposited")).toEqual([2, 2]);
  expect(gaps(world, bandit, ["alice"])).toEqual([]);
  const { account, deployments } = take(loadAccount(bandit, "alice"));
  expect([...account.outstanding.keys()]).toEqual([]);
  expect([...account.held.keys()]).toEqual([]);
  expect([...deployments.values()].map((d) => d.components.map((c) => c.status))).toEqual([["active", "active"]]);
  const { instance, events } = take(loadInstance(bandit, PROGRAM));
  expect(instance).toMatchObject({ status: "active", version: "1.3.0", runs: 1, pending: [] });
  const kinds = events.map(({ event }) => event.kind);
  for (const kind of ["Created", "Activated", "RunStarted", "Emitted", "RunEnded", "Upgraded"])
    expect(kinds.filter((one) => one === kind)).toEqual([kind]);
}

describe("a crash at any write", () => {
  let writes = 0;

  it("does not come: the life runs to its end in one go", async () => {
    const world = createWorld();
    const counted = crashingStore(world.store, 0, "before");
    await liveOn(startBandit(world, counted.store), first, second);
    writes = counted.writes();
    expect(writes).toBeGreaterThan(30);
    expectWholeLife(world, startBandit(world));
  });

  it.each(["before", "after"] as const)(
    "just %s any one write: nothing is lost and nothing is done twice",
    async (when) => {
      for (let at = when === "before" ? 1 : 2; at <= writes; at += ROUNDS > 0 ? 1 : 2) {
        const world = createWorld();
        expect(await liveUntilCrash(world, at, when)).toBe(true);
        const bandit = startBandit(world);
        await liveOn(bandit, first, second);
        expectWholeLife(world, bandit);
      }
    },
  );

  it("is repaired without a look at the runs of others", async () => {
    const isOpen = (world: World) => {
      const view = loadInstance(startBandit(world), PROGRAM);
      return view.ok && view.value.instance.pending.length > 0;
    };
    let repaired = 0;
    for (let at = 1; at <= writes; at += ROUNDS > 0 ? 1 : 3) {
      const world = createWorld();
      await liveUntilCrash(world, at, "after");
      if (!isOpen(world)) continue;
      const logStreams = (prefix: string) => {
        if ("run/".startsWith(prefix) || prefix.startsWith("run/")) throw new Error("all runs are read");
        return world.store.logStreams(prefix);
      };
      const bandit = startBandit(world, { ...world.store, logStreams });
      await liveOn(bandit, first, second);
      expectWholeLife(world, bandit);
      repaired++;
    }
    expect(repaired).toBeGreaterThan(0);
  });

  it("comes again and again, also while the last one is repaired", async () => {
    let state = 12345;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    for (let round = 0; round < Math.max(ROUNDS, 3); round++) {
      const world = createWorld();
      for (let crash = 0; crash < 6; crash++)
        if (!(await liveUntilCrash(world, 1 + random(25), random(2) === 0 ? "before" : "after"))) break;
      const bandit = startBandit(world);
      await liveOn(bandit, first, second);
      expectWholeLife(world, bandit);
    }
  });
});
