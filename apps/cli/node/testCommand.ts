/** What `tb test` does. */
import { type AddressedUnit, addressUnit } from "../../../src/code/index.ts";

import { type ContentHash, encodeValue, toJson, Value } from "../../../src/content/index.ts";
import { type Failure, runTest, type Store, type TestOutcome, testResultName } from "../../../src/execution/index.ts";
import type { Core } from "../../../src/language/index.ts";
import { childrenOf } from "../../../src/optimise/index.ts";
import type { TestOptions } from "../commands/test.ts";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson, progress } from "../output.ts";
import { withStore } from "../session.ts";
import { breathe, systemClock } from "./bandit.ts";
import { failureDocument, showProblems } from "./checkFiles.ts";
import { type CheckedWithCodebase, checkWithCodebase, isOfCodebase } from "./codebase.ts";
import { argumentOf, libraryOf } from "./evaluate.ts";

interface Tested {
  readonly test: Core.Definition;
  readonly hash: ContentHash.ContentHash;
  /** `undefined`: it passed before under the same hash and executor. */
  readonly outcome: TestOutcome | undefined;
}

export async function testFiles(paths: readonly string[], options: TestOptions): Promise<void> {
  await checkWithCodebase(paths, options, (files) => testChecked(files, options));
}

/** Runs the tests of files that are checked; files with errors end the command. */
export async function testChecked(files: CheckedWithCodebase, options: TestOptions): Promise<void> {
  const { checked, sources, store } = files;
  if (checked.unit === undefined) {
    if (options.json !== true) showProblems(checked, sources);
    const message = "the files have errors; no test was run";
    throw new CliFailure(Exit.source, message, undefined, failureDocument(checked, sources, message));
  }
  const addressed = files.unit ?? addressUnit(checked.unit);
  const own = ownTests(files, options.filter);
  if (own.length === 0) {
    if (options.json === true) printJson({ ok: true, passed: 0, cached: 0, failed: 0, tests: [] });
    else print(options.filter === undefined ? "no tests" : `no test whose name contains ${options.filter}`);
    return;
  }
  const run = (cache: Store | undefined) => runAll(addressed, own, store, cache);
  const tested = !options.cache
    ? await run(undefined)
    : store !== undefined
      ? await run(store)
      : await withStore(options, run);
  report(files, tested, options.json === true);
}

/** Tests of the files themselves, in their order; those of the library are its own. */
function ownTests({ checked }: CheckedWithCodebase, filter: string | undefined): readonly Core.Definition[] {
  const own = [...checked.typed.functions.values()].filter((each) => !isOfCodebase(each.file));
  const inFiles = new Set(own.map((each) => each.name));
  return checked.unit!.definitions.filter(
    (each) =>
      (each.kind === "test" || each.kind === "prop") &&
      inFiles.has(each.name) &&
      (filter === undefined || each.name.includes(filter)),
  );
}

/** `codebase` has the code that the files use and do not bring; `store` keeps which tests have passed. */
async function runAll(
  addressed: AddressedUnit,
  tests: readonly Core.Definition[],
  codebase: Store | undefined,
  store: Store | undefined,
): Promise<Tested[]> {
  const library = libraryOf(addressed, codebase);
  const line = progress();
  const passed: ContentHash.ContentHash[] = [];
  const tested: Tested[] = [];
  for (const [i, test] of tests.entries()) {
    const hash = addressed.definitions.get(test.name)!;
    if (store?.name(testResultName(hash)) !== undefined) {
      tested.push({ test, hash, outcome: undefined });
      continue;
    }
    line.update(`test ${i + 1} of ${tests.length}: ${test.name}`);
    await breathe();
    const outcome = runTest(library, hash);
    if (outcome.kind === "passed") passed.push(hash);
    tested.push({ test, hash, outcome });
  }
  line.done();
  if (store !== undefined && passed.length > 0) await keepPassed(store, passed);
  return tested;
}

/** Only that a test passed is kept: one that failed is run again. */
async function keepPassed(store: Store, hashes: readonly ContentHash.ContentHash[]): Promise<void> {
  await store.write((transaction) => {
    const remark = { author: "tb", time: systemClock.now(), reason: "test passed" };
    const mark = transaction.put(encodeValue(Value.variant("Passed")));
    for (const hash of hashes) {
      const name = testResultName(hash);
      if (transaction.name(name) === undefined) transaction.setName(name, undefined, mark, remark);
    }
  });
}

