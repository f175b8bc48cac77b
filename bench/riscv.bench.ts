/**
 * Speed of the machine without a proof, in millions of instructions per second, on one workload: sieve, insertion
 * sort, CRC-32 and division, the same for the interpreter, the recorder and the translation.
 */
import {
  assemble,
  emptyRecord,
  history,
  interpret,
  Machine,
  prepare,
  record,
  type WebAssemblyHost,
} from "../src/riscv/index.ts";

const SOURCE = `
_start:
  la s0, buffer
  li s1, 40            # rounds
  li s11, 0
round:
  # sieve of 4096 bytes
  li t0, 4096
  mv t1, s0
clear:
  sb zero, 0(t1)
  addi t1, t1, 1
  addi t0, t0, -1
  bnez t0, clear
  li t0, 2
  li t6, 64
sieve:
  mul t1, t0, t0
  add t1, t1, s0
  li t2, 1
  li t3, 4096
  add t3, t3, s0
strike:
  bgeu t1, t3, struck
  sb t2, 0(t1)
  add t1, t1, t0
  j strike
struck:
  addi t0, t0, 1
  blt t0, t6, sieve
  # insertion sort of 256 words from a linear congruence
  la s2, sorted
  li t0, 256
  li t1, 12345
  li t2, 1103515245
  mv t3, s2
fill:
  mul t1, t1, t2
  addi t1, t1, 1013
  sw t1, 0(t3)
  addi t3, t3, 4
  addi t0, t0, -1
  bnez t0, fill
  addi t0, s2, 4
outer:
  lw t1, 0(t0)
  mv t2, t0
inner:
  beq t2, s2, placed
  lw t4, -4(t2)
  ble t4, t1, placed
  sw t4, 0(t2)
  addi t2, t2, -4
  j inner
placed:
  sw t1, 0(t2)
  addi t0, t0, 4
  bne t0, t3, outer
  # CRC-32 over the sieve, bit by bit
  li a0, -1
  li t0, 4096
  mv t1, s0
  li t4, 0xedb88320
crc:
  lbu t2, 0(t1)
  xor a0, a0, t2
  li t3, 8
bit:
  andi t5, a0, 1
  neg t5, t5
  and t5, t5, t4
  srli a0, a0, 1
  xor a0, a0, t5
  addi t3, t3, -1
  bnez t3, bit
  addi t1, t1, 1
  addi t0, t0, -1
  bnez t0, crc
  # divisions
  li t0, 2000
divide:
  divu t1, a0, t0
  remu t2, a0, t0
  add s11, s11, t1
  xor s11, s11, t2
  addi t0, t0, -1
  bnez t0, divide
  addi s1, s1, -1
  bnez s1, round
  mv a0, s11
  li a7, 93
  ecall
.data
buffer: .zero 4096
sorted: .zero 1024
`;

const program = (() => {
  const assembled = assemble(SOURCE);
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  return assembled.value;
})();

const rows: { engine: string; cycles: number; seconds: number; mips: number }[] = [];
const measure = (engine: string, runs: number, make: () => { machine: Machine.Machine; run: () => void }): void => {
  let best = Number.POSITIVE_INFINITY;
  let cycles = 0;
  for (let i = 0; i < runs; i++) {
    const { machine, run } = make();
    const start = performance.now();
    run();
    best = Math.min(best, (performance.now() - start) / 1000);
    if (machine.status.kind !== "exited" && engine !== "record") throw new Error(`${engine} did not end`);
    cycles = machine.cycles;
  }
  rows.push({ engine, cycles, seconds: best, mips: cycles / best / 1e6 });
};

measure("interpreter", 3, () => {
  const machine = Machine.of(program);
  return { machine, run: () => interpret(machine, 1e9) };
});
measure("record", 3, () => {
  const machine = Machine.of(program);
  const into = emptyRecord(2 ** 20);
  const past = history();
  return { machine, run: () => record(machine, past, into) };
});
const host = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly;
const cold = performance.now();
prepare(host, program);
const compiling = performance.now() - cold;
// The engine changes tiers while the code runs, so later runs of the same function are the figure after warm-up.
const warm = prepare(host, program);
const start = performance.now();
warm.run(1e9);
const first = (performance.now() - start) / 1000;
rows.push({
  engine: "translation, first run",
  cycles: warm.machine.cycles,
  seconds: first,
  mips: warm.machine.cycles / first / 1e6,
});
let best = Number.POSITIVE_INFINITY;
for (let i = 0; i < 8; i++) {
  warm.machine.pc = program.entry;
  warm.machine.cycles = 0;
  warm.machine.status = { kind: "running" };
  const begin = performance.now();
  warm.run(1e9);
  best = Math.min(best, (performance.now() - begin) / 1000);
}
rows.push({
  engine: "translation, warm",
  cycles: warm.machine.cycles,
  seconds: best,
  mips: warm.machine.cycles / best / 1e6,
});

if (process.argv.includes("--json")) console.log(JSON.stringify({ bench: "riscv", compiling, rows }));
else {
  for (const { engine, cycles, seconds, mips } of rows) {
    console.log(
      `${engine.padEnd(24)} ${String(cycles).padStart(10)} cycles ${(seconds * 1000).toFixed(1).padStart(9)} ms ${mips.toFixed(0).padStart(6)} MIPS`,
    );
  }
  console.log(`translate and compile ${compiling.toFixed(1)} ms`);
}
