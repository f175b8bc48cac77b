/** `[[schema.migrations]]`. */
import type { Migration, Part } from "../Migration.ts";
import { MIGRATION_OPS } from "../Migration.ts";
import * as Path from "../Path.ts";
import * as R from "./Reading.ts";
import { jsonOfToml, type TomlTable, type TomlText } from "./Toml.ts";

const KEYS: { readonly [O in Migration["op"]]: readonly string[] } = {
  rename: ["op", "from", "to"],
  split: ["op", "from", "into", "by", "otherwise", "in"],
  merge: ["op", "from", "to", "by", "in"],
  hoist: ["op", "from", "to", "in"],
  plunge: ["op", "from", "to", "in"],
  fill: ["op", "field", "value"],
  call: ["op", "function", "reads", "writes", "history"],
};

const TITLE = "[[schema.migrations]]";

export function readMigrations(r: R.Reading, schema: TomlTable): readonly Migration[] {
  const entry = schema.entries.get("migrations");
  if (entry === undefined) return [];
  if (entry.value.kind !== "array") {
    R.complain(r, "SCH0103", entry.at, "`migrations` in [schema] must be a list of tables", `${TITLE}\nop = "rename"`);
    return [];
  }
  return entry.value.items.flatMap((item) => {
    if (item.kind === "table") return readMigration(r, item) ?? [];
    R.complain(r, "SCH0103", item.at, "a migration must be a table");
    return [];
  });
}

function readMigration(r: R.Reading, table: TomlTable): Migration | undefined {
  const op = R.needed(r, table, "op", TITLE, R.wordAt(r, table, "op", TITLE, MIGRATION_OPS));
  if (op === undefined) return undefined;
  R.onlyKeys(r, table, `${TITLE} with op = "${op}"`, KEYS[op]);
  const { at } = table;
  const text = (key: string): TomlText | undefined => R.needed(r, table, key, TITLE, R.textAt(r, table, key, TITLE));
  const name = (key: string): string | undefined => {
    const found = text(key);
    return found === undefined ? undefined : nameOf(r, found);
  };
  const inside = table.entries.has("in") && KEYS[op].includes("in") ? namesOf(r, R.textAt(r, table, "in", TITLE)) : [];
  if (inside === undefined) return undefined;
  switch (op) {
    case "rename": {
      const from = pathOf(r, text("from"));
      const to = pathOf(r, text("to"));
      return from === undefined || to === undefined ? undefined : { op, from, to, at };
    }
    case "split": {
      const from = name("from");
      const into = R.needed(r, table, "into", TITLE, partsAt(r, table, "into"));
      const by = R.textAt(r, table, "by", TITLE)?.value;
      const otherwise = R.textAt(r, table, "otherwise", TITLE)?.value;
      return from === undefined || into === undefined ? undefined : { op, from, into, by, otherwise, inside, at };
    }
    case "merge": {
      const from = R.needed(r, table, "from", TITLE, partsAt(r, table, "from"));
      const to = name("to");
      const by = R.textAt(r, table, "by", TITLE)?.value;
      // In `from = { ask = "askPrice" }` the key is the name inside the record, as it is in the state.
      const turned = from?.map((p) => (p.part === undefined ? p : { field: p.part, part: p.field }));
      return turned === undefined || to === undefined ? undefined : { op, from: turned, to, by, inside, at };
    }
    case "hoist": {
      const from = namesOf(r, text("from"));
      const to = name("to");
      return from === undefined || to === undefined ? undefined : { op, from, to, inside, at };
    }
    case "plunge": {
      const from = name("from");
      const to = namesOf(r, text("to"));
      return from === undefined || to === undefined ? undefined : { op, from, to, inside, at };
    }
    case "fill": {
      const field = pathOf(r, text("field"));
      const entry = table.entries.get("value");
      if (entry === undefined) R.needed(r, table, "value", TITLE, undefined);
      const value = entry === undefined ? undefined : jsonOfToml(entry.value);
      if (entry !== undefined && value === undefined)
        R.complain(r, "SCH0116", entry.value.at, "nan and inf are not values of a state");
      return field === undefined || value === undefined
        ? undefined
        : { op, field, value, valueAt: entry?.value.at, at };
    }
    case "call": {
      const hash = R.needed(r, table, "function", TITLE, functionAt(r, table, "function", TITLE));
      const reads = R.textsAt(r, table, "reads", TITLE).map((t) => t.value);
      const writes = R.textsAt(r, table, "writes", TITLE).map((t) => t.value);
      if (writes.length === 0) R.needed(r, table, "writes", TITLE, undefined);
      const history = readHistory(r, table);
      return hash === undefined || writes.length === 0
        ? undefined
        : { op, function: hash.text, reads, writes, history, at };
    }
  }
}

