/** The values of watch lines: `> expr`, worked out in memory. */
import type { AddressedUnit } from "../../../src/code/index.ts";
import { attempt, type Limits, type Store } from "../../../src/execution/index.ts";
import { type Checked, type Inspect, showInferredValue, type Tree } from "../../../src/language/index.ts";
import { libraryOf } from "./evaluate.ts";

/** A moment of computing: a longer answer is asked for with `tb eval`. */
const WATCH_LIMITS: Limits = { fuel: 50_000_000, memoryBytes: 2 ** 28 };

export interface Watch {
  readonly file: string;
  readonly span: Tree.Span;
  /** A value as text, or why there is none. */
  readonly shown: string;
  readonly failed: boolean;
}

export type WatchLine = Inspect.TypedDefinition;

/** Watch lines of these files, in the order of files and lines. */
export const watchLinesOf = ({ typed }: Checked, isAsked: (file: string) => boolean): readonly WatchLine[] =>
  [...typed.functions.values()]
    .filter((one) => /(^|\.)> \d+/.test(one.name) && isAsked(one.file))
    .sort((a, b) => (a.file === b.file ? a.span.start - b.span.start : a.file < b.file ? -1 : 1));

/** `undefined` where the line, or what it uses, is not in the unit. */
export function watch(line: WatchLine, unit: AddressedUnit, codebase?: Store): Watch | undefined {
  const hash = unit.definitions.get(line.name);
  if (hash === undefined) return undefined;
  const { file, span } = line;
  const found = attempt(libraryOf(unit, codebase), hash, [], WATCH_LIMITS);
  if (found.failure === undefined)
    return { file, span, shown: showInferredValue(found.value, line.result), failed: false };
  const { code, message } = found.failure;
  if (code === "UnknownHash") return undefined;
  return { file, span, shown: message === "" ? code : `${code}: ${message}`, failed: true };
}
