import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CliFailure } from "../exit.ts";
import { register as registerAdd } from "./add.ts";
import { register } from "./schema.ts";

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "schema-"));
  const allowed = '[schema.evolution]\nallowed = ["add-default-field", "remove-unused-field", "coerce-lossless"]\n';
  writeFileSync(
    file("1.toml"),
    `[schema]\nversion = "1.0.0"\n[schema.fields]\nbalance = "int"\nlegacy = "text"\n${allowed}`,
  );
  writeFileSync(
    file("2.toml"),
    `[schema]\nversion = "1.1.0"\nreserved = ["legacy"]\n[schema.fields]\nbalance = "decimal"\nrisk = { type = "decimal", default = 0.05 }\n${allowed}`,
  );
  writeFileSync(
    file("3.toml"),
    `[schema]\nversion = "1.2.0"\nreserved = ["legacy"]\n[schema.fields]\nbalance = "decimal"\nrisk = { type = "decimal", default = 0.05 }\nmode = { type = "text", default = "live" }\n${allowed}`,
  );
  writeFileSync(file("bad.toml"), '[schema.fields]\nbalance = "intt"\n');
  writeFileSync(file("program.toml"), '[program]\nname = "P"\n');
  writeFileSync(file("state.json"), '{ "balance": 9007199254740993, "legacy": "x" }');
  writeFileSync(file("wrong.json"), '{ "balance": "many", "legacy": "x" }');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `tb schema …` in this process. */
const tb = (...args: readonly string[]) => run("schema", ...args);

