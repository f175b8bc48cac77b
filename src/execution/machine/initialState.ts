/** The state that a program starts with: each field's initial value, evaluated. They are pure and take nothing. */
import { type ContentHash, Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import type { ExecutionError } from "../ExecutionError.ts";
import { LoadFailed } from "./frames.ts";
import { type Library, loadProgram } from "./Library.ts";
import type { Limits, Machine } from "./Machine.ts";
import { Fault, meterOf, OutOfFuel, OutOfMemory, Stuck } from "./Meter.ts";
import { fuelUsed, memoryUsed, run, start } from "./schedule.ts";

/** Runs each initial value on the machine's own meter. */
export function initialState(
  machine: Pick<Machine, "library" | "meter">,
  program: Core.ProgramDefinition,
): Value.Record {
  return Value.record(
    program.state.map((field) => {
      if (field.initial === undefined) throw new Fault("NoInitialValue", `state.${field.name} has no initial value`);
      if (field.initial.kind !== "hash") throw new Stuck("an initial value that is no definition");
      return [field.name, evaluate(machine, field.initial.hash)] as const;
    }),
  );
}

function evaluate(machine: Pick<Machine, "library" | "meter">, hash: Parameters<typeof start>[1]): Value.Value {
  const { meter } = machine;
  const limits = { fuel: meter.fuel + meter.reserve, memoryBytes: meter.memory };
  const started = start(machine.library, hash, [], limits);
  if (!started.ok) {
    if (started.error.kind === "WrongArguments") throw new Stuck("an initial value takes no arguments");
    throw new LoadFailed(started.error);
  }
  const outcome = run(started.value);
  meter.reserve = limits.fuel - fuelUsed(started.value);
  meter.fuel = 0;
  meter.memory = limits.memoryBytes - memoryUsed(started.value);
  switch (outcome.kind) {
    case "done":
      return outcome.value;
    case "fault":
      throw new Fault(outcome.code, outcome.message);
    case "outOfFuel":
      throw new OutOfFuel();
    case "outOfMemory":
      throw new OutOfMemory();
    case "invalid":
      throw new LoadFailed(outcome.error);
    default:
      throw new Stuck("an initial value has an effect");
  }
}

/** The state that a program starts with, outside of any run. */
export function newState(
  library: Library,
  hash: ContentHash.ContentHash,
  limits: Limits = NEW_STATE_LIMITS,
): Result<Value.Record, ExecutionError> {
  const program = loadProgram(library, hash);
  if (!program.ok) return program;
  const meter = meterOf(limits.fuel, limits.memoryBytes);
  try {
    return ok(initialState({ library, meter }, program.value));
  } catch (error) {
    if (error instanceof Fault) return err({ kind: "Fault", code: error.code, message: error.message, stack: [] });
    if (error instanceof OutOfFuel) return err({ kind: "OutOfFuel", fuel: limits.fuel });
    if (error instanceof OutOfMemory) return err({ kind: "OutOfMemory", memoryBytes: limits.memoryBytes });
    if (error instanceof Stuck) return err({ kind: "InvalidCode", hash, reason: error.reason });
    if (error instanceof LoadFailed) return err(error.error);
    throw error;
  }
}

/** Initial values are constants: what takes longer is no state to start with. */
const NEW_STATE_LIMITS: Limits = { fuel: 1_000_000_000, memoryBytes: 2 ** 30 };
