/**
 * The typed tree: every name replaced by what it means, every call with its arguments matched to parameters, every
 * node with its type (follow unknowns with `shallow`). Spans stay, for problems, the editor and debuggers.
 */
import type { Value } from "../../content/index.ts";
import type { Local, ProgramSymbol } from "../names/Tree.ts";
import type { BinaryOp, Span } from "../syntax/Tree.ts";
import type { Row } from "./Row.ts";
import type { ConstructorInfo, Type } from "./Type.ts";

/** A definition that can be called: by full name, or by the hash that the codebase gave. */
export type Target =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "hash"; readonly hash: string };

/** In the order of the source; `at` is the parameter that it fills. */
export interface Arg {
  readonly at: number;
  readonly value: Expr;
}

interface Base {
  readonly span: Span;
  readonly type: Type;
}

/** What an effectful node does, once rows are solved; `bang` is undefined where no mark is possible. */
export interface Performs {
  readonly row: Row;
  readonly bang: boolean | undefined;
}

export type Expr = Base &
  (
    | { readonly kind: "error" }
    /** The type says whether it is an Int or a Decimal. */
    | { readonly kind: "int"; readonly text: string }
    | { readonly kind: "constant"; readonly value: Value.Value }
    | { readonly kind: "interpolation"; readonly parts: readonly (string | Expr)[] }
    | { readonly kind: "local"; readonly local: Local }
    | { readonly kind: "function"; readonly target: Target }
    | { readonly kind: "call"; readonly target: Target; readonly parameters: number; readonly args: readonly Arg[] }
    | { readonly kind: "apply"; readonly callee: Expr; readonly args: readonly Expr[] }
    | { readonly kind: "builtin"; readonly name: string; readonly args: readonly Expr[] }
    | { readonly kind: "binary"; readonly op: BinaryOp; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "not" | "negate"; readonly operand: Expr }
    | { readonly kind: "construct"; readonly of: ConstructorInfo; readonly args: readonly Arg[] }
    /** A fact, action or event. */
    | {
        readonly kind: "outside";
        readonly name: string;
        readonly fields: readonly string[];
        readonly args: readonly Arg[];
      }
    /** The value that `invoke!` takes. */
    | {
        readonly kind: "callValue";
        readonly program: string;
        readonly entry: string;
        readonly fields: readonly string[];
        readonly args: readonly Arg[];
      }
    | {
        readonly kind: "perform";
        readonly label: string;
        readonly operation: string;
        readonly optional: readonly boolean[];
        readonly args: readonly Arg[];
      }
    | {
        readonly kind: "entryCall";
        readonly program: string;
        readonly entry: string;
        readonly parameters: number;
        readonly args: readonly Arg[];
      }
    | { readonly kind: "worldItem"; readonly case: string; readonly fields: readonly (readonly [string, Expr])[] }
    | { readonly kind: "world"; readonly items: Expr }
    | { readonly kind: "fixed"; readonly operations: readonly (readonly [string, Expr])[] }
    | { readonly kind: "tuple"; readonly items: readonly Expr[] }
    | { readonly kind: "record"; readonly fields: readonly (readonly [string, Expr])[] }
    | { readonly kind: "list"; readonly items: readonly Expr[] }
    | { readonly kind: "map"; readonly entries: readonly (readonly [Expr, Expr])[] }
    | { readonly kind: "field"; readonly target: Expr; readonly name: string }
    | { readonly kind: "state"; readonly field: string }
    | { readonly kind: "index"; readonly on: "map" | "list"; readonly target: Expr; readonly index: Expr }
    | {
        readonly kind: "try";
        readonly on: "option" | "result";
        readonly target: Expr;
        /** The one constructor of the outer error that takes the inner one. */
        readonly wrap: ConstructorInfo | undefined;
      }
    | { readonly kind: "matches"; readonly subject: Expr; readonly pattern: Pattern }
    | { readonly kind: "lambda"; readonly params: readonly Local[]; readonly body: Expr }
    | { readonly kind: "if"; readonly condition: Expr; readonly then: Expr; readonly else: Expr | undefined }
    | { readonly kind: "match"; readonly subject: Expr; readonly arms: readonly Arm[] }
    | { readonly kind: "within"; readonly time: Expr; readonly body: Expr; readonly otherwise: Expr | undefined }
    | { readonly kind: "wait"; readonly mode: "after" | "at"; readonly time: Expr; readonly body: Expr }
    | { readonly kind: "par"; readonly labels: readonly string[] | undefined; readonly branches: readonly Expr[] }
    | { readonly kind: "race" | "first"; readonly branches: readonly Expr[] }
    | { readonly kind: "sequence"; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "with"; readonly handler: Expr; readonly body: Expr }
    | { readonly kind: "handler"; readonly effect: string; readonly clauses: readonly (readonly [string, Expr])[] }
    | { readonly kind: "block"; readonly steps: readonly Step[] }
  ) & { readonly performs?: Performs };

export interface Arm {
  readonly span: Span;
  readonly pattern: Pattern;
  readonly guard: Expr | undefined;
  readonly body: Expr;
}

export type Step =
  | { readonly kind: "let"; readonly span: Span; readonly pattern: Pattern; readonly value: Expr }
  | { readonly kind: "return" | "abort" | "assert" | "expr"; readonly span: Span; readonly value: Expr }
  | {
      readonly kind: "assign";
      readonly span: Span;
      readonly field: string;
      /** What is below the state field, outermost first. */
      readonly path: readonly Place[];
      readonly value: Expr;
    };

export type Place =
  | { readonly kind: "field"; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: "map" | "list"; readonly index: Expr };

export type Pattern = { readonly span: Span; readonly type: Type } & (
  | { readonly kind: "any" }
  | { readonly kind: "bind"; readonly local: Local }
  | { readonly kind: "as"; readonly local: Local; readonly pattern: Pattern }
  /** A constant, or the text of an int whose type says what it is. */
  | { readonly kind: "literal"; readonly value: Value.Value }
  | { readonly kind: "int"; readonly text: string }
  /** One pattern per field, in the order of the declaration. */
  | { readonly kind: "construct"; readonly of: ConstructorInfo; readonly items: readonly Pattern[] }
  | { readonly kind: "tuple"; readonly items: readonly Pattern[] }
  /** One pattern per label, sorted. */
  | { readonly kind: "record"; readonly names: readonly string[]; readonly items: readonly Pattern[] }
  | {
      readonly kind: "list";
      readonly before: readonly Pattern[];
      /** Undefined: the list has exactly these items. */
      readonly rest: { readonly local: Local | undefined } | undefined;
      readonly after: readonly Pattern[];
    }
  | { readonly kind: "or"; readonly options: readonly Pattern[] }
);

/** A definition with a body, checked. */
export interface TypedFunction {
  readonly name: string;
  readonly kind: "function" | "test" | "prop" | "value";
  readonly file: string;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly params: readonly { readonly local: Local; readonly type: Type }[];
  readonly result: Type;
  /** As written; of tests and values empty. */
  readonly declared: Row;
  /** As inferred; solved when the whole definition is checked. */
  readonly inferred: Row;
  readonly body: Expr;
  readonly doc: string | undefined;
  readonly program: ProgramSymbol | undefined;
}
