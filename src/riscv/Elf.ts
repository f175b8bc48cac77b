/**
 * ELF files: ET_EXEC, RV32, little-endian, static, soft-float, uncompressed. Everything else is refused with a reason.
 * The bytes are hostile: every offset and count is checked against the file's length before it is used.
 * Source: Tool Interface Standard ELF 1.2; RISC-V ELF psABI 1.0, chapter 8.
 */
import { err, type Result } from "../std/index.ts";
import * as Program from "./Program.ts";
import { type Access, end, type Region, WINDOW_BYTES } from "./Program.ts";

export const ELF_MAX_BYTES = 2 ** 26;
export const PROGRAM_HEADERS_MAX_COUNT = 64;
export const SECTION_HEADERS_MAX_COUNT = 4096;

export type ElfError =
  | Program.ProgramError
  | {
      readonly kind: "not-elf" | "wrong-target" | "not-static" | "cut-short" | "malformed" | "writable-code";
      readonly message: string;
    };

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const SECTION_HEADER_BYTES = 40;
const PAGE_BYTES = 4096;
const ET_EXEC = 2;
const EM_RISCV = 243;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PF_X = 1;
const PF_W = 2;
const SHT_PROGBITS = 1;
const SHF_ALLOC_EXECINSTR = 6;

type Span = { readonly start: number; readonly end: number };

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

export function decode(file: Uint8Array): Result<Program.Program, ElfError> {
  const refuse = (kind: ElfError["kind"], message: string) => err({ kind, message } as ElfError);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);

  if (file.length < 4 || u32(0) !== 0x464c457f) return refuse("not-elf", "the file does not start with the ELF magic");
  if (file.length < HEADER_BYTES) return refuse("cut-short", `expected a header of 52 bytes, got ${file.length}`);
  if (file.length > ELF_MAX_BYTES) {
    return refuse("malformed", `expected at most ${ELF_MAX_BYTES} bytes, got ${file.length}`);
  }
  if (file[4] !== 1) return refuse("wrong-target", `expected a 32-bit file (class 1), got class ${file[4]}`);
  if (file[5] !== 1) return refuse("wrong-target", `expected little-endian (encoding 1), got ${file[5]}`);
  if (file[6] !== 1 || u32(20) !== 1) return refuse("malformed", "expected ELF version 1");
  if (file[7] !== 0 && file[7] !== 3) return refuse("wrong-target", `expected OS ABI 0 or 3, got ${file[7]}`);
  if (u16(18) !== EM_RISCV) return refuse("wrong-target", `expected machine 243 (RISC-V), got ${u16(18)}`);
  if (u16(16) !== ET_EXEC) {
    return refuse("not-static", `expected an executable at fixed addresses (type 2), got type ${u16(16)}`);
  }
  const flags = u32(36);
  if ((flags & 1) !== 0) return refuse("wrong-target", "the file uses compressed instructions; compile for rv32im");
  if ((flags & 6) !== 0) return refuse("wrong-target", "the file uses a hard-float ABI; compile for ilp32");
  if (flags !== 0) return refuse("wrong-target", `expected flags 0, got ${hex(flags)}`);

  const headersAt = u32(28);
  const headerCount = u16(44);
  if (headerCount === 0) return refuse("malformed", "the file has no program headers");
  if (headerCount > PROGRAM_HEADERS_MAX_COUNT) {
    return refuse("malformed", `expected at most ${PROGRAM_HEADERS_MAX_COUNT} program headers, got ${headerCount}`);
  }
  if (u16(42) !== PROGRAM_HEADER_BYTES) {
    return refuse("malformed", `expected program headers of 32 bytes, got ${u16(42)}`);
  }
  if (headersAt + headerCount * PROGRAM_HEADER_BYTES > file.length) {
    return refuse("cut-short", "the program headers run past the end of the file");
  }

  const regions: Region[] = [];
  const spans: Span[] = [];
  let imageBytes = 0;
  for (let i = 0; i < headerCount; i++) {
    const at = headersAt + i * PROGRAM_HEADER_BYTES;
    const type = u32(at);
    if (type === PT_DYNAMIC || type === PT_INTERP) {
      return refuse("not-static", "the file asks for dynamic linking; link it statically");
    }
    if (type !== PT_LOAD) continue;
    const offset = u32(at + 4);
    const address = u32(at + 8);
    const fileSize = u32(at + 16);
    const memorySize = u32(at + 20);
    const permission = u32(at + 24);
    if (memorySize === 0) continue;
    if (fileSize > memorySize) return refuse("malformed", `the segment at ${hex(address)} is larger than its memory`);
    if (offset + fileSize > file.length) {
      return refuse("cut-short", `the segment at ${hex(address)} runs past the end of the file`);
    }
    if (address + memorySize > 2 ** 32 || memorySize > WINDOW_BYTES) {
      return refuse("outside-window", `the segment at ${hex(address)} of ${memorySize} bytes does not fit in memory`);
    }
    const writable = (permission & PF_W) !== 0;
    const executable = (permission & PF_X) !== 0;
    const filled = writable ? fileSize : memorySize;
    imageBytes += filled;
    if (imageBytes > Program.IMAGE_MAX_BYTES) {
      return refuse("image-too-large", `expected at most ${Program.IMAGE_MAX_BYTES} bytes of initial memory`);
    }
    const words = loadWords(file, offset, fileSize, address, filled);
    const whole = { address: address - (address % 4), words, access: "data" as Access };
    spans.push({
      start: whole.address,
      end: whole.address + 4 * Math.ceil((address - whole.address + memorySize) / 4),
    });
    if (!executable) regions.push({ ...whole, access: writable ? "data" : "constant" });
    else if (!writable) regions.push({ ...whole, access: "code" });
    else {
      const code = codeSections(view, end(whole), whole.address);
      if (code === undefined || code.length === 0) {
        return refuse(
          "writable-code",
          `the segment at ${hex(address)} is writable and executable, and no section headers say which words are code`,
        );
      }
      regions.push(...split(whole, code));
    }
  }
  spans.sort((a, b) => a.start - b.start);
  for (const [i, span] of spans.entries()) {
    const next = spans[i + 1];
    if (next !== undefined && span.end > next.start) {
      return refuse("regions-overlap", `the segment at ${hex(span.start)} runs into the one at ${hex(next.start)}`);
    }
  }
  const bottom = spans[0]?.start ?? 0;
  const top = Program.windowAt(bottom) + WINDOW_BYTES;
  if ((spans.at(-1)?.end ?? 0) > top) {
    return refuse("outside-window", `memory that starts at ${hex(bottom)} must end by ${hex(top)}`);
  }
  const program = Program.of(u32(24), regions);
  if (program.ok && bottom < program.value.base) {
    const { base } = program.value;
    return refuse(
      "outside-window",
      `the zeroed memory at ${hex(bottom)} lies below the window, which starts at ${hex(base)}; link it above the code`,
    );
  }
  return program;
}

