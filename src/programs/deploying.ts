/**
 * Carries out deployments: asks the state machine what to do next, does it, logs it, until nothing can be done.
 * Each outside step has the key (deployment, component, step), so that a crash after any step continues it.
 */
import { type ContentHash, encodeValue, hashValue, Value } from "../content/index.ts";
import {
  DeploymentObservation,
  encodeReceipt,
  Fact,
  type Message,
  type Receipt,
  showTimelineError,
  type TimelineAdapter,
  type TimelineError,
} from "../protocol/index.ts";
import { assert, err, ok, type Result } from "../std/index.ts";
import { submit } from "./accounts.ts";
import {
  type AccountView,
  appendAccount,
  appendInstance,
  type Bandit,
  type BanditError,
  type LogReader,
  loadAccount,
  loadInstance,
  programStream,
  readBlock,
  recordAccount,
  type TimelineAccess,
  timelineOf,
  transact,
} from "./Bandit.ts";
import { type CompiledProgram, loadCompiled } from "./CompiledProgram.ts";
import { observeConditions } from "./conditions.ts";
import * as Deployment from "./Deployment.ts";
import { wasSigned } from "./Journal.ts";
import { observeFact } from "./observing.ts";
import { isPassing } from "./undertakings.ts";

/** Where the program lives: one instance per account and program name. */
export const instanceId = (account: string, program: CompiledProgram): string => `${account}/${program.name}`;

/** The address of a deployment: what is deployed, how, by which message. */
export const deploymentId = (message: ContentHash.ContentHash): ContentHash.ContentHash =>
  hashValue(Value.variant("Deployment", Value.record([["message", Value.hash(message)]])));

/**
 * Takes a DeployProgram message: with it, in one transaction, the deployment is opened and the instance created with its
 * initial state. Gives the deployment, which `advance` carries out.
 */
export async function openDeployment(
  bandit: Bandit,
  message: Message,
): Promise<Result<ContentHash.ContentHash, BanditError>> {
  let deployment: ContentHash.ContentHash | undefined;
  const taken = await submit(bandit, message, (recorder, { message: hash, action, account }) => {
    if (action.kind !== "DeployProgram") return refused("the message does not deploy a program");
    const program = loadCompiled(recorder.store, action.program);
    if (!program.ok) return program;
    const config = readBlock(recorder, action.config, Deployment.DeploymentConfig, "deployment config");
    if (!config.ok) return config;
    const unknown = [...config.value.components.keys()].find((name) => !bandit.timelines.has(name));
    if (unknown !== undefined) return timelineOf(bandit, unknown) as Result<never, BanditError>;
    for (const [name, chain] of config.value.components) {
      const here = bandit.timelines.get(name)?.adapter.timeline;
      if (here !== chain)
        return refused(`${program.value.name} is written for ${name} on ${chain}; here ${name} is ${here}`);
    }
    const instance = instanceId(account.name, program.value);
    const open = [...account.deployments.values()].find((d) => d.instance === instance && !isOver(d));
    if (open !== undefined)
      return refused(`${instance} has a deployment that is not over (${open.id}); it must be finished first`);
    if (recorder.store.logHead(programStream(instance)) !== undefined && !wasWithdrawn(recorder, account, instance))
      return refused(`${instance} is deployed already; a new version of it is an upgrade`);
    deployment = deploymentId(hash);
    const id = deployment;
    return ok(() => {
      recorder.store.put(encodeValue(program.value.initialState));
      appendAccount(recorder, account.name, {
        kind: "DeploymentOpened",
        deployment: id,
        program: action.program,
        config: action.config,
        instance,
      });
      appendInstance(recorder, instance, {
        kind: "Created",
        owner: account.name,
        program: action.program,
        name: program.value.name,
        version: program.value.version,
        deployment: id,
        state: hashValue(program.value.initialState),
        safeStateStrategy: program.value.safeStateStrategy,
        upgradePolicy: program.value.upgradePolicy,
      });
    });
  });
  if (!taken.ok) return taken;
  assert(deployment !== undefined, "a taken message opened its deployment");
  return ok(deployment);
}

