/**
 * Versions of code and of what runs it. A new executor runs every older format; code in a newer format is refused by
 * name of the executor that is needed, never misread.
 */
import { err, ok, type Result } from "../std/index.ts";

/** The version in every code block that is written now. */
export const codeFormat = 1;

/** Semantic version of the executor of this package. */
export const executorVersion = "0.1.0";

/** Which executor is the first that runs a format. A format is never removed from this table. */
export const compatibility: readonly { readonly codeFormat: number; readonly executorSince: string }[] = [
  { codeFormat: 1, executorSince: "0.1.0" },
];

export interface IncompatibleFormat {
  readonly kind: "IncompatibleFormat";
  readonly format: number;
  /** The newest format that this executor runs. */
  readonly formatMax: number;
  readonly executor: string;
}

/** Accepts a format that this executor runs. */
export function checkFormat(format: number): Result<number, IncompatibleFormat> {
  return compatibility.some((row) => row.codeFormat === format)
    ? ok(format)
    : err({ kind: "IncompatibleFormat", format, formatMax: codeFormat, executor: executorVersion });
}

export const showIncompatibleFormat = (error: IncompatibleFormat): string =>
  `the code has format ${error.format}, and executor ${error.executor} runs formats up to ${error.formatMax}: ` +
  "a newer executor is needed (update time-bandits)";
