/** Exit codes of every command, as the documentation promises them. */
export const Exit = {
  ok: 0,
  /** The program returned an error, or a test failed. */
  program: 1,
  usage: 2,
  /** A source file, manifest or other input file is missing or wrong. */
  source: 3,
  /** A replay diverged, or a proof does not hold. */
  divergence: 4,
  /** Refused by the sandbox, a safe state or an evolution rule. */
  refused: 5,
  /** Out of grant, out of steps, or timed out. */
  grant: 6,
  /** The store or the network failed. */
  store: 7,
  interrupted: 130,
} as const;

/**
 * Ends a command with a message instead of a stack trace. `hint` says what to do next; `json` is the whole document
 * that `--json` prints (default: `{ ok: false, error: { message, hint } }`).
 */
export class CliFailure extends Error {
  readonly exit: number;
  readonly hint: string | undefined;
  readonly json: object | undefined;
  constructor(exit: number, message: string, hint?: string, json?: object) {
    super(message);
    this.name = "CliFailure";
    this.exit = exit;
    this.hint = hint;
    this.json = json;
  }
}
