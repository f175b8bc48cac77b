/** What commands print: results on stdout, everything else on stderr. Colour follows NO_COLOR, FORCE_COLOR and the terminal. */
import pc from "picocolors";
import { CliFailure, Exit } from "./exit.ts";

/**
 * Whether to colour (no-color.org, force-color.org): never with NO_COLOR, always with FORCE_COLOR, else only when both
 * streams are a terminal, so that no escape sequence ends in a file or a pipe. Being in CI is no reason to colour.
 */
export function wantsColour(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return terminal && TERM !== "dumb";
}

export const colourOn: boolean = wantsColour(process.env, process.stdout.isTTY && process.stderr.isTTY);
/** Functions that colour a text, or return it unchanged where colour is off. */
export const paint = pc.createColors(colourOn);

/** One line (or block) of result. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** The one document of `--json`: stable key order as given, two spaces. */
export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** A remark beside the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function reportFailure(error: unknown, json: boolean): number {
  // Refusals of the codebase that any command may meet; known by name, so that starting up loads none of it.
  if (error instanceof Error && error.name === "CodeTooLarge")
    return reportFailure(new CliFailure(Exit.source, error.message), json);
  if (error instanceof Error && error.name === "NameConflict")
    return reportFailure(new CliFailure(Exit.program, error.message, "run the command again"), json);
  if (!(error instanceof CliFailure)) {
    // Our own bug: the stack is what a maintainer needs.
    process.stderr.write(
      `${paint.red("internal error")} — please report this\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return 70;
  }
  if (json)
    printJson(
      error.json ?? { ok: false, error: { message: error.message, ...(error.hint ? { hint: error.hint } : {}) } },
    );
  else {
    process.stderr.write(`${paint.red("error")}: ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`${paint.cyan("hint")}: ${error.hint}\n`);
  }
  return error.exit;
}

export interface Progress {
  /** Replaces the line (terminal) or prints it when at least a second has passed (no terminal). */
  update(text: string): void;
  /** Ends the line for good. */
  done(text?: string): void;
}

/** Progress on stderr: one line that is rewritten at most ten times a second, plain lines without a terminal. */
export function progress(): Progress {
  const terminal = process.stderr.isTTY === true;
  let last = 0;
  let shown = false;
  return {
    update(text) {
      const now = performance.now();
      if (now - last < (terminal ? 100 : 1000) && shown) return;
      last = now;
      shown = true;
      process.stderr.write(terminal ? `\r\x1b[2K${text}` : `${text}\n`);
    },
    done(text) {
      if (terminal && shown) process.stderr.write("\r\x1b[2K");
      if (text !== undefined) process.stderr.write(`${text}\n`);
    },
  };
}
