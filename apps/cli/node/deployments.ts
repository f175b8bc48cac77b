/** The actions of `tb deploy`, `activate`, `call`, `upgrade` and `status`. */
import { type ContentHash, show, toJson, Value } from "../../../src/content/index.ts";
import {
  type Account,
  advance,
  upgrade as applyUpgrade,
  approveActivation,
  armedOf,
  type Bandit,
  type Compiled,
  Deployment,
  hashCompiled,
  Instance,
  instanceId,
  invoke,
  type LogReader,
  loadAccount,
  loadCompiled,
  loadInstance,
  loadState,
  misfits,
  openDeployment,
  planUpgrade,
  preview,
  programIds,
  putData,
  type RecomputedUpgrade,
  recomputeUpgrades,
  retry,
  Schedule,
  showTrigger,
  signMessage,
  stepsTo,
  type UpgradePlan,
} from "../../../src/programs/index.ts";
import type { Message } from "../../../src/protocol/index.ts";
import type { Manifest } from "../../../src/schema/index.ts";
import type { DeployOptions, StatusOptions } from "../commands/deploy.ts";
import { CliFailure, Exit } from "../exit.ts";
import type { Keys } from "../keystore.ts";
import { note, paint, print, printJson } from "../output.ts";
import { banditLock, type CommonOptions, onInterrupt, storeDirectory } from "../session.ts";
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
  const known = take(loadAccount(bandit, account)).deployments.get(deployment);
  // Until their deadline, conditions decide and not the owner: to activate is to look at them.
  const isByConditions =
    known?.config.activation.kind === "ConditionBased" && !Deployment.isLate(known, bandit.clock.now());
  if (!isByConditions) {
    const message = sign(bandit, account, keys, { kind: "ActivateProgram", deployment, component });
    take(await approveActivation(bandit, message));
  }
  return take(await advance(bandit, account, deployment));
}

