/** What `tb explain` says about each problem code of this layer: the rule, and what to do. */
import type { Code } from "./Problem.ts";

export const EXPLANATIONS: { readonly [C in Code]: string } = {
  SCH0101:
    "A manifest is TOML 1.1. The place is where the text stops being TOML, or where a key is given a second time.",
  SCH0102:
    "Every key of a manifest is known, so that a misspelt one is not silently ignored. The message names the nearest one.",
  SCH0103: "The key exists, but takes another kind of value: a text instead of a list, say.",
  SCH0104: "The table cannot be understood without this key.",
  SCH0105: "The value must be one of a closed list of words, which the message names.",
  SCH0106:
    "Versions are semantic versions (1.2.0); ranges are semver ranges (2.x). An empty range would mean any version and is refused.",
  SCH0107: 'Durations are numbers with units, such as "15 minutes", "1h30m" or "500ms", and more than nothing.',
  SCH0108: "Names are unique where they stand, and words of the type language cannot be names of types.",
  SCH0109:
    "Two places of the manifest say different things about one matter. Leave one of them out, or make them agree.",
  SCH0110:
    "The type does not follow the grammar of types, for example map<asset, decimal> or record{a: int, b: option<text>}.",
  SCH0111: "The type is neither built in nor declared under [schema.types].",
  SCH0112:
    "Every value of the type would contain another one of it, without end. Make the inner one optional, or a list.",
  SCH0113: "0 and −0 are equal floats with different bits, so a float key could be lost. Use decimal.",
  SCH0114:
    "With an option of an option, None and Some(None) could not be told apart in JSON, nor by the coercion of T to option<T>.",
  SCH0115:
    "Types are bounded in depth and number, so that checking them always ends soon. Give inner parts names in [schema.types].",
  SCH0116: "A default becomes part of every existing state, so it must be a value of its field's type.",
  SCH0117: "Manifests are bounded, so that reading one always ends soon.",
  SCH0118:
    "A reserved name was a field before. Old states, logs and rollbacks hold its old values, so it cannot mean something new.",
  SCH0119:
    "A path is written like positions[].leg: names with dots, [] for items of a list, {} for values of a map, #Case, ? for an option.",
  SCH0120: "The state is not JSON text, or holds what JSON allows and texts do not: a lone surrogate.",
  SCH0121: "The state is JSON, but not a value of the schema. The path leads to the part that differs.",
  SCH0122: "States are bounded in depth and size, so that no input can exhaust a machine.",
  SCH0130:
    "The change is of a safe kind, but the version that runs does not name its rule in [schema.evolution] allowed. That version governs: a new one cannot grant itself permission. Publish a version whose only change is the rule, then this one.",
  SCH0131:
    "A field may be removed when nothing reads it: no code of the new version, no waiting call of the old one, nobody outside. Nothing proves that here. Compile the program, or take it on your word with --assume-unused.",
  SCH0132: "The removed field is still read. The message shows the way from an entry to the read.",
  SCH0133:
    "A field is removed and one of the same type is added in the same record. If that is a rename, dropping the old field would lose its values, so the file must say: a rename migration, or not_a_rename.",
  SCH0134:
    "Existing states have no value for the new field. Give it a default, make it optional, or declare a fill migration.",
  SCH0135:
    "Some value of the old type has no exact counterpart in the new one. Lossless changes are listed in the specification of schemas, §4; others need a migration or a field of another name.",
  SCH0136:
    "The name was a field or case before and was removed. Old states, logs and rollbacks still hold its values; choose another name.",
  SCH0137: "Keys decide which entries are one and in what order they stand, so the type of a key is fixed for ever.",
  SCH0138: "A state may hold the removed case and would have no value of the new type.",
  SCH0139:
    "The type is the same, but the field now says something else. No rule can translate that; a migration function can.",
  SCH0140:
    "Others send and receive the effect without knowing the new version. Keep it, and add an effect of another name.",
  SCH0141: "What a file reserves, its successors reserve too; otherwise the name could come back one version later.",
  SCH0150:
    "The migration names a field that is not there, or joins types that do not fit. It is checked against both schemas.",
  SCH0151: "A migration function is found by its hash. It is not in this store, so nothing can check or run it.",
  SCH0152:
    "The migration function refused the state, or gave what its type does not promise. The state stays as it was.",
  SCH0160:
    "Whoever has the inputs of an upgrade can compute its record again, byte for byte. This record is not what its inputs give.",
  SCH0161:
    "A rollback gives back the old state exactly, or says which value has no old form or which tombstone is missing.",
};
