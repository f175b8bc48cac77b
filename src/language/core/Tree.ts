/**
 * Core: what a TEL program means, and the contract between the language and everything that stores, runs or proves it.
 *
 * Names are resolved, sugar is gone, patterns are compiled to `switch`, every operand is an atom (A-normal form), every
 * lambda is lifted to a definition of its own. A `let` may bind any expression, so control flow nests without join points.
 * Locals are numbered 0, 1, 2 … in the order in which a left-to-right walk binds them (parameters first), so that two
 * definitions that differ only in names or layout are the same tree.
 *
 *     fn spread(a: Decimal, b: Decimal) -> Option<Decimal> {          $0 a, $1 b
 *       if b <= 0 { None } else { Some((a - b) / b) }                 let $2 = decimal.lessOrEqual($1, 0)
 *     }                                                               if $2 then None
 *                                                                     else let $3 = decimal.subtract($0, $1)
 *                                                                          let $4 = decimal.divide($3, $1)
 *                                                                          Some($4)
 */
import type { ContentHash, Value } from "../../content/index.ts";

/** A definition of the unit that is being compiled (by full name), or one that already has an address. */
export type Reference =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "hash"; readonly hash: ContentHash.ContentHash };

export type Atom =
  | { readonly kind: "local"; readonly index: number }
  | { readonly kind: "literal"; readonly value: Value.Value }
  /** A top-level function used as a value: a closure that captures nothing. */
  | { readonly kind: "function"; readonly reference: Reference };

export type Expression =
  | { readonly kind: "atom"; readonly atom: Atom }
  | { readonly kind: "let"; readonly local: number; readonly value: Expression; readonly body: Expression }
  /** A call of a known definition with all its arguments. */
  | { readonly kind: "call"; readonly reference: Reference; readonly arguments: readonly Atom[] }
  /** A call of a function value. */
  | { readonly kind: "apply"; readonly function: Atom; readonly arguments: readonly Atom[] }
  /** An intrinsic of the machine; the table is `builtins.ts`. */
  | { readonly kind: "builtin"; readonly name: string; readonly arguments: readonly Atom[] }
  /** A lifted lambda with what it captures: the first parameters of its definition. */
  | { readonly kind: "closure"; readonly reference: Reference; readonly captured: readonly Atom[] }
  | { readonly kind: "tuple"; readonly items: readonly Atom[] }
  | { readonly kind: "list"; readonly items: readonly Atom[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Atom, Atom])[] }
  /** Field names sorted by code point. */
  | { readonly kind: "record"; readonly names: readonly string[]; readonly values: readonly Atom[] }
  | { readonly kind: "variant"; readonly case: string; readonly payload: Atom | undefined }
  | { readonly kind: "field"; readonly record: Atom; readonly name: string }
  | { readonly kind: "item"; readonly tuple: Atom; readonly index: number }
  | { readonly kind: "if"; readonly condition: Atom; readonly then: Expression; readonly else: Expression }
  /** On a variant's case. `local` receives the payload where the case has one and the branch uses it. */
  | {
      readonly kind: "switch";
      readonly subject: Atom;
      readonly cases: readonly {
        readonly case: string;
        readonly local: number | undefined;
        readonly body: Expression;
      }[];
      readonly otherwise: Expression | undefined;
    }
  /** Leaves the enclosing definition with a value. */
  | { readonly kind: "return"; readonly value: Atom }
  /** A deterministic failure: `assert`, an impossible match. `span` is kept beside the tree, not here. */
  | { readonly kind: "fault"; readonly code: string; readonly message: Atom }
  /**
   * A request to the outside. `label` is the row label, `operation` the full name (`observe`, `act`, `emit`, `now`,
   * `ObserveCustomOracle.oraclePrice`). Facts, actions and events are variants: case = declared name, payload = record.
   */
  | {
      readonly kind: "perform";
      readonly label: string;
      readonly operation: string;
      readonly arguments: readonly Atom[];
    }
  /** Read and write one field of the running program's state. Only inside a program's entries. */
  | { readonly kind: "stateGet"; readonly field: string }
  | { readonly kind: "stateSet"; readonly field: string; readonly value: Atom }
  /** `body` under a deadline of now + `duration`; `otherwise` runs when it passes first. Its value has body's type. */
  | { readonly kind: "within"; readonly duration: Atom; readonly body: Expression; readonly otherwise: Expression }
  /** Waits for a Duration (`after`) or until an Instant (`at`), then is Unit. */
  | { readonly kind: "wait"; readonly mode: "after" | "at"; readonly time: Atom }
  /** All branches run, each a closure without parameters; `par` gives a record by label, `race` the first value. */
  | { readonly kind: "par"; readonly names: readonly string[]; readonly branches: readonly Atom[] }
  | { readonly kind: "race"; readonly branches: readonly Atom[] }
  /** `with handler { body }`; the handler is a value (see `handlers.md` in docs/spec). `abort` leaves the nearest one. */
  | { readonly kind: "with"; readonly handler: Atom; readonly body: Expression }
  | { readonly kind: "abort"; readonly value: Atom }
  /** An entry of a program called in a test: on a fresh instance that lives as long as the enclosing `with`. */
  | {
      readonly kind: "entry";
      readonly program: Reference;
      readonly entry: string;
      readonly arguments: readonly Atom[];
    };

