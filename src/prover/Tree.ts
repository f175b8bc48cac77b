/** Committing to planar columns in the kernels' memory, and opening rows of them. */
import { Blake3, distinct, Layout } from "../verifier/index.ts";
import type { Engine } from "./Engine.ts";
import { fromMontgomery } from "./Program.ts";
import type { Columns } from "./tablePrograms.ts";
import type { Writer } from "./Writer.ts";

type Level = { readonly address: number; readonly stride: number };
type Group = {
  readonly logRows: number;
  readonly addresses: readonly number[];
  /** How many of the addresses, the last ones, are salt: words that are no Montgomery residues. */
  readonly plain: number;
};

export type Tree = {
  readonly root: Blake3.Digest;
  readonly logLeaves: number;
  readonly groups: readonly Group[];
  /** levels[log] holds 2^log digests. */
  readonly levels: readonly Level[];
};

/** Rows that a worker hashes at a time. */
const GRAIN_ROWS = 1 << 9;
const GRAIN_NODES = 1 << 11;

const level = (engine: Engine, count: number): Level => {
  const stride = 4 * Math.max(8, count);
  return { address: engine.alloc(8 * stride), stride };
};

/** `columns` gives the place in memory of each matrix of the layout; `salt` fills the words behind a row, planar. */
export async function commit(
  engine: Engine,
  layout: Layout.Tree,
  columns: (matrix: Layout.Matrix) => Columns,
  salt?: (logRows: number) => Columns,
): Promise<Tree> {
  const groups = Layout.rowGroups(layout).map((group): Group => {
    const addresses = group.matrices.flatMap((matrix) => {
      const { address, stride } = columns(matrix);
      return Array.from({ length: matrix.columns }, (_, i) => address + i * stride);
    });
    if (!layout.salted) return { logRows: group.logRows, addresses, plain: 0 };
    const { address, stride } = salt!(group.logRows);
    const salts = Array.from({ length: Layout.SALT_WORDS }, (_, i) => address + i * stride);
    return { logRows: group.logRows, addresses: [...addresses, ...salts], plain: Layout.SALT_WORDS };
  });
  return commitGroups(engine, layout.logLeaves, groups);
}

/** A tree of one matrix. */
export const commitColumns = (engine: Engine, logRows: number, columns: Columns, count: number): Promise<Tree> => {
  const addresses = Array.from({ length: count }, (_, i) => columns.address + i * columns.stride);
  return commitGroups(engine, logRows, [{ logRows, addresses, plain: 0 }]);
};

async function commitGroups(engine: Engine, logLeaves: number, groups: readonly Group[]): Promise<Tree> {
  const levels: Level[] = [];
  for (let log = logLeaves; log >= 0; log--) levels[log] = level(engine, 2 ** log);
  const mark = engine.mark();
  const hashRows = async (group: Group, to: Level): Promise<void> => {
    const { addresses } = group;
    const list = engine.alloc(4 * addresses.length);
    engine.words(list, addresses.length).set(addresses);
    const rows = 2 ** group.logRows;
    await engine.run("hashRows", rows, GRAIN_ROWS, list, addresses.length, group.plain, to.address, to.stride);
  };
  await hashRows(groups[0]!, levels[logLeaves]!);
  for (let log = logLeaves - 1; log >= 0; log--) {
    const below = levels[log + 1]!;
    const here = levels[log]!;
    const count = Math.max(4, 2 ** log);
    await engine.run("hashPairs", count, GRAIN_NODES, below.address, below.stride, here.address, here.stride);
    const joining = groups.find((group) => group.logRows === log);
    if (joining === undefined) continue;
    const rows = level(engine, 2 ** log);
    await hashRows(joining, rows);
    await engine.run("hashJoin", count, GRAIN_NODES, here.address, here.stride, rows.address, rows.stride);
  }
  engine.release(mark);
  return { logLeaves, groups, levels, root: digest(engine.memory(), levels[0]!, 0) };
}

function digest(memory: Uint32Array, of: Level, index: number): Blake3.Digest {
  const result = new Uint32Array(Blake3.DIGEST_WORDS);
  for (let w = 0; w < result.length; w++) result[w] = memory[(of.address + w * of.stride) / 4 + index]!;
  return result;
}

/** Writes the rows of the leaves (ascending, distinct) and the siblings that a reader cannot compute. */
export function open(engine: Engine, tree: Tree, leaves: readonly number[], output: Writer): void {
  const memory = engine.memory();
  for (const group of tree.groups) {
    const residues = group.addresses.length - group.plain;
    for (const index of distinct(leaves.map((leaf) => leaf >>> (tree.logLeaves - group.logRows)))) {
      for (const [i, address] of group.addresses.entries()) {
        const word = memory[address / 4 + index]!;
        output.word(i < residues ? fromMontgomery(word) : word);
      }
    }
  }
  let level = new Set(leaves);
  for (let log = tree.logLeaves; log > 0; log--) {
    const above = new Set<number>();
    for (const index of level) {
      if (above.has(index >>> 1)) continue;
      if (!level.has(index ^ 1)) output.words(digest(memory, tree.levels[log]!, index ^ 1));
      above.add(index >>> 1);
    }
    level = above;
  }
}
