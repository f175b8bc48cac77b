/** Node → canonical DAG-CBOR bytes (RFC 8949 deterministic lengths, IPLD strictness). */
import { Bytes } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import type { Link, Node } from "./Node.ts";

const LINK_TAG_BYTE_LENGTH = 37;

export function encode(node: Node): Uint8Array {
  // Writing calls no one else's code, so one buffer serves all; it is taken away while in use, should that change.
  const out = idle ?? new Writer();
  idle = undefined;
  try {
    write(out, node);
    return out.take();
  } finally {
    out.reset();
    idle = out;
  }
}

let idle: Writer | undefined;
/** A buffer that grew beyond is given back. */
const KEPT_BYTES_MAX = 1024 * 1024;

function write(out: Writer, node: Node): void {
  if (typeof node === "number") {
    if (!Number.isSafeInteger(node) || Object.is(node, -0))
      throw new Error(`internal error: ${node} is not a block integer`);
    if (node >= 0) out.head(0, node);
    else out.head(1, -1 - node);
  } else if (typeof node === "string") {
    if (!Bytes.isWellFormed(node)) throw new Error("internal error: lone surrogate in block text");
    const utf8 = Bytes.fromText(node);
    out.head(3, utf8.length);
    out.bytes(utf8);
  } else if (typeof node === "boolean") out.byte(node ? 0xf5 : 0xf4);
  else if (node === null) out.byte(0xf6);
  else if (node instanceof Uint8Array) {
    out.head(2, node.length);
    out.bytes(node);
  } else if (Array.isArray(node)) {
    out.head(4, node.length);
    for (const item of node as readonly Node[]) write(out, item);
  } else {
    out.byte(0xd8);
    out.byte(42);
    out.head(2, LINK_TAG_BYTE_LENGTH);
    out.byte(0); // multibase identity, required by DAG-CBOR
    out.bytes(ContentHash.toBytes((node as Link).link));
  }
}

/** A growing buffer. A class because it is the hot buffer of every hash. */
class Writer {
  private buffer = new Uint8Array(256);
  private length = 0;

  byte(value: number): void {
    this.room(1);
    this.buffer[this.length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.room(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** Major type and argument in the shortest form. */
  head(major: number, argument: number): void {
    const type = major << 5;
    this.room(9);
    if (argument < 24) this.buffer[this.length++] = type | argument;
    else if (argument < 0x100) {
      this.buffer[this.length++] = type | 24;
      this.buffer[this.length++] = argument;
    } else if (argument < 0x10000) {
      this.buffer[this.length++] = type | 25;
      this.buffer[this.length++] = argument >>> 8;
      this.buffer[this.length++] = argument & 255;
    } else if (argument < 0x100000000) {
      this.buffer[this.length++] = type | 26;
      this.word(argument);
    } else {
      this.buffer[this.length++] = type | 27;
      this.word(Math.floor(argument / 0x100000000));
      this.word(argument % 0x100000000);
    }
  }

  take(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  reset(): void {
    this.length = 0;
    if (this.buffer.length > KEPT_BYTES_MAX) this.buffer = new Uint8Array(256);
  }

  private word(value: number): void {
    this.buffer[this.length++] = value >>> 24;
    this.buffer[this.length++] = (value >>> 16) & 255;
    this.buffer[this.length++] = (value >>> 8) & 255;
    this.buffer[this.length++] = value & 255;
  }

  private room(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const bigger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }
}
