/** A program folder on disk: `program.toml` beside its `*.tel`. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliFailure, Exit } from "../exit.ts";
import { readText } from "../session.ts";

export interface ProgramFolder {
  readonly manifest: { readonly path: string; readonly text: string };
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}

export function readProgramFolder(directory: string): ProgramFolder {
  if (!existsSync(directory)) throw new CliFailure(Exit.source, `there is no folder ${directory}`);
  if (!statSync(directory).isDirectory()) {
    throw new CliFailure(Exit.source, `${directory} is a file; a program is a folder with program.toml and *.tel`);
  }
  const manifest = join(directory, "program.toml");
  if (!existsSync(manifest)) {
    throw new CliFailure(
      Exit.source,
      `${directory} has no program.toml`,
      "a program is a folder with program.toml and *.tel",
    );
  }
  const files = readdirSync(directory)
    .filter((file) => file.endsWith(".tel"))
    .sort();
  if (files.length === 0) throw new CliFailure(Exit.source, `${directory} has no .tel file`);
  const read = (path: string) => ({ path, text: readText(path) });
  return { manifest: read(manifest), sources: files.map((file) => read(join(directory, file))) };
}
