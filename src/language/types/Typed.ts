/** What the types pass gives: every definition with types, and what later passes want to know of it. */
import type { EntrySymbol, ProgramSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import type { Mark, Noted } from "./Body.ts";
import type { Declarations } from "./Declarations.ts";
import type { Arg, Expr, TypedFunction } from "./Tree.ts";
import type * as T from "./Type.ts";

/** A definition with what the effects pass looks at. */
export interface Checked extends TypedFunction {
  readonly noted: Noted;
  readonly marks: readonly Mark[];
  /** Where `uses` stands or should stand; undefined where none can. */
  readonly rowAt: S.Span | undefined;
  /** Labels as written, for each its place; undefined when one of them is not known. */
  readonly written: readonly S.Name[] | undefined;
}

export interface TypedTrigger {
  readonly kind: "every" | "at" | "fact";
  readonly span: S.Span;
  readonly subject: Expr;
  readonly entry: EntrySymbol;
  readonly args: readonly Arg[];
}

export interface TypedProgram {
  readonly symbol: ProgramSymbol;
  readonly state: T.TypeInfo;
  /** Field name → the definition of its first value. */
  readonly initial: ReadonlyMap<string, string>;
  readonly triggers: readonly TypedTrigger[];
  readonly handshake: string | undefined;
  readonly migrations: readonly { readonly from: string; readonly to: string; readonly name: string }[];
}

export interface Typed {
  readonly declarations: Declarations;
  /** By full name; of a watch `> n`. */
  readonly functions: ReadonlyMap<string, Checked>;
  readonly programs: readonly TypedProgram[];
}
