/** The machine's builtins for the passes of the optimiser: constants are made by the very code that would make them. */
import { Value } from "../../content/index.ts";
import type { Builtins } from "../../optimise/index.ts";
import { Fault, fuelLeft, meterOf, OutOfFuel, OutOfMemory, Stuck } from "../machine/Meter.ts";
import { plain } from "./GrownList.ts";
import { implementations } from "./index.ts";
import { APPEND_BYTES } from "./list.ts";
import { weigh } from "./size.ts";

/** More work than this stays work. */
const FUEL_MAX = 1000;
const BYTES_MAX = 10_000;
/** Nodes of a value that becomes a constant of the code. */
const NODES_MAX = 64;

export const builtinsOfMachine: Builtins = {
  evaluate(name, args) {
    const builtin = implementations.get(name);
    if (builtin === undefined || builtin.arity !== args.length) return undefined;
    const [a = Value.unit, b = a, c = b, d = c] = args;
    const meter = meterOf(FUEL_MAX, BYTES_MAX);
    try {
      builtin.charge?.(meter, a, b, c, d);
      const value = plain(builtin.apply(a, b, c, d));
      if (typeof weigh(value, NODES_MAX) !== "number") return undefined;
      return { value, fuel: FUEL_MAX - fuelLeft(meter), bytes: BYTES_MAX - meter.memory };
    } catch (error) {
      if (error instanceof Fault || error instanceof Stuck) return undefined;
      if (error instanceof OutOfFuel || error instanceof OutOfMemory) return undefined;
      throw error;
    }
  },
  fixed(name) {
    if (name === "list.append") return { fuel: 0, bytes: APPEND_BYTES };
    const builtin = implementations.get(name);
    return builtin !== undefined && builtin.charge === undefined ? { fuel: 0, bytes: 0 } : undefined;
  },
};
