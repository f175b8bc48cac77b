/** Reading tables of a manifest: each accessor takes what is right and collects a problem for what is not. */
import semver from "semver";
import type { Int } from "../../content/index.ts";
import { closest } from "../../std/index.ts";
import type { Code, Place, Problem } from "../Problem.ts";
import { parseDuration } from "../Time.ts";
import type { Toml, TomlEntry, TomlTable, TomlText } from "./Toml.ts";

/** Collects problems while a file is read. */
export interface Reading {
  readonly file: string;
  readonly problems: Problem[];
}

export function complain(reading: Reading, code: Code, at: Place, what: string, fix?: string, why?: string): undefined {
  reading.problems.push({
    code,
    what,
    at,
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  });
  return undefined;
}

const KIND_WORDS = {
  table: "a table",
  array: "a list",
  text: "a text",
  number: "a number",
  bool: "true or false",
  date: "a date",
} as const;

/** Refuses keys that are not known, with a suggestion. `title` names the table: `[schema]`. */
export function onlyKeys(reading: Reading, table: TomlTable, title: string, known: readonly string[]): void {
  for (const entry of table.entries.values()) {
    if (known.includes(entry.key)) continue;
    const near = closest(entry.key, known);
    complain(
      reading,
      "SCH0102",
      entry.at,
      `unknown key \`${entry.key}\` in ${title}${near === undefined ? "" : `; did you mean \`${near}\`?`}`,
      near === undefined ? `known keys: ${known.join(", ")}` : `write \`${near}\``,
    );
  }
}

function ofKind<K extends Toml["kind"]>(
  reading: Reading,
  entry: TomlEntry | undefined,
  kind: K,
  title: string,
): Extract<Toml, { kind: K }> | undefined {
  if (entry === undefined) return undefined;
  if (entry.value.kind === kind) return entry.value as Extract<Toml, { kind: K }>;
  return complain(
    reading,
    "SCH0103",
    entry.value.at,
    `\`${entry.key}\` in ${title} must be ${KIND_WORDS[kind]}, not ${KIND_WORDS[entry.value.kind]}`,
  );
}

export const tableAt = (r: Reading, table: TomlTable, key: string, title: string): TomlTable | undefined =>
  ofKind(r, table.entries.get(key), "table", title);

export const textAt = (r: Reading, table: TomlTable, key: string, title: string): TomlText | undefined =>
  ofKind(r, table.entries.get(key), "text", title);

export const boolAt = (r: Reading, table: TomlTable, key: string, title: string): boolean | undefined =>
  ofKind(r, table.entries.get(key), "bool", title)?.value;

/** A key that must be there. */
export function needed<V>(
  r: Reading,
  table: TomlTable,
  key: string,
  title: string,
  value: V | undefined,
): V | undefined {
  if (value === undefined && !table.entries.has(key)) {
    complain(r, "SCH0104", table.at, `${title} needs \`${key}\``, `${key} = …`);
  }
  return value;
}

/** A list of texts; absent: empty. */
export function textsAt(r: Reading, table: TomlTable, key: string, title: string): readonly TomlText[] {
  const list = ofKind(r, table.entries.get(key), "array", title);
  return (list?.items ?? []).flatMap((item) => {
    if (item.kind === "text") return [item];
    complain(r, "SCH0103", item.at, `\`${key}\` in ${title} must hold texts, not ${KIND_WORDS[item.kind]}`);
    return [];
  });
}

/** One of a closed list of words. */
export function wordAt<W extends string>(
  r: Reading,
  table: TomlTable,
  key: string,
  title: string,
  words: readonly W[],
): W | undefined {
  const text = textAt(r, table, key, title);
  return text === undefined ? undefined : oneOf(r, text, `\`${key}\` in ${title}`, words);
}

export function oneOf<W extends string>(r: Reading, text: TomlText, title: string, words: readonly W[]): W | undefined {
  const found = words.find((word) => word === text.value);
  if (found !== undefined) return found;
  const near = closest(text.value, words);
  return complain(
    r,
    "SCH0105",
    text.at,
    `${title} cannot be "${text.value}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    `one of: ${words.map((word) => `"${word}"`).join(", ")}`,
  );
}

export function versionAt(r: Reading, table: TomlTable, key: string, title: string): string | undefined {
  const text = textAt(r, table, key, title);
  if (text === undefined) return undefined;
  if (semver.valid(text.value) !== null) return text.value;
  return complain(
    r,
    "SCH0106",
    text.at,
    `\`${key}\` in ${title} is not a version: "${text.value}"`,
    `${key} = "1.0.0"`,
  );
}

/** Semver ranges such as `2.x`. An empty text would mean any version, so it is refused. */
export function rangesAt(r: Reading, table: TomlTable, key: string, title: string): readonly string[] {
  return textsAt(r, table, key, title).flatMap((text) => rangeOf(r, text, `\`${key}\` in ${title}`) ?? []);
}

export function rangeOf(r: Reading, text: TomlText, title: string): string | undefined {
  if (text.value.trim() !== "" && semver.validRange(text.value) !== null) return text.value;
  return complain(
    r,
    "SCH0106",
    text.at,
    `${title} is not a version range: "${text.value}"`,
    'write "2.x" or ">=2.1.0 <4"',
  );
}

/** A positive duration: `15 minutes`, `1h30m`. */
export function durationAt(r: Reading, table: TomlTable, key: string, title: string): Int.Int | undefined {
  const text = textAt(r, table, key, title);
  if (text === undefined) return undefined;
  const value = parseDuration(text.value);
  if (value !== undefined && value > 0) return value;
  return complain(
    r,
    "SCH0107",
    text.at,
    `\`${key}\` in ${title} is not a positive duration: "${text.value}"`,
    `${key} = "15 minutes"`,
  );
}
