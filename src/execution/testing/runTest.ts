/**
 * Runs `test` and `prop` definitions. They are closed: what they ask of the outside stands inside a `with`, so a result is
 * a function of the test's hash and the executor, and may be kept under both.
 */
import { executorVersion } from "../../code/index.ts";
import type { ContentHash, Value } from "../../content/index.ts";
import { type Library, load } from "../machine/Library.ts";
import type { Limits } from "../machine/Machine.ts";
import { attempt, type Failure } from "./attempt.ts";
import { drawsOf, generate } from "./generate.ts";
import { shrink } from "./shrink.ts";

type V = Value.Value;

export type TestOutcome =
  | { readonly kind: "passed"; readonly fuel: number; readonly cases: number }
  | {
      readonly kind: "failed";
      readonly fuel: number;
      readonly cases: number;
      readonly failure: Failure;
      /** Arguments of a prop, made as small as they could be; empty for a test. */
      readonly counterexample: readonly V[];
    };

/** Some seconds of computing: a test that needs more is a mistake. */
export const TEST_LIMITS: Limits = { fuel: 1_000_000_000, memoryBytes: 2 ** 31 };
export const PROP_CASES = 100;
/** Runs spent on making a counterexample smaller. */
const SHRINK_RUNS_MAX = 2000;

/** The name under which a store keeps that a test passed: its hash pins all code, the version what runs it. */
export const testResultName = (hash: ContentHash.ContentHash): string => `test:${hash}:${executorVersion}`;

export function runTest(library: Library, hash: ContentHash.ContentHash, limits: Limits = TEST_LIMITS): TestOutcome {
  const loaded = load(library, hash);
  if (!loaded.ok)
    return failed({ code: loaded.error.kind, message: "the test could not be loaded", stack: [] }, 0, 0, []);
  if (loaded.value.kind !== "prop") {
    const { failure, fuel } = attempt(library, hash, [], limits);
    return failure === undefined ? { kind: "passed", fuel, cases: 1 } : failed(failure, fuel, 1, []);
  }
  return runProp(library, hash, limits);
}

const failed = (failure: Failure, fuel: number, cases: number, counterexample: readonly V[]): TestOutcome => ({
  kind: "failed",
  fuel,
  cases,
  failure,
  counterexample,
});

function runProp(library: Library, hash: ContentHash.ContentHash, limits: Limits): TestOutcome {
  const definition = library.source.loadDefinition(hash);
  const types = definition.ok ? (definition.value.signature?.parameters ?? []) : [];
  let fuel = 0;
  for (let number = 0; number < PROP_CASES; number++) {
    const draw = drawsOf(hash, number);
    const args: V[] = [];
    for (const type of types) {
      const value = generate(library.source, type, draw, number);
      if (!value.ok) {
        const message = `no values of ${value.error.type} can be drawn for a prop`;
        return failed({ code: "NoValues", message, stack: [] }, fuel, number, []);
      }
      args.push(value.value);
    }
    const tried = attempt(library, hash, args, limits);
    fuel += tried.fuel;
    if (tried.failure !== undefined) {
      const smallest = minimise(library, hash, args, tried.failure, limits);
      return failed(smallest.failure, fuel, number + 1, smallest.args);
    }
  }
  return { kind: "passed", fuel, cases: PROP_CASES };
}

/** Takes smaller arguments as long as they fail with the same code. */
function minimise(
  library: Library,
  hash: ContentHash.ContentHash,
  failing: readonly V[],
  first: Failure,
  limits: Limits,
): { readonly args: readonly V[]; readonly failure: Failure } {
  let args = failing;
  let failure = first;
  let runs = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    search: for (let i = 0; i < args.length; i++) {
      for (const smaller of shrink(args[i]!)) {
        if (++runs > SHRINK_RUNS_MAX) return { args, failure };
        const candidate = args.with(i, smaller);
        const tried = attempt(library, hash, candidate, limits);
        if (tried.failure?.code !== first.code) continue;
        args = candidate;
        failure = tried.failure;
        isSmaller = true;
        break search;
      }
    }
  }
  return { args, failure };
}
