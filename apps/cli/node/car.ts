/** CAR files (content-addressed archives, version 1): bytes ↔ a root and blocks. */
import { CarReader, CarWriter } from "@ipld/car";
import { CID } from "multiformats/cid";
import type { Bundle, CodeBlock } from "../../../src/code/index.ts";
import { ContentHash } from "../../../src/content/index.ts";
import { err, ok, type Result } from "../../../src/std/index.ts";

/** Root first, then the blocks in the order of the bundle: the same bundle is the same bytes. */
export async function encodeCar(bundle: Bundle): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create([cid(bundle.root)]);
  const chunks: Uint8Array[] = [];
  const collected = (async () => {
    for await (const chunk of out) chunks.push(chunk);
  })();
  for (const block of [bundle.root, ...bundle.blocks]) await writer.put({ cid: cid(block), bytes: block.bytes });
  await writer.close();
  await collected;
  return new Uint8Array(Buffer.concat(chunks));
}

const cid = (block: CodeBlock): CID => CID.decode(ContentHash.toBytes(block.hash));

export interface Car {
  readonly root: ContentHash.ContentHash;
  readonly blocks: readonly CodeBlock[];
}

/** Reads the form; what the blocks hold is for `unpack` to verify. */
export async function decodeCar(bytes: Uint8Array): Promise<Result<Car, string>> {
  try {
    const reader = await CarReader.fromBytes(bytes);
    const roots = await reader.getRoots();
    if (reader.version !== 1) return err(`it has version ${reader.version} of the format, known is 1`);
    if (roots.length !== 1) return err(`it has ${roots.length} roots instead of one`);
    const blocks: CodeBlock[] = [];
    for await (const block of reader.blocks()) {
      const hash = ContentHash.parse(block.cid.toString());
      if (hash === undefined) return err(`block ${block.cid} is not DAG-CBOR under SHA2-256`);
      blocks.push({ hash, bytes: block.bytes });
    }
    const root = ContentHash.parse(roots[0]!.toString());
    return root === undefined ? err("its root is not DAG-CBOR under SHA2-256") : ok({ root, blocks });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}