async function run(...args: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const program = new Command().exitOverride();
    register(program);
    registerAdd(program);
    await program.parseAsync(args, { from: "user" });
    return { exit: Number(process.exitCode ?? 0), out, err };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return { exit: error.exit, out, err: err + error.message };
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe("tb schema", () => {
  it("check says what a file declares, or everything that is wrong with it", async () => {
    const good = await tb("check", file("1.toml"), "--json");
    expect(JSON.parse(good.out)).toMatchObject({
      ok: true,
      version: "1.0.0",
      fields: { balance: "int", legacy: "text" },
    });
    const bad = await tb("check", file("bad.toml"));
    expect([bad.exit, bad.err.includes("did you mean `int`?"), bad.err.includes("bad.toml:2:12")]).toEqual([
      3,
      true,
      true,
    ]);
  });

  it("plan exits 5 and says why, until the removal is vouched for", async () => {
    const refused = await tb("plan", file("1.toml"), file("2.toml"), "--json");
    expect(refused.exit).toBe(5);
    const document = JSON.parse(refused.out);
    expect(document.verdict).toBe("refused");
    expect(
      document.changes.map((c: { path: string; class: string; reason?: string }) => [
        c.path,
        c.class,
        c.reason !== undefined,
      ]),
    ).toEqual([
      ["$.balance", "auto", false],
      ["$.legacy", "conditional", true],
      ["$.risk", "auto", false],
    ]);
    const accepted = await tb("plan", file("1.toml"), file("2.toml"), "--assume-unused");
    expect(accepted.exit).toBe(0);
    expect(accepted.out).toContain("assumed unused");
    const again = await tb("plan", file("1.toml"), file("2.toml"), "--json");
    expect(again.out).toBe(refused.out);
  });

  it("plan refuses a file without a schema", async () => {
    expect((await tb("plan", file("program.toml"), file("2.toml"))).exit).toBe(3);
  });

  it("migrate, rollback and verify belong together", async () => {
    const migrated = await tb(
      "migrate",
      file("1.toml"),
      file("2.toml"),
      "--state",
      file("state.json"),
      "--assume-unused",
      "--tombstones",
      file("t.json"),
      "--record",
      file("r.json"),
    );
    expect([migrated.exit, migrated.out]).toEqual([0, '{\n  "balance": "9007199254740993",\n  "risk": 0.05\n}\n']);
    writeFileSync(file("new.json"), migrated.out);
    const back = await tb(
      "rollback",
      file("1.toml"),
      file("2.toml"),
      "--state",
      file("new.json"),
      "--tombstones",
      file("t.json"),
    );
    expect([back.exit, back.out]).toEqual([0, '{\n  "balance": "9007199254740993",\n  "legacy": "x"\n}\n']);
    const verified = await tb("verify", file("r.json"), "--json");
    expect([verified.exit, JSON.parse(verified.out).ok]).toEqual([0, true]);
    writeFileSync(file("forged.json"), readFileSync(file("r.json"), "utf8").replace("0.05", "0.06"));
    expect((await tb("verify", file("forged.json"))).exit).toBe(5);
  });

  it("rollback says what is missing, and never makes a value up", async () => {
    writeFileSync(file("new.json"), '{"balance":1,"risk":0.1}');
    const missing = await tb("rollback", file("1.toml"), file("2.toml"), "--state", file("new.json"));
    expect([missing.exit, missing.err.includes("tombstone of `legacy`")]).toEqual([5, true]);
    writeFileSync(file("new.json"), '{"balance":1.5,"risk":0.1}');
    const fraction = await tb(
      "rollback",
      file("1.toml"),
      file("2.toml"),
      "--state",
      file("new.json"),
      "--tombstones",
      file("t.json"),
    );
    expect([fraction.exit, fraction.err.includes("1.5 is not whole")]).toEqual([5, true]);
    writeFileSync(file("new.json"), '{"balance":2,"risk":0.1}');
    const left = await tb(
      "rollback",
      file("1.toml"),
      file("2.toml"),
      "--state",
      file("new.json"),
      "--tombstones",
      file("t.json"),
    );
    expect([left.exit, left.err.includes("$.risk")]).toEqual([0, true]);
  });

  it("migrate goes through several versions", async () => {
    const migrated = await tb(
      "migrate",
      file("1.toml"),
      file("2.toml"),
      file("3.toml"),
      "--state",
      file("state.json"),
      "--assume-unused",
      "--json",
    );
    expect(migrated.exit).toBe(0);
    expect(JSON.parse(migrated.out)).toMatchObject({ tombstones: 1, state: { mode: "live", risk: 0.05 } });
  });

  it("migrate refuses a state that is not of the old schema, and a plan that is refused", async () => {
    const wrong = await tb("migrate", file("1.toml"), file("2.toml"), "--state", file("wrong.json"), "--assume-unused");
    expect([wrong.exit, wrong.out, wrong.err.includes("wrong.json:1:14")]).toEqual([3, "", true]);
    const refused = await tb("migrate", file("1.toml"), file("2.toml"), "--state", file("state.json"));
    expect([refused.exit, refused.out]).toEqual([5, ""]);
    expect((await tb("migrate", file("1.toml"), file("2.toml"), "--state", file("none.json"))).exit).not.toBe(0);
  });
});

describe('op = "call" with a codebase', () => {
  const store = () => file("codebase");
  const call = (name: string, reads: string, writes: string) =>
    `[[schema.migrations]]\nop = "call"\nfunction = "${name}"\nreads = ${reads}\nwrites = ${writes}\n`;
  const next = (migration: string, types = 'ask = "decimal"\nbid = "decimal"') =>
    `[schema]\nversion = "1.1.0"\nreserved = ["spread"]\n[schema.fields]\nkeep = "int"\n${types}\n${migration}`;

  beforeAll(async () => {
    writeFileSync(
      file("sides.tel"),
      `module desk.moves
fn sides(old: (spread: Decimal)) -> (ask: Decimal, bid: Decimal) { (ask: old.spread / 2, bid: 0 - old.spread / 2) }
fn stamp(spread: Decimal) -> Instant uses Clock { now!() }
fn inverse(spread: Decimal) -> Decimal { 1 / spread }
`,
    );
    writeFileSync(file("s1.toml"), '[schema]\nversion = "1.0.0"\n[schema.fields]\nkeep = "int"\nspread = "decimal"\n');
    writeFileSync(file("s2.toml"), next(call("desk.moves.sides", '["spread"]', '["ask", "bid"]')));
    writeFileSync(file("spread.json"), '{ "keep": 1, "spread": 3 }');
    expect(await run("add", file("sides.tel"), "--store", store())).toMatchObject({ exit: 0 });
  });

  it("plans, migrates, records, verifies and rolls back with the function that a name stands for", async () => {
    const plan = await tb("plan", file("s1.toml"), file("s2.toml"), "--store", store(), "--json");
    expect(plan.exit).toBe(0);
    const { verdict, changes } = JSON.parse(plan.out) as { verdict: string; changes: { function: string }[] };
    expect(verdict).toBe("migrated");
    const hash = changes[0]!.function;
    expect(hash).toMatch(/^bafyrei/);

    const tombstones = ["--tombstones", file("taken.json")];
    const more = [...tombstones, "--record", file("record.json"), "--store", store()];
    const migrated = await tb("migrate", file("s1.toml"), file("s2.toml"), "--state", file("spread.json"), ...more);
    expect(migrated).toMatchObject({ exit: 0, out: '{\n  "ask": 1.5,\n  "bid": -1.5,\n  "keep": 1\n}\n' });

    expect(await tb("verify", file("record.json"), "--store", store())).toMatchObject({ exit: 0 });
    writeFileSync(
      file("forged.json"),
      readFileSync(file("record.json"), "utf8").replace('"postState": "bafyrei', '"postState": "bafyreh'),
    );
    expect(await tb("verify", file("forged.json"), "--store", store())).toMatchObject({ exit: 5 });

    writeFileSync(file("s-new.json"), migrated.out);
    const back = await tb(
      "rollback",
      file("s1.toml"),
      file("s2.toml"),
      "--state",
      file("s-new.json"),
      ...tombstones,
      "--store",
      store(),
    );
    expect(back).toMatchObject({ exit: 0, out: '{\n  "keep": 1,\n  "spread": 3\n}\n' });

    // Its hash does as well, and gives the same plan.
    writeFileSync(file("s2-hash.toml"), next(call(hash, '["spread"]', '["ask", "bid"]')));
    const byHash = await tb("plan", file("s1.toml"), file("s2-hash.toml"), "--store", store(), "--json");
    expect(JSON.parse(byHash.out)).toMatchObject({ plan: (JSON.parse(plan.out) as { plan: string }).plan });
  });

  it.each([
    [
      "that the codebase has not",
      call("desk.moves.missing", '["spread"]', '["ask"]'),
      "no function of that name is known here",
    ],
    ["that is not pure", call("desk.moves.stamp", '["spread"]', '["ask"]'), "is not pure: it does Clock"],
    [
      "that takes other values",
      call("desk.moves.inverse", '["keep"]', '["ask"]'),
      "takes keep as decimal, the old state has int",
    ],
    ["that gives other fields", call("desk.moves.inverse", '["spread"]', '["ask", "bid"]'), "does not give ask, bid"],
  ])("a function %s is refused", async (_, migration, reason) => {
    writeFileSync(file("s-bad.toml"), next(migration));
    const refused = await tb("plan", file("s1.toml"), file("s-bad.toml"), "--store", store());
    expect(refused.exit).toBe(5);
    expect(refused.out).toContain(reason);
  });

  it("a function that fails leaves no new state", async () => {
    writeFileSync(file("s3.toml"), next(call("desk.moves.inverse", '["spread"]', '["ask"]'), 'ask = "decimal"'));
    writeFileSync(file("zero.json"), '{ "keep": 1, "spread": 0 }');
    const failed = await tb(
      "migrate",
      file("s1.toml"),
      file("s3.toml"),
      "--state",
      file("zero.json"),
      "--store",
      store(),
    );
    expect(failed).toMatchObject({ exit: 5, out: "" });
    expect(failed.err).toContain("DivisionByZero");
  });

  it("without the codebase the plan is refused, and a store that is not there is named", async () => {
    vi.stubEnv("TB_STORE", file("nothing"));
    const alone = await tb("plan", file("s1.toml"), file("s2.toml"));
    expect(alone).toMatchObject({ exit: 5, out: expect.stringContaining("--store DIR") });
    expect(await tb("verify", file("record.json"))).toMatchObject({ exit: 5 });
    const missing = await tb("plan", file("s1.toml"), file("s2.toml"), "--store", file("nothing"));
    expect(missing).toMatchObject({ exit: 3, err: expect.stringContaining("there is no codebase in") });
    vi.unstubAllEnvs();
  });
});