/** Takes an ActivateProgram message: the owner's consent, to one component or to all. `advance` does what it allows. */
export async function approveActivation(bandit: Bandit, message: Message): Promise<Result<undefined, BanditError>> {
  const taken = await submit(bandit, message, (recorder, { action, account }) => {
    if (action.kind !== "ActivateProgram") return refused("the message does not activate a program");
    const { deployment, component } = action;
    const known = account.deployments.get(deployment);
    if (known === undefined) return err({ kind: "NoDeployment", deployment });
    const names = known.components.map((c) => c.name);
    if (component !== undefined && !names.includes(component))
      return refused(`${known.instance} has no component ${component}; it has ${names.join(", ")}`);
    if (known.components.some((c) => c.status === "withdrawn" || c.status === "compensating"))
      return refused(`the deployment of ${known.instance} was withdrawn; deploy it again first`);
    if (known.config.activation.kind === "ConditionBased" && !Deployment.isLate(known, recorder.at))
      return refused(
        `${known.instance} becomes active by its conditions; its owner decides when their deadline has passed`,
      );
    return ok(() => appendAccount(recorder, account.name, { kind: "ActivationApproved", deployment, component }));
  });
  return taken.ok ? ok(undefined) : taken;
}

const refused = (reason: string) => err({ kind: "Refused", reason } as const);

/** A deployment that was compensated leaves an instance that never ran: it may be created again. */
function wasWithdrawn(reader: LogReader, view: AccountView, instance: string): boolean {
  const last = loadInstance(reader, instance);
  const deployment = last.ok ? view.deployments.get(last.value.instance.deployment) : undefined;
  return deployment?.components.every((c) => c.status === "withdrawn") ?? false;
}

/** All active, or all withdrawn. */
export const isOver = (deployment: Deployment.Deployment) =>
  deployment.components.every((c) => c.status === "active") ||
  deployment.components.every((c) => c.status === "withdrawn");

/**
 * Goes as far as it can; gives the deployment as it then stands. What a timeline refuses for good is logged as failed,
 * with its reason. A timeline that is away ends it for now with an error: asked again, it goes on at the same step.
 */
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
    const met = await observeConditions(bandit, account, deployment);
    if (!met.ok) return met;
    if (met.value) continue;
    const step = Deployment.nextSteps(deployment, bandit.clock.now()).find(isDoable);
    if (step === undefined) return ok(deployment);
    const done = await carryOut(bandit, account, deployment, step.do, step.component);
    if (!done.ok) return done;
  }
}

type Doable = Exclude<Deployment.Step, { readonly do: "wait" }>;
const isDoable = (step: Deployment.Step): step is Doable => step.do !== "wait";

/** Has failed components tried again, where the deployment is held for that; its owner asked for it. */
export async function retry(
  bandit: Bandit,
  account: string,
  deployment: ContentHash.ContentHash,
): Promise<Result<undefined, BanditError>> {
  return transact(bandit, (recorder) => {
    const view = loadAccount(recorder, account);
    if (!view.ok) return view;
    const now = view.value.deployments.get(deployment);
    if (now === undefined) return err({ kind: "NoDeployment", deployment });
    if (now.components.some((c) => c.status === "compensating")) return ok(undefined);
    for (const { name, status } of now.components) {
      if (status !== "failed") continue;
      appendAccount(recorder, account, {
        kind: "ComponentMoved",
        deployment,
        component: name,
        status: "planned",
        evidence: undefined,
        reason: "tried again",
      });
    }
    return ok(undefined);
  });
}

