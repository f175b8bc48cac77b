/** ADR 010's own example, through the engine that upgrades programs: `riskTolerance` is added by itself. */
import { compilePlan, parseManifest, plan, stateForm } from "../../../src/schema/index.ts";
import { print } from "../output.ts";

const OLD = `
[schema]
version = "1.2.0"
fields = ["balances", "lastPrice"]

[schema.evolution]
allowed = ["add-optional-field", "add-default-field", "remove-unused-field"]
`;

const NEW = `
[schema]
version = "1.3.0"
fields = ["balances", "lastPrice", "riskTolerance"]

[schema.defaultValues]
riskTolerance = 0.05
`;

const STATE = '{"balances":{"ETH":100},"lastPrice":{"ETH/USDC":2900}}';

export function adrExample(): void {
  const before = parseManifest(OLD, "1.2.0.toml");
  const after = parseManifest(NEW, "1.3.0.toml");
  if (!before.ok || !after.ok) throw new Error("internal error: the ADR's example is a manifest");
  const upgrade = plan(before.value.schema, after.value.schema);
  const state = stateForm(before.value.schema).read(STATE);
  if (!state.ok) throw new Error("internal error: the ADR's state is a state");
  const applied = compilePlan(upgrade).apply(state.value);
  if (!applied.ok) throw new Error("internal error: an automatic plan applies");
  print(`\n  The example of ADR 010, through the same engine (${upgrade.verdict}):`);
  print(`    ${STATE}\n    ${stateForm(after.value.schema).write(applied.value.value)}`);
}
