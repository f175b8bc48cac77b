/** `tb explain CODE`: the rule behind a problem, with a wrong and a right example. */
import type { Command } from "commander";
import { CliFailure, Exit } from "../exit.ts";
import { paint, print, printJson } from "../output.ts";

export function register(program: Command): void {
  program
    .command("explain [code]")
    .description("explain the code of a problem, such as TEL0101; without a code, list them all")
    .option("--json", "print one JSON document")
    .action(explain);
}

async function explain(code: string | undefined, options: { readonly json?: boolean }): Promise<void> {
  const codes = await allCodes();
  if (code === undefined) {
    if (options.json === true) printJson([...codes].map(([one, { title }]) => ({ code: one, title })));
    else print([...codes].map(([one, { title }]) => `${paint.bold(one)}  ${title}`).join("\n"));
    return;
  }
  const wanted = /^[0-9]+$/.test(code) ? `TEL${code.padStart(4, "0")}` : code.toUpperCase();
  const found = codes.get(wanted);
  if (found === undefined) {
    const { closest } = await import("../../../src/std/index.ts");
    const meant = closest(wanted, codes.keys());
    throw new CliFailure(
      Exit.usage,
      `there is no problem code ${code}`,
      meant === undefined ? "list them with tb explain" : `did you mean ${meant}?`,
    );
  }
  if (options.json === true) {
    printJson({ code: wanted, ...found });
    return;
  }
  const { title, explanation, wrong, right } = found;
  const example = (heading: string, text: string | undefined): string =>
    text === undefined ? "" : `\n${heading}\n\n${text.replace(/^/gm, "    ")}\n`;
  print(
    `${paint.bold(`${wanted}: ${title}`)}\n\n${wrapped(explanation)}\n${example("Wrong:", wrong)}${example("Right:", right)}`,
  );
}

interface Explained {
  readonly title: string;
  readonly explanation: string;
  readonly wrong?: string;
  readonly right?: string;
}

/** The codes of the language (TEL) and of schemas and manifests (SCH). */
async function allCodes(): Promise<ReadonlyMap<string, Explained>> {
  const { codes } = await import("../../../src/language/problems/index.ts");
  const { CODES, EXPLANATIONS } = await import("../../../src/schema/index.ts");
  const schemas = Object.entries(CODES).map(([code, title]): readonly [string, Explained] => [
    code,
    { title, explanation: EXPLANATIONS[code as keyof typeof CODES] },
  ]);
  return new Map<string, Explained>([...codes, ...schemas]);
}

/** Lines of at most 80 columns. */
function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > 80) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
