/**
 * machine.md, "Programs", and proof.md, "Fixed columns" and "The image id": from an ELF file to the id of its program.
 * Files that the machine refuses are not told apart here; only accepted ones have an id.
 */
import { hash, hashText } from "./Blake3.ts";
import { extended, padded } from "./Domain.ts";
import { rootOf } from "./Tree.ts";

type Access = "code" | "constant" | "data";
type Program = { entry: number; words: ReadonlyMap<number, { word: number; access: Access }> };

export function readElf(bytes: Uint8Array): Program {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const half = (at: number): number => view.getUint16(at, true);
  const full = (at: number): number => view.getUint32(at, true);
  const words = new Map<number, { word: number; access: Access }>();
  const sections = Array.from({ length: half(48) }, (_, i) => full(32) + i * half(46));
  /** Whether a word is in a code section that lies between two addresses. */
  const inSection = (address: number, start: number, end: number): boolean =>
    sections.some(
      (at) =>
        full(at + 4) === 1 &&
        (full(at + 8) & 6) === 6 &&
        full(at + 12) % 4 === 0 &&
        full(at + 12) >= start &&
        full(at + 12) + full(at + 20) <= end &&
        address >= full(at + 12) &&
        address < full(at + 12) + full(at + 20),
    );
  for (let i = 0; i < half(44); i++) {
    const at = full(28) + i * half(42);
    const [offset, start, inFile, inMemory, flags] = [4, 8, 16, 20, 24].map((field) => full(at + field)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (full(at) !== 1 || inMemory === 0) continue;
    const [execute, write] = [(flags & 1) !== 0, (flags & 2) !== 0];
    const end = start + (write ? inFile : inMemory);
    for (let address = start - (start % 4); address < end; address += 4) {
      let word = 0;
      for (let k = 3; k >= 0; k--) {
        const from = address + k - start;
        word = word * 256 + (from >= 0 && from < inFile ? bytes[offset + from]! : 0);
      }
      const access = write
        ? execute && inSection(address, start - (start % 4), 4 * Math.ceil(end / 4))
          ? "code"
          : "data"
        : execute
          ? "code"
          : "constant";
      words.set(address, { word, access });
    }
  }
  return { entry: full(24), words: new Map([...words].sort(([a], [b]) => a - b)) };
}

const names =
  "lui auipc jal jalr beq bne blt bge bltu bgeu lb lh lw lbu lhu sb sh sw addi slti sltiu xori ori andi slli srli srai add sub sll slt sltu xor srl sra or and fence ecall ebreak mul mulh mulhsu mulhu div divu rem remu".split(
    " ",
  );
const operation = (name: string): number => {
  if (!names.includes(name)) throw new Error(name);
  return names.indexOf(name) + 1;
};

const bytesOf = (word: number): number[] => [0, 8, 16, 24].map((at) => (word >>> at) & 255);

/** (pc, op, immediate, rd, rs1, rs2, i0, i1, i2, i3, target), or nothing when the word cannot be executed. */
function codeRow(pc: number, word: number): number[] | undefined {
  const bits = (low: number, count: number): number => (word >>> low) & (2 ** count - 1);
  const [opcode, rs1, rs2, f3, f7] = [bits(0, 7), bits(15, 5), bits(20, 5), bits(12, 3), bits(25, 7)];
  const rd = bits(7, 5) === 0 ? 32 : bits(7, 5);
  const iType = word >> 20;
  const row = (op: string, immediate: number, d: number, s1: number, s2: number, constant: number, target = 0) => [
    pc / 4,
    operation(op),
    immediate,
    d,
    s1,
    s2,
    ...bytesOf(constant),
    target,
  ];
  const next = ((pc + 4) >>> 0) / 4;
  const upper = word & 0xfffff000;
  if (opcode === 0x37) return row("lui", 0, rd, 0, 0, upper, next);
  if (opcode === 0x17) return row("lui", 0, rd, 0, 0, pc + upper, next);
  if (opcode === 0x6f) {
    const offset = ((word >> 31) << 20) | (bits(12, 8) << 12) | (bits(20, 1) << 11) | (bits(21, 10) << 1);
    const target = (pc + offset) >>> 0;
    return target % 4 === 0 ? row("lui", 0, rd, 0, 0, pc + 4, target / 4) : undefined;
  }
  if (opcode === 0x67) return f3 === 0 ? row("jalr", 0, rd, rs1, 0, iType) : undefined;
  if (opcode === 0x63) {
    const op = ["beq", "bne", "", "", "blt", "bge", "bltu", "bgeu"][f3]!;
    const offset = ((word >> 31) << 12) | (bits(7, 1) << 11) | (bits(25, 6) << 5) | (bits(8, 4) << 1);
    const target = (pc + offset) >>> 0;
    return op === "" ? undefined : row(op, 0, 0, rs1, rs2, 0, target % 4 === 0 ? target / 4 : 2 ** 30);
  }
  if (opcode === 0x03) {
    const op = ["lb", "lh", "lw", "", "lbu", "lhu", "", ""][f3]!;
    return op === "" ? undefined : row(op, 0, rd, rs1, 0, iType);
  }
  if (opcode === 0x23) {
    const op = ["sb", "sh", "sw"][f3];
    return op === undefined ? undefined : row(op, 0, 0, rs1, rs2, ((word >> 25) << 5) | bits(7, 5));
  }
  if (opcode === 0x13) {
    if (f3 === 1) return f7 === 0 ? row("sll", 1, rd, rs1, 0, rs2) : undefined;
    if (f3 === 5) return f7 === 0 || f7 === 32 ? row(f7 === 0 ? "srl" : "sra", 1, rd, rs1, 0, rs2) : undefined;
    return row(["add", "", "slt", "sltu", "xor", "", "or", "and"][f3]!, 1, rd, rs1, 0, iType);
  }
  if (opcode === 0x33) {
    const op = {
      0: ["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"],
      32: ["sub", "", "", "", "", "sra", "", ""],
      1: ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"],
    }[f7]?.[f3];
    return op === undefined || op === "" ? undefined : row(op, 0, rd, rs1, rs2, 0);
  }
  if (opcode === 0x0f) return f3 === 0 ? row("add", 1, 32, 0, 0, 0) : undefined;
  return word === 0x73 ? row("ecall", 0, 0, 0, 0, 0) : undefined;
}

export function imageId(program: Program): Uint32Array {
  const lowest = Math.min(...program.words.keys());
  const base = Math.min(lowest - (lowest % 4096), 2 ** 32 - 2 ** 26);
  const code = [...program.words].flatMap(([pc, { word, access }]) => {
    const row = access === "code" ? codeRow(pc, word) : undefined;
    return row === undefined ? [] : [row];
  });
  const cells = Array.from({ length: 35 }, (_, i) => [2, i, ...bytesOf(i === 2 ? base + 2 ** 26 - 16 : 0)]);
  const memory = [...program.words].map(([address, { word, access }]) => [
    access === "data" ? 0 : 1,
    (address - base) / 4 + 64,
    ...bytesOf(word),
  ]);
  const image = [...cells, ...memory];
  const height = Math.max(12, Math.ceil(Math.log2(Math.max(code.length, image.length) + 1024)));
  const columns = [
    ...Array.from({ length: 11 }, (_, i) => code.map((row) => row[i]!)),
    image.map(() => 1),
    ...Array.from({ length: 6 }, (_, i) => image.map((row) => row[i]!)),
  ];
  const root = rootOf(extended(columns.map((column) => padded(column, height))));
  return hash(hashText("time-bandits image 1"), [program.entry, base, 1, height], root);
}
