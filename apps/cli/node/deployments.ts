/** The actions of `tb deploy`, `activate`, `call`, `upgrade` and `status`. */
import { type ContentHash, show, toJson, type Value } from "../../../src/content/index.ts";
import {
  type Account,
  advance,
  upgrade as applyUpgrade,
  approveActivation,
  type Bandit,
  type Compiled,
  Deployment,
  hashCompiled,
  Instance,
  instanceId,
  invoke,
  loadAccount,
  loadCompiled,
  loadInstance,
  loadState,
  openDeployment,
  planUpgrade,
  programIds,
  putData,
  retry,
  signMessage,
  type UpgradePlan,
} from "../../../src/programs/index.ts";
import type { Message } from "../../../src/protocol/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import type { DeployOptions } from "../commands/deploy.ts";
import { CliFailure, Exit } from "../exit.ts";
import type { Keys } from "../keystore.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, onInterrupt } from "../session.ts";
import { take, withAccount } from "./accounts.ts";
import { withReader } from "./bandit.ts";
import { type CompiledFolder, compileFolder, storeCompiled } from "./compile.ts";
import { nodeSigner } from "./ed25519.ts";

/** Signs an action with the Traveler's key, with the account's next nonce. */
export const sign = (bandit: Bandit, account: string, keys: Keys, action: Account.Action): Message =>
  take(signMessage(bandit, account, nodeSigner(keys.ed25519Seed), action));

export function configOf(compiled: Compiled, now: number): Deployment.DeploymentConfig {
  const { program, manifest } = compiled;
  return {
    components: program.components,
    activation: strategyOf(manifest.activation, [...program.components.keys()], now),
    onFailure: manifest.activation?.onFailure ?? "compensate",
    upgradePolicy: manifest.program?.upgradePolicy ?? "auto",
    safeStateStrategy: manifest.safeState.type,
    bindings: program.bindings,
  };
}

function strategyOf(
  activation: Manifest.Activation | undefined,
  timelines: readonly string[],
  now: number,
): Deployment.ActivationStrategy {
  switch (activation?.strategy) {
    case "flood":
      return { kind: "FloodActivation" };
    case "chained":
      return { kind: "ChainedActivation", order: activation.order.length > 0 ? activation.order : timelines };
    case "condition":
      return {
        kind: "ConditionBased",
        conditions: activation.conditions,
        deadline:
          activation.deadlineMilliseconds === undefined
            ? Number.MAX_SAFE_INTEGER
            : now + Number(activation.deadlineMilliseconds),
      };
    default:
      return { kind: "ManualStepwise" };
  }
}

/** The whole of `tb deploy` for a compiled program; the demo uses it too. */
export async function deployCompiled(
  bandit: Bandit,
  account: string,
  keys: Keys,
  compiled: CompiledFolder,
): Promise<Deployment.Deployment> {
  const program = await storeCompiled(bandit.store, compiled);
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
  const message = sign(bandit, account, keys, { kind: "DeployProgram", program, config });
  return take(await advance(bandit, account, take(await openDeployment(bandit, message))));
}

export async function activateDeployment(
  bandit: Bandit,
  account: string,
  keys: Keys,
  deployment: ContentHash.ContentHash,
  component: string | undefined,
): Promise<Deployment.Deployment> {
  const message = sign(bandit, account, keys, { kind: "ActivateProgram", deployment, component });
  take(await approveActivation(bandit, message));
  return take(await advance(bandit, account, deployment));
}

export async function deploy(directory: string, options: DeployOptions): Promise<void> {
  const compiled = await compileFolder(directory);
  await withAccount(options.account, options, async (bandit, keys) => {
    const view = take(loadAccount(bandit, options.account));
    const instance = instanceId(options.account, compiled.program);
    const same = [...view.deployments.values()].findLast(
      (d) => d.instance === instance && d.program === hashCompiled(compiled.program),
    );
    // Typed twice, or after a crash: the same deployment goes on. One that was taken back is begun again.
    let deployment: Deployment.Deployment;
    if (same === undefined || same.components.every((c) => c.status === "withdrawn")) {
      deployment = await deployCompiled(bandit, options.account, keys, compiled);
    } else {
      take(await retry(bandit, options.account, same.id));
      deployment = take(await advance(bandit, options.account, same.id));
    }
    reportDeployment(deployment, bandit.clock.now(), options);
  });
}

