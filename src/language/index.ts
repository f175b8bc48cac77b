/** The front door of language: TEL text to checked Core. */
export * as Core from "./core/Tree.ts";
export { type Builtin, builtins, type CostClass, type FaultCode } from "./core/builtins.ts";
export { builtinLabels, type Operation, operations } from "./core/operations.ts";
