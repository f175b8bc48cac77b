/**
 * Optimised code as an accelerator of pure runs. A run of it that gives a value gives the value, the fuel and the memory
 * that tier 0 gives; one that ends in any other way is forgotten, and tier 0 says how the run ends.
 */
import { newOptimiser, type Optimiser } from "../optimise/index.ts";
import { builtinsOfMachine } from "./builtins/evaluate.ts";
import { type CodeSource, type Library, newLibrary } from "./machine/Library.ts";

/** A library whose code is optimised. What runs in it is never watched, snapshot or replayed. */
export function optimisedLibrary(source: CodeSource): Library {
  const optimiser = optimiserOf(source);
  return newLibrary(source, undefined, (hash, definition) => optimiser.optimise(hash, definition));
}

export function optimiserOf(source: CodeSource): Optimiser {
  return newOptimiser((hash) => {
    const definition = source.loadDefinition(hash);
    return definition.ok ? definition.value : undefined;
  }, builtinsOfMachine);
}
