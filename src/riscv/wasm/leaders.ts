/** Where basic blocks start: what a jump can reach, as far as it can be told from the program's text. */
import { endsBlock } from "../Instruction.ts";
import { BAD_TARGET, NO_CODE, type Program } from "../Program.ts";
import { Op } from "../table.ts";

/**
 * One byte for each word of the code: 1 where a block starts. Found: the entry, targets of branches and jumps, the
 * word after each of them (returns come there, functions start there), and every code address that lies in initial
 * memory (tables of functions and of cases). A jump to another word is legal; it is interpreted up to the next block.
 */
export function findLeaders(program: Program): Uint8Array {
  const { code } = program;
  const leaders = new Uint8Array(code.length);
  const mark = (place: number): void => {
    if (place >= 0 && place < code.length) leaders[place] = 1;
  };
  mark((program.entry - code.start) / 4);
  for (let place = 0; place < code.length; place++) {
    const op = code.op[place]!;
    if (op === Op.jal || (op >= Op.beq && op <= Op.bgeu)) mark(code.imm[place]!);
    if (endsBlock(op) || op === BAD_TARGET) mark(place + 1);
    if (op !== NO_CODE && code.op[place - 1] === NO_CODE) mark(place);
  }
  for (const region of program.regions) {
    if (region.access === "code") continue;
    for (const word of region.words) if (word % 4 === 0) mark((word - code.start) / 4);
  }
  return leaders;
}
