import { describe, expect, test } from "vitest";
import {
  ENTRIES,
  type ExecutionRecord,
  emptyRecord,
  history,
  Machine,
  Op,
  record,
  timeOf,
} from "../../src/riscv/index.ts";
import { assembled } from "./engines.ts";
import { randomProgram, TAPE_TAIL } from "./randomProgram.ts";

/** Replays the record's accesses against a plain memory of (value, time): every "before" must be what is there. */
function replay(machine: Machine.Machine, records: readonly ExecutionRecord[]): number {
  const start = Machine.of(machine.program);
  const places = new Map<string, { value: number; time: number }>();
  const access = (place: string, initial: number, before: number, after: number, last: number, time: number): void => {
    const found = places.get(place) ?? { value: initial >>> 0, time: 0 };
    expect({ place, ...found }).toEqual({ place, value: before, time: last });
    expect(last).toBeLessThan(time);
    places.set(place, { value: after, time });
  };
  const { code } = machine.program;
  let steps = 0;
  for (const each of records) {
    expect(each.first).toBe(steps);
    for (let i = 0; i < each.length; i++) {
      const time = timeOf(steps++);
      const place = each.place[i]!;
      const op = code.op[place]!;
      const { format } = ENTRIES[op]!;
      const calls = op === Op.ecall;
      const is = (...formats: string[]): boolean => formats.includes(format);
      const register = (n: number): number => start.registers[n] ?? 0;
      const same = (n: number, value: number, last: number, slot: number): void =>
        access(`x${n}`, register(n), value, value, last, time + slot);
      if (!is("U", "J")) same(calls ? 17 : code.rs1[place]!, each.rs1Value[i]!, each.rs1Time[i]!, 0);
      if (is("R", "S", "B")) same(code.rs2[place]!, each.rs2Value[i]!, each.rs2Time[i]!, 1);
      if (is("load", "S")) {
        const n = each.word[i]!;
        access(`m${n}`, start.words[n]!, each.wordBefore[i]!, each.wordAfter[i]!, each.wordTime[i]!, time + 2);
      }
      if (!is("S", "B")) {
        const n = calls ? 10 : code.rd[place]!;
        access(`x${n}`, register(n), each.rdBefore[i]!, each.rdAfter[i]!, each.rdTime[i]!, time + 3);
      }
    }
  }
  return steps;
}

describe("an execution record", () => {
  test("chains every place's values and times, across records, and counts every step", () => {
    const machine = Machine.of(assembled(randomProgram(3, 400, TAPE_TAIL)));
    const past = history();
    const records: ExecutionRecord[] = [];
    while (machine.status.kind === "running") {
      const into = emptyRecord(64);
      record(machine, past, into);
      records.push(into);
    }
    expect(machine.status).toEqual({ kind: "exited", code: 0 });
    expect(replay(machine, records)).toBe(machine.cycles);
    expect(past.order.length).toBe(new Set(past.order).size);
  });
  test("of an ECALL has the cells of both tapes and a0 before and after", () => {
    const machine = Machine.of(
      assembled("_start:\n  li a7, 1024\n  ecall\n  ecall\n  li a7, 1025\n  ecall\n  li a7, 93\n  ecall"),
      Uint32Array.from([70, 80]),
    );
    const into = emptyRecord(10);
    record(machine, history(), into);
    const at = (column: Uint32Array): number[] => [1, 2, 4, 6].map((i) => column[i]!);
    expect(at(into.rs1Value)).toEqual([1024, 1024, 1025, 93]);
    expect(at(into.rs2Value)).toEqual([0, 1, 2, 2]);
    expect(at(into.wordBefore)).toEqual([0, 0, 0, 1]);
    expect(at(into.wordAfter)).toEqual([0, 0, 1, 1]);
    expect(at(into.rdBefore)).toEqual([0, 70, 80, 80]);
    expect(at(into.rdAfter)).toEqual([70, 80, 80, 80]);
    expect(at(into.next)).toEqual([0x10008, 0x1000c, 0x10014, 0x10018]);
  });
  test("does not hold a step that traps", () => {
    const machine = Machine.of(assembled("_start:\n  nop\n  ebreak"));
    const into = emptyRecord(10);
    record(machine, history(), into);
    expect(into.length).toBe(1);
    expect(machine.status.kind).toBe("trapped");
  });
});
