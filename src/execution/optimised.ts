/**
 * Optimised code as an accelerator (docs/spec/optimiser.md). A run of it that gives a value gives the value, the fuel and
 * the memory that tier 0 gives. One that ends in any other way, or asks the outside, is forgotten, and tier 0 says how the
 * run ends; so only success has to be exact, and no fault, call stack, snapshot or trace is ever taken from it.
 */
import type { ContentHash, Value } from "../content/index.ts";
import { newOptimiser, type Optimiser } from "../optimise/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { builtinsOfMachine } from "./builtins/evaluate.ts";
import { type CodeSource, type Library, newLibrary } from "./machine/Library.ts";
import type { Limits, Machine } from "./machine/Machine.ts";
import { fuelUsed, run, type StartError, start } from "./machine/schedule.ts";

/**
 * What a definition's runs use in tier 0 before it is optimised: some tens of milliseconds. Optimising takes about as much
 * in a process that has just begun, most of it the host's own compiler.
 */
export const HOT_FUEL = 10_000_000;
/** Fuel between two places at which the host may do other things. */
const BREATH_FUEL = 20_000_000;

export function optimiserOf(source: CodeSource): Optimiser {
  return newOptimiser((hash) => {
    const definition = source.loadDefinition(hash);
    return definition.ok ? definition.value : undefined;
  }, builtinsOfMachine);
}

/** A library whose code is optimised: a cache under (definition, this version) that lives as long as the process. */
export function optimisedLibrary(source: CodeSource): Library {
  const optimiser = optimiserOf(source);
  return newLibrary(source, undefined, (hash, definition) => optimiser.optimise(hash, definition));
}

/** What a library knows of the runs that were made from it. */
interface Warmth {
  readonly optimised: Library;
  readonly fuel: Map<ContentHash.ContentHash, number>;
}

const warmths = new WeakMap<Library, Warmth>();

function warmthOf(library: Library): Warmth {
  let warmth = warmths.get(library);
  if (warmth === undefined) {
    warmth = { optimised: optimisedLibrary(library.source), fuel: new Map() };
    warmths.set(library, warmth);
  }
  return warmth;
}

/** From now on the definition's runs begin optimised. */
export const warm = (library: Library, hash: ContentHash.ContentHash): void => {
  warmthOf(library).fuel.set(hash, HOT_FUEL);
};

/**
 * Begins a run that is expected to ask nothing, and gives a machine that is over or that tier 0 goes on with; what it
 * says is what tier 0 would have said. Yields tier 0's machine where the host may do other things.
 */
export function* accelerated(
  library: Library,
  hash: ContentHash.ContentHash,
  args: readonly Value.Value[],
  limits: Limits,
): Generator<Machine, Result<Machine, StartError>> {
  const tier0 = start(library, hash, args, limits);
  if (!tier0.ok) return err(tier0.error);
  const warmth = warmthOf(library);
  const before = warmth.fuel.get(hash) ?? 0;
  if (before < HOT_FUEL) {
    const outcome = run(tier0.value, HOT_FUEL - before);
    warmth.fuel.set(hash, before + fuelUsed(tier0.value));
    if (outcome.kind !== "paused") return tier0;
  }
  const fast = start(warmth.optimised, hash, args, limits);
  if (!fast.ok) return tier0;
  for (;;) {
    const outcome = run(fast.value, fuelUsed(fast.value) + BREATH_FUEL);
    if (outcome.kind === "done") return ok(fast.value);
    if (outcome.kind !== "paused") break;
    yield tier0.value;
  }
  // It starts again cold: definitions that often fail cost at most twice their work.
  warmth.fuel.set(hash, 0);
  return tier0;
}

/** The same without pauses for the host. */
export function startAccelerated(
  library: Library,
  hash: ContentHash.ContentHash,
  args: readonly Value.Value[],
  limits: Limits,
): Result<Machine, StartError> {
  const steps = accelerated(library, hash, args, limits);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
