/** A small part of `npm run soundness`, so that no commit loses it. */
import { describe, expect, test } from "vitest";
import { checkTrace, RV32IM } from "../../src/verifier/index.ts";
import { CORNERS, CORPUS } from "./corpus.ts";
import { assembled } from "./engines.ts";
import { forgedRun, forgeTable, isBetweenRows, liesAbout, OUTCOMES, stepsByOperation } from "./forge.ts";
import { flipTable, lookupsOf, UNEXPLAINED } from "./mutation.ts";
import { randomOf } from "./randomProgram.ts";
import { honest, problemsOf } from "./tables.ts";

const input = [5, 6];
const run = honest(assembled(CORPUS()), input);
const lookups = lookupsOf(run);

test("the run is honest and visits every table and every instruction", () => {
  expect(problemsOf(run.check)).toEqual([]);
  expect(RV32IM.machine.tables.filter((table) => !run.witnesses[0]!.has(table.name))).toEqual([]);
  const corners = honest(assembled(CORNERS()));
  expect(problemsOf(corners.check)).toEqual([]);
  expect(new Set([...stepsByOperation(run, 1).keys(), ...stepsByOperation(corners, 1).keys()]).size).toBe(47);
});

describe("a changed cell is refused, or known to be free", () => {
  test.each(RV32IM.machine.tables.map((table) => [table.name, table] as const))("%s", (_, table) => {
    const { survivors, total } = flipTable(run, table, lookups, 3, randomOf(4));
    expect(total).toBeGreaterThan(table.main.length);
    expect([...survivors.keys()].filter((why) => why.startsWith(UNEXPLAINED))).toEqual([]);
  });
});

describe("a forged outcome has no row", () => {
  const tables = RV32IM.machine.tables.filter(({ name }) => OUTCOMES[name] !== undefined);
  test.each(tables.map((table) => [table.name, table] as const))("%s", (_, table) => {
    const { total, found } = forgeTable(run, table, lookups, 1, 30, randomOf(5));
    expect(total).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });
});

test("a run with a lie is refused by the row of the lie alone", () => {
  for (const [name, steps] of stepsByOperation(run, 1)) {
    const forged = forgedRun(run.program, input, steps[0]!, liesAbout(name)[0]!);
    if (forged === undefined) continue;
    const problems = checkTrace(forged.check);
    expect({ name, refused: problems.length > 0 }).toEqual({ name, refused: true });
    if (name !== "ecall") expect(problems.filter(isBetweenRows)).toEqual([]);
  }
});
