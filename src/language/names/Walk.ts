/** The names pass inside one declaration: what is in scope, and where findings go. */
import type { Problem } from "../problems/Problem.ts";
import type * as Scope from "./Scope.ts";
import type { Binding, Owner, ProgramSymbol } from "./Tree.ts";

export interface Walk {
  readonly scope: Scope.FileScope;
  readonly locals: Scope.Locals;
  readonly program: ProgramSymbol | undefined;
  /** The definition around. */
  readonly owner: Owner | undefined;
  readonly bindings: Map<object, Binding>;
  readonly nameOf: ((hash: string) => string | undefined) | undefined;
  readonly problems: Problem[];
}
