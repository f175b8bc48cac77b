/** The front door of code: addresses of definitions, the code repository, names, dependencies. */
export {
  type AddressedUnit,
  type AddressOptions,
  addressUnit,
  type CodeBlock,
} from "./address.ts";
export {
  blockLinks,
  type Code,
  type CodeError,
  type DecodeOptions,
  decodeDefinition,
  type InvalidCode,
  type MissingBlock,
  showCodeError,
} from "./decode.ts";
export {
  checkFormat,
  codeFormat,
  compatibility,
  executorVersion,
  type IncompatibleFormat,
  showIncompatibleFormat,
} from "./Format.ts";
export { type Intrinsic, type IntrinsicTable, intrinsics } from "./intrinsics.ts";
export * as Meta from "./Meta.ts";
export { CodeTooLarge, type CoreItem } from "./toHashed.ts";
