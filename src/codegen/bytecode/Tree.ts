/**
 * Register bytecode: what tier 0 runs. One definition is one `Code`; registers 0 … locals−1 are the locals of Core, those
 * above hold constants on their way to an instruction. Jumps go forward only, so one backward pass tells what is live;
 * but for `again` in optimised code, of which no snapshot is taken.
 *
 *     fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
 *
 *      0  jumpUnlessLessImmediate  r0 2 → 8  fuel 1 | 10      (a branch charges the region that it enters)
 *      6  return                   r0
 *      8  call1Subtract            fib r0 1 → r3
 */
import type { ContentHash, Value } from "../../content/index.ts";

/**
 * What each operand of an instruction is:
 * d register written · r register read · k constant · i small integer · t jump target · c fuel of the region entered ·
 * l link · b builtin · n name · s shape (a list of names) · x scratch of the interpreter, 0 in the artifact ·
 * * a count and so many registers read · p a count and so many moves (register written, register read), in order ·
 * w a count and so many switch cases (name, target, fuel, register written or −1).
 *
 * The position in this table is the instruction's number, which `execution/machine/loop.ts` repeats as literals
 * (a host makes a jump table of literals only); a test compares the two.
 * An instruction that enters another definition ends with the register that receives the answer.
 */
export const instructions = [
  ["move", "dr"],
  ["constant", "dk"],
  ["add", "drr"],
  ["subtract", "drr"],
  ["addImmediate", "dri"],
  ["subtractImmediate", "dri"],
  ["call1", "lrd"],
  ["call2", "lrrd"],
  ["return", "r"],
  ["jumpUnlessLessImmediate", "ritcc"],
  ["jumpUnlessMoreImmediate", "ritcc"],
  ["jumpUnlessLess", "rrtcc"],
  ["jumpUnlessLessOrEqual", "rrtcc"],
  ["jumpUnlessEqualImmediate", "ritcc"],
  ["jumpUnlessEqual", "rrtcc"],
  ["jumpUnless", "rtcc"],
  ["jump", "t"],
  ["charge", "c"],
  ["less", "drr"],
  ["lessOrEqual", "drr"],
  ["equal", "drr"],
  ["multiply", "drr"],
  ["field", "drnx"],
  ["item", "dri"],
  ["switch", "rtcw"],
  ["variant", "dnr"],
  ["record", "ds*"],
  ["tuple", "d*"],
  ["list", "d*"],
  ["map", "d*"],
  ["closure", "dl*"],
  ["call", "l*d"],
  ["tailCall", "l*"],
  ["apply", "rx*d"],
  ["tailApply", "rx*"],
  ["builtin1", "dbr"],
  ["builtin2", "dbrr"],
  ["builtin", "db*"],
  ["fault", "nr"],
  ["stateGet", "dn"],
  ["stateSet", "nr"],
  ["perform", "nn*d"],
  ["wait", "ird"],
  ["par", "s*d"],
  ["race", "*d"],
  ["entry", "ln*d"],
  ["within", "rrt"],
  ["with", "rtd"],
  ["leave", ""],
  ["abort", "r"],
  // Only in code that is generated for watching a run.
  ["enter", ""],
  ["exit", "r"],
  // Two nodes in one: a call whose only argument is a local less a small integer, and a sum that is returned.
  ["call1Subtract", "lrid"],
  ["returnAdd", "rr"],
  // Only in optimised code: fuel and bytes of what is not done any more, and the way back of a loop.
  ["pay", "ci"],
  ["again", "tcp"],
] as const;

export type InstructionName = (typeof instructions)[number][0];

/** Name → number. */
export const Opcode = Object.freeze(
  Object.fromEntries(instructions.map(([name], number) => [name, number])),
) as Readonly<Record<InstructionName, number>>;

/** Integers that stand inside an instruction: well inside 31 bits, so that adding one stays a small integer. */
export const IMMEDIATE_MAX = 2 ** 30 - 2;

/** The bytecode of one definition. Plain data; derived from Core, cached, never hashed. */
export interface Code {
  readonly parameters: number;
  readonly captured: number;
  /** Registers of a frame, locals first. */
  readonly registers: number;
  /** Fuel of the region that starts at the entry. */
  readonly entryFuel: number;
  /** Bytes of a frame: a charge while it is on the stack. */
  readonly frameBytes: number;
  readonly ops: Int32Array;
  readonly constants: readonly Value.Value[];
  readonly links: readonly ContentHash.ContentHash[];
  readonly builtins: readonly string[];
  readonly names: readonly string[];
  readonly shapes: readonly (readonly string[])[];
  /** Pairs (position in `ops`, preorder number of the Core node), ascending: where a fault stands in the source. */
  readonly positions: Int32Array;
}

export interface SwitchCase {
  readonly name: number;
  readonly target: number;
  readonly fuel: number;
  readonly register: number;
}

/** One instruction, taken apart. */
export interface Instruction {
  readonly at: number;
  readonly name: InstructionName;
  readonly next: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly targets: readonly number[];
  readonly cases: readonly SwitchCase[];
  /** Fixed operands with their kinds, without counts and lists. */
  readonly operands: readonly (readonly [kind: string, value: number])[];
}

/** Takes the instruction at a position apart. */
export function read(code: Code, at: number): Instruction {
  const ops = code.ops;
  const [name, signature] = instructions[ops[at]!]!;
  const reads: number[] = [];
  const writes: number[] = [];
  const targets: number[] = [];
  const cases: SwitchCase[] = [];
  const operands: [string, number][] = [];
  let next = at + 1;
  for (const kind of signature) {
    const operand = ops[next++]!;
    if (kind === "*") {
      for (let i = 0; i < operand; i++) reads.push(ops[next++]!);
      continue;
    }
    if (kind === "p") {
      for (let i = 0; i < operand; i++, next += 2) {
        writes.push(ops[next]!);
        reads.push(ops[next + 1]!);
      }
      continue;
    }
    if (kind === "w") {
      for (let i = 0; i < operand; i++, next += 4) {
        const one = { name: ops[next]!, target: ops[next + 1]!, fuel: ops[next + 2]!, register: ops[next + 3]! };
        cases.push(one);
        targets.push(one.target);
      }
      continue;
    }
    operands.push([kind, operand]);
    if (kind === "r") reads.push(operand);
    else if (kind === "d") writes.push(operand);
    else if (kind === "t" && operand >= 0) targets.push(operand);
  }
  return { at, name, next, reads, writes, targets, cases, operands };
}

/** Every instruction in order. */
export function list(code: Code): readonly Instruction[] {
  const all: Instruction[] = [];
  for (let at = 0; at < code.ops.length; ) {
    const instruction = read(code, at);
    all.push(instruction);
    at = instruction.next;
  }
  return all;
}

/** Instructions after which control does not fall through. */
export const ENDS: ReadonlySet<InstructionName> = new Set([
  "return",
  "returnAdd",
  "again",
  "jump",
  "switch",
  "tailCall",
  "tailApply",
  "fault",
  "abort",
]);

/** The Core node (preorder number in the body) that the instruction at `at` belongs to. */
export function nodeAt(code: Code, at: number): number {
  let node = 0;
  for (let i = 0; i < code.positions.length && code.positions[i]! <= at; i += 2) node = code.positions[i + 1]!;
  return node;
}
