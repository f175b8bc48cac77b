/** The values of watch lines, shown behind them: by the hash of the line, so that one is worked out once until it changes. */
import { addressUnit } from "../../../src/code/index.ts";
import type { Analysis, Inlay } from "../../../src/editor/index.ts";
import type { Tree } from "../../../src/language/index.ts";
import { type Watch, type WatchLine, watch, watchLinesOf } from "../node/watches.ts";

/** Longer values are shown by `tb watch`. */
const SHOWN_MAX = 100;
/** More than anyone looks at; the values of lines that are gone are forgotten with all others. */
const KEPT_MAX = 10_000;

export function watcher(): (analysis: Analysis, file: string, range: Tree.Span) => readonly Inlay[] {
  const known = new Map<string, Watch | undefined>();
  const workOut = (analysis: Analysis, line: WatchLine): Watch | undefined => {
    const hash = analysis.hashOf(line.name);
    if (hash === undefined) return undefined;
    if (!known.has(hash)) {
      if (known.size >= KEPT_MAX) known.clear();
      known.set(hash, watch(line, addressUnit(analysis.codeOf(line.name)!)));
    }
    return known.get(hash);
  };
  return (analysis, file, range) =>
    watchLinesOf(analysis.checked, (one) => one === file).flatMap((line) => {
      if (line.span.end < range.start || line.span.start > range.end) return [];
      const found = workOut(analysis, line);
      if (found === undefined) return [];
      const { shown, failed } = found;
      const text = shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown;
      return [{ offset: line.span.end, text: failed ? ` ✗ ${text}` : ` = ${text}`, kind: "value" as const }];
    });
}
