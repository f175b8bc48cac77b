/**
 * Carries out deployments: asks the state machine what to do next, does it, logs it, until nothing can be done.
 * Each outside step has the key (deployment, component, step), so that a crash after any step continues it.
 */
import { type ContentHash, encodeValue, hashValue, Value } from "../content/index.ts";
import { DeploymentObservation, encodeReceipt, Fact, type Receipt, showTimelineError } from "../protocol/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { observeFact } from "./accounts.ts";
import {
  type AccountView,
  accountEventValue,
  accountStream,
  type Bandit,
  type BanditError,
  loadAccount,
  loadInstance,
  programStream,
  record,
  recordAccount,
  timelineOf,
} from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import * as Deployment from "./Deployment.ts";
import * as Instance from "./Instance.ts";

/** Where the program lives: one instance per account and program name. */
export const instanceId = (account: string, program: CompiledProgram): string => `${account}/${program.name}`;

/** The address of a deployment: what is deployed, how, by which message. */
export const deploymentId = (message: ContentHash.ContentHash): ContentHash.ContentHash =>
  hashValue(Value.variant("Deployment", Value.record([["message", Value.hash(message)]])));

/** Opens the deployment that an accepted DeployProgram message asks for, and creates the instance with its initial state. */
export async function openDeployment(
  bandit: Bandit,
  account: string,
  message: ContentHash.ContentHash,
  programHash: ContentHash.ContentHash,
  configHash: ContentHash.ContentHash,
): Promise<Result<ContentHash.ContentHash, BanditError>> {
  const program = loadCompiled(bandit.store, programHash);
  if (!program.ok) return program;
  const view = loadAccount(bandit, account);
  if (!view.ok) return view;
  const deployment = deploymentId(message);
  const instance = instanceId(account, program.value);
  const open = [...view.value.deployments.values()].find((d) => d.instance === instance && !isOver(d));
  if (open !== undefined && open.id !== deployment) {
    return err({
      kind: "Refused",
      reason: `${instance} has a deployment that is not over (${open.id}); activate or withdraw it first`,
    });
  }
  if (bandit.store.logHead(programStream(instance)) !== undefined && !wasWithdrawn(bandit, view.value, instance)) {
    return err({ kind: "Refused", reason: `${instance} is deployed already; a new version of it is an upgrade` });
  }
  if (!bandit.store.blocks.has(configHash))
    return err({ kind: "NoBlock", hash: configHash, what: "deployment config" });
  const state = encodeValue(program.value.initialState);
  const created: Instance.InstanceEvent = {
    kind: "Created",
    owner: account,
    program: programHash,
    name: program.value.name,
    version: program.value.version,
    deployment,
    state: hashValue(program.value.initialState),
    safeStateStrategy: program.value.safeStateStrategy,
    upgradePolicy: program.value.upgradePolicy,
  };
  await record(
    bandit,
    [
      {
        stream: accountStream(account),
        event: accountEventValue({
          kind: "DeploymentOpened",
          deployment,
          program: programHash,
          config: configHash,
          instance,
        }),
      },
      { stream: programStream(instance), event: Instance.InstanceEvent.toValue(created) },
    ],
    (transaction) => {
      transaction.put(state);
    },
  );
  return ok(deployment);
}

/** A deployment that was compensated leaves an instance that never ran: it may be created again. */
function wasWithdrawn(bandit: Bandit, view: AccountView, instance: string): boolean {
  const last = loadInstance(bandit, instance);
  const deployment = last.ok ? view.deployments.get(last.value.instance.deployment) : undefined;
  return deployment?.components.every((c) => c.status === "withdrawn") ?? false;
}

const isOver = (deployment: Deployment.Deployment) =>
  deployment.components.every((c) => c.status === "active") ||
  deployment.components.every((c) => c.status === "withdrawn");

/** Goes as far as it can; gives the deployment as it then stands. A step that fails is logged with its reason. */
export async function advance(
  bandit: Bandit,
  account: string,
  deploymentHash: ContentHash.ContentHash,
): Promise<Result<Deployment.Deployment, BanditError>> {
  for (;;) {
    const view = loadAccount(bandit, account);
    if (!view.ok) return view;
    const deployment = view.value.deployments.get(deploymentHash);
    if (deployment === undefined) return err({ kind: "NoDeployment", deployment: deploymentHash });
    const step = Deployment.nextSteps(deployment, bandit.clock.now()).find((s) => s.do !== "wait");
    if (step === undefined) return ok(deployment);
    const done = await carryOut(bandit, account, deployment, step.do, step.component);
    if (!done.ok) return done;
    if (done.value === "stuck") return ok(reload(bandit, account, deploymentHash) ?? deployment);
  }
}

