import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compilePlan, parseManifest, plan, showProblem, stateForm } from "./index.ts";

const folder = join(import.meta.dirname, "../../test/conformance/adr");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const manifest = (name: string) => {
  const parsed = parseManifest(read(name), name);
  if (!parsed.ok) throw new Error(parsed.error.map(showProblem).join("\n"));
  return parsed.value;
};

describe("ADR 010", () => {
  it("adds riskTolerance to the state of its example, and gives exactly its result", () => {
    const before = manifest("schema-1.2.0.toml").schema;
    const after = manifest("schema-1.3.0.toml").schema;
    const upgrade = plan(before, after);
    expect(upgrade.changes.map((c) => [c.path, c.rule, c.class])).toEqual([
      ["$.riskTolerance", "add-default-field", "auto"],
    ]);
    expect(upgrade.verdict).toBe("auto");
    const state = stateForm(before).read(read("state-1.2.0.json"));
    if (!state.ok) throw new Error(showProblem(state.error));
    const migrated = compilePlan(upgrade).apply(state.value);
    if (!migrated.ok) throw new Error(showProblem(migrated.error));
    expect(JSON.parse(stateForm(after).write(migrated.value.value))).toEqual(JSON.parse(read("state-1.3.0.json")));
    expect(stateForm(after).write(migrated.value.value)).toBe(
      '{"balances":{"ETH":100},"lastPrice":{"ETH/USDC":2900},"riskTolerance":0.05}',
    );
  });
});
