// Runs a straight-line program over rows, a block at a time: each instruction works on BLOCK rows of planar operands,
// so its decoding is paid once for 32 vectors, and a block's temporaries stay in the first cache. The constraints of a
// table, its bus columns and the reduced word of the low-degree test are all programs.
//
// An operand is the address of a descriptor of three words: base, kind, limb stride. Kind 0 is a temporary at
// slots + base; kind 1 is a column of the whole height at base. Limb i of an extension operand is i strides further.
import { vadd, vdot4, vmul, vmulBy, vsub, vinv, PINV } from "./field";
import { bitreverse } from "./ntt";

/** Rows in a block, and its bytes. */
const BLOCK: u32 = 128;
const BYTES: u32 = BLOCK * 4;

const END: u32 = 0;
const ADD: u32 = 1;
const SUB: u32 = 2;
const MUL: u32 = 3;
const ADD_CONSTANT: u32 = 4;
const MUL_CONSTANT: u32 = 5;
const NEXT: u32 = 6;
const SET: u32 = 7;
const COMBINE: u32 = 8;
const EXT_ADD: u32 = 9;
const EXT_SUB: u32 = 10;
const EXT_MUL: u32 = 11;
const EXT_MUL_BASE: u32 = 12;
const EXT_ADD_SCALED: u32 = 13;
const ADD_SCALED: u32 = 14;
const EXT_INVERSE: u32 = 15;
const INVERSE: u32 = 16;

// @ts-ignore: decorator
@inline function address(operand: u32, slots: u32, offset: u32): u32 {
  return load<u32>(operand) + (load<u32>(operand, 4) ? offset : slots);
}
// @ts-ignore: decorator
@inline function limbs(operand: u32): u32 {
  return load<u32>(operand, 8);
}

/** Rows from..to (multiples of BLOCK, or one short block). `log` and `step`: the next row of natural index i is i + step. */
export function run(scratch: u32, from: u32, to: u32, program: u32, log: u32, step: u32, zetas: u32): void {
  const next = scratch;
  const slots = scratch + BYTES;
  for (let row = from; row < to; row += BLOCK) {
    if (step) nextRows(next, row, min<u32>(BLOCK, to - row), log, step);
    block(program, slots, row << 2, min<u32>(BLOCK, to - row) << 2, next, zetas);
  }
}

function nextRows(next: u32, row: u32, count: u32, log: u32, step: u32): void {
  const shift = 32 - log;
  const mask = (1 << log) - 1;
  for (let r: u32 = 0; r < count; r++) {
    const natural = bitreverse(row + r) >>> shift;
    store<u32>(next + (r << 2), (bitreverse((natural + step) & mask) >>> shift) << 2);
  }
}

function block(program: u32, slots: u32, offset: u32, bytes: u32, next: u32, zetas: u32): void {
  let pc = program;
  while (true) {
    const op = load<u32>(pc);
    if (op == END) return;
    const d = address(load<u32>(pc, 4), slots, offset);
    const dl = limbs(load<u32>(pc, 4));
    if (op == COMBINE) {
      pc = combine(pc, d, dl, slots, offset, bytes);
      continue;
    }
    if (op == SET) {
      const value = v128.load32_splat(pc, 8);
      for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, value);
      pc += 12;
      continue;
    }
    const operandA = load<u32>(pc, 8);
    const a = address(operandA, slots, offset);
    const al = limbs(operandA);
    if (op == NEXT) {
      const column = load<u32>(operandA);
      for (let i: u32 = 0; i < bytes; i += 4) store<u32>(d + i, load<u32>(column + load<u32>(next + i)));
      pc += 12;
      continue;
    }
    if (op == INVERSE) {
      for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vinv(v128.load(a + i)));
      pc += 12;
      continue;
    }
    if (op == EXT_INVERSE) {
      extInverse(d, dl, a, al, bytes, zetas);
      pc += 12;
      continue;
    }
    if (op == ADD_CONSTANT || op == MUL_CONSTANT) {
      const c = v128.load32_splat(pc, 12);
      const cp = i32x4.mul(c, i32x4.splat(PINV));
      if (op == ADD_CONSTANT) for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vadd(v128.load(a + i), c));
      else for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vmulBy(v128.load(a + i), c, cp));
      pc += 16;
      continue;
    }
    if (op == ADD_SCALED) {
      addScaled(d, dl, a, load<u32>(pc, 12), bytes);
      pc += 16;
      continue;
    }
    if (op == EXT_ADD_SCALED) {
      extAddScaled(d, dl, a, al, load<u32>(pc, 12), bytes);
      pc += 16;
      continue;
    }
    const operandB = load<u32>(pc, 12);
    const b = address(operandB, slots, offset);
    const bl = limbs(operandB);
    pc += 16;
    if (op == ADD) for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vadd(v128.load(a + i), v128.load(b + i)));
    else if (op == SUB) for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vsub(v128.load(a + i), v128.load(b + i)));
    else if (op == MUL) for (let i: u32 = 0; i < bytes; i += 16) v128.store(d + i, vmul(v128.load(a + i), v128.load(b + i)));
    else if (op == EXT_ADD) {
      for (let l: u32 = 0; l < 5; l++) for (let i: u32 = 0; i < bytes; i += 16)
        v128.store(d + l * dl + i, vadd(v128.load(a + l * al + i), v128.load(b + l * bl + i)));
    } else if (op == EXT_SUB) {
      for (let l: u32 = 0; l < 5; l++) for (let i: u32 = 0; i < bytes; i += 16)
        v128.store(d + l * dl + i, vsub(v128.load(a + l * al + i), v128.load(b + l * bl + i)));
    } else if (op == EXT_MUL_BASE) {
      for (let i: u32 = 0; i < bytes; i += 16) {
        const f = v128.load(b + i);
        const fp = i32x4.mul(f, i32x4.splat(PINV));
        for (let l: u32 = 0; l < 5; l++) v128.store(d + l * dl + i, vmulBy(v128.load(a + l * al + i), f, fp));
      }
    } else if (op == EXT_MUL) extMul(d, dl, a, al, b, bl, bytes);
    else unreachable();
  }
}

