/** Running a test from the editor: in memory, by the hash of the test, so that a result holds until the test changes. */
import { addressUnit } from "../../../src/code/index.ts";
import type { Analysis, TestResults } from "../../../src/editor/index.ts";
import { codeSource, newLibrary, runTest } from "../../../src/execution/index.ts";

import { argumentOf } from "../node/evaluate.ts";

export type TestRun = { readonly passed: boolean; readonly message: string };

/** Results of this session. */
export type Results = Map<string, "passed" | "failed">;

export const resultsOf =
  (results: Results): TestResults =>
  (hash) =>
    results.get(hash);

/** Runs the test of `file` with this title. */
export function run(analysis: Analysis, file: string, title: string, results: Results): TestRun {
  const { unit, typed } = analysis.checked;
  if (unit === undefined) return { passed: false, message: "the files have errors; no test was run" };
  const definition = [...typed.functions.values()].find(
    (one) =>
      one.file === file && (one.kind === "test" || one.kind === "prop") && one.name.endsWith(`${one.kind} ${title}`),
  );
  if (definition === undefined) return { passed: false, message: `there is no test "${title}" any more` };
  const addressed = addressUnit(unit);
  const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const hash = addressed.definitions.get(definition.name)!;
  const outcome = runTest(newLibrary(codeSource({ get: (one) => blocks.get(one) }, (one) => names.get(one))), hash);
  results.set(hash, outcome.kind);
  if (outcome.kind === "passed") return { passed: true, message: `✓ ${title}` };
  const { failure, counterexample } = outcome;
  const values =
    counterexample.length === 0
      ? ""
      : ` with ${counterexample.map(argumentOf(analysis.checked, definition.name)).join(", ")}`;
  const reason = failure.message === "" ? failure.code : failure.message;
  return { passed: false, message: `✗ ${title}: ${reason}${values}` };
}
