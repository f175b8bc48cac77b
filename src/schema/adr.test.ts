/** Every TOML and JSON example of ADR 010, as written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  applySchemaEvolution,
  compilePlan,
  Handshake,
  parseInstant,
  parseManifest,
  plan,
  showProblem,
  stateForm,
} from "./index.ts";

const folder = join(import.meta.dirname, "../../test/conformance/adr");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const manifest = (name: string) => {
  const parsed = parseManifest(read(name), name);
  if (!parsed.ok) throw new Error(parsed.error.map(showProblem).join("\n"));
  return parsed.value;
};

describe("ADR 010", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".toml")))("accepts %s as written", (name) => {
    const parsed = parseManifest(read(name), name);
    expect(parsed.ok ? [] : parsed.error.map(showProblem)).toEqual([]);
  });

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
    expect(stateForm(after).write(migrated.value.value)).toBe(JSON.stringify(JSON.parse(read("state-1.3.0.json"))));
  });

  it("has the evolution engine in one call, and it refuses a rename", () => {
    const before = manifest("schema-1.2.0.toml").schema;
    const state = stateForm(before).read(read("state-1.2.0.json"));
    if (!state.ok) throw new Error(showProblem(state.error));
    const good = applySchemaEvolution(state.value, before, manifest("schema-1.3.0.toml").schema);
    expect(good.ok).toBe(true);
    const renamed = parseManifest('[schema]\nfields = ["balances", "oraclePrice"]', "renamed.toml");
    if (!renamed.ok) throw new Error("the file is right");
    const bad = applySchemaEvolution(state.value, before, renamed.value.schema);
    expect(bad.ok === false && bad.error.kind).toBe("IncompatibleSchemaChange");
  });

  it("declares the program and its safe state in both forms", () => {
    expect(manifest("program.toml").program).toMatchObject({
      name: "CrossChainArb",
      version: "1.2.0",
      schemaVersion: "1.2.0",
      upgradePolicy: "auto",
    });
    expect(manifest("program.toml").safeState.type).toBe("no-pending-returns");
    expect(manifest("safe-state.toml").safeState).toMatchObject({
      type: "no-pending-returns",
      timeoutMilliseconds: 900_000,
      degradedState: '{"status":"timeout","reason":"awaiting ProgramB"}',
    });
  });

  it("declares a custom effect with its compatibility and fallback", () => {
    const { at: _, ...effect } = manifest("effect.toml").effect!;
    expect(effect).toMatchObject({
      name: "ObserveCustomOracle",
      version: "1.2.0",
      protocolVersions: ["2.x", "3.x"],
      evolutionRules: ["add-optional-parameter", "refine-return-type"],
      handler: { text: "bafy123..." },
      fallbacks: [
        { protocol: "2.x", strategy: "use-alternative-implementation", alternativeHandler: { text: "bafy456..." } },
      ],
    });
  });

  it("writes the handshake's call and both answers", () => {
    const call = Handshake.readCall(read("call.json"));
    expect(call.ok && [call.value.call, call.value.safeStateIntent]).toEqual([
      "doRiskCheck",
      { expectedReturnTime: parseInstant("2025-06-01T12:00:00Z"), expectedSafeState: "no-pending-returns" },
    ]);
    expect(Handshake.readAnswer(read("ack.json"))).toEqual({ ok: true, value: { ack: true } });
    expect(Handshake.writeAnswer({ ack: false, reason: "busy" })).toBe('{"ack":false,"reason":"busy"}');
    expect(Handshake.readAnswer(read("refusal.json"))).toEqual({
      ok: true,
      value: { ack: false, reason: "Program B does not support guaranteed return times" },
    });
    for (const wrong of ["{}", '{"ack":false}', '{"ack":true,"reason":"x"}', '{"ack":"true"}', '{"ack":true} x', "["]) {
      expect(Handshake.readAnswer(wrong).ok).toBe(false);
    }
    for (const wrong of [
      '{"call":"f"}',
      '{"call":"f","args":[]}',
      '{"call":1,"args":{}}',
      '{"call":"f","args":{},"safeStateIntent":{"expectedReturnTime":"soon","expectedSafeState":"x"}}',
    ]) {
      expect(Handshake.readCall(wrong).ok).toBe(false);
    }
  });
});
