/** The front door of codegen/bytecode: Core, or the tree that passes made of it, to register bytecode, and its printer. */
export { generate, generateTree, LOCALS_MAX, type MalformedCore, NESTING_MAX } from "./generate.ts";
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
