/** What forbids an upgrade whatever its schema says; and that the policies of the version that runs are the ones that count. */
import { describe, expect, it } from "vitest";
import { loadInstance } from "../../src/programs/index.ts";
import { createWorld, startBandit, take } from "./memoryWorld.ts";
import { compile, DESK, deployDesk, stateOf, upgradeTo, type Version } from "./upgrading.ts";

const one = (version: string, more: Partial<Version> = {}): Version => ({
  version,
  program: "state { count: Int = 7 }\n  entry look() -> Int { state.count }",
  ...more,
});
const TWO_FIELDS = "state { count: Int = 7\n dear: Int = 1 }\n  entry look() -> Int { state.count + state.dear }";

async function desk(first: Version) {
  const bandit = startBandit(createWorld());
  await deployDesk(bandit, await compile(first));
  return bandit;
}

describe("an upgrade", () => {
  it("goes forward only: an older version would retire what it lacks for ever", async () => {
    const bandit = await desk(one("1.1.0", { program: TWO_FIELDS }));
    const { done } = await upgradeTo(bandit, await compile(one("1.0.0")));
    expect(done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: expect.stringContaining("1.0.0 is older than 1.1.0, which runs") },
    });
    expect(take(loadInstance(bandit, DESK)).instance).toMatchObject({ version: "1.1.0", retired: [] });
    expect((await upgradeTo(bandit, await compile(one("1.2.0", { program: TWO_FIELDS })))).done.ok).toBe(true);
  });

  it("is refused for ever by a version that pins, though the one that was deployed did not", async () => {
    const bandit = await desk(one("1.0.0"));
    expect((await upgradeTo(bandit, await compile(one("1.1.0", { upgradePolicy: "pinned" })))).done.ok).toBe(true);
    const before = stateOf(bandit);
    const { done } = await upgradeTo(bandit, await compile(one("1.2.0")));
    expect(done).toMatchObject({
      ok: false,
      error: { kind: "Refused", reason: `${DESK} is pinned to version 1.1.0` },
    });
    expect(stateOf(bandit)).toEqual(before);
  });

  it("takes the safe-state strategy of its version along", async () => {
    const bandit = await desk(one("1.0.0"));
    const manual = { schema: '[safeStateStrategy]\ntype = "manual"' };
    expect((await upgradeTo(bandit, await compile(one("1.1.0", manual)))).done.ok).toBe(true);
    expect((await upgradeTo(bandit, await compile(one("1.2.0", manual)))).done).toMatchObject({
      ok: false,
      error: { reason: expect.stringContaining("manual") },
    });
  });

  it("is refused with every reason at once", async () => {
    const bandit = await desk(one("1.1.0", { upgradePolicy: "pinned" }));
    const narrower = one("1.0.0", {
      program: 'state { count: Text = "" }\n  entry look() -> Text { state.count }',
    });
    const { done } = await upgradeTo(bandit, await compile(narrower));
    if (done.ok || done.error.kind !== "Refused") throw new Error("expected a refusal");
    expect(done.error.reason.split("\n")).toEqual([
      `${DESK} is pinned to version 1.1.0`,
      expect.stringContaining("1.0.0 is older than 1.1.0"),
      expect.stringContaining("$.count changes its type"),
    ]);
  });
});
