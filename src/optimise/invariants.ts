/**
 * A loop's local that every turn hands on as it is, is what it was at first; and what asks nothing but such things at the
 * start of every turn is asked once, before the first one, when it charges nothing by itself.
 *
 *     loop $3 = $0, $4 = 0                       let $5 = %list.length($0)
 *       let $5 = %list.length($3)                loop $4 = 0
 *       let $6 = %int.lessOrEqual($5, $4)          let $6 = %int.lessOrEqual($5, $4)
 *       …                                          …
 *       again($3, $7)                              again($7)
 *
 * The first turn asks it anyway, so a fault stays a fault.
 */
import { isFree, type Work } from "./Pass.ts";
import type { Atom, Expression, Loop } from "./Tree.ts";
import { mapTurns, turnsOf } from "./turns.ts";
import { atomsOf, rebuild, substitute } from "./walk.ts";

export function invariants(work: Work, body: Expression): Expression {
  const walk = (node: Expression): Expression => {
    const one = rebuild(node, (atom) => atom, walk);
    return one.kind === "loop" ? hoisted(work, constantLocals(work, one)) : one;
  };
  return walk(body);
}

const isSame = (a: Atom, b: Atom): boolean => a.kind === "local" && b.kind === "local" && a.index === b.index;

function constantLocals(work: Work, loop: Loop): Loop {
  const turns = turnsOf(loop);
  const constant = loop.locals.map((local, i) =>
    turns.every(({ arguments: next }) => isSame(next[i]!, { kind: "local", index: local })),
  );
  if (!constant.includes(true)) return loop;
  work.changes++;
  const changing = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => !constant[i]);
  const known = new Map(loop.locals.flatMap((local, i) => (constant[i] ? [[local, loop.initial[i]!] as const] : [])));
  const body = mapTurns(loop.body, (again) => ({ kind: "again", arguments: changing(again.arguments) }));
  return {
    kind: "loop",
    locals: changing(loop.locals),
    initial: changing(loop.initial),
    body: substitute(body, known),
  };
}

/** Takes out the lets at the start of a turn that depend on nothing in it. */
function hoisted(work: Work, loop: Loop): Expression {
  const own = new Set(loop.locals);
  const taken: { readonly local: number; readonly value: Expression }[] = [];
  const start = (node: Expression): Expression => {
    if (node.kind === "charge") return { ...node, body: start(node.body) };
    if (node.kind !== "let") return node;
    const { local, value } = node;
    if (value.kind !== "builtin") return node;
    const isFixed = atomsOf(value).every((atom) => atom.kind !== "local" || !own.has(atom.index));
    if (isFixed && isFree(work, value.name)) {
      taken.push({ local, value });
      return start(node.body);
    }
    own.add(local);
    return { ...node, body: start(node.body) };
  };
  const body = start(loop.body);
  if (taken.length === 0) return loop;
  work.changes++;
  return taken.reduceRight<Expression>((rest, one) => ({ kind: "let", ...one, body: rest }), { ...loop, body });
}
