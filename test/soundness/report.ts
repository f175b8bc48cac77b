/**
 * `npm run soundness`: attacks on the tables of RV32IM and on whole proofs, and how many of them were refused.
 *
 * flips    one cell of an honest witness changed: refused, or the cell is free and the report says why
 * forged   an instruction's outcome replaced, and a search for inner cells with which its row would still pass
 * runs     an instruction's outcome replaced in a run, everything after it computed honestly from that
 * lies     whole proofs made from such runs
 * proof    fields of a real proof changed, one at a time
 *
 * It ends with 1 when a single attack passes without a reason.
 */
import { BabyBear } from "../../src/field/index.ts";
import { programKey, prove, proveRun } from "../../src/prover/index.ts";
import { Bytes } from "../../src/std/index.ts";
import { checkTrace, claimOf, headerBytes, Profile, RV32IM, verifyRun } from "../../src/verifier/index.ts";
import { CORNERS, CORPUS } from "../riscv/corpus.ts";
import { assembled } from "../riscv/engines.ts";
import { forgedRun, forgeTable, isBetweenRows, liesAbout, OUTCOMES, stepsByOperation } from "../riscv/forge.ts";
import { flipTable, lookupsOf, type Run, UNEXPLAINED } from "../riscv/mutation.ts";
import { fieldsOf, withByte, withWord } from "../riscv/proofFields.ts";
import { randomOf } from "../riscv/randomProgram.ts";
import { honest } from "../riscv/tables.ts";

const FLIP_ROWS = 40;
const FORGE_ROWS = 2;
const FORGE_TRIES = 200;
const RUN_STEPS = 2;
/** Fields of one name that are changed at most so often: a proof has thousands of equal openings. */
const PROOF_FIELDS_OF_A_NAME = 3;

const json = process.argv.includes("--json");
const say = (line: string): void => {
  if (!json) console.log(line);
};
const random = randomOf(20);
let passed = 0;
const failed: string[] = [];
const ratio = (killed: number, total: number): string => `${killed}/${total}`.padStart(13);

const runs: { name: string; input: readonly number[]; run: Run }[] = [
  { name: "mixed", input: [5, 6], run: honest(assembled(CORPUS()), [5, 6]) },
  { name: "corners", input: [], run: honest(assembled(CORNERS())) },
];
const lookups = {
  program: new Set(runs.flatMap(({ run }) => [...lookupsOf(run).program])),
  publics: lookupsOf(runs[0]!.run).publics,
};

const tables: object[] = [];
say(`${"table".padEnd(16)}${"flips".padStart(13)}${"free".padStart(8)}${"forged".padStart(13)}`);
for (const table of RV32IM.machine.tables) {
  const flips = { killed: 0, total: 0, free: 0 };
  const forged = { killed: 0, total: 0 };
  const reasons = new Set<string>();
  for (const { run } of runs) {
    if (run.witnesses[0]!.get(table.name) === undefined) continue;
    const tally = flipTable(run, table, lookups, FLIP_ROWS, random);
    flips.killed += tally.killed;
    flips.total += tally.total;
    for (const [why, times] of tally.survivors) {
      if (why.startsWith(UNEXPLAINED)) failed.push(`${table.name}: ${why}`);
      else flips.free += times;
      reasons.add(why);
    }
    if (OUTCOMES[table.name] === undefined) continue;
    const forgery = forgeTable(run, table, lookups, FORGE_ROWS, FORGE_TRIES, random);
    forged.killed += forgery.killed;
    forged.total += forgery.total;
    failed.push(...forgery.found);
  }
  passed += flips.killed + flips.free + forged.killed;
  tables.push({ table: table.name, flips, forged, reasons: [...reasons] });
  const shown = forged.total > 0 ? ratio(forged.killed, forged.total) : "–".padStart(13);
  say(`${table.name.padEnd(16)}${ratio(flips.killed, flips.total)}${String(flips.free).padStart(8)}${shown}`);
}
say("\nfree cells:");
for (const { table, reasons } of tables as { table: string; reasons: string[] }[]) {
  for (const why of reasons) say(`  ${table}: ${why}`);
}

