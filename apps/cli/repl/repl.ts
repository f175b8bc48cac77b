/** The terminal side of `tb repl`: lines in, outcomes out, history between sessions. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { completions } from "./complete.ts";
import { isComplete, type Outcome, type Session, say } from "./Session.ts";

/** Lines that Arrow-up reaches. */
const HISTORY_LINES_MAX = 1000;
/** Longer inputs are not kept. */
const HISTORY_LINE_LENGTH_MAX = 10_000;

const historyFile = (): string =>
  join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "time-bandits", "repl-history");

export type Streams = { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream };

/** Runs until the input ends or `:quit`; gives how many inputs failed. */
export async function repl(session: Session, { input, output }: Streams, isTerminal: boolean): Promise<number> {
  let failed = 0;
  let buffer = "";
  const lines = createInterface({
    input,
    output,
    terminal: isTerminal,
    prompt: isTerminal ? "tel> " : "",
    ...(isTerminal ? { history: readHistory(), historySize: HISTORY_LINES_MAX, removeHistoryDuplicates: true } : {}),
    completer: (line: string) => {
      const [hits, word] = completions(session, buffer + line);
      return [hits, word];
    },
  });
  // A pipe may end while its last lines are still answered; newer hosts refuse a prompt then.
  let isClosed = false;
  lines.once("close", () => {
    isClosed = true;
  });
  const ask = (): void => {
    if (isClosed) return;
    lines.setPrompt(!isTerminal ? "" : buffer === "" ? "tel> " : "...> ");
    lines.prompt();
  };
  lines.on("history", ([last]: string[]) => remember(last));
  let isBusy = false;
  lines.on("SIGINT", () => {
    if (isBusy) session.isInterrupted = true;
    else {
      // A second Ctrl-C would otherwise end what the first one was meant to clear.
      if (buffer === "" && lines.line === "") output.write("\n(Ctrl-D leaves)");
      buffer = "";
      output.write("\n");
      lines.write(null, { ctrl: true, name: "u" });
      ask();
    }
  });
  if (isTerminal) output.write("TEL, one expression at a time. :help tells more, Ctrl-D leaves.\n");
  ask();
  const answer = async (text: string): Promise<boolean> => {
    isBusy = true;
    const outcome = await say(session, text).catch(broken);
    isBusy = false;
    if (outcome.text !== "") output.write(`${outcome.text}\n`);
    if (!outcome.ok) failed++;
    return outcome.quit !== true;
  };
  for await (const line of lines) {
    buffer += `${line}\n`;
    // An empty line ends an input that would go on.
    if (line.trim() !== "" && !isComplete(buffer)) {
      ask();
      continue;
    }
    const text = buffer;
    buffer = "";
    if (!(await answer(text))) break;
    ask();
  }
  if (buffer !== "") await answer(buffer);
  lines.close();
  if (isTerminal) output.write("\n");
  return failed;
}

/** A defect of ours must not take what was declared along. */
const broken = (error: unknown): Outcome => ({
  ok: false,
  text: `this is a defect of tb: ${error instanceof Error ? error.message : String(error)}; the session goes on`,
});

function readHistory(): string[] {
  try {
    return readFileSync(historyFile(), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .slice(0, HISTORY_LINES_MAX);
  } catch {
    // The first session, or a place that may not be read: without history then.
    return [];
  }
}

/** Puts a line before those of the file: other sessions write there too. */
function remember(line: string | undefined): void {
  if (line === undefined || line.length > HISTORY_LINE_LENGTH_MAX) return;
  try {
    mkdirSync(dirname(historyFile()), { recursive: true, mode: 0o700 });
    const kept = [line, ...readHistory().filter((one) => one !== line)].slice(0, HISTORY_LINES_MAX);
    writeFileSync(historyFile(), `${kept.join("\n")}\n`, { mode: 0o600 });
  } catch {
    // A history that cannot be kept is no reason to stop.
  }
}
