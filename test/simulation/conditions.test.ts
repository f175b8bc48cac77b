/** Activation by conditions: facts that keepers sign decide, and after the deadline what the manifest says. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { configOf } from "../../apps/cli/node/deployments.ts";
import { evaluateArguments } from "../../apps/cli/node/runs.ts";
import { type ContentHash, Decimal, decodeValue, show } from "../../src/content/index.ts";
import type { Clock } from "../../src/execution/index.ts";
import {
  advance,
  approveActivation,
  type Bandit,
  Deployment,
  deposit,
  invoke,
  loadAccount,
  loadInstance,
  openAccount,
  openDeployment,
  putData,
} from "../../src/programs/index.ts";
import { Fact } from "../../src/protocol/index.ts";
import { type Compiled, sign } from "./life.ts";
import { aliceSigner, createWorld, eventsOf, idleClock, startBandit, take, type World } from "./memoryWorld.ts";

const DAY = 24 * 60 * 60 * 1000;
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compileFolder(fileURLToPath(new URL("programs/waiter", import.meta.url)));
});

interface Scene {
  readonly world: World;
  readonly bandit: Bandit;
  /** Moves the clock. */
  readonly sleep: (milliseconds: number) => void;
  readonly id: ContentHash.ContentHash;
}

async function deployed(onFailure: "compensate" | "hold" = "compensate"): Promise<Scene> {
  const world = createWorld();
  let ahead = 0;
  const idle = idleClock();
  const clock: Clock = { ...idle, now: () => idle.now() + ahead };
  const bandit = startBandit(world, world.store, clock);
  take(await openAccount(bandit, "alice", aliceSigner.publicKey));
  const program = await storeCompiled(bandit.store, compiled);
  const config = { ...configOf(compiled, clock.now()), onFailure };
  const hash = await putData(bandit, Deployment.DeploymentConfig, config);
  const id = take(await openDeployment(bandit, sign(bandit, { kind: "DeployProgram", program, config: hash })));
  const sleep = (milliseconds: number) => {
    ahead += milliseconds;
  };
  return { world, bandit, sleep, id };
}

const look = async ({ bandit, id }: Scene) => take(await advance(bandit, "alice", id));
const stock = async ({ bandit }: Scene, timeline: string) =>
  take(await deposit(bandit, "alice", timeline, "ETH", Decimal.fromInt(1), `stock/${timeline}`));
const approve = ({ bandit, id }: Scene) =>
  approveActivation(bandit, sign(bandit, { kind: "ActivateProgram", deployment: id, component: undefined }));
const statuses = (deployment: Deployment.Deployment) => deployment.components.map((c) => c.status).join(" ");
const nexts = (deployment: Deployment.Deployment, now: number) =>
  Deployment.nextSteps(deployment, now).map((step) => (step.do === "wait" ? step.next : step.do));

