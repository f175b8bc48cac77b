/** `tb coprocessor soundness`: the proven bits of each profile, term by term. */
import { type Command, InvalidArgumentError } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { print, printJson } from "../output.ts";

interface SoundnessOptions {
  readonly profile?: string;
  readonly rows: number;
  readonly segments: number;
  readonly json?: boolean;
}

/** Registers under `tb coprocessor`. */
export function register(coprocessor: Command): void {
  coprocessor
    .command("soundness")
    .description("print the proven soundness of proofs, with each term and its formula (unaudited)")
    .option("--profile <name>", "only std100, std128 or compact100")
    .option("--rows <log2>", "every table has 2^N rows", rows, 20)
    .option("--segments <n>", "so many segments", segments, 1)
    .option("--json", "print one JSON document")
    .action(soundness);
}

const MIN_ROWS = 4;
const MAX_ROWS = 22;
const MAX_SEGMENTS = 4096;

function rows(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < MIN_ROWS || value > MAX_ROWS) {
    throw new InvalidArgumentError(`expected a whole number from ${MIN_ROWS} to ${MAX_ROWS}`);
  }
  return value;
}

function segments(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || value > MAX_SEGMENTS) {
    throw new InvalidArgumentError(`expected a whole number from 1 to ${MAX_SEGMENTS}`);
  }
  return value;
}

async function soundness(options: SoundnessOptions): Promise<void> {
  const { Layout, Profile, RV32IM, soundness: calculate } = await import("../../../src/verifier/index.ts");
  if (options.profile !== undefined && Profile.byName(options.profile) === undefined) {
    const names = Profile.PROFILES.map(({ name }) => name).join(", ");
    throw new CliFailure(Exit.usage, `there is no profile ${options.profile}`, `profiles: ${names}`);
  }
  const profiles = Profile.PROFILES.filter(({ name }) => options.profile === undefined || name === options.profile);
  const { machine } = RV32IM;
  const heights = new Uint8Array(machine.tables.length).fill(options.rows);
  const results = profiles.map((profile) => {
    const shape = Layout.segment(machine, heights, {}, profile, false);
    return { profile: profile.name, ...calculate(new Array(options.segments).fill(shape), profile, 0) };
  });
  if (options.json) {
    printJson({ ok: true, rows: options.rows, segments: options.segments, profiles: results, unaudited: true });
    return;
  }
  const tables = `${machine.tables.length} tables of 2^${options.rows} rows`;
  const shape = options.segments === 1 ? tables : `${options.segments} segments, ${tables}`;
  for (const result of results) {
    const regime = result.m === undefined ? result.regime : `${result.regime}, m = ${result.m}`;
    print(`${result.profile}: ${result.bits} proven bits (${regime}; ${shape})`);
    for (const term of result.terms) {
      const work = term.grinding === 0 ? "" : ` with ${term.grinding} bits of work`;
      print(`  ${term.bits.toFixed(1).padStart(6)}  ${term.round}: ${term.formula}${work}`);
    }
  }
  print(
    "The level is that of the weakest round. Unaudited: a mistake in the tables or the code is not in these numbers.",
  );
}
