/** The front door of content: canonical blocks and values, their addresses, and the store port. */
export { type BlockStore, memoryBlockStore } from "./BlockStore.ts";
export * as Codec from "./Codec.ts";
export * as ContentHash from "./ContentHash.ts";
export * as Decimal from "./Decimal.ts";
export { BLOCK_BYTES_MAX, type DecodeError, decode, NODE_DEPTH_MAX, showDecodeError } from "./decode.ts";
export { encode } from "./encode.ts";
export * as Int from "./Int.ts";
export { Kind } from "./Kind.ts";
export { isLink, isList, type Link, link, type Node } from "./Node.ts";
export { type Json, show, showDuration, showInstant, toJson } from "./showValue.ts";
export * as Value from "./Value.ts";
export {
  decodeValue,
  encodeValue,
  hashValue,
  intFromNode,
  intToNode,
  valueFromNode,
  valueToNode,
} from "./ValueCodec.ts";
