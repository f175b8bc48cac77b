/** The front door of codegen/bytecode: Core to register bytecode, its printer, and what each node of Core costs. */
export * as Cost from "./cost.ts";
export { generate, LOCALS_MAX, type MalformedCore, NESTING_MAX } from "./generate.ts";
export { liveAt } from "./live.ts";
export { print } from "./print.ts";
export {
  type Code,
  ENDS,
  IMMEDIATE_MAX,
  type Instruction,
  type InstructionName,
  instructions,
  list,
  nodeAt,
  Opcode,
  read,
  type SwitchCase,
} from "./Tree.ts";
export { atomsOf, childrenOf } from "./walk.ts";
