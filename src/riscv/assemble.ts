/**
 * An assembler for RV32IM in the usual syntax: sections, labels, constants, data, the standard pseudo-instructions.
 * Two passes: the first gives every statement its size and every label its address, the second writes words.
 * Text starts at 0x10000; constants and data follow, each on a page of its own.
 */
import { Bytes, err, type Result } from "../std/index.ts";
import { encode, type Instruction, operandRange } from "./Instruction.ts";
import * as Program from "./Program.ts";
import { expand, type Operands, sizeOf } from "./pseudo.ts";
import { ENTRIES, REGISTER_NAMES } from "./table.ts";

export type AssemblyProblem = { readonly line: number; readonly message: string };

export const TEXT_START = 0x10000;
const PAGE_BYTES = 4096;

type SectionName = "text" | "rodata" | "data";
type Statement = {
  readonly line: number;
  readonly section: SectionName;
  readonly offset: number;
  readonly bytes: number;
  readonly name: string;
  readonly operands: readonly string[];
};

/** A mistake found while reading one line; caught once for each line. */
class Mistake extends Error {}
const fail = (message: string): never => {
  throw new Mistake(message);
};

export function assemble(source: string): Result<Program.Program, readonly AssemblyProblem[]> {
  const problems: AssemblyProblem[] = [];
  const sizes: Record<SectionName, number> = { text: 0, rodata: 0, data: 0 };
  const statements: Statement[] = [];
  const labels = new Map<string, { section: SectionName; offset: number }>();
  const symbols = new Map<string, number>();
  let section: SectionName = "text";

  const attempt = (line: number, work: () => void): void => {
    try {
      work();
    } catch (mistake) {
      if (!(mistake instanceof Mistake)) throw mistake;
      problems.push({ line, message: mistake.message });
    }
  };
  const define = (name: string): void => {
    if (labels.has(name) || symbols.has(name)) fail(`${name} is defined twice`);
    labels.set(name, { section, offset: sizes[section] });
  };

  for (const [index, raw] of source.split("\n").entries()) {
    const line = index + 1;
    attempt(line, () => {
      let text = withoutComment(raw).trim();
      for (
        let label = /^([A-Za-z_.$][\w.$]*):\s*/.exec(text);
        label !== null;
        label = /^([A-Za-z_.$][\w.$]*):\s*/.exec(text)
      ) {
        define(label[1]!);
        text = text.slice(label[0].length);
      }
      if (text === "") return;
      const [, name, rest] = /^(\S+)\s*(.*)$/.exec(text) as unknown as [string, string, string];
      const operands = splitOperands(rest);
      if (name === ".text" || name === ".rodata" || name === ".data") {
        section = name.slice(1) as SectionName;
        return;
      }
      if (name === ".globl" || name === ".global") return;
      if (name === ".equ") {
        const [symbol, value] = operands;
        if (symbol === undefined || value === undefined) return fail(".equ takes a name and a value");
        if (labels.has(symbol) || symbols.has(symbol)) fail(`${symbol} is defined twice`);
        symbols.set(symbol, number(value, symbols));
        return;
      }
      const offset = sizes[section];
      const bytes = statementSize(name, operands, offset, section, symbols);
      if (offset + bytes > Program.IMAGE_MAX_BYTES) {
        fail(`the section is larger than ${Program.IMAGE_MAX_BYTES} bytes`);
      }
      statements.push({ line, section, offset, bytes, name, operands });
      sizes[section] += bytes;
    });
  }

  const pageUp = (address: number): number => Math.ceil(address / PAGE_BYTES) * PAGE_BYTES;
  const starts: Record<SectionName, number> = { text: TEXT_START, rodata: 0, data: 0 };
  starts.rodata = pageUp(starts.text + sizes.text);
  starts.data = pageUp(starts.rodata + sizes.rodata);
  for (const [name, { section, offset }] of labels) symbols.set(name, starts[section] + offset);

  const images: Record<SectionName, Uint8Array> = {
    text: new Uint8Array(Math.ceil(sizes.text / 4) * 4),
    rodata: new Uint8Array(Math.ceil(sizes.rodata / 4) * 4),
    data: new Uint8Array(Math.ceil(sizes.data / 4) * 4),
  };
  for (const statement of statements) {
    attempt(statement.line, () => {
      images[statement.section].set(
        write(statement, starts[statement.section] + statement.offset, symbols),
        statement.offset,
      );
    });
  }
  if (problems.length > 0) return err(problems);
  const words = (bytes: Uint8Array): Uint32Array => {
    const view = new DataView(bytes.buffer);
    return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
  };
  const program = Program.of(symbols.get("_start") ?? starts.text, [
    { address: starts.text, words: words(images.text), access: "code" },
    { address: starts.rodata, words: words(images.rodata), access: "constant" },
    { address: starts.data, words: words(images.data), access: "data" },
  ]);
  return program.ok ? program : err([{ line: 0, message: program.error.message }]);
}

