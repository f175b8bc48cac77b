/** `npm run demo`: from source to a verified replay, on two real chains, in plain words. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliFailure } from "../exit.ts";
import { reportFailure } from "../output.ts";
import { installInterruptHandler } from "../session.ts";
import { runDemo } from "./demo.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function optionsOf(argv: readonly string[]): { readonly program: string; readonly directory: string } {
  let program = join(root, "examples/cross-chain-arb");
  let directory = resolve(".tb-demo");
  for (let i = 0; i < argv.length; i++) {
    const value = argv[i + 1];
    if (argv[i] === "--program" && value !== undefined) program = resolve(value);
    else if (argv[i] === "--store" && value !== undefined) directory = resolve(value);
    else
      throw new CliFailure(2, `unknown option ${argv[i]}`, "npm run demo -- [--program DIRECTORY] [--store DIRECTORY]");
    i++;
  }
  return { program, directory };
}

/** Each demo begins anew: what an earlier one kept is replaced, anybody else's folder is refused. */
function prepare(directory: string): void {
  const marker = join(directory, "made-by-tb-demo");
  if (existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(marker)) {
    throw new CliFailure(
      2,
      `${directory} is not empty and was not made by the demo`,
      "give a new folder with --store DIRECTORY",
    );
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(marker, "");
}

installInterruptHandler();
try {
  const { program, directory } = optionsOf(process.argv.slice(2));
  prepare(directory);
  process.env["TB_PASSPHRASE"] ??= randomBytes(12).toString("hex");
  await runDemo({ root, program, directory });
} catch (error) {
  process.exitCode = reportFailure(error, false);
}
