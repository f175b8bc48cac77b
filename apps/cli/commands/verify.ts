/** `tb verify`: whether a proof holds, and what it proves. */
import type { Command } from "commander";
import type { Blake3 as Digests, Verdict } from "../../../src/verifier/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";
import { readBytes } from "../session.ts";

interface VerifyOptions {
  readonly elf?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("verify <proof>")
    .description("check a proof of a run and print what it proves; exits 4 when it is refused (unaudited)")
    .option("--elf <file>", "the proof must be of this program")
    .option("--json", "print one JSON document")
    .action(verify);
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const { PROOF_MAX_BYTES, showRefusal, verifyRun } = await import("../../../src/verifier/index.ts");
  const { kernelRows } = await import("../../../src/prover/index.ts");
  const bytes = readBytes(file, PROOF_MAX_BYTES);
  const imageId = options.elf === undefined ? undefined : await imageIdOf(options.elf);
  const result = verifyRun(bytes, imageId === undefined ? {} : { imageId }, kernelRows);
  if (!result.ok) {
    throw new CliFailure(Exit.divergence, `${file} is refused: ${showRefusal(result.error)}`, undefined, {
      ok: false,
      refusal: result.error,
    });
  }
  const document = await statementDocument(result.value);
  if (options.json) printJson({ ok: true, ...document, programChecked: imageId !== undefined });
  else {
    const { input, output } = document;
    print(
      [
        `accepted: ${document.bits} bits, proven (${document.profile}, ${document.regime}); unaudited`,
        `image id ${document.imageId}${imageId === undefined ? "" : " (the program given)"}`,
        `input ${input.words} words, ${input.hash}`,
        `output ${output.words} words, ${output.hash}`,
        `effects ${document.effects}`,
        `exit code ${document.exitCode}`,
        `cycles ${document.cycles}`,
      ].join("\n"),
    );
  }
}

async function imageIdOf(path: string): Promise<Digests.Digest> {
  const { Statement } = await import("../../../src/verifier/index.ts");
  const { programKey } = await import("../../../src/prover/index.ts");
  const { load } = await import("./coprocessor.ts");
  const program = await load(path);
  return Statement.imageId({ entry: program.entry, base: program.base, key: await programKey(program) });
}

async function statementDocument(verdict: Verdict) {
  const { Blake3, Statement } = await import("../../../src/verifier/index.ts");
  const { statement, profile, soundness, hiding, segments } = verdict;
  const tape = (words: Uint32Array) => ({ words: words.length, hash: Blake3.show(Statement.tapeHash(words)) });
  return {
    imageId: Blake3.show(verdict.imageId),
    input: tape(statement.input),
    output: tape(statement.output),
    effects: statement.marks.length,
    exitCode: statement.exitCode,
    cycles: statement.cycles,
    profile: profile.name,
    regime: profile.regime,
    bits: soundness.bits,
    hiding,
    segments,
    unaudited: true,
  };
}