function withoutComment(line: string): string {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "\\" && quoted) i++;
    else if (line[i] === '"') quoted = !quoted;
    else if (!quoted && (line[i] === "#" || line.startsWith("//", i))) return line.slice(0, i);
  }
  return line;
}

function splitOperands(text: string): string[] {
  if (text.trim() === "") return [];
  if (text.startsWith('"')) return [text.trim()];
  return text.split(",").map((part) => part.trim());
}

function number(text: string, symbols: ReadonlyMap<string, number>): number {
  const found = resolve(text, symbols);
  return found ?? fail(`${text} is not known here; constants must be defined before they are used`);
}

/** A number, character, symbol, symbol ± number, %hi(…) or %lo(…); undefined when a symbol is not defined. */
function resolve(text: string, symbols: ReadonlyMap<string, number>): number | undefined {
  const split = /^%(hi|lo)\((.*)\)$/.exec(text);
  if (split !== null) {
    const value = resolve(split[2]!.trim(), symbols);
    if (value === undefined) return undefined;
    return split[1] === "hi" ? ((value + 0x800) >>> 12) & 0xfffff : (value << 20) >> 20;
  }
  if (/^-?(0x[0-9a-fA-F]+|0b[01]+|[0-9]+)$/.test(text)) {
    const value = text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
    if (value < -(2 ** 31) || value >= 2 ** 32) fail(`${text} does not fit in 32 bits`);
    return value;
  }
  if (/^'(.|\\[nt0\\'])'$/.test(text)) {
    const escaped: Record<string, string> = { n: "\n", t: "\t", "0": "\0" };
    return (text[1] === "\\" ? (escaped[text[2]!] ?? text[2]!) : text[1]!).charCodeAt(0);
  }
  const sum = /^([A-Za-z_.$][\w.$]*)\s*([+-])\s*(\w+)$/.exec(text);
  if (sum !== null) {
    const left = symbols.get(sum[1]!);
    const right = resolve(sum[3]!, symbols);
    if (left === undefined || right === undefined) return undefined;
    return sum[2] === "+" ? left + right : left - right;
  }
  return symbols.get(text);
}

const UNITS: Readonly<Record<string, number>> = { ".byte": 1, ".half": 2, ".word": 4 };

function statementSize(
  name: string,
  operands: readonly string[],
  offset: number,
  section: SectionName,
  symbols: ReadonlyMap<string, number>,
): number {
  const unit = UNITS[name];
  if (unit !== undefined) return unit * operands.length;
  switch (name) {
    case ".ascii":
    case ".asciz":
      return textBytes(operands, name === ".asciz").length;
    case ".zero":
    case ".space": {
      const count = number(operands[0] ?? "", symbols);
      return count >= 0 ? count : fail(`${name} takes a size, got ${count}`);
    }
    case ".align": {
      const bits = number(operands[0] ?? "", symbols);
      if (bits < 0 || bits > 12) fail(`.align takes a power of two from 0 to 12, got ${bits}`);
      const size = 2 ** bits;
      return (size - (offset % size)) % size;
    }
  }
  if (name.startsWith(".")) fail(`unknown directive ${name}`);
  if (section !== "text") fail(`${name} must stand in .text`);
  if (offset % 4 !== 0) fail("an instruction must start at a multiple of 4; use .align 2");
  return 4 * sizeOf(name, operands, (text) => resolve(text, symbols));
}

function textBytes(operands: readonly string[], terminated: boolean): Uint8Array {
  const quoted = /^"((?:[^"\\]|\\[nt0\\"])*)"$/.exec(operands[0] ?? "");
  if (quoted === null) return fail("expected one quoted text");
  const escaped: Record<string, string> = { n: "\n", t: "\t", "0": "\0" };
  const text = quoted[1]!.replace(/\\(.)/g, (_, letter: string) => escaped[letter] ?? letter);
  if (!Bytes.isWellFormed(text)) return fail("the text has a lone surrogate");
  const bytes = Bytes.fromText(text);
  return terminated ? Bytes.concat(bytes, new Uint8Array(1)) : bytes;
}

