/** What editors ask a checked program: what names mean, what types things have, what could stand somewhere. */
export { moduleName, type SourceFile } from "./names/collect.ts";
export {
  effect,
  effectNames,
  type FileScope,
  isModule,
  member,
  memberNames,
  module,
  type,
  typeNames,
  value,
  valueNames,
} from "./names/Scope.ts";
export type {
  AnySymbol,
  Binding,
  ConstructorSymbol,
  EffectSymbol,
  EntrySymbol,
  FnSymbol,
  Local,
  Module,
  ProgramSymbol,
  Resolved,
  TypeSymbol,
  Unit,
  ValueSymbol,
} from "./names/Tree.ts";
export type { Checked as TypedDefinition, Typed } from "./types/check.ts";
export { builtinSignature, type Signature, signature } from "./types/Declarations.ts";
export * as Row from "./types/Row.ts";
export { show as showInferred } from "./types/show.ts";
export type { Expr as TypedExpr, Pattern as TypedPattern } from "./types/Tree.ts";
export { shallow, type Type as InferredType } from "./types/Type.ts";
