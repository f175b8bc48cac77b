/**
 * Which registers a frame still needs, so that a snapshot holds what the run can read again and nothing else, and the
 * same run has the same snapshot wherever it was taken and continued. Jumps go forward only, so one pass from the end
 * gives the exact answer.
 */
import { type Code, ENDS, list } from "./Tree.ts";

const tables = new WeakMap<Code, ReadonlyMap<number, readonly number[]>>();

/**
 * Registers that are read at or after position `at`, ascending. `at` is the start of an instruction.
 * The parameters always count as live: they are the arguments that a call stack shows.
 */
export function liveAt(code: Code, at: number): readonly number[] {
  let table = tables.get(code);
  if (table === undefined) {
    table = analyse(code);
    tables.set(code, table);
  }
  return table.get(at) ?? [];
}

function analyse(code: Code): ReadonlyMap<number, readonly number[]> {
  const live = new Map<number, ReadonlySet<number>>();
  const all = list(code);
  const parameters = Array.from({ length: code.parameters }, (_, i) => i);
  for (let i = all.length - 1; i >= 0; i--) {
    const instruction = all[i]!;
    const after = new Set<number>();
    const join = (from: ReadonlySet<number> | undefined) => {
      for (const register of from ?? []) after.add(register);
    };
    if (!ENDS.has(instruction.name)) join(live.get(instruction.next));
    for (const target of instruction.targets) {
      const written = instruction.cases.find((one) => one.target === target)?.register ?? -1;
      for (const register of live.get(target) ?? []) if (register !== written) after.add(register);
    }
    for (const register of instruction.writes) after.delete(register);
    // `with` names the register that its body fills; an abort fills it too, so it is not live before.
    for (const register of instruction.reads) after.add(register);
    live.set(instruction.at, after);
  }
  return new Map(
    [...live].map(
      ([at, registers]) => [at, [...new Set([...parameters, ...registers])].sort((a, b) => a - b)] as const,
    ),
  );
}
