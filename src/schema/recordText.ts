/**
 * An evolution record with all its inputs as one JSON text that stands by itself: whoever has it can recompute it. The
 * text is canonical; a change of one byte, white space included, is a difference.
 */
import { ContentHash, NODE_DEPTH_MAX, type Node } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import { toNode as schemaToNode } from "./canonical.ts";
import { fromNode as schemaFromNode } from "./decodeSchema.ts";
import * as EvolutionRecord from "./EvolutionRecord.ts";
import { type MigrationFunctions, noFunctions } from "./Operation.ts";
import type { Problem } from "./Problem.ts";
import type { Schema } from "./Schema.ts";
import { STATE_CHARS_MAX, stateForm } from "./state.ts";

/** The record of these inputs as text. */
export function recordText(
  inputs: EvolutionRecord.EvolutionInputs,
  functions: MigrationFunctions = noFunctions,
): Result<string, readonly Problem[]> {
  const record = EvolutionRecord.of(inputs, functions);
  return record.ok ? ok(textOf(record.value, inputs)) : record;
}

function textOf(record: EvolutionRecord.EvolutionRecord, inputs: EvolutionRecord.EvolutionInputs): string {
  const { program, safeState } = inputs;
  const document = {
    record: EvolutionRecord.hash(record),
    upgrade: {
      rulesVersion: record.rulesVersion,
      from: record.from,
      to: record.to,
      before: record.before,
      after: record.after,
      verdict: record.verdict,
      allowed: record.allowed,
      changes: record.changes.map(([path, rule, cls]) => ({ path, rule, class: cls })),
      plan: record.plan,
      certificates: Object.fromEntries(record.certificates),
      functions: record.functions,
      retired: record.retired,
      preState: record.preState ?? null,
      postState: record.postState ?? null,
      tombstones: record.tombstones,
    },
    inputs: {
      before: schemaToNode(inputs.before),
      after: schemaToNode(inputs.after),
      evidence: [...inputs.evidence].sort(([a], [b]) => (a < b ? -1 : 1)),
      retired: inputs.retired,
      // As text in text: a JSON reader would take its numbers for doubles.
      state: inputs.state === undefined ? null : stateForm(inputs.before).write(inputs.state),
      program: program === undefined ? null : [program.before, program.after],
      safeState: safeState === undefined ? null : [safeState.strategy, safeState.pending, safeState.height],
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Recomputes a record from its text. Yes: its hash. No: where it differs from what its own inputs give. */
export function verifyRecordText(
  text: string,
  functions: MigrationFunctions = noFunctions,
): Result<ContentHash.ContentHash, readonly Problem[]> {
  const wrong = (what: string, more: Partial<Problem> = {}) => err([{ code: "SCH0160" as const, what, ...more }]);
  if (text.length > STATE_CHARS_MAX) return wrong("the record is too large");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return wrong("the record is not JSON");
  }
  const inputs = readInputs(document);
  if (!inputs.ok) return wrong(inputs.error);
  const again = EvolutionRecord.of(inputs.value, functions);
  if (!again.ok) return again;
  const expected = textOf(again.value, inputs.value);
  if (expected === text) return ok(EvolutionRecord.hash(again.value));
  const at = firstDifference(JSON.parse(expected), document, "$");
  if (at === undefined)
    return wrong("the record is not in its canonical form: white space, escapes or order of keys differ");
  return wrong(`${at.path} is not what the record's own inputs give`, {
    path: at.path,
    before: show(at.got),
    after: show(at.expected),
    why: "expected is on the right; the record, or what it was computed from, was changed",
  });
}

const SHOWN_CHARS_MAX = 120;
const show = (json: unknown): string => (JSON.stringify(json) ?? "nothing").slice(0, SHOWN_CHARS_MAX);

interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

function firstDifference(expected: unknown, got: unknown, path: string): Difference | undefined {
  if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const found = firstDifference(own(expected, key), own(got, key), `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let i = 0; i < Math.max(expected.length, got.length); i++) {
      const found = firstDifference(expected[i], got[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return expected === got ? undefined : { path, expected, got };
}

const isObject = (json: unknown): json is { readonly [key: string]: unknown } =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const own = (json: { readonly [key: string]: unknown }, key: string): unknown =>
  Object.hasOwn(json, key) ? json[key] : undefined;

function readInputs(document: unknown): Result<EvolutionRecord.EvolutionInputs, string> {
  const inputs = isObject(document) ? own(document, "inputs") : undefined;
  if (!isObject(inputs)) return err("the record has no `inputs`");
  const before = readSchema(own(inputs, "before"));
  if (!before.ok) return err(`inputs.before: ${before.error}`);
  const after = readSchema(own(inputs, "after"));
  if (!after.ok) return err(`inputs.after: ${after.error}`);
  const evidence = own(inputs, "evidence");
  if (!Array.isArray(evidence) || !evidence.every(isTextPair))
    return err("inputs.evidence is not a list of pairs of texts");
  const retired = own(inputs, "retired");
  if (!isTexts(retired)) return err("inputs.retired is not a list of texts");
  const stateText = own(inputs, "state");
  if (stateText !== null && typeof stateText !== "string") return err("inputs.state is not a text");
  const state = stateText === null ? undefined : stateForm(before.value).read(stateText, "inputs.state");
  if (state?.ok === false) return err(`inputs.state: ${state.error.what}`);
  const program = own(inputs, "program");
  const hashes = isTexts(program) && program.length === 2 ? program.map(ContentHash.parse) : [];
  if (program !== null && (hashes[0] === undefined || hashes[1] === undefined)) {
    return err("inputs.program is not two content hashes");
  }
  const safe = own(inputs, "safeState");
  if (safe !== null && !isSafeState(safe)) return err("inputs.safeState is not a strategy, a hash and a height");
  return ok({
    before: before.value,
    after: after.value,
    evidence: new Map(evidence),
    retired,
    state: state?.value,
    program: program === null ? undefined : { before: hashes[0]!, after: hashes[1]! },
    safeState: safe === null ? undefined : { strategy: safe[0], pending: safe[1], height: safe[2] },
  });
}

const isText = (json: unknown): json is string => typeof json === "string" && Bytes.isWellFormed(json);
const isTexts = (json: unknown): json is string[] => Array.isArray(json) && json.every(isText);
const isTextPair = (json: unknown): json is [string, string] => isTexts(json) && json.length === 2;
const isSafeState = (json: unknown): json is [string, string, number] =>
  Array.isArray(json) &&
  json.length === 3 &&
  isText(json[0]) &&
  isText(json[1]) &&
  Number.isSafeInteger(json[2]) &&
  json[2] >= 0;

function readSchema(json: unknown): Result<Schema, string> {
  if (!isNode(json, 0)) return err("it is not a block");
  const schema = schemaFromNode(json);
  return schema.ok ? schema : err(schema.error.reason);
}

/** The part of a block's data model that JSON can hold. */
function isNode(json: unknown, depth: number): json is Node {
  if (depth > NODE_DEPTH_MAX) return false;
  if (json === null || typeof json === "boolean") return true;
  if (typeof json === "number") return Number.isSafeInteger(json) && !Object.is(json, -0);
  if (typeof json === "string") return Bytes.isWellFormed(json);
  return Array.isArray(json) && json.every((item) => isNode(item, depth + 1));
}
