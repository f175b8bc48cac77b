/**
 * One deployment: a compiled program going live on its timelines, as a state machine over the account's log
 * (ADR 010 addendum, "Deployment Flow"; design/programs §4). Registration is inert and can be withdrawn; the point of no
 * return is the first activation. Every step is idempotent under (deployment, component, status).
 */
import { Codec, type ContentHash } from "../content/index.ts";
import { err, never, ok, type Result } from "../std/index.ts";

/** When components may become active (ADR 010 addendum §3). */
export const ActivationStrategy = Codec.variant({
  /** Each component waits for a signed ActivateProgram that names it. */
  ManualStepwise: Codec.record({}),
  /** The last verified component activates all at once. */
  FloodActivation: Codec.record({}),
  /** One after the other, in this order, after a signed ActivateProgram. */
  ChainedActivation: Codec.record({ order: Codec.list(Codec.text) }),
  /** When every named condition was met, before the deadline (milliseconds); after it `onFailure` decides. */
  ConditionBased: Codec.record({ conditions: Codec.list(Codec.text), deadline: Codec.count }),
});
export type ActivationStrategy = Codec.Of<typeof ActivationStrategy>;

export const DeploymentConfig = Codec.record({
  /** Component name (its timeline's name) → chain id (CAIP-2). */
  components: Codec.map(Codec.text),
  activation: ActivationStrategy,
  onFailure: Codec.word("hold", "compensate", "forward-fix"),
  upgradePolicy: Codec.word("auto", "ask", "pinned"),
  safeStateStrategy: Codec.word("always", "no-pending-returns", "strict", "manual"),
  /** The manifest's assets, facts, actions and bindings, as canonical data that the timelines layer reads. */
  bindings: Codec.value,
});
export type DeploymentConfig = Codec.Of<typeof DeploymentConfig>;

export const Status = Codec.word(
  "planned",
  "distributed",
  "registered",
  "verified",
  "activating",
  "active",
  "failed",
  "compensating",
  "withdrawn",
);
export type Status = Codec.Of<typeof Status>;

export const DeploymentEvent = Codec.variant({
  DeploymentOpened: Codec.record({
    deployment: Codec.hash,
    program: Codec.hash,
    config: Codec.hash,
    instance: Codec.text,
  }),
  /** `evidence` is the fact, receipt or block that shows the step was done. */
  ComponentMoved: Codec.record({
    deployment: Codec.hash,
    component: Codec.text,
    status: Status,
    evidence: Codec.option(Codec.hash),
    reason: Codec.text,
  }),
  /** The Traveler's consent: to one component, or to all. */
  ActivationApproved: Codec.record({ deployment: Codec.hash, component: Codec.option(Codec.text) }),
  ConditionMet: Codec.record({ deployment: Codec.hash, condition: Codec.text, evidence: Codec.hash }),
});
export type DeploymentEvent = Codec.Of<typeof DeploymentEvent>;

export interface Component {
  readonly name: string;
  readonly chain: string;
  readonly status: Status;
  readonly evidence: ContentHash.ContentHash | undefined;
  readonly reason: string;
}

export interface Deployment {
  readonly id: ContentHash.ContentHash;
  readonly program: ContentHash.ContentHash;
  readonly instance: string;
  readonly config: DeploymentConfig;
  /** Sorted by name. */
  readonly components: readonly Component[];
  /** A component became active, or was about to: from then on nothing is taken back. */
  readonly begun: boolean;
  readonly approvedAll: boolean;
  readonly approved: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
}

export const open = (
  event: {
    readonly deployment: ContentHash.ContentHash;
    readonly program: ContentHash.ContentHash;
    readonly instance: string;
  },
  config: DeploymentConfig,
): Deployment => ({
  id: event.deployment,
  program: event.program,
  instance: event.instance,
  config,
  components: [...config.components].map(([name, chain]) => ({
    name,
    chain,
    status: "planned",
    evidence: undefined,
    reason: "",
  })),
  begun: false,
  approvedAll: false,
  approved: new Set(),
  conditions: new Set(),
});

/** The statuses that may follow each status. Failing and withdrawing are possible until a component is active. */
const AFTER: { readonly [S in Status]: readonly Status[] } = {
  planned: ["distributed", "failed", "withdrawn"],
  distributed: ["registered", "failed", "withdrawn"],
  registered: ["verified", "failed", "compensating"],
  // Back to distributed: a reorganisation took the registration back, and it is made again.
  verified: ["activating", "failed", "compensating", "distributed"],
  activating: ["active", "failed", "distributed"],
  active: ["distributed"],
  failed: ["planned", "distributed", "registered", "compensating", "withdrawn"],
  compensating: ["withdrawn", "failed"],
  withdrawn: [],
};

export interface StepRefusal {
  readonly kind: "StepRefused";
  readonly component: string;
  readonly from: Status | undefined;
  readonly to: Status;
}

/** Checks a step before it is logged. A step that was already done is not an error but no event either. */
export function checkStep(deployment: Deployment, component: string, to: Status): Result<"new" | "done", StepRefusal> {
  const now = deployment.components.find((c) => c.name === component);
  if (now === undefined) return err({ kind: "StepRefused", component, from: undefined, to });
  if (now.status === to) return ok("done");
  return AFTER[now.status].includes(to) ? ok("new") : err({ kind: "StepRefused", component, from: now.status, to });
}