export async function deploy(directory: string, options: DeployOptions): Promise<void> {
  const compiled = await compileFolder(directory, options);
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
  const { evaluateArguments, reportRun, shownByEntry } = await import("./runs.ts");
  await withAccount(options.account, options, async (bandit, keys) => {
    const id = instanceNamed(bandit, options.account, name);
    const values = await evaluateArguments(bandit, id, entry, args);
    const message = sign(bandit, options.account, keys, { kind: "Invoke", program: id, entry, arguments: values });
    const forget = onInterrupt(() => note("the run is kept: the next command of this account goes on with it"));
    try {
      reportRun(take(await invoke(bandit, message)), options, shownByEntry(bandit, id, entry));
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
  const compiled = await compileFolder(options.to ?? ".", options);
  const between: CompiledFolder[] = [];
  for (const directory of options.through ?? []) between.push(await compileFolder(directory, options));
  await withAccount(options.account, options, async (bandit, keys) => {
    const id = instanceNamed(bandit, options.account, name);
    for (const one of between) await storeCompiled(bandit.store, one);
    const to = await storeCompiled(bandit.store, compiled);
    const versions = take(stepsTo(bandit, id, to));
    const planned = take(planUpgrade(bandit, id, ...versions));
    const isRefused = planned.steps.some((step) => step.plan.verdict === "refused");
    const same = planned.instance.program === to;
    if (!options.json) await printPlan(planned);
    if (options.plan === true || same) {
      // A migration may fail on the state as it is: that shows before anything is signed.
      const tried = same || isRefused ? undefined : preview(planned);
      if (same && options.plan !== true && !options.json) print(`${id} runs this version already: nothing is changed`);
      if (isRefused) process.exitCode = Exit.refused;
      const document = { ok: !isRefused, program: id, applied: false, ...(await planDocument(planned)) };
      if (tried !== undefined && !tried.ok) throw refusedUpgrade(planned, tried.error, document);
      if (options.json)
        return printJson({ ...document, ...(tried === undefined ? {} : { stateAfter: toJson(tried.value.after) }) });
      if (tried !== undefined) print(`  now      ${show(tried.value.before)}\n  would be ${show(tried.value.after)}`);
      return;
    }
    const done = await applyUpgrade(bandit, await consent(bandit, options.account, keys, id, compiled, versions));
    if (!done.ok && isRefused) {
      // What the plan cannot know: another program, an older version, a pinned instance.
      const { instance, steps } = planned;
      const others = steps.flatMap((step) => [...misfits(instance, step.from, step.to)]);
      throw refusedUpgrade(planned, others, {
        ok: false,
        program: id,
        applied: false,
        ...(await planDocument(planned)),
      });
    }
    const { before, after, records } = take(done);
    if (options.json) {
      return printJson({
        ok: true,
        program: id,
        applied: true,
        record: records.at(-1),
        records,
        stateBefore: toJson(before),
        stateAfter: toJson(after),
        ...(await planDocument(planned)),
      });
    }
    for (const [i, step] of planned.steps.entries())
      print(`${paint.green("✓")} ${id} runs ${step.to.version}; evolution record ${paint.dim(records[i]!)}`);
    print(`  before ${show(before)}\n  after  ${show(after)}`);
  });
}

/** `reasons` are those that the plan above does not say. */
function refusedUpgrade(planned: UpgradePlan, reasons: readonly string[], document: object): CliFailure {
  const { id } = planned.instance;
  const { version } = planned.steps.at(-1)!.to;
  const why = reasons.map((reason) => `\n  ${reason}`).join("");
  const message = `the upgrade of ${id} to ${version} is refused; its state is as it was${why}`;
  const needed = planned.steps.find(
    (step) => step.migration === undefined && step.plan.changes.some((c) => c.class === "migration" && c.reason),
  );
  const migration =
    needed === undefined
      ? ""
      : `; what no rule covers, a \`migration ${needed.from.version} -> ${needed.to.version} (old) { State(…) }\` in the program can carry`;
  const hint =
    reasons.length > 0
      ? "look at the folder, the migration and the state: nothing was changed"
      : `the plan above says why and what to do${migration}`;
  const shown = hint.replace("above", "here");
  return new CliFailure(Exit.refused, message, hint, { ...document, ok: false, error: { message, hint: shown } });
}

/** The owner's signed word to run that version from now on. */
export async function consent(
  bandit: Bandit,
  account: string,
  keys: Keys,
  id: string,
  compiled: CompiledFolder,
  versions: readonly ContentHash.ContentHash[],
): Promise<Message> {
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
  const [to] = versions;
  return sign(
    bandit,
    account,
    keys,
    versions.length === 1 && to !== undefined
      ? { kind: "UpgradeProgram", program: id, to, config }
      : { kind: "UpgradeThrough", program: id, versions, config },
  );
}

/** The plan as `tb schema plan --json` prints it, of each step if there are several, with the instance's safety. */
async function planDocument(planned: UpgradePlan): Promise<object> {
  const { planToJson } = await import("../../../src/schema/index.ts");
  const plans = planned.steps.map((step) => JSON.parse(planToJson(step.plan)) as object);
  return { ...(plans.length === 1 ? plans[0] : { plans }), safety: planned.safety };
}

export async function printPlan(planned: UpgradePlan): Promise<void> {
  const { renderPlan } = await import("../../../src/schema/index.ts");
  const safeState = planned.safety.kind === "Safe" ? "safe now" : planned.safety.reason;
  for (const { plan, to } of planned.steps) print(renderPlan(plan, { name: to.name, safeState }));
}

export async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  const { holderOfProcessLock } = await import("../../../src/stores/lmdb/index.ts");
  const hasBandit = holderOfProcessLock(banditLock(storeDirectory(options))) !== undefined;
  await withReader(options, (bandit) => {
    const ids = programIds(bandit).filter((id) => name === undefined || id === name || id.endsWith(`/${name}`));
    if (ids.length === 0 && name !== undefined) {
      throw new CliFailure(
        Exit.source,
        `there is no program ${name}`,
        `known: ${programIds(bandit).join(", ") || "none"}`,
      );
    }
    const upgrades = new Map(options.verify === true ? ids.map((id) => [id, verifiedUpgrades(bandit, id)]) : []);
    const rows = ids.map((id) => statusOf(bandit, id));
    if (options.json) {
      const verified = (id: string) => (upgrades.has(id) ? { upgrades: upgrades.get(id) } : {});
      return printJson({
        ok: true,
        programs: rows.map(({ state, ...row }) => ({ ...row, state: toJson(state), ...verified(row.id) })),
      });
    }
    if (rows.length === 0) return print("no programs");
    for (const row of rows) {
      const mark = row.status === "active" ? paint.green("●") : row.status === "degraded" ? paint.yellow("▲") : "○";
      print(
        `${mark} ${paint.bold(row.id)} ${row.version}  ${row.status}, ${row.safety === "Safe" ? "safe" : row.safety}, ${row.runs} run(s)  ${paint.dim(row.program)}`,
      );
      print(`  state ${show(row.state)}`);
      for (const trigger of row.triggers) print(`  ${triggerLine(trigger)}`);
      if (row.lastTrace !== undefined) print(`  last trace ${paint.dim(row.lastTrace)}`);
      for (const { from, to, record } of upgrades.get(row.id) ?? [])
        print(`  ${paint.green("verified")} ${from} → ${to} ${paint.dim(record)}`);
    }
    if (rows.some(({ triggers }) => triggers.length > 0) && !hasBandit)
      note("no Bandit runs here, and without one no trigger fires: start it with tb bandit");
  });
}

/** Every upgrade of the log, made again from it; one that does not come out as it stands there ends the command. */
function verifiedUpgrades(bandit: LogReader, id: string): readonly RecomputedUpgrade[] {
  const recomputed = recomputeUpgrades(bandit, id);
  if (!recomputed.ok && recomputed.error.kind === "Refused")
    throw new CliFailure(Exit.divergence, recomputed.error.reason, "the log is not what its own code and states give");
  return take(recomputed);
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
  readonly triggers: readonly TriggerRow[];
}

/** Instants as TEL writes them. */
interface TriggerRow {
  readonly trigger: string;
  /** None: when its fact changes, or never again. */
  readonly next: string | undefined;
  readonly last:
    | {
        readonly due: string;
        readonly at: string;
        readonly missed: number;
        readonly outcome: "running" | "returned" | "faulted";
        readonly run: ContentHash.ContentHash;
      }
    | undefined;
  /** Runs that faulted in a row. */
  readonly faults: number;
}

function triggerRow(armed: Schedule.Armed): TriggerRow {
  const { trigger, last } = armed;
  const next = Schedule.nextDue(armed);
  return {
    trigger: showTrigger(trigger),
    // What lies beyond every calendar is as good as never.
    next: next === undefined || !Number.isSafeInteger(next) ? undefined : instantText(next),
    last: last && {
      due: instantText(last.due),
      at: instantText(last.at),
      missed: last.missed,
      outcome: last.outcome ?? "running",
      run: last.run,
    },
    faults: last?.faults ?? 0,
  };
}

const instantText = (milliseconds: number): string => show(Value.instant(milliseconds));

function triggerLine({ trigger, next, last, faults }: TriggerRow): string {
  const when = next === undefined ? "" : `  next ${next}`;
  const missed = last === undefined || last.missed === 0 ? "" : `, ${last.missed} missed before`;
  const before = last === undefined ? "  has not fired" : `  last ${last.at}: ${last.outcome}${missed}`;
  const inARow = faults > 1 ? paint.yellow(`, ${faults} faults in a row`) : "";
  return `${trigger}${paint.dim(when + before)}${inARow}`;
}

function statusOf(bandit: Bandit, id: string): StatusRow {
  const view = take(loadInstance(bandit, id));
  const { instance } = view;
  const program = take(loadCompiled(bandit.store, instance.program));
  const safety = Instance.safety(instance, program);
  return {
    id,
    version: instance.version,
    status: instance.status,
    safety: safety.kind === "Safe" ? "Safe" : safety.reason,
    runs: instance.runs,
    program: instance.program,
    schema: program.schemaHash,
    lastTrace: instance.lastTrace,
    state: take(loadState(bandit, instance.state)),
    triggers: take(armedOf(bandit, view)).map(triggerRow),
  };
}
