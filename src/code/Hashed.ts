/**
 * The hashed form of code: what a definition's address is the address of. Types of its own, so that no change of the
 * compiler's trees can move a hash by accident. Normative text with vectors: docs/spec/code.md.
 *
 * It is Core without names, docs, spans and inferred types: locals by number, definitions by link or, inside a recursive
 * component, by member number; names sorted wherever their order has no meaning. Every form is a block node, so encoding
 * is the canonical encoding of `content`.
 *
 *     fn double(x: Int) -> Int { x + x }
 *     [2, 1, [[0, 1, 0, [5, [[0, "Int"]], [0, "Int"], [], null], [4, "int.add", 1, 0, 0]]]]
 *      │  │    │  │  │  └ signature                                └ builtin, its semantics version, atoms $0 $0
 *      │  │    │  │  └ captured                 (kind 2 = component, format 1, one definition)
 *      │  │    │  └ parameters
 *      │  │    └ function
 *      component, format
 */
import type { Link, Node } from "../content/index.ts";

/** A link, or the number of a member of the same component. */
export type Ref = Link | number;

export const AtomTag = { literal: 0, function: 1 } as const;

/** A bare number is a local. A literal holds a value node of `content`. */
export type Atom = number | readonly [typeof AtomTag.literal, Node] | readonly [typeof AtomTag.function, Ref];

export const ExpressionTag = {
  atom: 0,
  /** `let` and `if` in tail position, flattened: the body of a let and the else of an if are what follows. */
  block: 1,
  call: 2,
  apply: 3,
  builtin: 4,
  closure: 5,
  tuple: 6,
  list: 7,
  map: 8,
  record: 9,
  variant: 10,
  field: 11,
  item: 12,
  switch: 13,
  return: 14,
  fault: 15,
  perform: 16,
  stateGet: 17,
  stateSet: 18,
  within: 19,
  wait: 20,
  par: 21,
  race: 22,
  with: 23,
  abort: 24,
  entry: 25,
  /** Only as a step of a block: `[26, condition, then]`; the steps after it are its else. */
  branch: 26,
} as const;

type E = typeof ExpressionTag;

export type Expression =
  | readonly [E["atom"], Atom]
  /** At least one step, then the tail, which is neither a block nor a branch. A step that is no branch binds a local. */
  | readonly [E["block"], ...Step[], Expression]
  | readonly [E["call"], Ref, ...Atom[]]
  | readonly [E["apply"], Atom, ...Atom[]]
  | readonly [E["builtin"], string, number, ...Atom[]]
  | readonly [E["closure"], Ref, ...Atom[]]
  | readonly [E["tuple"], ...Atom[]]
  | readonly [E["list"], ...Atom[]]
  /** Key, value, key, value … in the order of evaluation. */
  | readonly [E["map"], ...Atom[]]
  /** Name, atom, name, atom …, names ascending by code point. */
  | readonly [E["record"], ...(string | Atom)[]]
  | readonly [E["variant"], string]
  | readonly [E["variant"], string, Atom]
  | readonly [E["field"], Atom, string]
  | readonly [E["item"], Atom, number]
  /** Subject, otherwise or null, then cases; a case that binds its payload says true. */
  | readonly [E["switch"], Atom, Expression | null, ...(readonly [string, boolean, Expression])[]]
  | readonly [E["return"], Atom]
  | readonly [E["fault"], string, Atom]
  /** Row label, operation, atoms. */
  | readonly [E["perform"], string, string, ...Atom[]]
  | readonly [E["stateGet"], string]
  | readonly [E["stateSet"], string, Atom]
  | readonly [E["within"], Atom, Expression, Expression]
  /** 0 = after a duration, 1 = at an instant. */
  | readonly [E["wait"], 0 | 1, Atom]
  /** Name, branch, name, branch … in the order of the source. */
  | readonly [E["par"], ...(string | Atom)[]]
  | readonly [E["race"], ...Atom[]]
  | readonly [E["with"], Atom, Expression]
  | readonly [E["abort"], Atom]
  | readonly [E["entry"], Ref, string, ...Atom[]];

export type Step = Expression | readonly [E["branch"], Atom, Expression];

export const TypeTag = { builtin: 0, declared: 1, variable: 2, tuple: 3, record: 4, function: 5 } as const;

type T = typeof TypeTag;

export type Type =
  | readonly [T["builtin"], string, ...Type[]]
  | readonly [T["declared"], Ref, ...Type[]]
  | readonly [T["variable"], number]
  | readonly [T["tuple"], ...Type[]]
  /** Name, type, name, type …, names ascending by code point. */
  | readonly [T["record"], ...(string | Type)[]]
  | FunctionType;

/** Parameters, result, effect labels ascending, row variable or null. */
export type FunctionType = readonly [T["function"], readonly Type[], Type, readonly string[], number | null];

/** A name and its type, in the order in which a caller may write arguments. */
export type Field = readonly [string, Type];

export const DefinitionTag = {
  function: 0,
  lambda: 1,
  test: 2,
  prop: 3,
  value: 4,
  record: 5,
  sum: 6,
  fact: 7,
  action: 8,
  event: 9,
  operation: 10,
  program: 11,
} as const;

type D = typeof DefinitionTag;

export type Definition =
  /** Parameters, captured, written signature or null, body. */
  | readonly [D["function" | "lambda" | "test" | "prop" | "value"], number, number, FunctionType | null, Expression]
  /** Type parameters, fields. Types are structural: their own name is not part of them. */
  | readonly [D["record"], number, ...Field[]]
  | readonly [D["sum"], number, ...(readonly [string, ...Field[]])[]]
  /** The declared name, which is what an adapter is asked for, then parameters and result. */
  | readonly [D["fact" | "action" | "event" | "operation"], string, readonly Field[], Type]
  | Program;

/** State, entries and migrations ascending by name; triggers in the order of the source; handshake or null. */
export type Program = readonly [
  D["program"],
  readonly StateField[],
  readonly Entry[],
  readonly Trigger[],
  Ref | null,
  readonly Migration[],
];

export type StateField = readonly [string, Type, Ref | null];

/** Name, function, parameters, result, effect labels ascending, exclusive. */
export type Entry = readonly [string, Ref, readonly Field[], Type, readonly string[], boolean];

export const TriggerTag = { every: 0, at: 1, fact: 2 } as const;

/** A time, or a timeline and a fact; then the entry and its arguments as value nodes. */
export type Trigger =
  | readonly [typeof TriggerTag.every | typeof TriggerTag.at, Node, string, readonly Node[]]
  | readonly [typeof TriggerTag.fact, string, Node, string, readonly Node[]];

/** From version, to version, function. */
export type Migration = readonly [string, string, Ref];

/** Longest chain of lets and elses, counted along one path: Core nests where a block is flat. */
export const CHAIN_STEPS_MAX = 20_000;
export const COMPONENT_MEMBERS_MAX = 4096;
export const PARAMETERS_MAX = 255;
