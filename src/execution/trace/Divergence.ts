/** What a replay says when it does not do what the trace says: where, what on either side, and why as far as hashes tell. */
import { type ContentHash, ContentHash as Hash, show, type Value } from "../../content/index.ts";
import type { CallFrame } from "../machine/Machine.ts";
import type { Difference } from "./diff.ts";
import { type Entry, headline } from "./Trace.ts";

export interface Divergence {
  /** Number of the event, from 0, and how many the trace has. */
  readonly event: number;
  readonly of: number;
  readonly reason: string;
  /** The two sides, one line each. */
  readonly recorded: string;
  readonly attempted: string;
  readonly differences: readonly Difference[];
  readonly callStack: readonly CallFrame[];
  /** The events before, which agreed; at most five, the last one last. */
  readonly agreeing: readonly string[];
  readonly cause: Cause;
  readonly next: readonly string[];
}

export type Cause =
  /** Another definition was run than the one recorded. */
  | {
      readonly kind: "CodeChanged";
      readonly recorded: ContentHash.ContentHash;
      readonly attempted: ContentHash.ContentHash;
      /** Definitions that only one of the two depends on. */
      readonly onlyRecorded: readonly ContentHash.ContentHash[];
      readonly onlyAttempted: readonly ContentHash.ContentHash[];
    }
  | { readonly kind: "ExecutorDiffers"; readonly recorded: string; readonly attempted: string }
  | { readonly kind: "GrantsDiffer"; readonly recorded: string; readonly attempted: string }
  /** Code, executor and grants are the same: the events were changed, or a host answered otherwise than it recorded. */
  | { readonly kind: "JournalOrHost" };

export function showCause(cause: Cause): string {
  switch (cause.kind) {
    case "CodeChanged": {
      const names = (hashes: readonly ContentHash.ContentHash[]) =>
        hashes
          .slice(0, 5)
          .map((hash) => `#${Hash.short(hash)}…`)
          .join(", ");
      return `the code differs: ${names(cause.onlyRecorded)} was recorded, ${names(cause.onlyAttempted)} was run`;
    }
    case "ExecutorDiffers":
      return `the executor differs: ${cause.recorded} recorded, ${cause.attempted} replayed`;
    case "GrantsDiffer":
      return `the grant differs: ${cause.recorded} recorded, ${cause.attempted} replayed`;
    case "JournalOrHost":
      return "code, executor and grant are the same, so the trace was changed after the run, or its host did not record what it answered";
  }
}

export function nextSteps(cause: Cause, trace: ContentHash.ContentHash): readonly string[] {
  switch (cause.kind) {
    case "CodeChanged":
      return [`tb replay ${trace}   replays the code that was recorded`, "tb view #HASH        shows a definition"];
    case "ExecutorDiffers":
      return [`replay with time-bandits ${cause.recorded}`];
    case "GrantsDiffer":
      return ["replay with the grant that was recorded"];
    case "JournalOrHost":
      return [
        `tb trace ${trace}   lists the events`,
        "compare this trace's address with the one in the program's log: if they differ, it is another trace",
      ];
  }
}

/** Several lines for people. */
export function showDivergence(divergence: Divergence): string {
  const lines = [
    `diverged at event ${divergence.event} of ${divergence.of}: ${divergence.reason}`,
    `  recorded   ${divergence.recorded}`,
    `  attempted  ${divergence.attempted}`,
  ];
  for (const { path, recorded, attempted } of divergence.differences)
    lines.push(
      `    ${path}: ${recorded === undefined ? "nothing" : show(recorded)} → ${attempted === undefined ? "nothing" : show(attempted)}`,
    );
  if (divergence.callStack.length > 0) {
    lines.push("  in");
    for (const frame of divergence.callStack.slice(0, 5))
      lines.push(`    ${frame.frameName}(${frame.frameArguments.map(shortly).join(", ")})`);
  }
  if (divergence.agreeing.length > 0) {
    lines.push("  events that agree");
    for (const line of divergence.agreeing) lines.push(`    ${line}`);
  }
  lines.push(`  cause  ${showCause(divergence.cause)}`);
  for (const step of divergence.next) lines.push(`  next   ${step}`);
  return lines.join("\n");
}

const SHOWN_CHARS_MAX = 60;

export function shortly(value: Value.Value): string {
  const text = show(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX - 1)}…` : text;
}

const AGREEING_MAX = 5;

export const agreeingBefore = (entries: readonly Entry[], event: number): readonly string[] =>
  entries
    .slice(Math.max(0, event - AGREEING_MAX), event)
    .map((entry, i) => `${Math.max(0, event - AGREEING_MAX) + i}  ${headline(entry.event)}`);
