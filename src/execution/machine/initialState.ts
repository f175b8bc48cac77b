/** The state that a program starts with: each field's initial value, evaluated. They are pure and take nothing. */
import { Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { LoadFailed, loaded } from "./frames.ts";
import type { Machine } from "./Machine.ts";
import { Fault, OutOfFuel, OutOfMemory, Stuck } from "./Meter.ts";
import { fuelUsed, memoryUsed, run, start } from "./schedule.ts";

/** Runs each initial value on the machine's own meter. */
export function initialState(machine: Machine, program: Core.ProgramDefinition): Value.Record {
  return Value.record(
    program.state.map((field) => {
      if (field.initial === undefined) throw new Fault("NoInitialValue", `state.${field.name} has no initial value`);
      if (field.initial.kind !== "hash") throw new Stuck("an initial value that is no definition");
      return [field.name, evaluate(machine, loaded(machine, field.initial.hash).hash)] as const;
    }),
  );
}

function evaluate(machine: Machine, hash: Parameters<typeof start>[1]): Value.Value {
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
