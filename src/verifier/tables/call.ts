/**
 * ecall: exit, read, write, effect. a7 is read against the call's number, both tapes' cells are counted on, and a0 is
 * rewritten. An exit sends no state: nothing can follow it.
 */
import { A0, A7, Call, SLOT } from "../../riscv/index.ts";
import { add, defineTable, mul } from "../air.ts";
import { access, fetch, selectors, step } from "./adapter.ts";
import {
  exitBus,
  INPUT_CELL_ADDRESS,
  inputBus,
  OUTPUT_CELL_ADDRESS,
  opNumber,
  outputBus,
  SPACE,
  stateBus,
} from "./buses.ts";

export const CallTable = defineTable("call", (t) => {
  const number = opNumber("ecall");
  const { active, op, of } = selectors(t, { exit: number, read: number, write: number, effect: number });
  const [exit, read, write, effect] = [of["exit"]!, of["read"]!, of["write"]!, of["effect"]!];
  const now = step(t, active);
  fetch(t, now, { op });
  const byte = (shift: number) =>
    add(
      ...([exit, read, write, effect] as const).map((bit, i) =>
        mul(bit, ([Call.exit, Call.read, Call.write, Call.effect][i]! >>> shift) & 255),
      ),
    );
  const a7 = [byte(0), byte(8), byte(16), byte(24)];
  const cell = (address: number) => ({ space: SPACE.registers, address });
  access(t, "a7", active, add(now.time, SLOT.rs1), cell(A7), a7, a7);

  const reads = add(read, effect);
  const writes = add(write, effect);
  const inputAt = t.column("input.at");
  const outputAt = t.column("output.at");
  const counted = (name: string, slot: number, address: number, before: typeof inputAt, by: typeof reads): void =>
    access(t, name, active, add(now.time, slot), cell(address), [before, 0, 0, 0], [add(before, by), 0, 0, 0]);
  counted("input", SLOT.rs2, INPUT_CELL_ADDRESS, inputAt, reads);
  counted("output", SLOT.word, OUTPUT_CELL_ADDRESS, outputAt, writes);

  const old = t.columns("old", 4);
  const r = t.columns("r", 4);
  for (let i = 0; i < 4; i++) {
    t.zero(`a0 is kept, byte ${i}`, mul(add(exit, write), add(r[i]!, mul(old[i]!, -1))));
  }
  access(t, "a0", active, add(now.time, SLOT.rd), cell(A0), old, r);
  // The statement sends the words that were read, as bytes, and receives the words that were written.
  t.receive(inputBus, reads, [inputAt, ...r]);
  t.send(outputBus, writes, [outputAt, effect, ...old]);
  t.send(exitBus, exit, [...old, now.time]);
  t.send(stateBus, add(reads, write), [add(now.pc, 1), add(now.time, 4)]);
});
