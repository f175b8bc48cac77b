/**
 * The language in which the tables of a provable machine are written.
 *
 * A table is a matrix over BabyBear: named main columns that the prover fills, fixed columns that the verifier's key
 * binds, constraints of degree ≤ 3 that must be zero on every row, and messages that rows send to and receive from
 * buses. A bus is balanced when every tuple is sent as often as it is received, over all tables, all segments and the
 * verifier's own public messages. This one description gives the row checker (`checkTrace`), the verifier's evaluator
 * and the prover's wasm evaluator.
 *
 * ```ts
 * const state = bus("state", "pc", "time");
 * const range8 = bus("range8", "value");
 *
 * export const Increment = defineTable("increment", (t) => {
 *   const active = t.bit("active");                   // a column, constrained to 0 or 1
 *   const pc = t.column("pc");
 *   const time = t.column("time");
 *   const a = t.bytes("a", 4, range8, active);        // four columns a.0 … a.3, each looked up in range8 when active
 *   t.zero("the low byte is even", mul(active, a[0], sub(a[0], 2)));
 *   t.receive(state, active, [pc, time]);             // multiplicity first; tuple in the bus's field order
 *   t.send(state, active, [add(pc, 4), add(time, 1)]);
 *   return { active, pc, time, a };                   // handles for the witness: Increment.at.pc.index
 * });
 *
 * export const Range8 = defineTable("range8", (t) => {
 *   const value = t.fixed("value");                   // fixed column: known to the verifier
 *   const count = t.column("count");                  // how often the value was looked up
 *   t.receive(range8, count, [value]);
 *   return { value, count };
 * }, { fixed: "constants", logHeight: 8 });
 * ```
 *
 * Rules that the author of a table must keep:
 * - A row of zeros must satisfy every constraint and have only multiplicities 0: the engine pads with such rows.
 * - Rows live on a cycle: `next(column)` reads the row below and may be used only in `t.step` constraints, which hold
 *   on all rows but the last. `t.first` and `t.last` constraints (degree ≤ 2) hold on that row alone. Needing none of
 *   the three keeps the order of rows free and the proof smaller. The witness of a table that uses `t.step` or `t.last`
 *   is padded at the end like any other, so those constraints must hold across the zero rows too.
 * - Everything is modulo p = 2^31 − 2^27 + 1, multiplicities included; the verifier bounds the number of messages so
 *   that true counts cannot wrap. A multiplicity that stands for a flag must be constrained to be one.
 * - Nothing bounds a main column but what you constrain: look bytes up, and bound the top limb of a 32-bit word when
 *   you recompose it.
 */

import { BabyBear } from "../field/index.ts";
import { assert } from "../std/index.ts";

/** Constraints, messages included, have at most this degree, so the quotient has two pieces of the table's height. */
export const MAX_DEGREE = 3;

export type Expr =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "main"; readonly index: number; readonly next: boolean; readonly name: string }
  | { readonly kind: "fixed"; readonly index: number; readonly next: boolean; readonly name: string }
  | { readonly kind: "public"; readonly index: number }
  | { readonly kind: "add"; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "sub"; readonly left: Expr; readonly right: Expr }
  | { readonly kind: "mul"; readonly left: Expr; readonly right: Expr };

export type MainColumn = Extract<Expr, { kind: "main" }>;
export type FixedColumn = Extract<Expr, { kind: "fixed" }>;
export type Term = Expr | number;

const lift = (term: Term): Expr => (typeof term === "number" ? constant(term) : term);

/** A constant; negative integers are brought into the field. */
export const constant = (value: number): Expr => ({ kind: "constant", value: BabyBear.of(value) });

/** A scalar that the statement fixes, by its index in the machine's list of publics. */
export const publicValue = (index: number): Expr => ({ kind: "public", index });

/** The same column on the next row; only in `t.step` constraints. */
export const next = <C extends MainColumn | FixedColumn>(column: C): C => ({ ...column, next: true });

export const add = (...terms: readonly Term[]): Expr => fold("add", 0, terms);
export const mul = (...factors: readonly Term[]): Expr => fold("mul", 1, factors);
export const sub = (left: Term, right: Term): Expr => ({ kind: "sub", left: lift(left), right: lift(right) });
/** 1 − bit. */
export const not = (bit: Term): Expr => sub(1, bit);
/** Σ digitᵢ · baseⁱ, lowest digit first. */
export const compose = (digits: readonly Term[], base: number): Expr => {
  let weight = 1;
  const terms = digits.map((digit) => {
    const term = weight === 1 ? lift(digit) : mul(digit, weight);
    weight = BabyBear.mul(weight, base);
    return term;
  });
  return add(...terms);
};

function fold(kind: "add" | "mul", unit: number, terms: readonly Term[]): Expr {
  if (terms.length === 0) return constant(unit);
  return terms.map(lift).reduce((left, right) => ({ kind, left, right }));
}