// ---------------------------------------------------------------------------------------------- reporting

function report(files: CheckedWithCodebase, tested: readonly Tested[], json: boolean): void {
  const failed = tested.filter(({ outcome }) => outcome?.kind === "failed");
  const cached = tested.filter(({ outcome }) => outcome === undefined);
  const passed = tested.length - failed.length;
  if (json) {
    printJson({
      ok: failed.length === 0,
      passed,
      cached: cached.length,
      failed: failed.length,
      tests: tested.map((one) => ({
        name: titleOf(one.test),
        kind: one.test.kind,
        hash: one.hash,
        outcome: one.outcome?.kind ?? "passed",
        cached: one.outcome === undefined,
        ...(one.outcome === undefined ? {} : { fuel: one.outcome.fuel, cases: one.outcome.cases }),
        ...(one.outcome?.kind === "failed"
          ? {
              failure: { code: one.outcome.failure.code, message: one.outcome.failure.message },
              at: placeOf(files, one.outcome.failure) ?? null,
              counterexample: one.outcome.counterexample.map(toJson),
            }
          : {}),
      })),
    });
  } else {
    for (const one of tested) printOne(files, one);
    const parts = [
      `${passed} passed${cached.length > 0 ? ` (${cached.length} cached)` : ""}`,
      ...(failed.length > 0 ? [paint.red(`${failed.length} failed`)] : []),
    ];
    print(parts.join(", "));
  }
  if (failed.length > 0) process.exitCode = Exit.program;
}

function printOne(files: CheckedWithCodebase, { test, outcome }: Tested): void {
  const title = titleOf(test);
  if (outcome === undefined) print(`${paint.green("✓")} ${paint.dim("cached")} ${title}`);
  else if (outcome.kind === "passed") {
    const cases = test.kind === "prop" ? paint.dim(` (${outcome.cases} cases)`) : "";
    print(`${paint.green("✓")} ${paint.dim("ran   ")} ${title}${cases}`);
  } else {
    print(`${paint.red("✗")} ${paint.red("failed")} ${title}`);
    const { failure, counterexample } = outcome;
    print(`    ${failure.code}${failure.message === "" ? "" : `: ${failure.message}`}`);
    const at = placeOf(files, failure);
    if (at !== undefined) print(`    at ${at}`);
    if (counterexample.length > 0) {
      print(`    after ${outcome.cases} case${outcome.cases === 1 ? "" : "s"}, made small:`);
      counterexample.forEach((value, i) => {
        print(`      ${test.localNames[i] || `argument ${i + 1}`} = ${argumentOf(files.checked, test.name)(value, i)}`);
      });
    }
  }
}

/** The title as it was written; the module stands before it. */
function titleOf(test: Core.Definition): string {
  return test.name.replace(/(^|\.)(test|prop) /, (_, dot: string) => (dot === "" ? "" : ": "));
}

/** `file:line:column` of the innermost frame whose place is known. */
function placeOf(files: CheckedWithCodebase, failure: Failure): string | undefined {
  for (const frame of failure.stack) {
    const definition = files.checked.unit?.definitions.find((one) => one.name === frame.frameName);
    const node = definition === undefined ? undefined : nodeNumber(definition.body, frame.node);
    const span = node === undefined ? undefined : files.checked.spanOf(frame.frameName, node);
    const file = files.checked.typed.functions.get(frame.frameName.replace(/\/\d+$/, ""))?.file;
    const source = files.sources.find((one) => one.path === file);
    if (span === undefined || source === undefined) continue;
    const before = source.text.slice(0, span.start);
    const line = before.split("\n").length;
    return `${source.path}:${line}:${before.length - before.lastIndexOf("\n")}`;
  }
  return undefined;
}

/** The node with this preorder number. */
function nodeNumber(body: Core.Expression, number: number): Core.Expression | undefined {
  const open: Core.Expression[] = [body];
  for (let at = 0; open.length > 0; at++) {
    const node = open.pop()!;
    if (at === number) return node;
    open.push(...childrenOf(node).toReversed());
  }
  return undefined;
}