/** Little-endian words of a segment, zero-filled to `size` bytes and to whole words at both ends. */
function loadWords(file: Uint8Array, offset: number, fileSize: number, address: number, size: number): Uint32Array {
  const lead = address % 4;
  const words = new Uint32Array(Math.ceil((lead + size) / 4));
  for (let i = 0; i < fileSize; i++) {
    const place = lead + i;
    words[place >>> 2]! |= file[offset + i]! << (8 * (place % 4));
  }
  return words;
}

/** The executable sections between two addresses, sorted, or undefined when the section headers are unusable. */
function codeSections(view: DataView, stop: number, start: number): Span[] | undefined {
  const at = view.getUint32(32, true);
  const size = view.getUint16(46, true);
  const count = view.getUint16(48, true);
  if (size !== SECTION_HEADER_BYTES || count > SECTION_HEADERS_MAX_COUNT) return undefined;
  if (at + count * size > view.byteLength) return undefined;
  const spans: Span[] = [];
  for (let i = 0; i < count; i++) {
    const type = view.getUint32(at + i * size + 4, true);
    const flags = view.getUint32(at + i * size + 8, true);
    const address = view.getUint32(at + i * size + 12, true);
    const bytes = view.getUint32(at + i * size + 20, true);
    if (type !== SHT_PROGBITS || (flags & SHF_ALLOC_EXECINSTR) !== SHF_ALLOC_EXECINSTR || bytes === 0) continue;
    if (address % 4 !== 0 || address < start || address + bytes > stop) continue;
    spans.push({ start: address, end: address + bytes + ((4 - (bytes % 4)) % 4) });
  }
  spans.sort((a, b) => a.start - b.start);
  for (const [i, span] of spans.entries()) if (span.end > (spans[i + 1]?.start ?? 2 ** 33)) return undefined;
  return spans;
}

/** Cuts a writable and executable segment into its code, which becomes read-only, and the rest, which is data. */
function split(whole: Region, code: readonly Span[]): Region[] {
  const cut = (from: number, to: number, access: Access): Region => ({
    address: from,
    words: whole.words.subarray((from - whole.address) / 4, (to - whole.address) / 4),
    access,
  });
  const regions: Region[] = [];
  let at = whole.address;
  for (const span of code) {
    regions.push(cut(at, span.start, "data"), cut(span.start, span.end, "code"));
    at = span.end;
  }
  regions.push(cut(at, end(whole), "data"));
  return regions.filter((region) => region.words.length > 0);
}

/**
 * The ELF file of a program: header, one program header a region, contents. Same program, same bytes.
 * Contents lie at the same place in their page as in memory, so that Linux (and qemu) can map the file.
 */
export function encode(program: Program.Program): Uint8Array {
  const headers = HEADER_BYTES + program.regions.length * PROGRAM_HEADER_BYTES;
  const place = (from: number, address: number): number => from + ((address - from) & (PAGE_BYTES - 1));
  const size = program.regions.reduce((from, region) => place(from, region.address) + 4 * region.words.length, headers);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_RISCV, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, program.entry, true);
  view.setUint32(28, HEADER_BYTES, true);
  view.setUint16(40, HEADER_BYTES, true);
  view.setUint16(42, PROGRAM_HEADER_BYTES, true);
  view.setUint16(44, program.regions.length, true);
  view.setUint16(46, SECTION_HEADER_BYTES, true);
  let offset = headers;
  for (const [i, region] of program.regions.entries()) {
    const at = HEADER_BYTES + i * PROGRAM_HEADER_BYTES;
    const bytes = 4 * region.words.length;
    const permission = { code: 5, constant: 4, data: 6 }[region.access];
    offset = place(offset, region.address);
    const fields = [PT_LOAD, offset, region.address, region.address, bytes, bytes, permission, PAGE_BYTES];
    for (const [field, value] of fields.entries()) view.setUint32(at + 4 * field, value, true);
    for (const [j, word] of region.words.entries()) view.setUint32(offset + 4 * j, word, true);
    offset += bytes;
  }
  return file;
}
