/** What a Bandit did by itself, as one document of `tb bandit --json`. */
import { Decimal, toJson } from "../../../src/content/index.ts";
import { showExecutionError } from "../../../src/execution/index.ts";
import {
  type RunReport,
  showBanditError,
  showTrigger,
  showUndertaking,
  type Tended,
} from "../../../src/programs/index.ts";
import { never } from "../../../src/std/index.ts";

export interface TendedDocument {
  readonly event: string;
  readonly [field: string]: unknown;
}

export function tendedDocument(event: Tended): TendedDocument {
  switch (event.kind) {
    case "retracted": {
      const { timeline, block, fact, settled, components } = event.retracted;
      const moves = settled.map((one) => ({
        direction: one.direction,
        asset: one.asset,
        amount: Decimal.print(one.amount),
      }));
      return { event: "retracted", timeline, block, fact, moves, components };
    }
    case "unreached":
      return { event: "unreached", timeline: event.timeline, reason: event.reason };
    case "resumed":
      return { event: "resumed", program: event.program };
    case "recovered":
      return { event: "ended", ...run(event.report) };
    case "reconciled": {
      const { effect, undertaking, outcome, reason } = event.reconciled;
      return { event: "reconciled", effect, what: showUndertaking(undertaking), outcome, reason };
    }
    case "deployment": {
      const { id, instance, components } = event.deployment;
      const moved = components.map(({ name, status, reason }) => ({ name, status, reason }));
      return { event: "deployment", deployment: id, program: instance, components: moved };
    }
    case "firing": {
      const { program, firing } = event;
      const trigger = showTrigger(firing.trigger);
      if (firing.kind === "fired") return { event: "ended", trigger, ...run(firing.report), faults: firing.faults };
      if (firing.kind === "retracted") return { event: "retracted", program, trigger, fact: firing.fact };
      return { event: "failed", program, trigger, reason: showBanditError(firing.error) };
    }
    case "failed":
      return { event: "failed", what: event.what, reason: showBanditError(event.error) };
    default:
      return never(event);
  }
}

const run = ({ instance, entry, run: name, outcome, value, error, trace }: RunReport) => ({
  program: instance,
  entry,
  run: name,
  outcome,
  ...(error === undefined ? { value: toJson(value) } : { error: showExecutionError(error) }),
  trace,
});
