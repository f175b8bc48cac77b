/**
 * The verifier's key: the root of the tree over the fixed columns of a group of tables. A verifier who holds the
 * columns computes it here, in plain TypeScript; the prover's kernels give the same root.
 */
import { BabyBear, Ntt } from "../field/index.ts";
import type { FixedGroup, Machine } from "./air.ts";
import * as Blake3 from "./Blake3.ts";
import type { FixedColumns } from "./checkTrace.ts";
import {
  ceilLog2,
  groupTables,
  HIDDEN_ROWS,
  KEY_BLOWUP_BITS,
  type Key,
  MIN_HIDING_LOG_HEIGHT,
  MIN_LOG_HEIGHT,
} from "./layout.ts";

/**
 * log2 of the height that fixed columns of so many rows are padded to, with zeros. Program tables always leave room
 * for hidden rows, so that a program has one key; tables of constants have one key for each mode.
 */
export function fixedLogHeight(group: FixedGroup, rows: number, hiding: boolean): number {
  if (hiding || group === "program") return Math.max(MIN_HIDING_LOG_HEIGHT, ceilLog2(rows + HIDDEN_ROWS));
  return Math.max(MIN_LOG_HEIGHT, ceilLog2(rows));
}

/** The key of a group; undefined when the machine has no table of it. */
export function keyOf(machine: Machine, group: FixedGroup, fixed: FixedColumns, hiding: boolean): Key | undefined {
  const tables = groupTables(machine, group);
  if (tables.length === 0) return undefined;
  const logHeights: number[] = [];
  /** Rows of hashed words by log2 of their number, in order of tables. */
  const byHeight = new Map<number, Uint32Array[]>();
  for (const table of tables) {
    const columns = fixed.get(table.name)!;
    const logHeight = fixedLogHeight(group, columns[0]!.length, hiding);
    logHeights.push(logHeight);
    const log = logHeight + KEY_BLOWUP_BITS;
    const list = byHeight.get(log) ?? [];
    byHeight.set(log, list);
    for (const column of columns) {
      const padded = new Uint32Array(2 ** logHeight);
      padded.set(column);
      list.push(Ntt.bitReversed(Ntt.extend(padded, KEY_BLOWUP_BITS, BabyBear.GENERATOR)));
    }
  }
  return { root: treeRoot(byHeight), logHeights };
}

/** The root of a tree over bit-reversed columns, grouped by log2 of their length. */
export function treeRoot(byHeight: ReadonlyMap<number, readonly Uint32Array[]>): Blake3.Digest {
  const rowDigests = (log: number): Blake3.Digest[] | undefined => {
    const columns = byHeight.get(log);
    if (columns === undefined) return undefined;
    const row = new Uint32Array(columns.length);
    return Array.from({ length: 2 ** log }, (_, r) => {
      for (let c = 0; c < columns.length; c++) row[c] = columns[c]![r]!;
      return Blake3.ofWords(row);
    });
  };
  const top = Math.max(...byHeight.keys());
  let level = rowDigests(top)!;
  for (let log = top - 1; log >= 0; log--) {
    const joining = rowDigests(log);
    const below = level;
    level = Array.from({ length: 2 ** log }, (_, i) => {
      const node = Blake3.ofPair(below[2 * i]!, below[2 * i + 1]!);
      return joining === undefined ? node : Blake3.ofPair(node, joining[i]!);
    });
  }
  return level[0]!;
}
