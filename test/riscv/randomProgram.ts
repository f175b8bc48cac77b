/**
 * Random programs that always end: every instruction, operands biased to corners, aliased registers, loads and stores
 * at every offset, branches and calls forward, counted loops. The same seed gives the same program.
 */

/** The registers that random instructions use; the others hold addresses, counters and the call's operands. */
const WORK = ["t0", "t1", "t2", "a1", "a2", "a3", "a4", "a5", "zero"];

const CORNERS = [0, 1, 2, 3, 31, 32, 33, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff];

export type Random = (below: number) => number;

/** xorshift32, the same everywhere. */
export function randomOf(seed: number): Random {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const COMPUTING = "add sub sll slt sltu xor srl sra or and mul mulh mulhsu mulhu div divu rem remu".split(" ");
const IMMEDIATE = "addi slti sltiu xori ori andi".split(" ");
const SHIFTS = "slli srli srai".split(" ");
const BRANCHES = "beq bne blt bge bltu bgeu".split(" ");
const LOADS: readonly (readonly [string, number])[] = [
  ["lb", 1],
  ["lbu", 1],
  ["lh", 2],
  ["lhu", 2],
  ["lw", 4],
];
const STORES: readonly (readonly [string, number])[] = [
  ["sb", 1],
  ["sh", 2],
  ["sw", 4],
];

/** Assembly without an end: `tail` is appended; it finds every work register as the program left it. */
export function randomProgram(seed: number, length: number, tail: string): string {
  const random = randomOf(seed);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
  const value = (): number => {
    const corner = pick(CORNERS);
    if (random(4) === 0) return ((random(0x10000) << 16) | random(0x10000)) >>> 0;
    return (random(2) === 0 ? corner : -corner) >>> 0;
  };
  const lines: string[] = ["_start:", "  la s0, area"];
  for (const register of WORK) if (register !== "zero") lines.push(`  li ${register}, ${value()}`);
  let label = 0;
  const random1 = (): string => {
    const kind = random(20);
    if (kind < 8) return `${pick(COMPUTING)} ${pick(WORK)}, ${pick(WORK)}, ${pick(WORK)}`;
    if (kind < 11) return `${pick(IMMEDIATE)} ${pick(WORK)}, ${pick(WORK)}, ${random(4096) - 2048}`;
    if (kind < 13) return `${pick(SHIFTS)} ${pick(WORK)}, ${pick(WORK)}, ${random(32)}`;
    if (kind < 14) return `lui ${pick(WORK)}, ${random(0x100000)}`;
    if (kind < 15) return `li ${pick(WORK)}, ${value()}`;
    if (kind < 17) {
      const [name, bytes] = pick(LOADS);
      return `${name} ${pick(WORK)}, ${bytes * random(64 / bytes)}(s0)`;
    }
    if (kind < 19) {
      const [name, bytes] = pick(STORES);
      return `${name} ${pick(WORK)}, ${bytes * random(64 / bytes)}(s0)`;
    }
    return "fence";
  };
  while (lines.length < length) {
    const shape = random(12);
    if (shape === 0) {
      const name = `L${label++}`;
      lines.push(`  ${pick(BRANCHES)} ${pick(WORK)}, ${pick(WORK)}, ${name}`);
      for (let i = random(4); i >= 0; i--) lines.push(`  ${random1()}`);
      lines.push(`${name}:`);
    } else if (shape === 1) {
      const name = `L${label++}`;
      lines.push(`  li s1, ${1 + random(5)}`, `${name}:`);
      for (let i = random(6); i >= 0; i--) lines.push(`  ${random1()}`);
      lines.push("  addi s1, s1, -1", `  bnez s1, ${name}`);
    } else if (shape === 2) {
      const name = `L${label++}`;
      lines.push(`  call F${name}`, `  j ${name}`, `F${name}:`);
      for (let i = random(4); i >= 0; i--) lines.push(`  ${random1()}`);
      lines.push(pick(["  ret", "  jalr zero, 1(ra)", "  jr ra"]), `${name}:`);
    } else lines.push(`  ${random1()}`);
  }
  const words = Array.from({ length: 16 }, value);
  return `${lines.join("\n")}\n${tail}\n.data\narea:\n  .word ${words.join(", ")}\n`;
}

const SHOWN = WORK.filter((register) => register !== "zero");

/** Writes the work registers and the memory area to the output tape, then exits with 0. */
export const TAPE_TAIL = [
  ...["t0", "t1", "t2"].map((register) => `  mv a0, ${register}\n  li a7, 1025\n  ecall`),
  ...["a1", "a2", "a3", "a4", "a5"].map((register) => `  mv a0, ${register}\n  li a7, 1025\n  ecall`),
  ...Array.from({ length: 16 }, (_, i) => `  lw a0, ${4 * i}(s0)\n  li a7, 1025\n  ecall`),
  "  li a0, 0\n  li a7, 93\n  ecall",
].join("\n");

/** The same words on standard output, through Linux's write(1, buffer, 96): the registers go right before the area. */
export const LINUX_TAIL = [
  "  addi s2, s0, -32",
  ...SHOWN.map((register, i) => `  sw ${register}, ${4 * i}(s2)`),
  "  li a0, 1",
  "  mv a1, s2",
  "  li a2, 96",
  "  li a7, 64",
  "  ecall",
  "  li a0, 0",
  "  li a7, 93",
  "  ecall",
  ".data",
  "  .zero 32",
].join("\n");
