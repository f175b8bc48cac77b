/** The front door of language: TEL text to checked Core. */
export { type Checked, check, checkLibrary, type Environment, type Source } from "./check.ts";
export { type CheckedExpression, checkExpression, EXPRESSION_FILE } from "./checkExpression.ts";
export { type Checker, checker } from "./checker.ts";
export { type Builtin, builtins, type CostClass, type FaultCode } from "./core/builtins.ts";
export { builtinLabels, type Operation, operations } from "./core/operations.ts";
export { print as printDefinition, printAtom, printSmall, printType, printUnit } from "./core/print.ts";
export * as Core from "./core/Tree.ts";
export { type Dag, type DagNode, dagOf, dagsOf } from "./effects/dag.ts";
export { dagDot, dagSvg, dagText } from "./effects/drawDag.ts";
export * as Inspect from "./inspect.ts";
export { defaultFrom } from "./known/defaults.ts";
export { describer } from "./known/describe.ts";
export * as Known from "./known/Known.ts";
export { KNOWN_PATH } from "./known/trees.ts";
export { type IntrinsicDoc, intrinsicDocs } from "./library/intrinsics.ts";
export { librarySources } from "./library/sources.generated.ts";
export { print as printNames } from "./names/print.ts";
export * from "./problems/index.ts";
export { type Declared, showInferredValue, showTyped } from "./showTyped.ts";
export {
  FILE_LENGTH_MAX,
  format,
  Literal,
  lex,
  parse,
  parseExpression,
  print,
  showDeclaration,
  showExpression,
  showPattern,
  showType,
  Token,
  type Tokens,
  type Tree,
} from "./syntax/index.ts";
export type { Previous, PreviousVersion } from "./types/previous.ts";
export { print as printTypes, printEffects, signatureOf } from "./types/print.ts";