/**
 * d = constant + Σ aₖ·cₖ for base operands aₖ: op, d, count, constant, then aₖ, cₖ. Extension constants are addresses;
 * a constant at address 0 stands for what d holds already.
 */
function combine(pc: u32, d: u32, dl: u32, slots: u32, offset: u32, bytes: u32): u32 {
  const count = load<u32>(pc, 8);
  const start = load<u32>(pc, 12);
  const terms = pc + 16;
  const end = terms + (count << 3);
  for (let i: u32 = 0; i < bytes; i += 16) {
    let s0 = start ? v128.load32_splat(start) : v128.load(d + i);
    let s1 = start ? v128.load32_splat(start, 4) : v128.load(d + dl + i);
    let s2 = start ? v128.load32_splat(start, 8) : v128.load(d + 2 * dl + i);
    let s3 = start ? v128.load32_splat(start, 12) : v128.load(d + 3 * dl + i);
    let s4 = start ? v128.load32_splat(start, 16) : v128.load(d + 4 * dl + i);
    let term = terms;
    for (; term + 24 < end; term += 32) {
      const f0 = v128.load(address(load<u32>(term), slots, offset) + i);
      const f1 = v128.load(address(load<u32>(term, 8), slots, offset) + i);
      const f2 = v128.load(address(load<u32>(term, 16), slots, offset) + i);
      const f3 = v128.load(address(load<u32>(term, 24), slots, offset) + i);
      const c0 = load<u32>(term, 4);
      const c1 = load<u32>(term, 12);
      const c2 = load<u32>(term, 20);
      const c3 = load<u32>(term, 28);
      s0 = vadd(s0, weigh4(f0, f1, f2, f3, c0, c1, c2, c3));
      s1 = vadd(s1, weigh4(f0, f1, f2, f3, c0 + 4, c1 + 4, c2 + 4, c3 + 4));
      s2 = vadd(s2, weigh4(f0, f1, f2, f3, c0 + 8, c1 + 8, c2 + 8, c3 + 8));
      s3 = vadd(s3, weigh4(f0, f1, f2, f3, c0 + 12, c1 + 12, c2 + 12, c3 + 12));
      s4 = vadd(s4, weigh4(f0, f1, f2, f3, c0 + 16, c1 + 16, c2 + 16, c3 + 16));
    }
    for (; term < end; term += 8) {
      const f = v128.load(address(load<u32>(term), slots, offset) + i);
      const fp = i32x4.mul(f, i32x4.splat(PINV));
      const c = load<u32>(term, 4);
      s0 = vadd(s0, vmulBy(v128.load32_splat(c), f, fp));
      s1 = vadd(s1, vmulBy(v128.load32_splat(c, 4), f, fp));
      s2 = vadd(s2, vmulBy(v128.load32_splat(c, 8), f, fp));
      s3 = vadd(s3, vmulBy(v128.load32_splat(c, 12), f, fp));
      s4 = vadd(s4, vmulBy(v128.load32_splat(c, 16), f, fp));
    }
    v128.store(d + i, s0);
    v128.store(d + dl + i, s1);
    v128.store(d + 2 * dl + i, s2);
    v128.store(d + 3 * dl + i, s3);
    v128.store(d + 4 * dl + i, s4);
  }
  return end;
}

