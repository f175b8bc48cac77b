/** The front door of code: addresses of definitions, the code repository, names, dependencies. */
export {
  applyAdd,
  NameConflict,
  type NamePlan,
  namedDependents,
  type Outdated,
  outdated,
  planAdd,
} from "./add.ts";
export {
  type AddressedUnit,
  type AddressOptions,
  addressUnit,
  type CodeBlock,
  isLibraryName,
  namedDefinitions,
} from "./address.ts";
export { asOf, lastChangeAt } from "./asOf.ts";
export {
  type Bundle,
  type BundleRequest,
  type InvalidBundle,
  pack,
  putBundle,
  type Unpacked,
  unpack,
} from "./Bundle.ts";
export { CAR_BLOCK_BYTES_MAX, type Car, decodeCar, encodeCar } from "./Car.ts";
export {
  type CodebaseReads,
  type CodebaseStore,
  type CodebaseTransaction,
  isDefinitionName,
  metaName,
  type Note,
} from "./Codebase.ts";
export { type CodeRepository, codeRepository, putMeta, putUnit } from "./CodeRepository.ts";
export { type CollectableReads, findGarbage, type Garbage } from "./collectGarbage.ts";
export {
  type Budget,
  DEFAULT_BUDGET,
  type DependencyResolver,
  dependencyResolver,
  type ResolutionError,
  showResolutionError,
} from "./DependencyResolver.ts";
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
export { type KnownCode, knownCode, namesMeant, recordedSignature, typed, typingOf } from "./known.ts";
export * as Meta from "./Meta.ts";
export * as NameRegistry from "./NameRegistry.ts";
export { ANY_SHAPE, shapeOf } from "./shape.ts";
export * as Typing from "./Typing.ts";
export { CodeTooLarge, type CoreItem } from "./toHashed.ts";
export { displayName, moduleFile, moduleOf, type Shown, signatureOf, view } from "./view.ts";
export { written } from "./written.ts";