export async function activate(name: string, options: DeployOptions): Promise<void> {
  await withAccount(options.account, options, async (bandit, keys) => {
    const deployment = deploymentOf(bandit, options.account, name);
    const after = Deployment.isLive(deployment)
      ? deployment
      : await activateDeployment(bandit, options.account, keys, deployment.id, options.component);
    reportDeployment(after, bandit.clock.now(), options);
  });
}

function deploymentOf(bandit: Bandit, account: string, name: string): Deployment.Deployment {
  const view = take(loadAccount(bandit, account));
  const found = [...view.deployments.values()]
    .filter((d) => d.instance === name || d.instance === `${account}/${name}` || d.id === name)
    .at(-1);
  if (found === undefined) {
    const known = [...view.deployments.values()].map((d) => d.instance);
    throw new CliFailure(
      Exit.source,
      `${account} has no deployment of ${name}`,
      known.length > 0 ? `known: ${known.join(", ")}` : "deploy it first with: tb deploy DIRECTORY",
    );
  }
  return found;
}

function reportDeployment(deployment: Deployment.Deployment, now: number, options: CommonOptions): void {
  const waits = Deployment.nextSteps(deployment, now).flatMap((step) =>
    step.do === "wait" ? [`${step.component}: ${step.next}`] : [],
  );
  if (options.json) {
    printJson({
      ok: true,
      deployment: deployment.id,
      instance: deployment.instance,
      program: deployment.program,
      components: deployment.components.map((c) => ({
        name: c.name,
        chain: c.chain,
        status: c.status,
        ...(c.reason ? { reason: c.reason } : {}),
      })),
      live: Deployment.isLive(deployment),
      waits,
    });
  } else {
    print(
      `${Deployment.isLive(deployment) ? paint.green("●") : "○"} ${paint.bold(deployment.instance)}  ${paint.dim(deployment.id)}`,
    );
    for (const c of deployment.components)
      print(`  ${c.name.padEnd(12)} ${c.chain.padEnd(16)} ${c.status}${c.reason === "" ? "" : ` — ${c.reason}`}`);
    for (const wait of waits) print(`  next: ${wait}`);
  }
  if (deployment.components.some((c) => c.status === "failed" || c.status === "withdrawn"))
    process.exitCode = Exit.store;
}

export async function call(
  name: string,
  entry: string,
  args: readonly string[],
  options: DeployOptions,
): Promise<void> {
  const { evaluateArguments, reportRun } = await import("./runs.ts");
  await withAccount(options.account, options, async (bandit, keys) => {
    const id = instanceNamed(bandit, options.account, name);
    const values = await evaluateArguments(bandit, id, entry, args);
    const message = sign(bandit, options.account, keys, { kind: "Invoke", program: id, entry, arguments: values });
    const forget = onInterrupt(() => note("the run is kept: the next command of this account goes on with it"));
    try {
      reportRun(take(await invoke(bandit, message)), options);
    } finally {
      forget();
    }
  });
}

export function instanceNamed(bandit: Bandit, account: string, name: string): string {
  const ids = programIds(bandit);
  const id = [name, `${account}/${name}`].find((candidate) => ids.includes(candidate));
  if (id === undefined) {
    throw new CliFailure(
      Exit.source,
      `there is no program ${name}`,
      ids.length > 0 ? `known: ${ids.join(", ")}` : "deploy one first with: tb deploy DIRECTORY",
    );
  }
  return id;
}

