import { expect, test } from "vitest";
import { ContentHash, Decimal, Value } from "../content/index.ts";
import * as Account from "./Account.ts";
import { DeploymentEvent } from "./Deployment.ts";
import { showLogEvent } from "./showLogEvent.ts";

const hash = ContentHash.of(new Uint8Array([1]));
const amount = { timeline: "ethereum", asset: "ETH", amount: Decimal.parse("1.5")! };
const settled = { ...amount, transaction: "0x01", fact: hash };

const accountEvents: readonly Account.AccountEvent[] = [
  { kind: "Opened", traveler: "alice", owner: new Uint8Array(32) },
  { kind: "Accepted", message: hash, nonce: 0, action: { kind: "Withdraw", ...amount, to: "0x02" } },
  { kind: "Accepted", message: hash, nonce: 1, action: { kind: "Transfer", ...amount, to: "bob" } },
  {
    kind: "Accepted",
    message: hash,
    nonce: 2,
    action: { kind: "Invoke", program: "alice/Shop", entry: "buy", arguments: [3, "pear"] },
  },
  { kind: "Accepted", message: hash, nonce: 3, action: { kind: "DeployProgram", program: hash, config: hash } },
  { kind: "Accepted", message: hash, nonce: 4, action: { kind: "ActivateProgram", deployment: hash, component: "a" } },
  {
    kind: "Accepted",
    message: hash,
    nonce: 5,
    action: { kind: "UpgradeProgram", program: "alice/Shop", to: hash, config: hash },
  },
  {
    kind: "Accepted",
    message: hash,
    nonce: 6,
    action: { kind: "UpgradeThrough", program: "alice/Shop", versions: [hash, hash], config: hash },
  },
  { kind: "Refused", message: hash, reason: "the nonce is 3, expected 6" },
  { kind: "Credited", ...settled },
  { kind: "Debited", ...settled },
  { kind: "Retracted", ...settled, retraction: hash },
  { kind: "Restored", ...settled, retraction: hash },
  { kind: "Final", facts: [hash, hash] },
  { kind: "Reserved", ...amount, by: hash },
  { kind: "Released", ...amount, by: hash },
  { kind: "Sent", ...amount, to: "bob", transfer: hash },
  { kind: "Received", ...amount, from: "bob", transfer: hash },
  { kind: "Begun", effect: "alice/deposit/1", undertaking: { kind: "Deposit", ...amount } },
  { kind: "Ended", effect: "alice/deposit/1", outcome: "done", reason: "" },
  { kind: "Ended", effect: "alice/deposit/1", outcome: "nothing-done", reason: "it was reverted" },
  { kind: "Performed", run: hash, request: hash, answer: 7 },
  { kind: "RunClosed", run: hash },
];

const deploymentEvents: readonly DeploymentEvent[] = [
  { kind: "DeploymentOpened", deployment: hash, program: hash, config: hash, instance: "alice/Shop" },
  { kind: "ComponentMoved", deployment: hash, component: "a", status: "verified", evidence: hash, reason: "" },
  { kind: "ComponentMoved", deployment: hash, component: "a", status: "failed", evidence: undefined, reason: "no gas" },
  { kind: "ActivationApproved", deployment: hash, component: undefined },
  { kind: "ConditionMet", deployment: hash, condition: "funded", evidence: hash },
];

test("each event of an account's log is a sentence", () => {
  const values = [
    ...accountEvents.map((event) => Account.AccountEvent.toValue(event)),
    ...deploymentEvents.map((event) => DeploymentEvent.toValue(event)),
  ];
  expect(`\n${values.map(showLogEvent).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    account of alice opened for the key did:key:z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP
    message 0 accepted: withdraw 1.5 ETH on ethereum to 0x02
    message 1 accepted: transfer 1.5 ETH on ethereum to bob
    message 2 accepted: invoke alice/Shop.buy(3, "pear")
    message 3 accepted: deploy program #bafyreicl6ujc6ncfkt…
    message 4 accepted: activate a of deployment #bafyreicl6ujc6ncfkt…
    message 5 accepted: upgrade alice/Shop to #bafyreicl6ujc6ncfkt…
    message 6 accepted: upgrade alice/Shop through #bafyreicl6ujc6ncfkt…, #bafyreicl6ujc6ncfkt…
    message #bafyreicl6ujc6ncfkt… refused: the nonce is 3, expected 6
    credited 1.5 ETH on ethereum (transaction 0x01, fact #bafyreicl6ujc6ncfkt…)
    debited 1.5 ETH on ethereum (transaction 0x01, fact #bafyreicl6ujc6ncfkt…)
    taken back 1.5 ETH on ethereum: a reorganisation undid transaction 0x01 (fact #bafyreicl6ujc6ncfkt…)
    given back 1.5 ETH on ethereum: a reorganisation undid transaction 0x01 (fact #bafyreicl6ujc6ncfkt…)
    final: #bafyreicl6ujc6ncfkt…, #bafyreicl6ujc6ncfkt…
    1.5 ETH on ethereum held back for #bafyreicl6ujc6ncfkt…
    1.5 ETH on ethereum free again, was held back for #bafyreicl6ujc6ncfkt…
    sent 1.5 ETH on ethereum to bob
    received 1.5 ETH on ethereum from bob
    began the deposit of 1.5 ETH on ethereum (alice/deposit/1)
    done: alice/deposit/1
    nothing was done: alice/deposit/1, it was reverted
    run #bafyreicl6ujc6ncfkt… was answered 7
    run #bafyreicl6ujc6ncfkt… closed
    deployment #bafyreicl6ujc6ncfkt… of alice/Shop, program #bafyreicl6ujc6ncfkt…, opened
    deployment #bafyreicl6ujc6ncfkt…: a verified
    deployment #bafyreicl6ujc6ncfkt…: a failed, no gas
    deployment #bafyreicl6ujc6ncfkt…: the owner consents to the activation of all components
    deployment #bafyreicl6ujc6ncfkt…: condition funded is met (evidence #bafyreicl6ujc6ncfkt…)
    "
  `);
});

test("an event of a kind that is not known is shown as the value that it is", () => {
  expect(showLogEvent(Value.variant("Unheard", 3))).toBe("Unheard(3)");
});