async function carryOut(
  bandit: Bandit,
  account: string,
  deployment: Deployment.Deployment,
  step: Doable["do"],
  component: string,
): Promise<Result<undefined, BanditError>> {
  const move = async (status: Deployment.Status, evidence: ContentHash.ContentHash | undefined, reason = "") => {
    bandit.report({ kind: "component", component, status, reason });
    await recordAccount(bandit, account, [
      { kind: "ComponentMoved", deployment: deployment.id, component, status, evidence, reason },
    ]);
    return ok(undefined);
  };
  const timeline = timelineOf(bandit, component);
  if (!timeline.ok) return timeline;
  const { adapter } = timeline.value;
  const request = (verb: "register" | "unregister") => ({
    effect: `${deployment.id}/${component}/${verb}`,
    deployment: deployment.id,
    component,
  });
  /** Away for now, and the step stays; or over, and what was signed is reverted or nothing was signed. */
  const isAway = (error: TimelineError, verb: "register" | "unregister") =>
    error.kind !== "Reverted" && (isPassing(error) || wasSigned(bandit.store, adapter.timeline, request(verb).effect));
  const away = (error: TimelineError) =>
    err({
      kind: "Timeline",
      timeline: component,
      reason: `${showTimelineError(error)}; the deployment waits: deploy it again to go on`,
    } as const);

  switch (step) {
    case "distribute": {
      // One Bandit: what it holds is distributed. The blocks are checked, so that nothing half-present goes on.
      const program = loadCompiled(bandit.store, deployment.program);
      if (!program.ok) return program;
      const missing = program.value.dependencies.find((hash) => !bandit.store.blocks.has(hash));
      return missing === undefined
        ? move("distributed", deployment.program)
        : move("failed", undefined, `the block ${missing} is missing`);
    }
    case "register": {
      const receipt = await adapter.register(request("register"));
      if (receipt.ok) return move("registered", await putReceipt(bandit, receipt.value));
      const { error } = receipt;
      return isAway(error, "register") ? away(error) : move("failed", undefined, showTimelineError(error));
    }
    case "verify":
      return verify(bandit, deployment, component, timeline.value, request("register"), move);
    case "activate":
      return activate(bandit, account, deployment, component);
    case "withdraw": {
      // A transaction that was signed may be in the chain whatever the log says, and then it is taken back.
      if (wasSigned(bandit.store, adapter.timeline, request("register").effect)) {
        const registered = await adapter.register(request("register"));
        if (!registered.ok && isAway(registered.error, "register")) return away(registered.error);
        if (registered.ok) {
          const now = deployment.components.find((c) => c.name === component)?.status;
          if (now !== "compensating")
            await move("compensating", undefined, whyTakenBack(deployment, bandit.clock.now()));
          const receipt = await adapter.unregister(request("unregister"));
          if (!receipt.ok && isAway(receipt.error, "unregister")) return away(receipt.error);
        }
      }
      return move("withdrawn", undefined, "the deployment was taken back");
    }
  }
}

const whyTakenBack = (deployment: Deployment.Deployment, now: number): string =>
  Deployment.isLate(deployment, now) ? "its conditions were not met by the deadline" : "another component failed";

/** Keepers see the registration on the timeline, prove it and sign it. */
async function verify(
  bandit: Bandit,
  deployment: Deployment.Deployment,
  component: string,
  timeline: TimelineAccess,
  request: Parameters<TimelineAdapter["register"]>[0],
  move: (
    status: Deployment.Status,
    evidence: ContentHash.ContentHash | undefined,
    reason?: string,
  ) => Promise<Result<undefined, BanditError>>,
): Promise<Result<undefined, BanditError>> {
  // Asked again, it gives the same receipt and registers nothing twice.
  const receipt = await timeline.adapter.register(request);
  if (!receipt.ok) return err({ kind: "Timeline", timeline: component, reason: showTimelineError(receipt.error) });
  const { query } = receipt.value.observation;
  const fact = await observeFact(bandit, timeline, query, `registration of ${component}`);
  if (!fact.ok) return fact.error.kind === "BadFact" ? move("failed", undefined, fact.error.reason) : fact;
  const body = {
    deployment: deployment.id,
    component,
    timeline: timeline.adapter.timeline,
    fact: Fact.hash(fact.value),
  };
  const observations = timeline.keepers.map(({ signer }) => DeploymentObservation.sign(body, signer));
  await bandit.store.write((transaction) => {
    for (const observation of observations) transaction.put(DeploymentObservation.encode(observation));
  });
  return move("verified", DeploymentObservation.hash(observations[0]!));
}

/** The last component to become active makes the instance callable, in the same transaction. */
async function activate(
  bandit: Bandit,
  account: string,
  deployment: Deployment.Deployment,
  component: string,
): Promise<Result<undefined, BanditError>> {
  for (const status of ["activating", "active"] as const) {
    bandit.report({ kind: "component", component, status, reason: "" });
    const moved: Deployment.DeploymentEvent = {
      kind: "ComponentMoved",
      deployment: deployment.id,
      component,
      status,
      evidence: undefined,
      reason: "",
    };
    await transact(bandit, (recorder) => {
      appendAccount(recorder, account, moved);
      const view = loadAccount(recorder, account);
      const after = view.ok ? view.value.deployments.get(deployment.id) : undefined;
      const instance = loadInstance(recorder, deployment.instance);
      if (after === undefined || !Deployment.isLive(after) || !instance.ok) return;
      if (instance.value.instance.status === "deployed")
        appendInstance(recorder, deployment.instance, { kind: "Activated", deployment: deployment.id });
    });
  }
  return ok(undefined);
}

const putReceipt = (bandit: Bandit, receipt: Receipt): Promise<ContentHash.ContentHash> =>
  bandit.store.write((transaction) => transaction.put(encodeReceipt(receipt)));
