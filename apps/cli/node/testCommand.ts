/** What `tb test` does. */
import { addressUnit } from "../../../src/code/index.ts";

import { type ContentHash, encodeValue, show, toJson, Value } from "../../../src/content/index.ts";
import {
  codeSource,
  type Failure,
  newLibrary,
  runTest,
  type Store,
  type TestOutcome,
  testResultName,
} from "../../../src/execution/index.ts";
import type { Core } from "../../../src/language/index.ts";
import { childrenOf } from "../../../src/optimise/index.ts";
import type { TestOptions } from "../commands/test.ts";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson, progress } from "../output.ts";
import { withStore } from "../session.ts";
import { breathe, systemClock } from "./bandit.ts";
import { type CheckedFiles, checkFiles, problemsToJson, showProblems } from "./checkFiles.ts";

interface Tested {
  readonly test: Core.Definition;
  readonly hash: ContentHash.ContentHash;
  /** `undefined`: it passed before under the same hash and executor. */
  readonly outcome: TestOutcome | undefined;
}

export async function testFiles(paths: readonly string[], options: TestOptions): Promise<void> {
  const files = await checkFiles(paths, options.cache ? options : {});
  const { checked, sources } = files;
  if (checked.unit === undefined) {
    if (options.json !== true) showProblems(checked, sources);
    throw new CliFailure(Exit.source, "the files have errors; no test was run", undefined, {
      ok: false,
      problems: problemsToJson(checked, sources),
    });
  }
  const { unit } = checked;
  const own = ownTests(files, options.filter);
  if (own.length === 0) {
    if (options.json === true) printJson({ ok: true, passed: 0, cached: 0, failed: 0, tests: [] });
    else print(options.filter === undefined ? "no tests" : `no test whose name contains ${options.filter}`);
    return;
  }
  const tested = options.cache
    ? await withStore(options, (store) => runAll(unit, own, store))
    : await runAll(unit, own, undefined);
  report(files, tested, options.json === true);
}

/** Tests of the files themselves, in their order; those of the library are its own. */
function ownTests({ checked }: CheckedFiles, filter: string | undefined): readonly Core.Definition[] {
  const inFiles = new Set([...checked.typed.functions.values()].map((each) => each.name));
  return checked.unit!.definitions.filter(
    (each) =>
      (each.kind === "test" || each.kind === "prop") &&
      inFiles.has(each.name) &&
      (filter === undefined || each.name.includes(filter)),
  );
}

async function runAll(unit: Core.Unit, tests: readonly Core.Definition[], store: Store | undefined): Promise<Tested[]> {
  const addressed = addressUnit(unit);
  const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const library = newLibrary(codeSource({ get: (hash) => blocks.get(hash) }, (hash) => names.get(hash)));
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

function report(files: CheckedFiles, tested: readonly Tested[], json: boolean): void {
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

function printOne(files: CheckedFiles, { test, outcome }: Tested): void {
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
        print(`      ${test.localNames[i] || `argument ${i + 1}`} = ${show(value)}`);
      });
    }
  }
}

/** The title as it was written; the module stands before it. */
function titleOf(test: Core.Definition): string {
  return test.name.replace(/(^|\.)(test|prop) /, (_, dot: string) => (dot === "" ? "" : ": "));
}

/** `file:line:column` of the innermost frame whose place is known. */
function placeOf(files: CheckedFiles, failure: Failure): string | undefined {
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