function readHistory(r: R.Reading, migration: TomlTable) {
  const table = R.tableAt(r, migration, "history", TITLE);
  if (table === undefined) return undefined;
  const title = "`history`";
  R.onlyKeys(r, table, title, ["effects", "from", "fold"]);
  const fold = R.needed(r, table, "fold", title, functionAt(r, table, "fold", title));
  const from = R.needed(r, table, "from", title, R.textAt(r, table, "from", title));
  return {
    effects: R.textsAt(r, table, "effects", title).map((t) => t.value),
    from: from?.value ?? "genesis",
    fold: fold?.text ?? "",
  };
}

const FUNCTION_TEXT = /^[A-Za-z0-9_.…]{1,300}$/;

/** A content hash, or the name of a function that only a codebase can resolve. */
function functionAt(r: R.Reading, table: TomlTable, key: string, title: string) {
  const text = R.textAt(r, table, key, title);
  if (text === undefined) return undefined;
  if (FUNCTION_TEXT.test(text.value)) return { text: text.value, at: text.at };
  return R.complain(
    r,
    "SCH0103",
    text.at,
    `\`${key}\` in ${title} is neither a content hash nor the name of a function: "${text.value}"`,
  );
}

/** `["a", "b"]` or `{ a = "inner", b = "other" }`; indexes may be numbers. */
function partsAt(r: R.Reading, table: TomlTable, key: string): readonly Part[] | undefined {
  const entry = table.entries.get(key);
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.kind === "array") {
    return value.items.flatMap((item): Part[] => {
      if (item.kind === "text") return [{ field: item.value, part: undefined }];
      R.complain(r, "SCH0103", item.at, `\`${key}\` in ${TITLE} must hold names of fields`);
      return [];
    });
  }
  if (value.kind === "table") {
    return [...value.entries.values()].flatMap((part): Part[] => {
      if (part.value.kind === "text") return [{ field: part.key, part: part.value.value }];
      if (part.value.kind === "number" && part.value.integer) return [{ field: part.key, part: part.value.json! }];
      R.complain(r, "SCH0103", part.value.at, `\`${part.key}\` must be the name of a part`);
      return [];
    });
  }
  return R.complain(r, "SCH0103", value.at, `\`${key}\` in ${TITLE} must be a list of names or a table`);
}

export function pathOf(r: R.Reading, text: TomlText | undefined): string | undefined {
  if (text === undefined) return undefined;
  const path = Path.normal(text.value);
  if (path !== undefined && path !== Path.ROOT) return path;
  return R.complain(r, "SCH0119", text.at, `"${text.value}" is not a path`, 'write "field" or "$.positions[].leg"');
}

/** A path of names only. */
function namesOf(r: R.Reading, text: TomlText | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const steps = Path.parse(text.value);
  const names = steps?.flatMap((step) => (step.kind === "field" ? [step.name] : []));
  if (names !== undefined && names.length > 0 && names.length === steps?.length) return names;
  return R.complain(r, "SCH0119", text.at, `"${text.value}" is not a path of names`, 'write "outer.inner"');
}

function nameOf(r: R.Reading, text: TomlText): string | undefined {
  const names = namesOf(r, text);
  if (names === undefined) return undefined;
  if (names.length === 1) return names[0];
  return R.complain(
    r,
    "SCH0119",
    text.at,
    `"${text.value}" must be a field of the state itself`,
    "hoist or plunge moves fields between records",
  );
}