export async function upgrade(name: string, options: DeployOptions): Promise<void> {
  const compiled = await compileFolder(options.to ?? ".");
  await withAccount(options.account, options, async (bandit, keys) => {
    const id = instanceNamed(bandit, options.account, name);
    const to = await storeCompiled(bandit.store, compiled);
    const planned = take(planUpgrade(bandit, id, to));
    const refused = planned.plan.verdict === "refused";
    const report = async (document: object) => {
      if (options.json) printJson({ ...document, ...(await planDocument(planned)) });
    };
    if (!options.json) await printPlan(planned);
    if (options.plan === true || planned.instance.program === to) {
      if (options.plan !== true && !options.json) print(`${id} runs this version already: nothing is changed`);
      if (refused) process.exitCode = Exit.refused;
      return report({ ok: !refused, program: id, applied: false });
    }
    const done = await applyUpgrade(bandit, await consent(bandit, options.account, keys, id, compiled, to));
    if (!done.ok && refused) {
      const message = `the upgrade of ${id} to ${planned.to.version} is refused; its state is as it was`;
      const hint = "the plan above says why and what to do";
      const document = {
        ok: false,
        error: { message, hint: hint.replace("above", "here") },
        program: id,
        applied: false,
      };
      throw new CliFailure(Exit.refused, message, hint, { ...document, ...(await planDocument(planned)) });
    }
    const { before, after, record } = take(done);
    await report({
      ok: true,
      program: id,
      applied: true,
      record,
      stateBefore: toJson(before),
      stateAfter: toJson(after),
    });
    if (options.json) return;
    print(`${paint.green("✓")} ${id} runs ${planned.to.version}; evolution record ${paint.dim(record)}`);
    print(`  before ${show(before)}\n  after  ${show(after)}`);
  });
}

/** The owner's signed word to run that version from now on. */
export async function consent(
  bandit: Bandit,
  account: string,
  keys: Keys,
  id: string,
  compiled: CompiledFolder,
  to: ContentHash.ContentHash,
): Promise<Message> {
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
  return sign(bandit, account, keys, { kind: "UpgradeProgram", program: id, to, config });
}

/** The plan as `tb schema plan --json` prints it, with the instance's safety. */
async function planDocument(planned: UpgradePlan): Promise<object> {
  const { planToJson } = await import("../../../src/schema/index.ts");
  return { ...(JSON.parse(planToJson(planned.plan)) as object), safety: planned.safety };
}

export async function printPlan(planned: UpgradePlan): Promise<void> {
  const { renderPlan } = await import("../../../src/schema/index.ts");
  print(
    renderPlan(planned.plan, {
      name: planned.to.name,
      safeState: planned.safety.kind === "Safe" ? "safe now" : planned.safety.reason,
    }),
  );
}

export async function status(name: string | undefined, options: CommonOptions): Promise<void> {
  await withReader(options, (bandit) => {
    const ids = programIds(bandit).filter((id) => name === undefined || id === name || id.endsWith(`/${name}`));
    if (ids.length === 0 && name !== undefined) {
      throw new CliFailure(
        Exit.source,
        `there is no program ${name}`,
        `known: ${programIds(bandit).join(", ") || "none"}`,
      );
    }
    const rows = ids.map((id) => statusOf(bandit, id));
    if (options.json)
      return printJson({ ok: true, programs: rows.map(({ state, ...row }) => ({ ...row, state: toJson(state) })) });
    if (rows.length === 0) return print("no programs");
    for (const row of rows) {
      const mark = row.status === "active" ? paint.green("●") : row.status === "degraded" ? paint.yellow("▲") : "○";
      print(
        `${mark} ${paint.bold(row.id)} ${row.version}  ${row.status}, ${row.safety === "Safe" ? "safe" : row.safety}, ${row.runs} run(s)  ${paint.dim(row.program)}`,
      );
      print(`  state ${show(row.state)}`);
      if (row.lastTrace !== undefined) print(`  last trace ${paint.dim(row.lastTrace)}`);
    }
  });
}

interface StatusRow {
  readonly id: string;
  readonly version: string;
  readonly status: Instance.Instance["status"];
  readonly safety: string;
  readonly runs: number;
  readonly program: ContentHash.ContentHash;
  readonly schema: ContentHash.ContentHash;
  readonly lastTrace: ContentHash.ContentHash | undefined;
  readonly state: Value.Value;
}

function statusOf(bandit: Bandit, id: string): StatusRow {
  const { instance } = take(loadInstance(bandit, id));
  const safety = Instance.safety(instance);
  return {
    id,
    version: instance.version,
    status: instance.status,
    safety: safety.kind === "Safe" ? "Safe" : safety.reason,
    runs: instance.runs,
    program: instance.program,
    schema: take(loadCompiled(bandit.store, instance.program)).schemaHash,
    lastTrace: instance.lastTrace,
    state: take(loadState(bandit, instance.state)),
  };
}