export function degree(expr: Expr): number {
  switch (expr.kind) {
    case "constant":
    case "public":
      return 0;
    case "main":
    case "fixed":
      return 1;
    case "mul":
      return degree(expr.left) + degree(expr.right);
    case "add":
    case "sub":
      return Math.max(degree(expr.left), degree(expr.right));
  }
}

/** A named channel with named tuple fields. Buses are compared by name within a machine. */
export type Bus = { readonly name: string; readonly fields: readonly string[] };
export const bus = (name: string, ...fields: readonly string[]): Bus => ({ name, fields });

/** Where a constraint holds: on every row, on all but the last (and it may read the next), on the first, on the last. */
export type When = "always" | "step" | "first" | "last";
export type Constraint = { readonly name: string; readonly when: When; readonly expr: Expr };
export type Interaction = {
  readonly bus: Bus;
  /** +1 for a sent message, −1 for a received one. */
  readonly sign: 1 | -1;
  readonly multiplicity: Expr;
  readonly tuple: readonly Expr[];
};

/** Who knows the fixed columns: they are the same for every program, or a function of the program's image. */
export type FixedGroup = "constants" | "program";

export type Table<At = unknown> = {
  readonly name: string;
  readonly main: readonly string[];
  readonly fixed: readonly string[];
  readonly fixedGroup: FixedGroup | undefined;
  /** log2 of the height of a table of constants; the height of a program table is bound by the program's key. */
  readonly logHeight: number | undefined;
  readonly constraints: readonly Constraint[];
  readonly interactions: readonly Interaction[];
  /** True when some constraint reads the next row. */
  readonly usesNext: boolean;
  /** The column handles that the definition returned. */
  readonly at: At;
};

export type TableBuilder = {
  column(name: string): MainColumn;
  columns(name: string, count: number): readonly MainColumn[];
  /** A column constrained to 0 or 1. */
  bit(name: string): MainColumn;
  bits(name: string, count: number): readonly MainColumn[];
  /** Columns whose every cell is sent, alone, to the given lookup bus `when` times. */
  bytes(name: string, count: number, range: Bus, when: Term): readonly MainColumn[];
  fixed(name: string): FixedColumn;
  fixedColumns(name: string, count: number): readonly FixedColumn[];
  /** On every row the expression is 0. */
  zero(name: string, expr: Term): void;
  /** On every row the two are equal. */
  equal(name: string, left: Term, right: Term): void;
  /** On every row the expression is 0 or 1. */
  boolean(name: string, expr: Term): void;
  /** On every row but the last; may use `next`. */
  step(name: string, expr: Term): void;
  first(name: string, expr: Term): void;
  last(name: string, expr: Term): void;
  send(bus: Bus, multiplicity: Term, tuple: readonly Term[]): void;
  receive(bus: Bus, multiplicity: Term, tuple: readonly Term[]): void;
};

/** Builds a table; a degree, name or arity that is out of bounds is a bug of its author and throws. */
export function defineTable<At>(
  name: string,
  build: (t: TableBuilder) => At,
  options: { readonly fixed?: FixedGroup; readonly logHeight?: number } = {},
): Table<At> {
  const main: string[] = [];
  const fixed: string[] = [];
  const constraints: Constraint[] = [];
  const interactions: Interaction[] = [];
  const fail = (what: string): never => {
    throw new Error(`internal error: table ${name}: ${what}`);
  };
  const fresh = (column: string): void => {
    if (main.includes(column) || fixed.includes(column)) fail(`two columns named ${column}`);
  };
  const constrain = (when: When, what: string, term: Term): void => {
    const expr = lift(term);
    if (degree(expr) > (when === "first" || when === "last" ? MAX_DEGREE - 1 : MAX_DEGREE)) {
      fail(`constraint "${what}" has degree ${degree(expr)}`);
    }
    if (when !== "step" && readsNext(expr)) fail(`constraint "${what}" reads the next row outside of step`);
    constraints.push({ name: what, when, expr });
  };
  const interact = (sign: 1 | -1, to: Bus, multiplicity: Term, tuple: readonly Term[]): void => {
    if (tuple.length !== to.fields.length) fail(`bus ${to.name} has ${to.fields.length} fields, got ${tuple.length}`);
    const interaction = { bus: to, sign, multiplicity: lift(multiplicity), tuple: tuple.map(lift) };
    const parts = [interaction.multiplicity, ...interaction.tuple];
    if (parts.some(readsNext)) fail(`a message to ${to.name} reads the next row`);
    if (
      degree(interaction.multiplicity) > MAX_DEGREE ||
      Math.max(0, ...interaction.tuple.map(degree)) > MAX_DEGREE - 1
    ) {
      fail(`a message to ${to.name} has too high a degree`);
    }
    interactions.push(interaction);
  };
  const t: TableBuilder = {
    column(column) {
      fresh(column);
      main.push(column);
      return { kind: "main", index: main.length - 1, next: false, name: column };
    },
    columns: (column, count) => Array.from({ length: count }, (_, i) => t.column(`${column}.${i}`)),
    bit(column) {
      const bit = t.column(column);
      t.boolean(`${column} is 0 or 1`, bit);
      return bit;
    },
    bits: (column, count) => Array.from({ length: count }, (_, i) => t.bit(`${column}.${i}`)),
    bytes(column, count, range, when) {
      const bytes = t.columns(column, count);
      for (const byte of bytes) t.send(range, when, [byte]);
      return bytes;
    },
    fixed(column) {
      if (options.fixed === undefined) fail(`fixed column ${column} in a table of no fixed group`);
      fresh(column);
      fixed.push(column);
      return { kind: "fixed", index: fixed.length - 1, next: false, name: column };
    },
    fixedColumns: (column, count) => Array.from({ length: count }, (_, i) => t.fixed(`${column}.${i}`)),
    zero: (what, expr) => constrain("always", what, expr),
    equal: (what, left, right) => constrain("always", what, sub(left, right)),
    boolean: (what, expr) => constrain("always", what, mul(expr, sub(expr, 1))),
    step: (what, expr) => constrain("step", what, expr),
    first: (what, expr) => constrain("first", what, expr),
    last: (what, expr) => constrain("last", what, expr),
    send: (to, multiplicity, tuple) => interact(1, to, multiplicity, tuple),
    receive: (to, multiplicity, tuple) => interact(-1, to, multiplicity, tuple),
  };
  const at = build(t);
  if (main.length === 0) fail("no main column");
  if (options.fixed === "constants" && options.logHeight === undefined) fail("a table of constants has no height");
  return {
    name,
    main,
    fixed,
    fixedGroup: options.fixed,
    logHeight: options.logHeight,
    constraints,
    interactions,
    usesNext: constraints.some((constraint) => readsNext(constraint.expr)),
    at,
  };
}

