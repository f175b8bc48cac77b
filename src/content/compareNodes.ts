/**
 * The order of nodes by the bytes of their encodings, without writing them: nested keys would be written again at every
 * level. It stops at the first difference, so the keys of a tree cost no more than the tree, whatever its shape.
 */
import { Bytes, never } from "../std/index.ts";
import * as ContentHash from "./ContentHash.ts";
import { isList, type Node } from "./Node.ts";
import { compareText } from "./Value.ts";

/** Major type and argument, as `encode` writes them: in the shortest form, so heads are ordered as their bytes are. */
function headOf(node: Node): readonly [major: number, argument: number] {
  if (typeof node === "number") return node >= 0 ? [0, node] : [1, -1 - node];
  if (node instanceof Uint8Array) return [2, node.length];
  if (typeof node === "string") return [3, utf8Length(node)];
  if (typeof node === "boolean") return [7, node ? 21 : 20];
  if (node === null) return [7, 22];
  return isList(node) ? [4, node.length] : [6, 42];
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Either half of a pair is two of its four bytes.
    if (unit >= 0x80) length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}

export function compareNodes(a: Node, b: Node): number {
  if (a === b) return 0;
  const [major, argument] = headOf(a);
  const [otherMajor, otherArgument] = headOf(b);
  if (major !== otherMajor) return major - otherMajor;
  if (argument !== otherArgument) return argument < otherArgument ? -1 : 1;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a !== "object" || a === null) return 0;
  if (a instanceof Uint8Array) return Bytes.compare(a, b as Uint8Array);
  if (isList(a)) {
    const other = b as readonly Node[];
    for (let i = 0; i < a.length; i++) {
      const order = compareNodes(a[i]!, other[i]!);
      if (order !== 0) return order;
    }
    return 0;
  }
  if ("link" in a) return Bytes.compare(ContentHash.toBytes(a.link), ContentHash.toBytes((b as typeof a).link));
  return never(a);
}
