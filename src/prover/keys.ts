/** The prover's side of the keys: fixed columns, extended and committed once for all segments. */
import { assert } from "../std/index.ts";
import { type Air, type FixedColumns, fixedLogHeight, Layout } from "../verifier/index.ts";
import { type Extended, extend, load } from "./columns.ts";
import { domain } from "./Domain.ts";
import type { Engine } from "./Engine.ts";
import { commit, type Tree } from "./Tree.ts";

export type FixedSide = {
  readonly trees: ReadonlyMap<string, Tree>;
  readonly columns: ReadonlyMap<string, Extended>;
};

/** Extends and commits the fixed columns; they stay in memory for all segments. */
export async function loadKeys(
  engine: Engine,
  task: { readonly machine: Air.Machine; readonly fixed: FixedColumns; readonly hiding: boolean },
): Promise<{ keys: Layout.Keys; fixed: FixedSide }> {
  const trees = new Map<string, Tree>();
  const columns = new Map<string, Extended>();
  const keys: { constants?: Layout.Key; program?: Layout.Key } = {};
  for (const group of ["constants", "program"] as const) {
    const tables = Layout.groupTables(task.machine, group);
    if (tables.length === 0) continue;
    const logHeights = tables.map((table) => {
      const given = task.fixed.get(table.name);
      assert(given?.length === table.fixed.length, `fixed columns of ${table.name}`);
      return fixedLogHeight(group, given[0]!.length, task.hiding);
    });
    const matrices: Layout.Matrix[] = tables.map((table, place) => ({
      place,
      kind: "fixed",
      columns: table.fixed.length,
      logRows: logHeights[place]! + Layout.KEY_BLOWUP_BITS,
    }));
    const roots = await domain(engine, logHeights);
    for (const [place, table] of tables.entries()) {
      const natural = await load(engine, task.fixed.get(table.name)!, table.fixed.length, logHeights[place]!);
      const bits = Layout.KEY_BLOWUP_BITS;
      columns.set(table.name, {
        natural,
        extended: await extend(engine, roots, natural, table.fixed.length, logHeights[place]!, bits),
      });
    }
    const logLeaves = Math.max(...matrices.map((matrix) => matrix.logRows));
    const layout: Layout.Tree = { name: group, matrices, salted: false, logLeaves };
    const tree = await commit(engine, layout, (matrix) => columns.get(tables[matrix.place]!.name)!.extended);
    trees.set(group, tree);
    keys[group] = { root: tree.root, logHeights };
  }
  return { keys, fixed: { trees, columns } };
}
