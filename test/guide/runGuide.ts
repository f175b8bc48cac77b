/**
 * Runs a chapter of the guide as it stands: what a reader would type is typed, what the chapter shows must come.
 *
 *  - A block ```tel file=arb.tel (any language) writes that file.
 *  - In a block ```sh each line that starts with `$ ` is a command; the lines below it are the output it must print.
 *    `…` in the output stands for anything (a lone `…` line for any lines). `# exit 5` behind a command names its exit code.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export interface Block {
  readonly line: number;
  readonly language: string;
  readonly file: string | undefined;
  readonly lines: readonly string[];
}

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; language: string; file: string | undefined; lines: string[] } | undefined;
  markdown.split("\n").forEach((text, at) => {
    const fence = /^```(\S*)(?:\s+file=(\S+))?\s*$/.exec(text);
    if (open !== undefined && text === "```") {
      blocks.push(open);
      open = undefined;
    } else if (open !== undefined) open.lines.push(text);
    else if (fence !== null) open = { line: at + 1, language: fence[1]!, file: fence[2], lines: [] };
  });
  if (open !== undefined) throw new Error(`the block of line ${open.line} is not closed`);
  return blocks;
}

export interface Command {
  readonly line: number;
  readonly text: string;
  readonly exit: number;
  readonly expected: readonly string[];
}

export function commandsOf(block: Block): readonly Command[] {
  const commands: { line: number; text: string; exit: number; expected: string[] }[] = [];
  block.lines.forEach((text, at) => {
    if (text.startsWith("$ ")) {
      const exit = /\s+# exit (\d+)\s*$/.exec(text);
      const command = exit === null ? text.slice(2) : text.slice(2, exit.index);
      commands.push({ line: block.line + at + 1, text: command, exit: Number(exit?.[1] ?? 0), expected: [] });
    } else commands.at(-1)?.expected.push(text);
  });
  return commands;
}

/** Whether the output is what the chapter shows; `…` matches anything. */
export function matches(expected: readonly string[], output: string): boolean {
  const wanted = expected.join("\n").trim();
  if (wanted === "") return true;
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = wanted.split("…").map(literal).join("[\\s\\S]*?");
  const tidy = output
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
  return new RegExp(`^${pattern}$`).test(tidy);
}

/** Runs every block in order inside `folder`; throws with the chapter's line when something differs. Returns the number of commands. */
export function runGuide(chapter: string, folder: string): number {
  const path = join(root, "docs/guide", chapter);
  let count = 0;
  for (const block of blocksOf(readFileSync(path, "utf8"))) {
    if (block.file !== undefined) {
      const file = join(folder, block.file);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${block.lines.join("\n")}\n`);
    } else if (block.language === "sh") {
      for (const command of commandsOf(block)) {
        count++;
        const run = spawnSync("bash", ["-c", command.text], {
          cwd: folder,
          encoding: "utf8",
          timeout: 120_000,
          env: {
            ...process.env,
            PATH: `${join(root, "test/guide/bin")}${delimiter}${process.env["PATH"]}`,
            TIME_BANDITS: root,
            NO_COLOR: "1",
            CI: "true",
          },
        });
        const where = `docs/guide/${chapter}:${command.line}: ${command.text}`;
        if (run.status !== command.exit)
          throw new Error(`${where}\nexit ${run.status}, expected ${command.exit}\n${run.stdout}${run.stderr}`);
        const output = run.stdout + run.stderr;
        if (!matches(command.expected, run.stdout) && !matches(command.expected, output)) {
          throw new Error(`${where}\nexpected:\n${command.expected.join("\n")}\n\ngot:\n${output}`);
        }
      }
    }
  }
  if (count === 0) throw new Error(`${chapter} runs no command`);
  return count;
}
