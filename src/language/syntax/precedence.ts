/** How tightly operators bind: one table for the parser and the printer. */
import { T, type TokenKind } from "./Token.ts";
import type { BinaryOp } from "./Tree.ts";

/** Loose to tight. Operators of one level group to the left; comparisons do not chain. */
export const precedence: ReadonlyMap<TokenKind, readonly [level: number, op: BinaryOp]> = new Map([
  [T.sequence, [1, ">>"]],
  [T.both, [2, "<|>"]],
  [T.orElse, [3, "<|"]],
  [T.into, [4, "|>"]],
  [T.or, [5, "||"]],
  [T.and, [6, "&&"]],
  [T.same, [7, "=="]],
  [T.different, [7, "!="]],
  [T.less, [8, "<"]],
  [T.lessEqual, [8, "<="]],
  [T.greater, [8, ">"]],
  [T.greaterEqual, [8, ">="]],
  [T.plus, [9, "+"]],
  [T.minus, [9, "-"]],
  [T.times, [10, "*"]],
  [T.divide, [10, "/"]],
  [T.remainder, [10, "%"]],
] as const);

/** `matches` binds like a comparison. */
export const MATCHES_LEVEL = 8;

/** By kind of token, 0 for what is no operator. */
export const levels = new Uint8Array(256);
export const ops: BinaryOp[] = [];
for (const [kind, [level, op]] of precedence) {
  levels[kind] = level;
  ops[kind] = op;
}
levels[T.matches] = MATCHES_LEVEL;

export const isComparison = (level: number): boolean => level === 7 || level === 8;

const levelsByOp = new Map<BinaryOp, number>([...precedence.values()].map(([level, op]) => [op, level]));
export const levelOf = (op: BinaryOp): number => levelsByOp.get(op)!;
