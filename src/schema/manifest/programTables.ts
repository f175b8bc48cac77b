/** `[program]`, `[safeStateStrategy]`, `[activation]` and `effect.toml`. */
import semver from "semver";
import { RULES } from "../Rule.ts";
import {
  ACTIVATIONS,
  type Activation,
  type EffectTable,
  FALLBACK_STRATEGIES,
  type Fallback,
  HANDSHAKES,
  type HashText,
  ON_FAILURE,
  type ProgramTable,
  SAFE_STATE_STRATEGIES,
  SAFE_STATE_TIMEOUT_MILLISECONDS,
  type SafeStateStrategy,
  UPGRADE_POLICIES,
} from "./Manifest.ts";
import * as R from "./Reading.ts";
import { jsonOfToml, type TomlTable } from "./Toml.ts";

export function readProgram(r: R.Reading, root: TomlTable): ProgramTable | undefined {
  const table = R.tableAt(r, root, "program", "the manifest");
  if (table === undefined) return undefined;
  const title = "[program]";
  R.onlyKeys(r, table, title, [
    "name",
    "version",
    "schemaVersion",
    "description",
    "protocolVersions",
    "upgradePolicy",
    "safeStateStrategy",
  ]);
  const name = R.needed(r, table, "name", title, R.textAt(r, table, "name", title));
  if (name?.value === "") R.complain(r, "SCH0108", name.at, "a program needs a name that is not empty");
  return {
    name: name?.value ?? "",
    version: R.versionAt(r, table, "version", title),
    schemaVersion: R.versionAt(r, table, "schemaVersion", title),
    description: R.textAt(r, table, "description", title)?.value,
    protocolVersions: R.rangesAt(r, table, "protocolVersions", title),
    upgradePolicy: R.wordAt(r, table, "upgradePolicy", title, UPGRADE_POLICIES) ?? "auto",
    at: table.at,
  };
}

export function readSafeState(r: R.Reading, root: TomlTable): SafeStateStrategy {
  const program = root.entries.get("program")?.value;
  const inProgram = program?.kind === "table" ? program : undefined;
  const word =
    inProgram === undefined
      ? undefined
      : R.wordAt(r, inProgram, "safeStateStrategy", "[program]", SAFE_STATE_STRATEGIES);
  const top = root.entries.get("safeStateStrategy");
  // A file without [program] may give the word by itself.
  const alone =
    top?.value.kind === "text" ? R.oneOf(r, top.value, "`safeStateStrategy`", SAFE_STATE_STRATEGIES) : undefined;
  const table =
    top === undefined || top.value.kind === "text"
      ? undefined
      : R.tableAt(r, root, "safeStateStrategy", "the manifest");
  const standard: SafeStateStrategy = {
    type: word ?? alone ?? "no-pending-returns",
    timeoutMilliseconds: SAFE_STATE_TIMEOUT_MILLISECONDS,
    degradedState: undefined,
    handshake: "optional",
    at: inProgram?.entries.get("safeStateStrategy")?.at ?? top?.at,
  };
  if (table === undefined) return standard;
  const title = "[safeStateStrategy]";
  R.onlyKeys(r, table, title, ["type", "timeout", "degradedState", "handshake"]);
  const type = R.wordAt(r, table, "type", title, SAFE_STATE_STRATEGIES);
  if (word !== undefined && type !== undefined && word !== type) {
    R.complain(
      r,
      "SCH0109",
      table.entries.get("type")!.at,
      `[program] says safeStateStrategy = "${word}", [safeStateStrategy] says type = "${type}"`,
      "leave one of them out",
    );
  }
  const degraded = R.tableAt(r, table, "degradedState", title);
  const degradedState = degraded === undefined ? undefined : jsonOfToml(degraded);
  if (degraded !== undefined && degradedState === undefined) {
    R.complain(r, "SCH0103", degraded.at, "`degradedState` cannot hold nan or inf");
  }
  return {
    type: type ?? standard.type,
    timeoutMilliseconds: R.durationAt(r, table, "timeout", title) ?? SAFE_STATE_TIMEOUT_MILLISECONDS,
    degradedState,
    handshake: R.wordAt(r, table, "handshake", title, HANDSHAKES) ?? "optional",
    at: table.at,
  };
}

/** The ADR's names for the strategies, beside the short ones. */
const LONG_NAMES: ReadonlyMap<string, (typeof ACTIVATIONS)[number]> = new Map([
  ["ManualStepwise", "manual"],
  ["FloodActivation", "flood"],
  ["ChainedActivation", "chained"],
  ["ConditionBased", "condition"],
]);

export function readActivation(r: R.Reading, root: TomlTable): Activation | undefined {
  const table = R.tableAt(r, root, "activation", "the manifest");
  if (table === undefined) return undefined;
  const title = "[activation]";
  R.onlyKeys(r, table, title, ["strategy", "order", "conditions", "deadline", "onFailure"]);
  const text = R.needed(r, table, "strategy", title, R.textAt(r, table, "strategy", title));
  const strategy =
    text === undefined
      ? undefined
      : (LONG_NAMES.get(text.value) ?? R.oneOf(r, text, `\`strategy\` in ${title}`, ACTIVATIONS));
  const order = R.textsAt(r, table, "order", title);
  const conditions = R.textsAt(r, table, "conditions", title);
  const deadlineMilliseconds = R.durationAt(r, table, "deadline", title);
  if (strategy === "chained" && order.length === 0) {
    R.complain(r, "SCH0104", table.at, "a chained activation needs its order", 'order = ["ethereum", "optimism"]');
  }
  if (strategy === "condition" && conditions.length === 0) {
    R.complain(r, "SCH0104", table.at, "an activation on conditions needs them", 'conditions = ["OracleIsLive"]');
  }
  if (strategy === "condition" && deadlineMilliseconds === undefined && !table.entries.has("deadline")) {
    R.complain(r, "SCH0104", table.at, "an activation on conditions needs a deadline", 'deadline = "1 day"');
  }
  const timelines = root.entries.get("timelines")?.value;
  for (const name of order) {
    if (timelines?.kind === "table" && !timelines.entries.has(name.value)) {
      R.complain(r, "SCH0109", name.at, `\`order\` names "${name.value}", which is not in [timelines]`);
    }
  }
  const facts = root.entries.get("facts")?.value;
  for (const name of conditions) {
    if (facts?.kind !== "table" || !facts.entries.has(name.value))
      R.complain(r, "SCH0109", name.at, `\`conditions\` names "${name.value}", which is not in [facts]`);
  }
  return {
    strategy: strategy ?? "manual",
    order: order.map((name) => name.value),
    conditions: conditions.map((name) => name.value),
    deadlineMilliseconds,
    onFailure: R.wordAt(r, table, "onFailure", title, ON_FAILURE),
    at: table.at,
  };
}

