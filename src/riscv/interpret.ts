/**
 * The fast interpreter: predecoded code, one `switch`. It handles what a compiled program does nearly always and
 * leaves the rest (calls, traps, stores into pages with constants, jumps that leave the code) to `step`.
 */
import type { Machine } from "./Machine.ts";
import { WINDOW_BYTES } from "./Program.ts";
import { step, touched } from "./step.ts";
import { div, divu, mulh, mulhsu, mulhu, Op, rem, remu } from "./table.ts";

/** Runs until the program exits, traps, or `steps` more instructions have been executed. */
export function interpret(machine: Machine, steps: number): void {
  const stop = machine.cycles + steps;
  const seen = touched();
  while (machine.status.kind === "running" && machine.cycles < stop) {
    sprint(machine, stop - machine.cycles);
    if (machine.cycles < stop) step(machine, seen);
  }
}

const OUTSIDE = ~(WINDOW_BYTES - 1);
const OUTSIDE_HALF = OUTSIDE | 1;
const OUTSIDE_WORD = OUTSIDE | 3;

/** Executes until the first instruction that only `step` can handle, or `limit` instructions. */
function sprint(machine: Machine, limit: number): void {
  const { registers: x, words, halves, bytes, program } = machine;
  const { op, rd, rs1, rs2, imm, start, length } = program.code;
  const { base, guarded } = program;
  let i = (machine.pc - start) / 4;
  let left = limit;
  if (!(i >= 0 && i < length)) return;
  run: while (left > 0) {
    const a = x[rs1[i]!]!;
    switch (op[i]) {
      case Op.lui:
      case Op.auipc:
        x[rd[i]!] = imm[i]!;
        break;
      case Op.jal:
        x[rd[i]!] = start + 4 * i + 4;
        i = imm[i]!;
        left--;
        continue;
      case Op.jalr: {
        const target = (((a + imm[i]!) & ~1) - start) | 0;
        if ((target & 3) !== 0 || target < 0 || target >>> 2 >= length) break run;
        x[rd[i]!] = start + 4 * i + 4;
        i = target >>> 2;
        left--;
        continue;
      }
      case Op.beq:
        i = a === x[rs2[i]!]! ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.bne:
        i = a !== x[rs2[i]!]! ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.blt:
        i = a < x[rs2[i]!]! ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.bge:
        i = a >= x[rs2[i]!]! ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.bltu:
        i = a >>> 0 < x[rs2[i]!]! >>> 0 ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.bgeu:
        i = a >>> 0 >= x[rs2[i]!]! >>> 0 ? imm[i]! : i + 1;
        left--;
        continue;
      case Op.lb: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE) !== 0) break run;
        x[rd[i]!] = (bytes[at]! << 24) >> 24;
        break;
      }
      case Op.lh: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE_HALF) !== 0) break run;
        x[rd[i]!] = halves[at >> 1]!;
        break;
      }
      case Op.lw: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE_WORD) !== 0) break run;
        x[rd[i]!] = words[at >> 2]!;
        break;
      }
      case Op.lbu: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE) !== 0) break run;
        x[rd[i]!] = bytes[at]!;
        break;
      }
      case Op.lhu: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE_HALF) !== 0) break run;
        x[rd[i]!] = halves[at >> 1]! & 0xffff;
        break;
      }
      case Op.sb: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE) !== 0 || guarded[at >> 12] !== 0) break run;
        bytes[at] = x[rs2[i]!]!;
        break;
      }
      case Op.sh: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE_HALF) !== 0 || guarded[at >> 12] !== 0) break run;
        halves[at >> 1] = x[rs2[i]!]!;
        break;
      }
      case Op.sw: {
        const at = (a + imm[i]! - base) | 0;
        if ((at & OUTSIDE_WORD) !== 0 || guarded[at >> 12] !== 0) break run;
        words[at >> 2] = x[rs2[i]!]!;
        break;
      }
      case Op.addi:
        x[rd[i]!] = a + imm[i]!;
        break;
      case Op.slti:
        x[rd[i]!] = a < imm[i]! ? 1 : 0;
        break;
      case Op.sltiu:
        x[rd[i]!] = a >>> 0 < imm[i]! >>> 0 ? 1 : 0;
        break;
      case Op.xori:
        x[rd[i]!] = a ^ imm[i]!;
        break;
      case Op.ori:
        x[rd[i]!] = a | imm[i]!;
        break;
      case Op.andi:
        x[rd[i]!] = a & imm[i]!;
        break;
      case Op.slli:
        x[rd[i]!] = a << imm[i]!;
        break;
      case Op.srli:
        x[rd[i]!] = a >>> imm[i]!;
        break;
      case Op.srai:
        x[rd[i]!] = a >> imm[i]!;
        break;
      case Op.add:
        x[rd[i]!] = a + x[rs2[i]!]!;
        break;
      case Op.sub:
        x[rd[i]!] = a - x[rs2[i]!]!;
        break;
      case Op.sll:
        x[rd[i]!] = a << x[rs2[i]!]!;
        break;
      case Op.slt:
        x[rd[i]!] = a < x[rs2[i]!]! ? 1 : 0;
        break;
      case Op.sltu:
        x[rd[i]!] = a >>> 0 < x[rs2[i]!]! >>> 0 ? 1 : 0;
        break;
      case Op.xor:
        x[rd[i]!] = a ^ x[rs2[i]!]!;
        break;
      case Op.srl:
        x[rd[i]!] = a >>> x[rs2[i]!]!;
        break;
      case Op.sra:
        x[rd[i]!] = a >> x[rs2[i]!]!;
        break;
      case Op.or:
        x[rd[i]!] = a | x[rs2[i]!]!;
        break;
      case Op.and:
        x[rd[i]!] = a & x[rs2[i]!]!;
        break;
      case Op.fence:
        break;
      case Op.mul:
        x[rd[i]!] = Math.imul(a, x[rs2[i]!]!);
        break;
      case Op.mulh:
        x[rd[i]!] = mulh(a, x[rs2[i]!]!);
        break;
      case Op.mulhsu:
        x[rd[i]!] = mulhsu(a, x[rs2[i]!]!);
        break;
      case Op.mulhu:
        x[rd[i]!] = mulhu(a, x[rs2[i]!]!);
        break;
      case Op.div:
        x[rd[i]!] = div(a, x[rs2[i]!]!);
        break;
      case Op.divu:
        x[rd[i]!] = divu(a, x[rs2[i]!]!);
        break;
      case Op.rem:
        x[rd[i]!] = rem(a, x[rs2[i]!]!);
        break;
      case Op.remu:
        x[rd[i]!] = remu(a, x[rs2[i]!]!);
        break;
      default:
        break run;
    }
    i++;
    left--;
  }
  machine.pc = (start + 4 * i) >>> 0;
  machine.cycles += limit - left;
}
