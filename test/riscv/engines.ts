/** The three ways to run a program, under one shape: by the table, by the fast interpreter, by translation. */
import {
  assemble,
  emptyRecord,
  history,
  interpret,
  Machine,
  type Program,
  prepare,
  record,
  step,
  touched,
  type WebAssemblyHost,
} from "../../src/riscv/index.ts";

/** The host's object; the types of Node 20 do not name it. */
export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly;

export type Engine = {
  readonly name: string;
  readonly run: (program: Program.Program, input: Uint32Array, steps: number) => Machine.Machine;
};

export const engines: readonly Engine[] = [
  {
    name: "step",
    run(program, input, steps) {
      const machine = Machine.of(program, input);
      const seen = touched();
      for (let i = 0; i < steps && machine.status.kind === "running"; i++) step(machine, seen);
      return machine;
    },
  },
  {
    name: "interpreter",
    run(program, input, steps) {
      const machine = Machine.of(program, input);
      interpret(machine, steps);
      return machine;
    },
  },
  {
    name: "record",
    run(program, input, steps) {
      const machine = Machine.of(program, input);
      const past = history();
      while (machine.cycles < steps && machine.status.kind === "running") {
        record(machine, past, emptyRecord(Math.min(100, steps - machine.cycles)));
      }
      return machine;
    },
  },
  {
    name: "translation",
    run(program, input, steps) {
      const { machine, run } = prepare(webAssembly, program, input);
      run(steps);
      return machine;
    },
  },
];

/** What a run leaves behind, comparable between engines; memory as a sum of its words at their places. */
export function outcome(machine: Machine.Machine) {
  let sum = 0;
  for (const region of machine.program.regions) {
    const from = (region.address - machine.program.base) / 4;
    for (let i = from; i < from + region.words.length + 64; i++) sum = (Math.imul(sum, 31) + machine.words[i]!) | 0;
  }
  return {
    status: machine.status,
    pc: machine.pc,
    cycles: machine.cycles,
    registers: [...machine.registers.subarray(0, 32)],
    output: [...machine.output],
    marks: [...machine.marks],
    inputAt: machine.inputAt,
    sum,
  };
}

/** The program of a text that must assemble. */
export function assembled(source: string): Program.Program {
  const program = assemble(source);
  if (!program.ok) throw new Error(program.error.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return program.value;
}

/** Runs on every engine, requires that all agree, and gives the outcome. */
export function agreed(source: string | Program.Program, input: readonly number[] = [], steps = 1_000_000) {
  const program = typeof source === "string" ? assembled(source) : source;
  const outcomes = engines.map((engine) => ({
    name: engine.name,
    ...outcome(engine.run(program, Uint32Array.from(input), steps)),
  }));
  const [first, ...others] = outcomes;
  for (const other of others) {
    const { name, ...got } = other;
    const { name: firstName, ...expected } = first!;
    if (JSON.stringify(got) !== JSON.stringify(expected)) {
      throw new Error(`${name} disagrees with ${firstName}: ${JSON.stringify(got)} and ${JSON.stringify(expected)}`);
    }
  }
  return first!;
}
