/** An event of an account's log as a sentence; addresses by their first letters, whole ones are in the event itself. */
import { ContentHash, Decimal, show, type Value } from "../content/index.ts";
import { keyId } from "../protocol/index.ts";
import { never } from "../std/index.ts";
import * as Account from "./Account.ts";
import { DeploymentEvent } from "./Deployment.ts";
import { showUndertaking } from "./undertakings.ts";

/** What no known kind reads, an event of a newer version say, is shown as the value that it is. */
export function showLogEvent(event: Value.Value): string {
  const account = Account.AccountEvent.fromValue(event);
  if (account.ok) return showAccountEvent(account.value);
  const deployment = DeploymentEvent.fromValue(event);
  return deployment.ok ? showDeploymentEvent(deployment.value) : show(event);
}

const short = (hash: ContentHash.ContentHash): string => `#${ContentHash.short(hash)}…`;

interface Amount {
  readonly amount: Decimal.Decimal;
  readonly asset: string;
  readonly timeline: string;
}

const amountText = ({ amount, asset, timeline }: Amount): string => `${Decimal.print(amount)} ${asset} on ${timeline}`;

function showAccountEvent(event: Account.AccountEvent): string {
  switch (event.kind) {
    case "Opened":
      return `account of ${event.traveler} opened for the key ${keyId(event.owner)}`;
    case "Accepted":
      return `message ${event.nonce} accepted: ${showAction(event.action)}`;
    case "Refused":
      return `message ${short(event.message)} refused: ${event.reason}`;
    case "Credited":
      return `credited ${amountText(event)} (transaction ${event.transaction}, fact ${short(event.fact)})`;
    case "Debited":
      return `debited ${amountText(event)} (transaction ${event.transaction}, fact ${short(event.fact)})`;
    case "Retracted":
      return `taken back ${amountText(event)}: a reorganisation undid transaction ${event.transaction} (fact ${short(event.fact)})`;
    case "Restored":
      return `given back ${amountText(event)}: a reorganisation undid transaction ${event.transaction} (fact ${short(event.fact)})`;
    case "Final":
      return `final: ${event.facts.map(short).join(", ")}`;
    case "Reserved":
      return `${amountText(event)} held back for ${short(event.by)}`;
    case "Released":
      return `${amountText(event)} free again, was held back for ${short(event.by)}`;
    case "Sent":
      return `sent ${amountText(event)} to ${event.to}`;
    case "Received":
      return `received ${amountText(event)} from ${event.from}`;
    case "Begun":
      return `began the ${showUndertaking(event.undertaking)} (${event.effect})`;
    case "Ended":
      return `${event.outcome === "done" ? "done" : "nothing was done"}: ${event.effect}${event.reason === "" ? "" : `, ${event.reason}`}`;
    case "Performed":
      return `run ${short(event.run)} was answered ${show(event.answer)}`;
    case "RunClosed":
      return `run ${short(event.run)} closed`;
    default:
      return never(event);
  }
}

function showAction(action: Account.Action): string {
  switch (action.kind) {
    case "Withdraw":
      return `withdraw ${amountText(action)} to ${action.to}`;
    case "Transfer":
      return `transfer ${amountText(action)} to ${action.to}`;
    case "Invoke":
      return `invoke ${action.program}.${action.entry}(${action.arguments.map((one) => show(one)).join(", ")})`;
    case "DeployProgram":
      return `deploy program ${short(action.program)}`;
    case "ActivateProgram":
      return `activate ${action.component ?? "all components"} of deployment ${short(action.deployment)}`;
    case "UpgradeProgram":
      return `upgrade ${action.program} to ${short(action.to)}`;
    case "UpgradeThrough":
      return `upgrade ${action.program} through ${action.versions.map(short).join(", ")}`;
    default:
      return never(action);
  }
}

function showDeploymentEvent(event: DeploymentEvent): string {
  const deployment = `deployment ${short(event.deployment)}`;
  switch (event.kind) {
    case "DeploymentOpened":
      return `${deployment} of ${event.instance}, program ${short(event.program)}, opened`;
    case "ComponentMoved":
      return `${deployment}: ${event.component} ${event.status}${event.reason === "" ? "" : `, ${event.reason}`}`;
    case "ActivationApproved":
      return `${deployment}: the owner consents to the activation of ${event.component ?? "all components"}`;
    case "ConditionMet":
      return `${deployment}: condition ${event.condition} is met (evidence ${short(event.evidence)})`;
    default:
      return never(event);
  }
}
