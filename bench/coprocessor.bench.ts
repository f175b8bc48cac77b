/**
 * Proving and verifying runs: speed, size, memory, for each profile, on a workload that uses every family of
 * instructions (an insertion sort, a CRC, a linear congruence, divisions, calls). Figures that are asked for: at least
 * 20 kHz at 2^18 cycles and 100 proven bits, a proof of at most 2 MB, verified in at most 300 ms (50 ms with wasm), 1,000 cycles proven
 * within a second, at most 6 GB of memory.
 */
import { kernelRows, proveRun, type RunOptions } from "../src/prover/index.ts";
import { assemble } from "../src/riscv/index.ts";
import { Blake3, Profile, verifyRun } from "../src/verifier/index.ts";

const source = (rounds: number): string => `
_start:
  li s1, ${rounds}
  li s2, 12345
round:
  la s0, area
  li t0, 16
  mv t1, s0
fill:
  li t2, 1103515245
  mul s2, s2, t2
  addi s2, s2, 1013
  sw s2, 0(t1)
  addi t1, t1, 4
  addi t0, t0, -1
  bnez t0, fill
  addi t0, s0, 4
outer:
  lw t1, 0(t0)
  mv t2, t0
inner:
  beq t2, s0, placed
  lw t4, -4(t2)
  ble t4, t1, placed
  sw t4, 0(t2)
  addi t2, t2, -4
  j inner
placed:
  sw t1, 0(t2)
  addi t0, t0, 4
  addi t3, s0, 64
  bne t0, t3, outer
  li a0, -1
  li t0, 16
  mv t1, s0
  li t4, 0xedb88320
crc:
  lbu t2, 0(t1)
  xor a0, a0, t2
  li t3, 8
bit:
  andi t5, a0, 1
  srli a0, a0, 1
  neg t5, t5
  and t5, t5, t4
  xor a0, a0, t5
  addi t3, t3, -1
  bnez t3, bit
  addi t1, t1, 4
  addi t0, t0, -1
  bnez t0, crc
  divu t0, a0, s2
  rem t1, a0, s2
  mulhu t2, t0, t1
  sltu t3, t2, a0
  jal ra, leaf
  addi s1, s1, -1
  bnez s1, round
  li a7, 93
  li a0, 0
  ecall
leaf:
  sb a0, 64(s0)
  sh a0, 66(s0)
  lh t0, 66(s0)
  ret
.data
area:
  .zero 68
`;

type Row = { readonly what: string; readonly value: string };
const rows: Row[] = [];
const report = (what: string, value: string): void => {
  rows.push({ what, value });
};

async function measure(name: string, rounds: number, options: RunOptions, repeats: number): Promise<void> {
  const program = assemble(source(rounds));
  if (!program.ok) throw new Error(JSON.stringify(program.error));
  let best = Number.POSITIVE_INFINITY;
  let proof: Uint8Array = new Uint8Array(0);
  let cycles = 0;
  let processor = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const before = process.cpuUsage().user;
    const result = await proveRun(program.value, new Uint32Array(0), options);
    best = Math.min(best, performance.now() - start);
    processor = Math.min(processor, (process.cpuUsage().user - before) / 1000);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    ({ proof } = result.value);
    ({ cycles } = result.value.statement);
  }
  let bits = 0;
  const verifying = [Blake3.plainRows, kernelRows].map((hashRows) => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      const verdict = verifyRun(proof, {}, hashRows);
      fastest = Math.min(fastest, performance.now() - start);
      if (!verdict.ok) throw new Error(JSON.stringify(verdict.error));
      bits = verdict.value.soundness.bits;
    }
    return fastest.toFixed(0);
  });
  report(
    `${name}, ${cycles} cycles`,
    `${best.toFixed(0)} ms = ${(cycles / best).toFixed(1)} kHz (${processor.toFixed(0)} ms of processor time); ${(proof.length / 1e6).toFixed(2)} MB; ` +
      `verified in ${verifying[0]} ms, ${verifying[1]} ms with wasm; ${bits} proven bits`,
  );
}

const ROUNDS_OF_2_18 = 160;
await measure("std100, short", 1, {}, 3);
for (const profile of Profile.PROFILES) await measure(profile.name, ROUNDS_OF_2_18, { profile }, 2);
await measure("std100, hiding", ROUNDS_OF_2_18, { seed: new Uint8Array(32).fill(1) }, 1);
await measure("std100, one thread", ROUNDS_OF_2_18, { threads: 1 }, 1);
await measure("std100, two segments", ROUNDS_OF_2_18, { segmentSteps: 2 ** 17 }, 1);
report("most memory of the process", `${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`);

if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, value } of rows) console.log(`${what.padEnd(width)}  ${value}`);
}