export type DefinitionKind = "function" | "lambda" | "test" | "prop" | "value";

export interface Definition {
  /** Full name: `arb.math.spread`, `CrossChainArb.rebalance`; a lambda is its parent's name and a number, `decide/1`. */
  readonly name: string;
  readonly kind: DefinitionKind;
  /** All parameters; of a lambda the captured ones come first. */
  readonly parameters: number;
  readonly captured: number;
  /** How many locals the body binds, parameters included. */
  readonly locals: number;
  readonly body: Expression;
  /** The written signature; lambdas have none. Part of the identity. */
  readonly signature: FunctionType | undefined;
  /** Beside the identity: for debuggers and printers. */
  readonly localNames: readonly string[];
  readonly doc: string | undefined;
}

/** Types as they are written in signatures and declarations; variables are numbered by first occurrence. */
export type Type =
  | { readonly kind: "builtin"; readonly name: string; readonly arguments: readonly Type[] }
  | { readonly kind: "declared"; readonly reference: Reference; readonly arguments: readonly Type[] }
  | { readonly kind: "variable"; readonly index: number }
  | { readonly kind: "tuple"; readonly items: readonly Type[] }
  /** Labelled tuple: a structural record. Names sorted. */
  | { readonly kind: "record"; readonly names: readonly string[]; readonly types: readonly Type[] }
  | FunctionType;

export interface FunctionType {
  readonly kind: "function";
  readonly parameters: readonly Type[];
  readonly result: Type;
  readonly row: Row;
}

/** Effect labels sorted, and at most one row variable. */
export interface Row {
  readonly labels: readonly string[];
  readonly variable: number | undefined;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
}

/** `type Pair(base: Text, quote: Text)` is a record; `type Move = Hold | Swap(…)` is a sum. */
export type TypeDefinition =
  | {
      readonly kind: "record";
      readonly name: string;
      readonly parameters: number;
      readonly fields: readonly Field[];
      readonly doc: string | undefined;
    }
  | {
      readonly kind: "sum";
      readonly name: string;
      readonly parameters: number;
      readonly cases: readonly { readonly name: string; readonly fields: readonly Field[] }[];
      readonly doc: string | undefined;
    };

/** What a program asks of or tells the outside: `fact`, `action`, `event`, or an operation of a custom `effect`. */
export interface OutsideDefinition {
  readonly kind: "fact" | "action" | "event" | "operation";
  readonly name: string;
  readonly parameters: readonly Field[];
  /** Unit for events. */
  readonly result: Type;
  readonly doc: string | undefined;
}

export interface EntryDefinition {
  readonly name: string;
  readonly function: Reference;
  readonly parameters: readonly Field[];
  readonly result: Type;
  /** The inferred and declared labels; no variable. */
  readonly row: readonly string[];
  readonly exclusive: boolean;
}

/** The shortest period of an `on every`, in milliseconds. */
export const PERIOD_MILLISECONDS_MIN = 1_000;

export type Trigger =
  | {
      readonly kind: "every" | "at";
      readonly time: Value.Value;
      readonly entry: string;
      readonly arguments: readonly Value.Value[];
    }
  | {
      readonly kind: "fact";
      readonly timeline: string;
      readonly fact: Value.Value;
      readonly entry: string;
      readonly arguments: readonly Value.Value[];
    };

export interface ProgramDefinition {
  readonly name: string;
  /** Initial values are constants: a zero-parameter definition that `initial` names, evaluated at deployment. */
  readonly state: readonly { readonly name: string; readonly type: Type; readonly initial: Reference | undefined }[];
  readonly entries: readonly EntryDefinition[];
  readonly triggers: readonly Trigger[];
  /** A function (intent, caller) -> Acknowledge | Refuse(reason). */
  readonly handshake: Reference | undefined;
  readonly migrations: readonly { readonly from: string; readonly to: string; readonly function: Reference }[];
  readonly doc: string | undefined;
}

/** A checked unit: one TEL folder or file set, ready to be addressed. */
export interface Unit {
  readonly definitions: readonly Definition[];
  readonly types: readonly TypeDefinition[];
  readonly outside: readonly OutsideDefinition[];
  readonly programs: readonly ProgramDefinition[];
}

const locals = Array.from({ length: 256 }, (_, index): Atom => ({ kind: "local", index }));

/** Those that nearly all definitions have are made once. */
export const local = (index: number): Atom => locals[index] ?? { kind: "local", index };
export const literal = (value: Value.Value): Atom => ({ kind: "literal", value });
export const symbol = (name: string): Reference => ({ kind: "symbol", name });