function write(statement: Statement, address: number, symbols: ReadonlyMap<string, number>): Uint8Array {
  const { name, operands } = statement;
  const value = (text: string): number => resolve(text, symbols) ?? fail(`${text} is not defined`);
  const unit = UNITS[name];
  if (unit !== undefined) {
    const bytes = new Uint8Array(unit * operands.length);
    for (const [i, operand] of operands.entries()) {
      const item = value(operand);
      if (item < -(2 ** (8 * unit - 1)) || item >= 2 ** (8 * unit)) fail(`${operand} does not fit in ${unit} bytes`);
      for (let j = 0; j < unit; j++) bytes[i * unit + j] = item >> (8 * j);
    }
    return bytes;
  }
  if (name === ".ascii" || name === ".asciz") return textBytes(operands, name === ".asciz");
  if (name.startsWith(".")) return Bytes.empty;
  const context: Operands = { words: statement.bytes / 4, address, value, register, fail };
  const instructions = expand(name, operands, context) ?? [direct(name, operands, context)];
  const bytes = new Uint8Array(4 * instructions.length);
  const view = new DataView(bytes.buffer);
  for (const [i, instruction] of instructions.entries()) view.setUint32(4 * i, checked(instruction), true);
  return bytes;
}

function checked(instruction: Instruction): number {
  const entry = ENTRIES[instruction.op]!;
  const { least, most, step } = operandRange(entry.format);
  const { imm } = instruction;
  if (imm < least || imm > most) fail(`${entry.name} takes an operand from ${least} to ${most}, got ${imm}`);
  if (imm % step !== 0) fail(`${entry.name} takes a multiple of ${step}, got ${imm}`);
  return encode(instruction);
}

function register(text: string | undefined): number {
  const numbered = /^x([0-9]|[12][0-9]|3[01])$/.exec(text ?? "");
  if (numbered !== null) return Number(numbered[1]);
  if (text === "fp") return 8;
  const place = text === undefined ? -1 : REGISTER_NAMES.indexOf(text);
  return place >= 0 ? place : fail(text === undefined ? "a register is missing" : `${text} is no register`);
}

/** An instruction of the table, its operands written as `Instruction.show` prints them. */
function direct(name: string, operands: readonly string[], { address, value }: Operands): Instruction {
  const op = ENTRIES.findIndex((entry) => entry.name === name);
  if (op < 0) return fail(`unknown instruction ${name}`);
  const { format } = ENTRIES[op]!;
  const blank = { op, rd: 0, rs1: 0, rs2: 0, imm: 0 };
  const count = { R: 3, I: 3, shift: 3, load: 2, S: 2, B: 3, U: 2, J: 2, jalr: 2, fence: 0, system: 0 }[format];
  if (operands.length !== count && format !== "fence") fail(`${name} takes ${count} operands, got ${operands.length}`);
  const [first, second, third] = operands;
  const memory = (): { imm: number; rs1: number } => {
    const found = /^(.*)\(\s*(\w+)\s*\)$/.exec(second!);
    if (found === null) return fail(`${name} takes an address as offset(register), got ${second}`);
    const offset = found[1]!.trim();
    return { imm: offset === "" ? 0 : value(offset), rs1: register(found[2]) };
  };
  switch (format) {
    case "R":
      return { ...blank, rd: register(first), rs1: register(second), rs2: register(third) };
    case "I":
    case "shift":
      return { ...blank, rd: register(first), rs1: register(second), imm: value(third!) };
    case "load":
    case "jalr":
      return { ...blank, rd: register(first), ...memory() };
    case "S":
      return { ...blank, rs2: register(first), ...memory() };
    case "B":
      return { ...blank, rs1: register(first), rs2: register(second), imm: value(third!) - address };
    case "U": {
      const upper = value(second!);
      if (upper < 0 || upper > 0xfffff) fail(`${name} takes 20 bits, got ${upper}`);
      return { ...blank, rd: register(first), imm: (upper << 12) | 0 };
    }
    case "J":
      return { ...blank, rd: register(first), imm: value(second!) - address };
    default:
      return blank;
  }
}
