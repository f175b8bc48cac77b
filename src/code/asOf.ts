/** The codebase as it was: the names and words that held after a change. Code never changes. */
import type { ContentHash } from "../content/index.ts";
import { Value } from "../content/index.ts";
import type { CodebaseReads, NameChange } from "./Codebase.ts";

/**
 * Reads as they were after change number `sequence`. Reading one name costs as much as now; listing names reads the
 * history up to then, once.
 */
export function asOf(reads: CodebaseReads, sequence: number): CodebaseReads {
  let all: readonly (readonly [string, ContentHash.ContentHash])[] | undefined;
  const listed = () => {
    if (all !== undefined) return all;
    const names = new Map<string, ContentHash.ContentHash>();
    for (const change of reads.nameHistory()) {
      if (change.sequence > sequence) break;
      if (change.new === undefined) names.delete(change.name);
      else names.set(change.name, change.new);
    }
    all = [...names].sort((a, b) => Value.compareText(a[0], b[0]));
    return all;
  };
  return {
    blocks: reads.blocks,
    dependents: reads.dependents,
    typing: reads.typing,
    blockSizes: reads.blockSizes,
    shapes: reads.shapes,
    ofShape: reads.ofShape,
    namesEver: reads.namesEver,
    replaced: () =>
      reads
        .replaced()
        .filter(([hash, name]) =>
          reads.nameHistory(name).some((change) => change.sequence <= sequence && change.old === hash),
        ),
    name: (name) => reads.nameAt(name, sequence),
    nameAt: (name, at) => reads.nameAt(name, Math.min(at, sequence)),
    names: (prefix) => listed().filter(([name]) => name.startsWith(prefix)),
    nameHistory(name, last) {
      const then = reads.nameHistory(name).filter((change) => change.sequence <= sequence);
      return last === undefined ? then : then.slice(Math.max(0, then.length - last));
    },
  };
}

/** The last change that was made up to `time` (milliseconds since 1970); undefined when there was none yet. */
export function lastChangeAt(reads: CodebaseReads, time: number): NameChange | undefined {
  // Newest first in growing pieces: what people ask for is mostly recent.
  for (let last = 256; ; last *= 8) {
    const changes = reads.nameHistory(undefined, last);
    const found = changes.findLast((change) => change.time <= time);
    if (found !== undefined || changes.length < last) return found;
  }
}
