/**
 * What the names pass adds to the surface tree: the modules with their symbols, and for every place where a name is
 * used, what it means. The trees themselves are not copied; `bindings` is keyed by their nodes.
 */
import type * as S from "../syntax/Tree.ts";
import type { FileScope } from "./Scope.ts";

export interface Module {
  /** "" for files that name none. */
  readonly name: string;
  readonly types: Map<string, TypeSymbol>;
  readonly values: Map<string, ValueSymbol>;
  readonly effects: Map<string, EffectSymbol>;
  /** Part of the standard library. */
  readonly library: boolean;
}

interface Base {
  readonly name: string;
  /** `arb.math.spread` */
  readonly full: string;
  readonly file: string;
  /** Of the name where it is declared. */
  readonly span: S.Span;
}

export interface TypeSymbol extends Base {
  readonly kind: "type";
  readonly decl: S.TypeDecl;
}
export interface ConstructorSymbol extends Base {
  readonly kind: "constructor";
  readonly owner: TypeSymbol;
}
export interface FnSymbol extends Base {
  readonly kind: "fn";
  readonly decl: S.FnDecl;
  readonly program: ProgramSymbol | undefined;
}
export interface OutsideSymbol extends Base {
  readonly kind: "fact" | "action" | "event";
  readonly decl: S.FactDecl | S.ActionDecl | S.EventDecl;
}
export interface EffectSymbol extends Base {
  readonly kind: "effect";
  readonly decl: S.EffectDecl;
  readonly operations: readonly OperationSymbol[];
}
export interface OperationSymbol extends Base {
  readonly kind: "operation";
  readonly decl: S.Operation;
  /** Full name of its effect: the row label. */
  readonly effect: string;
}
export interface InterfaceSymbol extends Base {
  readonly kind: "interface";
  readonly decl: S.InterfaceDecl;
  readonly entries: ReadonlyMap<string, InterfaceEntrySymbol>;
}
export interface InterfaceEntrySymbol extends Base {
  readonly kind: "interfaceEntry";
  readonly decl: S.EntrySignature;
  /** Its name alone, by which a manifest binds it. */
  readonly interface: string;
}
export interface HandlerSymbol extends Base {
  readonly kind: "handler";
  readonly decl: S.HandlerDecl;
}
export interface ProgramSymbol extends Base {
  readonly kind: "program";
  readonly decl: S.ProgramDecl;
  readonly entries: ReadonlyMap<string, EntrySymbol>;
  readonly functions: ReadonlyMap<string, FnSymbol>;
}
export interface EntrySymbol extends Base {
  readonly kind: "entry";
  readonly decl: S.EntryClause;
  /** Filled in when its program is complete. */
  program: ProgramSymbol;
}

/** A definition that is not in the files but in the codebase. */
export interface ExternalSymbol extends Base {
  readonly kind: "external";
  readonly hash: string;
}

export type ValueSymbol =
  | ConstructorSymbol
  | FnSymbol
  | OutsideSymbol
  | OperationSymbol
  | InterfaceSymbol
  | InterfaceEntrySymbol
  | HandlerSymbol
  | ProgramSymbol
  | EntrySymbol
  | ExternalSymbol;

export type AnySymbol = TypeSymbol | EffectSymbol | ValueSymbol;

/** A name bound inside a body. Identified by being itself. */
export interface Local {
  readonly kind: "local";
  readonly name: string;
  readonly span: S.Span;
}

export type Binding =
  | Local
  | AnySymbol
  /** An intrinsic of the table in `core/builtins.ts`, by its full name. */
  | { readonly kind: "builtin"; readonly name: string }
  /** `observe`, `act` …: the table in `core/operations.ts`. */
  | { readonly kind: "outside"; readonly name: string }
  /** `world`, `seen` …: the forms of tests. */
  | { readonly kind: "form"; readonly name: string }
  | { readonly kind: "timeline"; readonly name: string }
  | { readonly kind: "builtinType"; readonly name: string }
  /** `Some`, `None`, `Ok`, `Err`. */
  | { readonly kind: "builtinConstructor"; readonly name: string }
  /** `State`: the state record of the program around. */
  | { readonly kind: "state"; readonly program: ProgramSymbol }
  | { readonly kind: "typeVariable"; readonly name: string }
  | { readonly kind: "label"; readonly label: string }
  /** Not known; already reported. */
  | { readonly kind: "unknown" };

/** One thing with a body of its own, that is checked by itself. */
export type Unit =
  | { readonly kind: "fn"; readonly symbol: FnSymbol }
  | { readonly kind: "entry"; readonly symbol: EntrySymbol }
  | { readonly kind: "handler"; readonly symbol: HandlerSymbol }
  | { readonly kind: "program"; readonly symbol: ProgramSymbol }
  | { readonly kind: "test"; readonly name: string; readonly file: string; readonly decl: S.TestDecl }
  | { readonly kind: "prop"; readonly name: string; readonly file: string; readonly decl: S.PropDecl }
  | { readonly kind: "watch"; readonly name: string; readonly file: string; readonly decl: S.Watch };

/** What has a body that is called by name. */
export type Owner = FnSymbol | EntrySymbol | HandlerSymbol;

/** What one file declares, in the order of its text. */
export interface Declared {
  readonly units: Unit[];
  readonly types: TypeSymbol[];
  readonly outside: OutsideSymbol[];
  readonly effects: EffectSymbol[];
  readonly interfaces: InterfaceSymbol[];
  /** By declaration or clause. */
  readonly symbolOf: Map<object, AnySymbol>;
}

export interface Resolved {
  readonly modules: ReadonlyMap<string, Module>;
  /** By path, in the order of the files. */
  readonly declared: ReadonlyMap<string, Declared>;
  /** What each file sees, and what the names in it mean; by path, in the order of the files. */
  readonly scopes: ReadonlyMap<string, FileScope>;
  /** Resolves what is inside a declaration of the library, if that has not happened yet. */
  readonly need: (symbol: object) => void;
}

const none: ReadonlySet<Owner> = new Set();

/** The functions that a function's body names. */
export const callsOf = (resolved: Resolved, symbol: Owner): ReadonlySet<Owner> =>
  resolved.scopes.get(symbol.file)?.calls.get(symbol) ?? none;