const EFFECT_KEYS = ["name", "version", "compatibility", "handler", "fallbacks", "requires", "parameters", "result"];

export function readEffect(r: R.Reading, root: TomlTable): EffectTable | undefined {
  const table = R.tableAt(r, root, "effect", "the manifest");
  if (table === undefined) return undefined;
  R.onlyKeys(r, table, "[effect]", EFFECT_KEYS);
  const name = R.needed(r, table, "name", "[effect]", R.textAt(r, table, "name", "[effect]"));
  const version = R.needed(r, table, "version", "[effect]", R.versionAt(r, table, "version", "[effect]"));
  const compatibility = R.tableAt(r, table, "compatibility", "[effect]");
  if (compatibility === undefined && !table.entries.has("compatibility")) {
    R.complain(
      r,
      "SCH0104",
      table.at,
      "an effect must declare the protocol versions it is made for",
      '[effect.compatibility]\nprotocol_versions = ["2.x"]',
    );
  }
  const title = "[effect.compatibility]";
  if (compatibility !== undefined) R.onlyKeys(r, compatibility, title, ["protocol_versions", "evolution_rules"]);
  const protocolVersions = compatibility === undefined ? [] : R.rangesAt(r, compatibility, "protocol_versions", title);
  if (compatibility !== undefined && protocolVersions.length === 0) {
    R.needed(r, compatibility, "protocol_versions", title, undefined);
  }
  const handlerTable = R.needed(r, table, "handler", "[effect]", R.tableAt(r, table, "handler", "[effect]"));
  if (handlerTable !== undefined) R.onlyKeys(r, handlerTable, "[effect.handler]", ["hash"]);
  const handler =
    handlerTable === undefined
      ? undefined
      : R.needed(r, handlerTable, "hash", "[effect.handler]", hashAt(r, handlerTable, "hash", "[effect.handler]"));
  const fallbacks = readFallbacks(r, table);
  for (const fallback of fallbacks) {
    const declared = protocolVersions.join(" || ");
    if (declared !== "" && !semver.intersects(fallback.protocol, declared)) {
      R.complain(
        r,
        "SCH0109",
        fallback.at,
        `the fallback is for protocol ${fallback.protocol}, outside of ${declared}`,
      );
    }
  }
  return {
    name: name?.value ?? "",
    version: version ?? "0.0.0",
    protocolVersions,
    evolutionRules:
      compatibility === undefined
        ? []
        : R.textsAt(r, compatibility, "evolution_rules", title).flatMap(
            (text) => R.oneOf(r, text, `\`evolution_rules\` in ${title}`, RULES) ?? [],
          ),
    handler: handler ?? { text: "", at: table.at },
    fallbacks,
    requires: R.textsAt(r, table, "requires", "[effect]").map((text) => text.value),
    at: table.at,
  };
}

function readFallbacks(r: R.Reading, effect: TomlTable): readonly Fallback[] {
  const entry = effect.entries.get("fallbacks");
  const title = "[effect.fallbacks]";
  const items = entry?.value.kind === "array" ? entry.value.items : entry === undefined ? [] : [entry.value];
  return items.flatMap((item): Fallback[] => {
    if (item.kind !== "table") {
      R.complain(r, "SCH0103", item.at, `${title} must be a table or a list of tables`);
      return [];
    }
    R.onlyKeys(r, item, title, ["protocol", "strategy", "alternative_handler"]);
    const protocol = R.needed(r, item, "protocol", title, R.textAt(r, item, "protocol", title));
    const range = protocol === undefined ? undefined : R.rangeOf(r, protocol, `\`protocol\` in ${title}`);
    const strategy = R.needed(r, item, "strategy", title, R.wordAt(r, item, "strategy", title, FALLBACK_STRATEGIES));
    const alternativeHandler = hashAt(r, item, "alternative_handler", title);
    if (strategy === "use-alternative-implementation" && !item.entries.has("alternative_handler")) {
      R.needed(r, item, "alternative_handler", title, undefined);
    }
    return range === undefined || strategy === undefined
      ? []
      : [{ protocol: range, strategy, alternativeHandler, at: item.at }];
  });
}

const HASH_TEXT = /^[a-z0-9.…]{1,128}$/;

export function hashAt(r: R.Reading, table: TomlTable, key: string, title: string): HashText | undefined {
  const text = R.textAt(r, table, key, title);
  if (text === undefined) return undefined;
  if (HASH_TEXT.test(text.value)) return { text: text.value, at: text.at };
  return R.complain(r, "SCH0103", text.at, `\`${key}\` in ${title} is not a content hash: "${text.value}"`);
}
