/** Text → Manifest: `program.toml`, `effect.toml`, or a file with some of their tables. Every problem of the file at once. */
import { err, ok, type Result } from "../../std/index.ts";
import { byPlace, type Problem } from "../Problem.ts";
import type { Manifest } from "./Manifest.ts";
import { readActivation, readEffect, readProgram, readSafeState } from "./programTables.ts";
import * as R from "./Reading.ts";
import { readSchema } from "./schemaTable.ts";
import { dataOf, parseToml, type TomlData, type TomlTable } from "./Toml.ts";

/** Tables that other layers check; kept as plain data. */
const PLAIN_TABLES = ["timelines", "assets", "contracts", "facts", "actions"] as const;

const TABLES = [
  "program",
  "schema",
  "safeStateStrategy",
  "activation",
  "bindings",
  "effects",
  "effect",
  "adapter",
  ...PLAIN_TABLES,
];

export function parseManifest(source: string, file: string): Result<Manifest, readonly Problem[]> {
  const toml = parseToml(source, file);
  if (!toml.ok) return err([toml.error]);
  const root = toml.value;
  const r: R.Reading = { file, problems: [] };
  R.onlyKeys(r, root, "the manifest", TABLES);
  const program = readProgram(r, root);
  const read = readSchema(r, root);
  const safeState = readSafeState(r, root);
  const activation = readActivation(r, root);
  const effect = readEffect(r, root);
  const bindings = textTable(r, root, "bindings");
  const timelines = textTable(r, root, "timelines");
  const tables: { [table: string]: TomlData } = Object.create(null);
  for (const name of PLAIN_TABLES) {
    const table = R.tableAt(r, root, name, "the manifest");
    if (table !== undefined) tables[name] = dataOf(table);
  }
  const adapter = R.tableAt(r, root, "adapter", "the manifest");
  const version = read?.schema.version;
  if (program?.schemaVersion !== undefined && version !== undefined && program.schemaVersion !== version) {
    const at = root.entries.get("program")!.value;
    R.complain(
      r,
      "SCH0109",
      at.kind === "table" ? at.entries.get("schemaVersion")!.at : at.at,
      `[program] says schemaVersion = "${program.schemaVersion}", [schema] says version = "${version}"`,
      `schemaVersion = "${version}"`,
    );
  }
  if (r.problems.length > 0 || read === undefined) return err(r.problems.sort(byPlace));
  return ok({
    file,
    program,
    schema: read.schema,
    hasSchema: root.entries.has("schema"),
    schemaSource: read.source,
    safeState,
    activation,
    effect,
    bindings,
    timelines,
    tables,
    adapter: adapter === undefined ? undefined : dataOf(adapter),
    toml: root,
  });
}

function textTable(r: R.Reading, root: TomlTable, key: string): ReadonlyMap<string, string> {
  const table = R.tableAt(r, root, key, "the manifest");
  const texts = new Map<string, string>();
  for (const entry of table?.entries.values() ?? []) {
    if (entry.value.kind === "text") texts.set(entry.key, entry.value.value);
    else R.complain(r, "SCH0103", entry.value.at, `\`${entry.key}\` in [${key}] must be a text`);
  }
  return texts;
}
