/**
 * Which registers a frame still needs, so that a snapshot holds what the run can read again and nothing else, and the
 * same run has the same snapshot wherever it was taken and continued. Jumps go forward only, so one pass from the end
 * gives the exact answer.
 */
import { type Code, ENDS, type Instruction, list } from "./Tree.ts";

const tables = new WeakMap<Code, Map<number, readonly number[]>>();

/**
 * Registers that are read at or after position `at`, ascending. `at` is the start of an instruction.
 * The parameters always count as live: they are the arguments that a call stack shows.
 */
export function liveAt(code: Code, at: number): readonly number[] {
  const table = tables.get(code) ?? new Map<number, readonly number[]>();
  tables.set(code, table);
  const known = table.get(at);
  if (known !== undefined) return known;
  const live = analyse(code, at);
  table.set(at, live);
  return live;
}

/**
 * A set of registers, one bit each. One set goes back over the instructions and is changed in place: code that fills a
 * register for each of thousands of items must not cost a set for each of its instructions. Only targets keep a copy.
 */
type Registers = Uint32Array;

const has = (set: Registers, register: number): boolean => (set[register >>> 5]! & (1 << (register & 31))) !== 0;
const add = (set: Registers, register: number): void => {
  set[register >>> 5]! |= 1 << (register & 31);
};
const remove = (set: Registers, register: number): void => {
  set[register >>> 5]! &= ~(1 << (register & 31));
};

/** No registers where no instruction starts. */
function analyse(code: Code, at: number): readonly number[] {
  const all = list(code);
  const first = all.findIndex((instruction) => instruction.at === at);
  if (first < 0) return [];
  const isTarget = new Set<number>();
  for (const { targets } of all) for (const target of targets) isTarget.add(target);
  const live: Registers = new Uint32Array((code.registers >>> 5) + 1);
  const atTarget = new Map<number, Registers>();
  for (let i = all.length - 1; i >= first; i--) {
    const instruction = all[i]!;
    if (ENDS.has(instruction.name)) live.fill(0);
    joinTargets(live, instruction, atTarget);
    for (const register of instruction.writes) remove(live, register);
    // `with` names the register that its body fills; an abort fills it too, so it is not live before.
    for (const register of instruction.reads) add(live, register);
    if (isTarget.has(instruction.at)) atTarget.set(instruction.at, live.slice());
  }
  const found: number[] = [];
  for (let register = 0; register < code.registers; register++)
    if (register < code.parameters || has(live, register)) found.push(register);
  return found;
}

/** What is live where an instruction may go; the register that a case fills is not, on the way to that case. */
function joinTargets(live: Registers, { targets, cases }: Instruction, atTarget: ReadonlyMap<number, Registers>): void {
  const filled = new Map<number, number>();
  for (const { target, register } of cases) if (!filled.has(target)) filled.set(target, register);
  for (const target of targets) {
    const there = atTarget.get(target);
    if (there === undefined) continue;
    const register = filled.get(target) ?? -1;
    const isLive = register < 0 || has(live, register);
    for (let i = 0; i < live.length; i++) live[i]! |= there[i]!;
    if (!isLive) remove(live, register);
  }
}
