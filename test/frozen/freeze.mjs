// Makes the frozen proofs of the present format, with the statements they must be accepted for. A released format is
// frozen once: when tables, transcript or bytes change after that, the format's number goes up and its proofs join
// these. Run after a build: node test/frozen/freeze.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { proveRun } from "../../dist/src/prover/index.js";
import { assemble } from "../../dist/src/riscv/index.js";
import { Blake3, Profile, Statement } from "../../dist/src/verifier/index.js";

const here = dirname(fileURLToPath(import.meta.url));
const program = assemble(readFileSync(join(here, "guest.s"), "utf8"));
if (!program.ok) throw new Error(JSON.stringify(program.error));
const tape = Uint32Array.of(5, 0x04030201, 5);
const index = [];
for (const [profile, hiding] of [["std100", false], ["std128", false], ["compact100", true]]) {
  const seed = hiding ? { seed: new Uint8Array(32).fill(42) } : {};
  const run = await proveRun(program.value, tape, { profile: Profile.byName(profile), threads: 2, ...seed });
  if (!run.ok) throw new Error(JSON.stringify(run.error));
  const { proof, statement } = run.value;
  const file = `1-${profile}${hiding ? "-hiding" : ""}.proof`;
  writeFileSync(join(here, file), proof);
  index.push({
    file,
    format: 1,
    profile,
    hiding,
    imageId: Blake3.show(Statement.imageId(statement.image)),
    input: [...statement.input],
    output: [...statement.output],
    marks: [...statement.marks],
    exitCode: statement.exitCode,
    cycles: statement.cycles,
  });
}
writeFileSync(join(here, "index.json"), `${JSON.stringify(index, null, 2)}\n`);
