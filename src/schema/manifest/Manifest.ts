/** What a manifest says: the whole of `program.toml` and `effect.toml`, checked and typed. Tables: docs/spec/schema.md §2. */
import type { Int } from "../../content/index.ts";
import type { Place } from "../Problem.ts";
import type { Rule } from "../Rule.ts";
import type { Schema } from "../Schema.ts";
import type { TomlData, TomlTable } from "./Toml.ts";

export interface Manifest {
  readonly file: string;
  /** Absent in files that hold only a schema, a strategy or an effect. */
  readonly program: ProgramTable | undefined;
  /** From `[schema]`; a schema without fields when the file has none. */
  readonly schema: Schema;
  readonly hasSchema: boolean;
  /** What `[schema]` says about fields, before types are known; for a compiler that knows them (`typedSchema`). */
  readonly schemaSource: SchemaSource;
  /** From both forms of `safeStateStrategy`; the default where there is neither. */
  readonly safeState: SafeStateStrategy;
  readonly activation: Activation | undefined;
  readonly effect: EffectTable | undefined;
  /** Name in the program → name or hash of another program. */
  readonly bindings: ReadonlyMap<string, string>;
  /** Name → CAIP-2 chain id. */
  readonly timelines: ReadonlyMap<string, string>;
  /** `[timelines] [assets] [contracts] [facts] [actions]` as plain data, for protocol's `parseBindings`. */
  readonly tables: { readonly [table: string]: TomlData };
  /** `[adapter]` as plain data. */
  readonly adapter: TomlData | undefined;
  /** Every place, for layers that check plain data: `placeOfPath(manifest.toml, "facts.PriceOf.0")`. */
  readonly toml: TomlTable;
}

export interface ProgramTable {
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaVersion: string | undefined;
  readonly description: string | undefined;
  /** Semver ranges; together what the program runs under. Empty: not stated. */
  readonly protocolVersions: readonly string[];
  readonly upgradePolicy: UpgradePolicy;
  readonly at: Place;
}

export const UPGRADE_POLICIES = ["auto", "ask", "pinned"] as const;
export type UpgradePolicy = (typeof UPGRADE_POLICIES)[number];

export const SAFE_STATE_STRATEGIES = ["always", "no-pending-returns", "strict", "manual"] as const;
export const HANDSHAKES = ["optional", "required"] as const;

export interface SafeStateStrategy {
  readonly type: (typeof SAFE_STATE_STRATEGIES)[number];
  /** How long a call may be pending before it is given up. */
  readonly timeoutMilliseconds: Int.Int;
  /** The record that becomes the status of a program whose call timed out, as JSON text; undefined: `{"status":"timeout"}`. */
  readonly degradedState: string | undefined;
  readonly handshake: (typeof HANDSHAKES)[number];
  readonly at: Place | undefined;
}

/** The ADR's example; what holds where a manifest is silent. */
export const SAFE_STATE_TIMEOUT_MILLISECONDS = 900_000;

export const ACTIVATIONS = ["manual", "flood", "chained", "condition"] as const;
export const ON_FAILURE = ["hold", "compensate", "forward-fix"] as const;

export interface Activation {
  readonly strategy: (typeof ACTIVATIONS)[number];
  /** Names of timelines; for `chained`. */
  readonly order: readonly string[];
  /** Names of facts without arguments; for `condition`. */
  readonly conditions: readonly string[];
  readonly deadlineMilliseconds: Int.Int | undefined;
  readonly onFailure: (typeof ON_FAILURE)[number] | undefined;
  readonly at: Place;
}

/** `effect.toml`: a custom effect that travels by itself. */
export interface EffectTable {
  readonly name: string;
  readonly version: string;
  readonly protocolVersions: readonly string[];
  readonly evolutionRules: readonly Rule[];
  readonly handler: HashText;
  readonly fallbacks: readonly Fallback[];
  /** Capabilities that the handler asks for. */
  readonly requires: readonly string[];
  readonly at: Place;
}

export interface Fallback {
  readonly protocol: string;
  readonly strategy: (typeof FALLBACK_STRATEGIES)[number];
  readonly alternativeHandler: HashText | undefined;
  readonly at: Place;
}

export const FALLBACK_STRATEGIES = ["use-alternative-implementation", "refuse"] as const;

/** A hash or a short alias of one, such as the ADR's `bafy123...`; whoever resolves it says whether it is a content hash. */
export interface HashText {
  readonly text: string;
  readonly at: Place;
}

export interface SchemaSource {
  /** Names of a bare `fields = [...]`; undefined where fields are typed or absent. */
  readonly bareFields: readonly { readonly name: string; readonly at: Place }[] | undefined;
  /** JSON source of each default. */
  readonly defaults: ReadonlyMap<string, { readonly json: string; readonly at: Place }>;
  readonly meanings: ReadonlyMap<string, string>;
}