function readsNext(expr: Expr): boolean {
  switch (expr.kind) {
    case "main":
    case "fixed":
      return expr.next;
    case "add":
    case "sub":
    case "mul":
      return readsNext(expr.left) || readsNext(expr.right);
    default:
      return false;
  }
}

/** A set of tables that are proven together. Order is part of the protocol: it numbers tables, buses and publics. */
export type Machine = {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly buses: readonly Bus[];
  readonly publics: readonly string[];
};

export function defineMachine(name: string, tables: readonly Table[], publics: readonly string[] = []): Machine {
  const buses: Bus[] = [];
  for (const table of tables) {
    assert(tables.filter((other) => other.name === table.name).length === 1, `two tables named ${table.name}`);
    for (const { bus: used } of table.interactions) {
      const known = buses.find((other) => other.name === used.name);
      if (known === undefined) buses.push(used);
      else assert(known.fields.length === used.fields.length, `bus ${used.name} has two shapes`);
    }
  }
  return { name, tables, buses, publics };
}

export function busNumber(machine: Machine, name: string): number {
  const index = machine.buses.findIndex((candidate) => candidate.name === name);
  assert(index >= 0, `no bus ${name}`);
  return index + 1;
}

/** A message of the verifier: what the statement itself puts on a bus (positive: sent, negative: received). */
export type Message = { readonly bus: Bus; readonly multiplicity: number; readonly tuple: readonly number[] };

/**
 * The prover's part: for each table its main columns in order, canonical values, all of one length (the rows in use;
 * the engine pads with zeros to a power of two). A table that is absent, or has no rows, takes no part.
 */
export type Witness = ReadonlyMap<string, readonly Uint32Array[]>;

/** Zeroed main columns for a witness. */
export const emptyColumns = (table: Table, rows: number): Uint32Array[] => table.main.map(() => new Uint32Array(rows));

/** The ring in which expressions are evaluated: base field on a row, extension at a point, degrees, programs. */
export type Ring<T> = {
  constant(value: number): T;
  main(index: number, next: boolean): T;
  fixed(index: number, next: boolean): T;
  public(index: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
};

export function evaluate<T>(expr: Expr, ring: Ring<T>): T {
  switch (expr.kind) {
    case "constant":
      return ring.constant(expr.value);
    case "main":
      return ring.main(expr.index, expr.next);
    case "fixed":
      return ring.fixed(expr.index, expr.next);
    case "public":
      return ring.public(expr.index);
    case "add":
      return ring.add(evaluate(expr.left, ring), evaluate(expr.right, ring));
    case "sub":
      return ring.sub(evaluate(expr.left, ring), evaluate(expr.right, ring));
    case "mul":
      return ring.mul(evaluate(expr.left, ring), evaluate(expr.right, ring));
  }
}

/** The expression as text, with column names; for messages to people. */
export function show(expr: Expr): string {
  switch (expr.kind) {
    case "constant":
      return String(expr.value > BabyBear.P / 2 ? expr.value - BabyBear.P : expr.value);
    case "main":
    case "fixed":
      return expr.next ? `${expr.name}'` : expr.name;
    case "public":
      return `public[${expr.index}]`;
    case "add":
      return `(${show(expr.left)} + ${show(expr.right)})`;
    case "sub":
      return `(${show(expr.left)} - ${show(expr.right)})`;
    case "mul":
      return `${show(expr.left)}*${show(expr.right)}`;
  }
}
