import { describe, expect, test } from "vitest";
import { keyOf, machineText, RV32IM } from "../../src/verifier/index.ts";

describe("the specification", () => {
  test("lists the tables that proofs are checked against", async () => {
    await expect(machineText(RV32IM.machine)).toMatchFileSnapshot("../../docs/spec/rv32im-tables.txt");
  });
  test.each([
    ["plain", false],
    ["hiding", true],
  ] as const)("the %s key of the constants is the root over their columns", (mode, hiding) => {
    expect(keyOf(RV32IM.machine, "constants", RV32IM.constants(), hiding)).toEqual(RV32IM.constantsKey[mode]);
  });
});
