/** What a Bandit did by itself, in words: for whoever types a command, and for the log of `tb bandit`. */
import { Decimal, show } from "../../../src/content/index.ts";
import { showExecutionError } from "../../../src/execution/index.ts";
import {
  type Firing,
  type RetractedFact,
  type RunReport,
  showBanditError,
  showTrigger,
  showUndertaking,
  type Tended,
} from "../../../src/programs/index.ts";
import { never } from "../../../src/std/index.ts";
import { paint } from "../output.ts";

export function sentence(event: Tended): string {
  switch (event.kind) {
    case "retracted":
      return retraction(event.retracted);
    case "unreached":
      return `whether a reorganisation of ${event.timeline} undid anything is not known: ${event.reason}`;
    case "resumed":
      return `${event.program} has a run that was cut off: it goes on now`;
    case "recovered":
      return `  ${ended(event.report)}`;
    case "reconciled": {
      const { undertaking, outcome, reason } = event.reconciled;
      const what = `the ${showUndertaking(undertaking)} that was cut off`;
      if (outcome === "done") return `${what} is finished`;
      return outcome === "nothing-done" ? `${what} did nothing: ${reason}` : `${what} is still open: ${reason}`;
    }
    case "deployment": {
      const { instance, components } = event.deployment;
      return `the deployment of ${instance} goes on: ${components.map((c) => `${c.name} ${c.status}`).join(", ")}`;
    }
    case "firing":
      return `${event.program}: ${firing(event.firing)}`;
    case "failed":
      return `${event.what} cannot go on now: ${showBanditError(event.error)}`;
    default:
      return never(event);
  }
}

function firing(event: Firing): string {
  const { trigger } = event;
  switch (event.kind) {
    case "fired":
      return `${ended(event.report)}${event.faults > 1 ? `; ${event.faults} faults in a row` : ""}`;
    case "retracted":
      return `a reorganisation took back what ${paint.bold(showTrigger(trigger))} saw last: it looks again`;
    case "failed":
      return `${paint.bold(showTrigger(trigger))} is not fired now: ${showBanditError(event.error)}`;
    default:
      return never(event);
  }
}

const ended = (report: RunReport): string => {
  const end = report.error === undefined ? show(report.value) : showExecutionError(report.error);
  return `${report.entry} ${report.outcome}: ${end} ${paint.dim(`(trace ${report.trace})`)}`;
};

function retraction({ timeline, block, settled, components }: RetractedFact): string {
  return [
    `${paint.yellow("reorganisation")}: block ${block} of ${timeline} is no longer on the chain`,
    ...settled.map(({ direction, amount, asset }) =>
      direction === "in"
        ? `  the ${Decimal.print(amount)} ${asset} that came in with it are taken back`
        : `  the ${Decimal.print(amount)} ${asset} that went out with it are in the vault again`,
    ),
    ...components.map(({ component }) => `  the registration on ${component} is gone`),
  ].join("\n");
}