say("\nforged runs, refused by the row of the instruction alone:");
const operations: Record<string, { killed: number; total: number }> = {};
for (const { run, input } of runs) {
  for (const [name, steps] of stepsByOperation(run, RUN_STEPS)) {
    operations[name] ??= { killed: 0, total: 0 };
    for (const at of steps) {
      for (const lie of liesAbout(name)) {
        const forged = forgedRun(run.program, input, at, lie);
        // A lie about an address or a loop may lead to a trap; then there is no run to prove.
        if (forged === undefined) continue;
        const problems = checkTrace(forged.check);
        operations[name].total++;
        // What a call reads and writes is refused by the statement's tapes, everything else by the row itself.
        if (problems.length > 0 && (name === "ecall" || !problems.some(isBetweenRows))) operations[name].killed++;
        else failed.push(`run with a lie about ${name} at step ${at}: ${JSON.stringify(problems[0])}`);
      }
    }
  }
}
const names = Object.keys(operations).sort();
for (let i = 0; i < names.length; i += 6) {
  say(
    `  ${names
      .slice(i, i + 6)
      .map((name) => `${name} ${operations[name]!.killed}/${operations[name]!.total}`.padEnd(14))
      .join("")}`,
  );
}

const proof = { killed: 0, total: 0, names: 0 };
const lies = { killed: 0, total: 0 };
for (const profile of [Profile.STD100]) {
  const { program } = runs[0]!.run;
  const proven = await proveRun(program, Uint32Array.from([5, 6]), { threads: 0, profile });
  if (!proven.ok) throw new Error(JSON.stringify(proven.error));
  const { proof: bytes, statement } = proven.value;
  if (!verifyRun(bytes).ok) throw new Error("the honest proof is refused");
  const refuses = (changed: Uint8Array, what: string): void => {
    proof.total++;
    if (verifyRun(changed).ok) failed.push(`${profile.name}: proof accepted with ${what} changed`);
    else proof.killed++;
  };
  const fields = fieldsOf(bytes, statement, profile);
  const start = fields[0]!.at;
  for (let at = 0; at < start; at++)
    refuses(
      withByte(bytes, at, (byte) => byte ^ (1 << random(8))),
      `byte ${at} of the statement`,
    );
  const times = new Map<string, number>();
  for (const field of fields) {
    const done = times.get(field.where) ?? 0;
    if (done >= PROOF_FIELDS_OF_A_NAME || field.bytes === 0) continue;
    times.set(field.where, done + 1);
    const at = field.at + random(field.bytes);
    refuses(
      withByte(bytes, at, (byte) => byte ^ (1 << random(8))),
      `${field.where}, byte ${at - field.at}`,
    );
    if (field.bytes % 4 !== 0) continue;
    const word = field.at + 4 * random(field.bytes / 4);
    refuses(
      withWord(bytes, word, (value) => (value + 1) % BabyBear.P),
      `${field.where}, word +1`,
    );
  }
  proof.names = times.size;
}
// Whole proofs of forged runs: the prover follows the protocol, only the witness lies.
{
  const { run, input } = runs[0]!;
  for (const name of ["add", "sltu", "lb", "sh", "beq", "bne", "mul", "srai", "jalr"]) {
    const at = stepsByOperation(run, 1).get(name)?.[0];
    const forged = at === undefined ? undefined : forgedRun(run.program, input, at, liesAbout(name)[0]!);
    if (forged === undefined) continue;
    const key = await programKey(run.program);
    const statement = { ...forged.statement, image: { ...forged.statement.image, key } };
    const { witnesses } = forged.check;
    const body = await prove(
      {
        ...claimOf(statement, Profile.STD100, false),
        fixed: forged.check.fixed,
        segments: { count: witnesses.length, at: (index) => witnesses[index]! },
      },
      { threads: 0 },
    );
    const verdict = verifyRun(Bytes.concat(headerBytes(statement, Profile.STD100, false), body));
    lies.total++;
    if (verdict.ok) failed.push(`the proof of a run with a lie about ${name} is accepted`);
    else lies.killed++;
  }
}
say(`\nproofs of forged runs: ${lies.killed}/${lies.total} refused`);
passed += lies.killed;
say(`proof: ${proof.killed}/${proof.total} changes of ${proof.names} kinds of fields refused`);
passed += proof.killed;

if (json) console.log(JSON.stringify({ tables, operations, proof, lies, failed }, null, 2));
else if (failed.length > 0) say(`\n${failed.length} attacks passed:\n${failed.slice(0, 40).join("\n")}`);
else say(`\nall ${passed} attacks refused or explained. The tables and the verifier are unaudited.`);
process.exitCode = failed.length > 0 ? 1 : 0;