function reload(bandit: Bandit, account: string, hash: ContentHash.ContentHash) {
  const view = loadAccount(bandit, account);
  return view.ok ? view.value.deployments.get(hash) : undefined;
}

async function carryOut(
  bandit: Bandit,
  account: string,
  deployment: Deployment.Deployment,
  step: "distribute" | "register" | "verify" | "activate" | "withdraw",
  component: string,
): Promise<Result<"done" | "stuck", BanditError>> {
  const move = async (status: Deployment.Status, evidence: ContentHash.ContentHash | undefined, reason: string) => {
    bandit.report({ kind: "component", component, status, reason });
    await recordAccount(bandit, account, [
      { kind: "ComponentMoved", deployment: deployment.id, component, status, evidence, reason },
    ]);
  };
  const timeline = timelineOf(bandit, component);
  if (!timeline.ok) {
    await move("failed", undefined, `there is no timeline ${component} here`);
    return ok("stuck");
  }
  const request = (verb: string) => ({
    effect: `${deployment.id}/${component}/${verb}`,
    deployment: deployment.id,
    component,
  });
  switch (step) {
    case "distribute": {
      // One Bandit: what it holds is distributed. The blocks are checked, so that nothing half-present goes on.
      const program = loadCompiled(bandit.store, deployment.program);
      if (!program.ok) return program;
      const missing = program.value.dependencies.find((hash) => !bandit.store.blocks.has(hash));
      if (missing !== undefined) {
        await move("failed", undefined, `the block ${missing} is missing`);
        return ok("stuck");
      }
      await move("distributed", deployment.program, "");
      return ok("done");
    }
    case "register": {
      const receipt = await timeline.value.adapter.register(request("register"));
      if (!receipt.ok) {
        await move("failed", undefined, showTimelineError(receipt.error));
        return ok("stuck");
      }
      const evidence = await putReceipt(bandit, receipt.value);
      await move("registered", evidence, "");
      return ok("done");
    }
    case "verify": {
      const receipt = await timeline.value.adapter.register(request("register"));
      if (!receipt.ok) return err({ kind: "Timeline", timeline: component, reason: showTimelineError(receipt.error) });
      const fact = await observeFact(
        bandit,
        timeline.value,
        receipt.value.observation.query,
        `registration of ${component}`,
      );
      if (!fact.ok) {
        await move(
          "failed",
          undefined,
          fact.error.kind === "BadFact" || fact.error.kind === "Timeline" ? fact.error.reason : "the fact was refused",
        );
        return ok("stuck");
      }
      const body = {
        deployment: deployment.id,
        component,
        timeline: timeline.value.adapter.timeline,
        fact: Fact.hash(fact.value),
      };
      const observations = timeline.value.keepers.map(({ signer }) => DeploymentObservation.sign(body, signer));
      await bandit.store.write((transaction) => {
        for (const observation of observations) transaction.put(DeploymentObservation.encode(observation));
      });
      await move("verified", DeploymentObservation.hash(observations[0]!), "");
      return ok("done");
    }
    case "activate": {
      const now = deployment.components.find((c) => c.name === component)!;
      if (now.status !== "activating") await move("activating", undefined, "");
      await move("active", undefined, "");
      const after = reload(bandit, account, deployment.id);
      if (after !== undefined && Deployment.isLive(after)) {
        const instance = loadInstance(bandit, deployment.instance);
        if (!instance.ok) return instance;
        if (instance.value.instance.status === "deployed") {
          const event: Instance.InstanceEvent = { kind: "Activated", deployment: deployment.id };
          await record(bandit, [
            { stream: programStream(deployment.instance), event: Instance.InstanceEvent.toValue(event) },
          ]);
        }
      }
      return ok("done");
    }
    case "withdraw": {
      const now = deployment.components.find((c) => c.name === component)!;
      if (now.status === "registered" || now.status === "verified")
        await move("compensating", undefined, "another component failed");
      if (now.evidence !== undefined && now.status !== "planned" && now.status !== "distributed") {
        const receipt = await timeline.value.adapter.unregister(request("unregister"));
        if (!receipt.ok)
          return err({ kind: "Timeline", timeline: component, reason: showTimelineError(receipt.error) });
      }
      await move("withdrawn", undefined, "another component failed");
      return ok("done");
    }
  }
}

const putReceipt = (bandit: Bandit, receipt: Receipt): Promise<ContentHash.ContentHash> =>
  bandit.store.write((transaction) => transaction.put(encodeReceipt(receipt)));
