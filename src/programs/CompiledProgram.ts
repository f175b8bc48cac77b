/**
 * What is deployed: the ADR's CompiledProgram as one content-addressed block (ADR 010 addendum, "Compiler Pipeline").
 * Same source, same bytes: it holds no path, no time and no order of files.
 */
import { Codec, ContentHash, decodeValue, encodeValue, type Value } from "../content/index.ts";
import type { StoreReads } from "../execution/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { BanditError } from "./Bandit.ts";

/** One request to the outside in an entry, in causal order: `after` are the nodes whose answers it may depend on. */
export const EffectNode = Codec.record({
  id: Codec.count,
  label: Codec.text,
  operation: Codec.text,
  after: Codec.list(Codec.count),
});
export type EffectNode = Codec.Of<typeof EffectNode>;

export const Entry = Codec.record({
  name: Codec.text,
  function: Codec.hash,
  parameters: Codec.list(Codec.record({ name: Codec.text, type: Codec.text })),
  result: Codec.text,
  row: Codec.list(Codec.text),
  exclusive: Codec.bool,
});
export type Entry = Codec.Of<typeof Entry>;

export const CompiledProgram = Codec.record({
  name: Codec.text,
  version: Codec.text,
  /** The program definition in the code repository. */
  definition: Codec.hash,
  entries: Codec.list(Entry),
  /** Effect DAG of each entry, by name. */
  effectDAG: Codec.map(Codec.list(EffectNode)),
  /** Every definition that can run, in dependency order, each once. */
  dependencies: Codec.list(Codec.hash),
  /** The state's schema with its evolution rules, in the schema layer's canonical form. */
  schema: Codec.bytes,
  schemaHash: Codec.hash,
  schemaEvolutionRules: Codec.list(Codec.text),
  compatibleProtocolVersions: Codec.list(Codec.text),
  /** Timelines by name, with their chain ids: one component each. */
  components: Codec.map(Codec.text),
  /** Assets, facts, actions and bindings of the manifest, as data for the timelines layer. */
  bindings: Codec.value,
  /** Interface → id, name or hash of the program that it stands for; one that is not named stands for its own name. */
  programs: Codec.map(Codec.text),
  initialState: Codec.value,
  safeStateStrategy: Codec.text,
  upgradePolicy: Codec.text,
  codeFormat: Codec.count,
  compilerVersion: Codec.text,
});
export type CompiledProgram = Codec.Of<typeof CompiledProgram>;

export const encodeCompiled = (program: CompiledProgram): Uint8Array => encodeValue(CompiledProgram.toValue(program));

/** `programHash` of the ADR. */
export const hashCompiled = (program: CompiledProgram): ContentHash.ContentHash =>
  ContentHash.of(encodeCompiled(program));

export function decodeCompiled(block: Uint8Array): Result<CompiledProgram, string> {
  const value: Result<Value.Value, unknown> = decodeValue(block);
  if (!value.ok) return err("it is not a value block");
  const program = CompiledProgram.fromValue(value.value);
  return program.ok ? program : err(Codec.showShapeError(program.error));
}

export function loadCompiled(
  store: Pick<StoreReads, "blocks">,
  hash: ContentHash.ContentHash,
): Result<CompiledProgram, BanditError> {
  const block = store.blocks.get(hash);
  if (block === undefined) return err({ kind: "NoBlock", hash, what: "compiled program" });
  const program = decodeCompiled(block);
  return program.ok
    ? ok(program.value)
    : err({ kind: "Damaged", reason: `the compiled program ${hash}: ${program.error}` });
}