export function evolve(deployment: Deployment, event: DeploymentEvent): Deployment {
  switch (event.kind) {
    case "DeploymentOpened":
      return deployment;
    case "ComponentMoved":
      return {
        ...deployment,
        begun: deployment.begun || event.status === "activating" || event.status === "active",
        components: deployment.components.map((c) =>
          c.name === event.component
            ? { ...c, status: event.status, evidence: event.evidence ?? c.evidence, reason: event.reason }
            : c,
        ),
      };
    case "ActivationApproved":
      return event.component === undefined
        ? { ...deployment, approvedAll: true }
        : { ...deployment, approved: new Set(deployment.approved).add(event.component) };
    case "ConditionMet":
      return { ...deployment, conditions: new Set(deployment.conditions).add(event.condition) };
    default:
      return never(event);
  }
}

export type Step =
  | { readonly do: "distribute" | "register" | "verify" | "activate" | "withdraw"; readonly component: string }
  /** Nothing can be done until someone acts; `next` says who and what. */
  | { readonly do: "wait"; readonly component: string; readonly next: string };

/** What to do now, from the log alone: the same answer after any crash, on any Bandit. `now` in milliseconds. */
export function nextSteps(deployment: Deployment, now: number): readonly Step[] {
  const isFailed = deployment.components.some((c) => c.status === "failed") || isLate(deployment, now);
  const { begun } = deployment;
  if (
    (isFailed && deployment.config.onFailure === "compensate" && !begun) ||
    deployment.components.some((c) => c.status === "compensating")
  ) {
    return deployment.components
      .filter((c) => c.status !== "withdrawn")
      .map((c) => ({ do: "withdraw", component: c.name }));
  }
  const activatable = new Set(mayActivate(deployment, now));
  return deployment.components.flatMap((c): Step[] => {
    switch (c.status) {
      case "planned":
        return [{ do: "distribute", component: c.name }];
      case "distributed":
        return [{ do: "register", component: c.name }];
      case "registered":
        return [{ do: "verify", component: c.name }];
      case "verified":
        return activatable.has(c.name)
          ? [{ do: "activate", component: c.name }]
          : [{ do: "wait", component: c.name, next: waitingFor(deployment, c.name, now) }];
      case "activating":
        return [{ do: "activate", component: c.name }];
      case "failed":
        return [
          {
            do: "wait",
            component: c.name,
            next: begun
              ? `repair ${c.name} and deploy again: other components are active already`
              : `deploy again once ${c.name} is reachable`,
          },
        ];
      case "active":
      case "withdrawn":
      case "compensating":
        return [];
      default:
        return never(c.status);
    }
  });
}

/** Its conditions were not met in time. */
export function isLate(deployment: Deployment, now: number): boolean {
  const strategy = deployment.config.activation;
  return strategy.kind === "ConditionBased" && now > strategy.deadline && !deployment.begun;
}

/** The verified components that the strategy lets become active now. */
export function mayActivate(deployment: Deployment, now: number): readonly string[] {
  const verified = deployment.components.filter((c) => c.status === "verified").map((c) => c.name);
  const isPast = (name: string) => deployment.components.some((c) => c.name === name && c.status === "active");
  const allReady = deployment.components.every(
    (c) => c.status === "verified" || c.status === "activating" || c.status === "active",
  );
  const strategy = deployment.config.activation;
  switch (strategy.kind) {
    case "ManualStepwise":
      return verified.filter((name) => deployment.approved.has(name) || deployment.approvedAll);
    case "FloodActivation":
      return allReady ? verified : [];
    case "ChainedActivation":
      if (!deployment.approvedAll || !allReady) return [];
      return verified.filter((name) => {
        const at = strategy.order.indexOf(name);
        return at >= 0 && strategy.order.slice(0, at).every(isPast);
      });
    case "ConditionBased":
      if (!allReady) return [];
      // What has begun is finished. A deployment that is held after its deadline is its owner's to activate.
      if (isLate(deployment, now)) return deployment.approvedAll ? verified : [];
      return deployment.begun || strategy.conditions.every((c) => deployment.conditions.has(c)) ? verified : [];
    default:
      return never(strategy);
  }
}

function waitingFor(deployment: Deployment, component: string, now: number): string {
  const strategy = deployment.config.activation;
  const unready = deployment.components
    .filter((c) => !["verified", "activating", "active"].includes(c.status))
    .map((c) => c.name);
  if (strategy.kind === "ManualStepwise") return `the owner must activate ${component}`;
  if (unready.length > 0) return `${unready.join(", ")} must be verified first`;
  if (strategy.kind === "ChainedActivation") {
    if (!deployment.approvedAll) return "the owner must activate the deployment";
    const at = strategy.order.indexOf(component);
    return at < 0
      ? `${component} is missing in the activation order`
      : `${strategy.order.slice(0, at).join(", ")} must be active first`;
  }
  if (strategy.kind === "ConditionBased") {
    const open = strategy.conditions.filter((c) => !deployment.conditions.has(c)).join(", ");
    return isLate(deployment, now)
      ? `the deadline has passed${open === "" ? "" : ` without ${open}`}: the owner may activate the deployment`
      : `these conditions must be met: ${open}; activate it again to look`;
  }
  return "";
}

export const isLive = (deployment: Deployment): boolean => deployment.components.every((c) => c.status === "active");