/** Four rows' values times four constants at addresses, summed. */
// @ts-ignore: decorator
@inline function weigh4(f0: v128, f1: v128, f2: v128, f3: v128, c0: u32, c1: u32, c2: u32, c3: u32): v128 {
  return vdot4(f0, v128.load32_splat(c0), f1, v128.load32_splat(c1), f2, v128.load32_splat(c2), f3, v128.load32_splat(c3));
}

/** d += a·c, a of the base field, c a constant of the extension. */
function addScaled(d: u32, dl: u32, a: u32, c: u32, bytes: u32): void {
  for (let l: u32 = 0; l < 5; l++) {
    const f = v128.load32_splat(c + (l << 2));
    const fp = i32x4.mul(f, i32x4.splat(PINV));
    const to = d + l * dl;
    for (let i: u32 = 0; i < bytes; i += 16) v128.store(to + i, vadd(v128.load(to + i), vmulBy(v128.load(a + i), f, fp)));
  }
}

// @ts-ignore: decorator
@inline function twice(a: v128): v128 {
  return vadd(a, a);
}

/**
 * The limbs of a·b modulo x^5 − 2. `e1`…`e4` are 2·b1…2·b4, for the products that wrap around: limb k sums
 * aᵢ·b(k−i) for i ≤ k and aᵢ·2b(5+k−i) above.
 */
// @ts-ignore: decorator
@inline function limb0(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, e1: v128, e2: v128, e3: v128, e4: v128): v128 {
  return vadd(vdot4(a0, b0, a1, e4, a2, e3, a3, e2), vmul(a4, e1));
}
// @ts-ignore: decorator
@inline function limb1(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, e2: v128, e3: v128, e4: v128): v128 {
  return vadd(vdot4(a0, b1, a1, b0, a2, e4, a3, e3), vmul(a4, e2));
}
// @ts-ignore: decorator
@inline function limb2(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, e3: v128, e4: v128): v128 {
  return vadd(vdot4(a0, b2, a1, b1, a2, b0, a3, e4), vmul(a4, e3));
}
// @ts-ignore: decorator
@inline function limb3(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, e4: v128): v128 {
  return vadd(vdot4(a0, b3, a1, b2, a2, b1, a3, b0), vmul(a4, e4));
}
// @ts-ignore: decorator
@inline function limb4(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, b0: v128, b1: v128, b2: v128, b3: v128, b4: v128): v128 {
  return vadd(vdot4(a0, b4, a1, b3, a2, b2, a3, b1), vmul(a4, b0));
}

/** d = a·b. */
function extMul(d: u32, dl: u32, a: u32, al: u32, b: u32, bl: u32, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 16) {
    const a0 = v128.load(a + i);
    const a1 = v128.load(a + al + i);
    const a2 = v128.load(a + 2 * al + i);
    const a3 = v128.load(a + 3 * al + i);
    const a4 = v128.load(a + 4 * al + i);
    const b0 = v128.load(b + i);
    const b1 = v128.load(b + bl + i);
    const b2 = v128.load(b + 2 * bl + i);
    const b3 = v128.load(b + 3 * bl + i);
    const b4 = v128.load(b + 4 * bl + i);
    const e4 = twice(b4);
    v128.store(d + 4 * dl + i, limb4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4));
    v128.store(d + 3 * dl + i, limb3(a0, a1, a2, a3, a4, b0, b1, b2, b3, e4));
    const e3 = twice(b3);
    v128.store(d + 2 * dl + i, limb2(a0, a1, a2, a3, a4, b0, b1, b2, e3, e4));
    const e2 = twice(b2);
    v128.store(d + dl + i, limb1(a0, a1, a2, a3, a4, b0, b1, e2, e3, e4));
    v128.store(d + i, limb0(a0, a1, a2, a3, a4, b0, twice(b1), e2, e3, e4));
  }
}

