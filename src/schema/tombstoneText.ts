/** Tombstones as a file beside a state: readable, and exact through the block of each value. */
import { ContentHash, decodeValue, encodeValue, show } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import type { Problem } from "./Problem.ts";
import { STATE_CHARS_MAX } from "./state.ts";
import * as Tombstone from "./Tombstone.ts";

export interface TombstoneFile {
  /** Hash of the plan, or of the fused plans, that took the values away. */
  readonly plan: ContentHash.ContentHash;
  readonly tombstones: readonly Tombstone.Tombstone[];
}

export function tombstonesToText(file: TombstoneFile): string {
  const document = {
    plan: file.plan,
    tombstones: file.tombstones.map((t) => ({
      hash: Tombstone.hash(t, file.plan),
      step: t.step,
      path: t.path,
      shown: show(t.value),
      value: `0x${Bytes.toHex(encodeValue(t.value))}`,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Refuses a file in which a value, a path or a step is not what its hash says. */
export function tombstonesFromText(text: string, file: string): Result<TombstoneFile, Problem> {
  const wrong = (what: string) => err({ code: "SCH0161" as const, what: `${file}: ${what}` });
  if (text.length > STATE_CHARS_MAX) return wrong("the file is too large");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return wrong("it is not JSON");
  }
  const parts = document as { readonly plan?: unknown; readonly tombstones?: unknown } | null;
  const plan = typeof parts?.plan === "string" ? ContentHash.parse(parts.plan) : undefined;
  if (plan === undefined || !Array.isArray(parts?.tombstones)) return wrong("it needs `plan` and `tombstones`");
  const tombstones: Tombstone.Tombstone[] = [];
  for (const [i, item] of parts.tombstones.entries()) {
    const { hash, step, path, value } = (item ?? {}) as { readonly [key: string]: unknown };
    const bytes = typeof value === "string" ? Bytes.fromHex(value) : undefined;
    const decoded = bytes === undefined ? undefined : decodeValue(bytes);
    if (typeof path !== "string" || !Bytes.isWellFormed(path) || !Number.isSafeInteger(step) || decoded?.ok !== true) {
      return wrong(`tombstone ${i} is malformed`);
    }
    const tombstone = { step: step as number, path, value: decoded.value };
    if (Tombstone.hash(tombstone, plan) !== hash) return wrong(`tombstone ${i} is not what its hash says`);
    tombstones.push(tombstone);
  }
  return ok({ plan, tombstones });
}