describe("activation by conditions", () => {
  it("records each condition with the facts that show it on every timeline, and then activates all", async () => {
    const scene = await deployed();
    const { bandit, id } = scene;
    const waiting = await look(scene);
    expect(statuses(waiting)).toBe("verified verified");
    expect([...waiting.conditions]).toEqual(["MarketOpen"]);
    expect(nexts(waiting, bandit.clock.now())[0]).toContain("these conditions must be met: Stocked");
    await stock(scene, "ethereum");
    expect(statuses(await look(scene))).toBe("verified verified");
    await stock(scene, "optimism");
    expect(Deployment.isLive(await look(scene))).toBe(true);
    expect(take(loadInstance(bandit, "alice/Waiter")).instance.status).toBe("active");

    const met = take(loadAccount(bandit, "alice")).entries.flatMap(({ event }) => {
      const read = Deployment.DeploymentEvent.fromValue(event);
      return read.ok && read.value.kind === "ConditionMet" ? [read.value] : [];
    });
    expect(met.map((event) => [event.deployment, event.condition])).toEqual([
      [id, "MarketOpen"],
      [id, "Stocked"],
    ]);
    const evidence = decodeValue(bandit.store.blocks.get(met[1]!.evidence)!);
    const items =
      evidence.ok && typeof evidence.value === "object" && evidence.value.tag === "list" ? evidence.value.items : [];
    const facts = items.map((item) => {
      if (typeof item !== "object" || item.tag !== "hash") throw new Error("not an address");
      return take(Fact.decode(bandit.store.blocks.get(item.hash)!) as never) as Fact;
    });
    expect(facts.map((fact) => fact.body.timeline)).toEqual(["eip155:31337", "eip155:42001"]);
  });

  it("waits with an error while a timeline is away, and goes on from the log", async () => {
    const scene = await deployed();
    await look(scene);
    await stock(scene, "ethereum");
    await stock(scene, "optimism");
    scene.world.chains.get("optimism")!.garble(true);
    expect(await advance(scene.bandit, "alice", scene.id)).toMatchObject({ ok: false, error: { kind: "Timeline" } });
    scene.world.chains.get("optimism")!.garble(false);
    expect(Deployment.isLive(await look(scene))).toBe(true);
  });

  it("is taken back when the deadline passes, and says why its owner's word counts for nothing before", async () => {
    const scene = await deployed("compensate");
    await look(scene);
    expect(await approve(scene)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("becomes active by its conditions") },
    });
    scene.sleep(2 * DAY);
    await stock(scene, "ethereum");
    await stock(scene, "optimism");
    expect(statuses(await look(scene))).toBe("withdrawn withdrawn");
    expect(
      take(loadAccount(scene.bandit, "alice"))
        .entries.map(({ event }) => show(event))
        .join("\n"),
    ).toContain("its conditions were not met by the deadline");
    expect(eventsOf(scene.world.chains.get("ethereum")!)).toEqual(expect.arrayContaining(["Registered", "Withdrawn"]));
  });

  it("is held after the deadline until its owner activates it", async () => {
    const scene = await deployed("hold");
    await look(scene);
    scene.sleep(2 * DAY);
    const held = await look(scene);
    expect(statuses(held)).toBe("verified verified");
    expect(nexts(held, scene.bandit.clock.now())[0]).toBe(
      "the deadline has passed without Stocked: the owner may activate the deployment",
    );
    take(await approve(scene));
    expect(Deployment.isLive(await look(scene))).toBe(true);
  });

  it("says which condition cannot be observed, and why", async () => {
    const scene = await deployed();
    const without = new Map(
      [...scene.bandit.timelines].map(([name, access]) => [name, { ...access, contracts: new Map() }] as const),
    );
    const blind = { ...scene.bandit, timelines: without };
    expect(await advance(blind, "alice", scene.id)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringMatching(/condition MarketOpen cannot be observed: .*market/) },
    });
  });
});

describe("arguments from the command line", () => {
  it("take a whole number where the entry takes a Decimal, as source text does", async () => {
    const { bandit } = await deployed();
    const read = async (text: string) => evaluateArguments(bandit, "alice/Waiter", "serve", [text]);
    expect(await read("12")).toEqual([Decimal.fromInt(12)]);
    expect(await read("1000000000000000000000")).toEqual([Decimal.parse("1e21")]);
    expect(await read("0.5")).toEqual([Decimal.parse("0.5")]);
    expect(await read('"12"')).toEqual(["12"]);
  });
});

describe("an entry that computes for ever", () => {
  it("ends when its grant is used up, and lets the host breathe meanwhile", async () => {
    const scene = await deployed();
    await stock(scene, "ethereum");
    await stock(scene, "optimism");
    await look(scene);
    let breaths = 0;
    const bandit: Bandit = {
      ...scene.bandit,
      breathe: async () => {
        breaths++;
      },
    };
    const message = sign(bandit, { kind: "Invoke", program: "alice/Waiter", entry: "dream", arguments: [] });
    expect(take(await invoke(bandit, message))).toMatchObject({
      outcome: "faulted",
      error: { kind: "OutOfFuel", fuel: 1_000_000_000 },
    });
    expect(breaths).toBeGreaterThan(10);
    expect(take(loadInstance(bandit, "alice/Waiter")).instance.pending).toEqual([]);
  });
});