/** d += a·c with c a constant of the extension. */
function extAddScaled(d: u32, dl: u32, a: u32, al: u32, c: u32, bytes: u32): void {
  const b0 = v128.load32_splat(c);
  const b1 = v128.load32_splat(c, 4);
  const b2 = v128.load32_splat(c, 8);
  const b3 = v128.load32_splat(c, 12);
  const b4 = v128.load32_splat(c, 16);
  const e1 = twice(b1);
  const e2 = twice(b2);
  const e3 = twice(b3);
  const e4 = twice(b4);
  for (let i: u32 = 0; i < bytes; i += 16) {
    const a0 = v128.load(a + i);
    const a1 = v128.load(a + al + i);
    const a2 = v128.load(a + 2 * al + i);
    const a3 = v128.load(a + 3 * al + i);
    const a4 = v128.load(a + 4 * al + i);
    v128.store(d + i, vadd(v128.load(d + i), limb0(a0, a1, a2, a3, a4, b0, e1, e2, e3, e4)));
    v128.store(d + dl + i, vadd(v128.load(d + dl + i), limb1(a0, a1, a2, a3, a4, b0, b1, e2, e3, e4)));
    v128.store(d + 2 * dl + i, vadd(v128.load(d + 2 * dl + i), limb2(a0, a1, a2, a3, a4, b0, b1, b2, e3, e4)));
    v128.store(d + 3 * dl + i, vadd(v128.load(d + 3 * dl + i), limb3(a0, a1, a2, a3, a4, b0, b1, b2, b3, e4)));
    v128.store(d + 4 * dl + i, vadd(v128.load(d + 4 * dl + i), limb4(a0, a1, a2, a3, a4, b0, b1, b2, b3, b4)));
  }
}

/**
 * d = 1/a through the norm. `zetas` lists ζ^0…ζ^4, which the Frobenius map multiplies the limbs with:
 * u = a^(p+p²) , t = u·u^(p²), norm = a·t in the base field, 1/a = t/norm.
 */
function extInverse(d: u32, dl: u32, a: u32, al: u32, bytes: u32, zetas: u32): void {
  const z1 = v128.load32_splat(zetas, 4);
  const z2 = v128.load32_splat(zetas, 8);
  const z3 = v128.load32_splat(zetas, 12);
  const z4 = v128.load32_splat(zetas, 16);
  for (let i: u32 = 0; i < bytes; i += 16) {
    const a0 = v128.load(a + i);
    const a1 = v128.load(a + al + i);
    const a2 = v128.load(a + 2 * al + i);
    const a3 = v128.load(a + 3 * al + i);
    const a4 = v128.load(a + 4 * al + i);
    // b = a^p, c = a^(p²)
    const b1 = vmul(a1, z1);
    const b2 = vmul(a2, z2);
    const b3 = vmul(a3, z3);
    const b4 = vmul(a4, z4);
    const c1 = vmul(a1, z2);
    const c2 = vmul(a2, z4);
    const c3 = vmul(a3, z1);
    const c4 = vmul(a4, z3);
    // u = b·c
    const e1 = twice(c1);
    const e2 = twice(c2);
    const e3 = twice(c3);
    const e4 = twice(c4);
    const u0 = limb0(a0, b1, b2, b3, b4, a0, e1, e2, e3, e4);
    const u1 = limb1(a0, b1, b2, b3, b4, a0, c1, e2, e3, e4);
    const u2 = limb2(a0, b1, b2, b3, b4, a0, c1, c2, e3, e4);
    const u3 = limb3(a0, b1, b2, b3, b4, a0, c1, c2, c3, e4);
    const u4 = limb4(a0, b1, b2, b3, b4, a0, c1, c2, c3, c4);
    // t = u·u^(p²)
    const w1 = vmul(u1, z2);
    const w2 = vmul(u2, z4);
    const w3 = vmul(u3, z1);
    const w4 = vmul(u4, z3);
    const f1 = twice(w1);
    const f2 = twice(w2);
    const f3 = twice(w3);
    const f4 = twice(w4);
    const t0 = limb0(u0, u1, u2, u3, u4, u0, f1, f2, f3, f4);
    const t1 = limb1(u0, u1, u2, u3, u4, u0, w1, f2, f3, f4);
    const t2 = limb2(u0, u1, u2, u3, u4, u0, w1, w2, f3, f4);
    const t3 = limb3(u0, u1, u2, u3, u4, u0, w1, w2, w3, f4);
    const t4 = limb4(u0, u1, u2, u3, u4, u0, w1, w2, w3, w4);
    const norm = limb0(a0, a1, a2, a3, a4, t0, twice(t1), twice(t2), twice(t3), twice(t4));
    const n = vinv(norm);
    v128.store(d + i, vmul(t0, n));
    v128.store(d + dl + i, vmul(t1, n));
    v128.store(d + 2 * dl + i, vmul(t2, n));
    v128.store(d + 3 * dl + i, vmul(t3, n));
    v128.store(d + 4 * dl + i, vmul(t4, n));
  }
}
