import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashValue, Value } from "../content/index.ts";
import * as Deployment from "./Deployment.ts";

const id = hashValue("deployment");
const config = (
  activation: Deployment.ActivationStrategy,
  onFailure: "hold" | "compensate" = "compensate",
): Deployment.DeploymentConfig => ({
  components: new Map([
    ["ethereum", "eip155:1"],
    ["optimism", "eip155:10"],
  ]),
  activation,
  onFailure,
  upgradePolicy: "auto",
  safeStateStrategy: "no-pending-returns",
  bindings: Value.unit,
});
const start = (activation: Deployment.ActivationStrategy, onFailure?: "hold" | "compensate") =>
  Deployment.open({ deployment: id, program: id, instance: "p" }, config(activation, onFailure));
const move = (d: Deployment.Deployment, component: string, ...statuses: Deployment.Status[]) =>
  statuses.reduce(
    (now, status) =>
      Deployment.evolve(now, {
        kind: "ComponentMoved",
        deployment: id,
        component,
        status,
        evidence: undefined,
        reason: "",
      }),
    d,
  );
const verified = (d: Deployment.Deployment) =>
  move(
    move(d, "ethereum", "distributed", "registered", "verified"),
    "optimism",
    "distributed",
    "registered",
    "verified",
  );
const approve = (d: Deployment.Deployment, component?: string) =>
  Deployment.evolve(d, { kind: "ActivationApproved", deployment: id, component });
const chained: Deployment.ActivationStrategy = { kind: "ChainedActivation", order: ["optimism", "ethereum"] };

describe("activation strategies", () => {
  it("ManualStepwise activates what was approved, one by one", () => {
    const ready = verified(start({ kind: "ManualStepwise" }));
    expect(Deployment.mayActivate(ready, 0)).toEqual([]);
    expect(Deployment.mayActivate(approve(ready, "optimism"), 0)).toEqual(["optimism"]);
  });

  it("FloodActivation waits for the last verified component, then activates all", () => {
    const one = move(start({ kind: "FloodActivation" }), "ethereum", "distributed", "registered", "verified");
    expect(Deployment.mayActivate(one, 0)).toEqual([]);
    expect(Deployment.mayActivate(verified(one), 0)).toEqual(["ethereum", "optimism"]);
  });

  it("ChainedActivation follows its order", () => {
    const ready = approve(verified(start(chained)));
    expect(Deployment.mayActivate(verified(start(chained)), 0)).toEqual([]);
    expect(Deployment.mayActivate(ready, 0)).toEqual(["optimism"]);
    expect(Deployment.mayActivate(move(ready, "optimism", "activating"), 0)).toEqual([]);
    expect(Deployment.mayActivate(move(ready, "optimism", "activating", "active"), 0)).toEqual(["ethereum"]);
  });

  it("ConditionBased needs every condition before the deadline", () => {
    const ready = verified(start({ kind: "ConditionBased", conditions: ["a", "b"], deadline: 100 }));
    const met = (d: Deployment.Deployment, condition: string) =>
      Deployment.evolve(d, { kind: "ConditionMet", deployment: id, condition, evidence: id });
    expect(Deployment.mayActivate(met(ready, "a"), 50)).toEqual([]);
    expect(Deployment.mayActivate(met(met(ready, "a"), "b"), 50)).toEqual(["ethereum", "optimism"]);
    expect(Deployment.mayActivate(met(met(ready, "a"), "b"), 101)).toEqual([]);
  });
});

describe("a deployment", () => {
  it("says what every component waits for", () => {
    const half = move(start(chained), "ethereum", "distributed", "registered", "verified");
    expect(Deployment.nextSteps(half, 0)).toEqual([
      { do: "wait", component: "ethereum", next: "optimism must be verified first" },
      { do: "distribute", component: "optimism" },
    ]);
    expect(Deployment.nextSteps(verified(start(chained)), 0).map((s) => s.do === "wait" && s.next)).toEqual([
      "the owner must activate the deployment",
      "the owner must activate the deployment",
    ]);
  });

  it("compensates a failure before the first activation and holds after it", () => {
    const failedEarly = move(verified(start(chained)), "ethereum", "failed");
    expect(Deployment.nextSteps(failedEarly, 0).map((s) => s.do)).toEqual(["withdraw", "withdraw"]);
    const failedLate = move(
      move(verified(start(chained)), "optimism", "activating", "active"),
      "ethereum",
      "activating",
      "failed",
    );
    expect(Deployment.nextSteps(failedLate, 0)).toEqual([
      {
        do: "wait",
        component: "ethereum",
        next: "repair ethereum and deploy again: other components are active already",
      },
    ]);
  });

  it("takes a step once and refuses one that skips", () => {
    const d = start(chained);
    expect(Deployment.checkStep(d, "ethereum", "distributed")).toEqual({ ok: true, value: "new" });
    expect(Deployment.checkStep(move(d, "ethereum", "distributed"), "ethereum", "distributed")).toEqual({
      ok: true,
      value: "done",
    });
    expect(Deployment.checkStep(d, "ethereum", "active")).toMatchObject({
      ok: false,
      error: { kind: "StepRefused", from: "planned", to: "active" },
    });
    expect(Deployment.checkStep(d, "solana", "distributed")).toMatchObject({ ok: false, error: { from: undefined } });
  });

  it("ends all-active, all-withdrawn or held with a next action, whichever steps fail", () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        fc.constantFrom("hold" as const, "compensate" as const),
        (luck, onFailure) => {
          let d = approve(start(chained, onFailure));
          const done = {
            distribute: "distributed",
            register: "registered",
            verify: "verified",
            activate: "active",
            withdraw: "withdrawn",
          } as const;
          let tick = 0;
          for (let round = 0; round < 40; round++) {
            const steps = Deployment.nextSteps(d, 0).filter((s) => s.do !== "wait");
            if (steps.length === 0) break;
            const step = steps[0]!;
            const works = step.do === "withdraw" || luck[tick++ % luck.length]!;
            const statuses: Deployment.Status[] =
              step.do === "activate" && works ? ["activating", "active"] : [works ? done[step.do] : "failed"];
            if (
              step.do === "withdraw" &&
              !["planned", "distributed", "failed"].includes(
                d.components.find((c) => c.name === step.component)!.status,
              )
            )
              statuses.unshift("compensating");
            for (const status of statuses) {
              const allowed = Deployment.checkStep(d, step.component, status);
              expect(allowed.ok).toBe(true);
              d = move(d, step.component, status);
            }
          }
          const statuses = d.components.map((c) => c.status);
          const rest = Deployment.nextSteps(d, 0);
          const held = rest.length > 0 && rest.every((s) => s.do === "wait" && s.next.length > 0);
          expect(statuses.every((s) => s === "active") || statuses.every((s) => s === "withdrawn") || held).toBe(true);
        },
      ),
    );
  });

  it("reads its config back from its value", () => {
    for (const activation of [
      chained,
      { kind: "FloodActivation" } as const,
      { kind: "ConditionBased", conditions: ["x"], deadline: 9 } as const,
    ]) {
      const read = Deployment.DeploymentConfig.fromValue(Deployment.DeploymentConfig.toValue(config(activation)));
      expect(read).toEqual({ ok: true, value: config(activation) });
    }
  });
});
