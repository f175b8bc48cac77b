/** Deployments that meet trouble: each ends all active, all withdrawn, or waits with a next step. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import {
  advance,
  approveActivation,
  type Bandit,
  Deployment,
  loadAccount,
  loadInstance,
  openAccount,
  openDeployment,
  upgrade,
} from "../../src/programs/index.ts";
import { err } from "../../src/std/index.ts";
import { type Compiled, deploy, PROGRAM, sign } from "./life.ts";
import { aliceSigner, createWorld, eventsOf, startBandit, take, type World } from "./memoryWorld.ts";

let compiled: Compiled;
beforeAll(async () => {
  compiled = await compileFolder(fileURLToPath(new URL("../../examples/cross-chain-arb", import.meta.url)));
});

async function opened(): Promise<{ readonly world: World; readonly bandit: Bandit }> {
  const world = createWorld();
  const bandit = startBandit(world);
  take(await openAccount(bandit, "alice", aliceSigner.publicKey));
  return { world, bandit };
}

const statuses = (bandit: Bandit) =>
  [...take(loadAccount(bandit, "alice")).deployments.values()].map((d) => d.components.map((c) => c.status).join(" "));

/** A registry on optimism that refuses. */
function refusing(bandit: Bandit): Bandit {
  const optimism = bandit.timelines.get("optimism")!;
  const refuse = async () =>
    err({ kind: "Refused", timeline: "eip155:42001", reason: "the registry is closed" } as const);
  const adapter = { ...optimism.adapter, register: refuse };
  return { ...bandit, timelines: new Map(bandit.timelines).set("optimism", { ...optimism, adapter }) };
}

describe("a deployment", () => {
  it("is taken back whole when a timeline refuses, and can be begun again", async () => {
    const { world, bandit } = await opened();
    await deploy(refusing(bandit), compiled);
    expect(statuses(bandit)).toEqual(["withdrawn withdrawn"]);
    expect(eventsOf(world.chains.get("ethereum")!)).toEqual(["Registered", "Withdrawn"]);
    expect(take(loadInstance(bandit, PROGRAM)).instance.status).toBe("deployed");
    await deploy(bandit, compiled);
    expect(statuses(bandit)).toEqual(["withdrawn withdrawn", "verified verified"]);
  });

  it("waits at its step while a timeline is away, and goes on when it is back", async () => {
    const { world, bandit } = await opened();
    world.chains.get("optimism")!.garble(true);
    await expect(deploy(bandit, compiled)).rejects.toThrow("the deployment waits");
    expect(statuses(bandit)).toEqual(["verified distributed"]);
    world.chains.get("optimism")!.garble(false);
    await deploy(bandit, compiled);
    expect(statuses(bandit)).toEqual(["verified verified"]);
    for (const chain of world.chains.values()) expect(eventsOf(chain)).toEqual(["Registered"]);
  });

  it("activates nothing without its owner's word, in order with it, and never after it was withdrawn", async () => {
    const { bandit } = await opened();
    const deployment = await deploy(bandit, compiled);
    expect(take(await advance(bandit, "alice", deployment.id)).components.map((c) => c.status)).toEqual([
      "verified",
      "verified",
    ]);
    const wrong = sign(bandit, { kind: "ActivateProgram", deployment: deployment.id, component: "nowhere" });
    expect(await approveActivation(bandit, wrong)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("no component nowhere") },
    });
    take(
      await approveActivation(
        bandit,
        sign(bandit, { kind: "ActivateProgram", deployment: deployment.id, component: undefined }),
      ),
    );
    expect(Deployment.isLive(take(await advance(bandit, "alice", deployment.id)))).toBe(true);
    expect(take(loadInstance(bandit, PROGRAM)).instance.status).toBe("active");
  });

  it("is refused beside an open one, and where the program lives already", async () => {
    const { bandit } = await opened();
    const first = await deploy(bandit, compiled);
    const again = () => sign(bandit, { kind: "DeployProgram", program: first.program, config: configHash(bandit) });
    expect(await openDeployment(bandit, again())).toMatchObject({
      ok: false,
      error: { reason: expect.stringContaining("not over") },
    });
    take(
      await approveActivation(
        bandit,
        sign(bandit, { kind: "ActivateProgram", deployment: first.id, component: undefined }),
      ),
    );
    take(await advance(bandit, "alice", first.id));
    expect(await openDeployment(bandit, again())).toMatchObject({
      ok: false,
      error: { reason: expect.stringContaining("is an upgrade") },
    });
  });
});

describe("a program for other chains", () => {
  const onMainnet = (one: Compiled): Compiled => ({
    ...one,
    program: {
      ...one.program,
      version: "9.0.0",
      components: new Map(one.program.components).set("ethereum", "eip155:1"),
    },
  });

  it("is not deployed to a chain that only has the same name", async () => {
    const { bandit } = await opened();
    await expect(deploy(bandit, onMainnet(compiled))).rejects.toThrow(
      "CrossChainArb is written for ethereum on eip155:1; here ethereum is eip155:31337",
    );
    expect(statuses(bandit)).toEqual([]);
  });

  it("is no upgrade of one that lives elsewhere", async () => {
    const { bandit } = await opened();
    await deploy(bandit, compiled);
    const to = await storeCompiled(bandit.store, onMainnet(compiled));
    const message = sign(bandit, { kind: "UpgradeProgram", program: PROGRAM, to, config: to });
    expect(await upgrade(bandit, message)).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("does not reach new timelines") },
    });
    const foreign = sign(bandit, { kind: "UpgradeProgram", program: "alice/Nothing", to, config: to });
    expect(await upgrade(bandit, foreign)).toMatchObject({ ok: false, error: { kind: "NoProgram" } });
  });
});

function configHash(bandit: Bandit) {
  for (const { event } of take(loadAccount(bandit, "alice")).entries) {
    const read = Deployment.DeploymentEvent.fromValue(event);
    if (read.ok && read.value.kind === "DeploymentOpened") return read.value.config;
  }
  throw new Error("no deployment");
}
