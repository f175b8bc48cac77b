/** The RISC-V machine as tables, and what a statement about a run puts on its buses. */
import { timeOf } from "../../riscv/index.ts";
import { defineMachine, type Message } from "../air.ts";
import type { RunMachine } from "../RunMachine.ts";
import type { Statement } from "../Statement.ts";
import { Add } from "./add.ts";
import { Bitwise } from "./bitwise.ts";
import { Boundary } from "./boundary.ts";
import { Branch } from "./branch.ts";
import { boundaryBus, exitBus, inputBus, outputBus, stateBus } from "./buses.ts";
import { CallTable } from "./call.ts";
import { Compare } from "./compare.ts";
import { Constant } from "./constant.ts";
import { CONSTANTS_KEY } from "./constantsKey.ts";
import { Divide } from "./divide.ts";
import { Jump } from "./jump.ts";
import { Load } from "./load.ts";
import { Lookups, lookupColumns } from "./lookups.ts";
import { Multiply, MultiplyHigh } from "./multiply.ts";
import { ProgramTable, programColumns } from "./program.ts";
import { Shift } from "./shift.ts";
import { Store } from "./store.ts";

export const RiscV = defineMachine(
  "rv32im",
  [
    ...[Add, Bitwise, Compare, Shift, Branch, Constant, Jump, Load, Store, Multiply, MultiplyHigh, Divide, CallTable],
    ...[Boundary, ProgramTable, Lookups],
  ],
  ["base word"],
);

const bytesOf = (word: number): number[] => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];

/** The statement's side of the buses: the start, the end, both tapes, and the token of the one memory boundary. */
function messages({ image, input, output, marks, exitCode, cycles }: Statement): Message[] {
  const list: Message[] = [
    { bus: stateBus, multiplicity: 1, tuple: [image.entry / 4, timeOf(0)] },
    { bus: exitBus, multiplicity: -1, tuple: [...bytesOf(exitCode), timeOf(cycles - 1)] },
    { bus: boundaryBus, multiplicity: 1, tuple: [1] },
  ];
  for (let i = 0; i < input.length; i++) {
    list.push({ bus: inputBus, multiplicity: 1, tuple: [i, ...bytesOf(input[i]!)] });
  }
  let mark = 0;
  for (let i = 0; i < output.length; i++) {
    const marked = marks[mark] === i ? 1 : 0;
    mark += marked;
    list.push({ bus: outputBus, multiplicity: -1, tuple: [i, marked, ...bytesOf(output[i]!)] });
  }
  return list;
}

export const RV32IM: RunMachine = {
  machine: RiscV,
  constants: () => new Map([["lookups", lookupColumns()]]),
  constantsKey: CONSTANTS_KEY,
  programColumns: (program) => new Map([["program", programColumns(program)]]),
  messages,
  publics: ({ image }) => [image.base / 4],
};
