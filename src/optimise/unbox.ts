/**
 * A loop's record or tuple of which only parts are read, and which every turn makes anew, is its parts. What building it
 * charges stays where it was built.
 *
 *     loop $1 = $0, $2 = (0, 1)                  loop $1 = $0, $7 = 0, $8 = 1
 *       …                                          …
 *       let $3 = $2.0                              let $3 = $7
 *       let $4 = $2.1                              let $4 = $8
 *       let $5 = ($4, $3)                          let $5 = ($4, $3)
 *       again($6, $5)                              again($6, $4, $3)
 */
import type { Work } from "./Pass.ts";
import type { Atom, Expression, Leaf, Loop } from "./Tree.ts";
import { mapTurns, turnsOf } from "./turns.ts";
import { countUses, nodesOf, rebuild } from "./walk.ts";

/** Larger ones stay whole: each part is a register, and a move in each turn. */
export const PARTS_MAX = 8;

type Made = Extract<Leaf, { kind: "tuple" | "record" }>;

export function unbox(work: Work, body: Expression): Expression {
  const made = new Map<number, Made>();
  for (const node of nodesOf(body))
    if (node.kind === "let" && (node.value.kind === "tuple" || node.value.kind === "record"))
      made.set(node.local, node.value);
  const uses = countUses(body, work.locals);
  const walk = (node: Expression): Expression => {
    const one = rebuild(node, (atom) => atom, walk);
    return one.kind === "loop" ? unboxed(work, made, uses, one) : one;
  };
  return walk(body);
}

/** One local of the loop at a time: another one is for the next round. */
function unboxed(work: Work, made: ReadonlyMap<number, Made>, uses: Int32Array, loop: Loop): Loop {
  for (const [at, local] of loop.locals.entries()) {
    const start = partsOf(made, loop.initial[at]!);
    if (start === undefined || start.parts.length > PARTS_MAX) continue;
    const turns = turnsOf(loop).map((turn) => partsOf(made, turn.arguments[at]!));
    if (turns.some((turn) => turn?.shape !== start.shape)) continue;
    if (readsOfParts(loop.body, local, start) !== uses[local]) continue;
    work.changes++;
    const locals = start.parts.map(() => work.locals++);
    const body = replaced(loop.body, local, start, locals);
    return {
      kind: "loop",
      locals: loop.locals.toSpliced(at, 1, ...locals),
      initial: loop.initial.toSpliced(at, 1, ...start.parts),
      body: mapTurns(body, (turn) => ({
        kind: "again",
        arguments: turn.arguments.toSpliced(at, 1, ...partsOf(made, turn.arguments[at]!)!.parts),
      })),
    };
  }
  return loop;
}

interface Parts {
  /** Equal for what has the same parts. */
  readonly shape: string;
  /** Of a record. */
  readonly names: readonly string[] | undefined;
  readonly parts: readonly Atom[];
}

function partsOf(made: ReadonlyMap<number, Made>, atom: Atom): Parts | undefined {
  if (atom.kind === "literal") {
    const { value } = atom;
    if (typeof value !== "object" || (value.tag !== "tuple" && value.tag !== "record")) return undefined;
    const values = value.tag === "tuple" ? value.items : value.values;
    const parts = values.map((one): Atom => ({ kind: "literal", value: one }));
    return partsIn(value.tag === "record" ? value.names : undefined, parts);
  }
  const node = atom.kind === "local" ? made.get(atom.index) : undefined;
  if (node === undefined) return undefined;
  return node.kind === "tuple" ? partsIn(undefined, node.items) : partsIn(node.names, node.values);
}

const partsIn = (names: readonly string[] | undefined, parts: readonly Atom[]): Parts => ({
  shape: JSON.stringify(names ?? parts.length),
  names,
  parts,
});

/** The part that a node reads of the local; −1 when it does something else. */
function partRead(node: Expression, local: number, { names, parts: { length: count } }: Parts): number {
  if (node.kind === "field" && node.record.kind === "local" && node.record.index === local)
    return names?.indexOf(node.name) ?? -1;
  if (node.kind === "item" && node.tuple.kind === "local" && node.tuple.index === local)
    return names === undefined && node.index < count ? node.index : -1;
  return -1;
}

function readsOfParts(body: Expression, local: number, of: Parts): number {
  let count = 0;
  for (const node of nodesOf(body)) if (partRead(node, local, of) >= 0) count++;
  return count;
}

function replaced(body: Expression, local: number, of: Parts, locals: readonly number[]): Expression {
  const walk = (node: Expression): Expression => {
    const part = partRead(node, local, of);
    if (part < 0) return rebuild(node, (atom) => atom, walk);
    return { kind: "atom", atom: { kind: "local", index: locals[part]! } };
  };
  return walk(body);
}
