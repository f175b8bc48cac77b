/**
 * Random numbers of a run: drawn from the hash of the run's address and the request's number, so that they are fixed by
 * the trace's first event and need no source of chance in the host. They are logged like every answer.
 */
import { ContentHash, encode, Int, Kind, link } from "../content/index.ts";

/**
 * From 0 up to, not including, `below`. 256 bits are drawn for each 128 bits of `below`, so the remainder favours no
 * number by more than one part in 2^128.
 */
export function draw(run: ContentHash.ContentHash, index: number, below: Int.Int): Int.Int {
  const bound = BigInt(below);
  const blocks = Math.ceil(bound.toString(16).length / 32);
  let drawn = 0n;
  for (let i = 0; i < blocks; i++) {
    const digest = ContentHash.toBytes(ContentHash.of(encode([Kind.traceEvent, 0, link(run), index, i]))).subarray(4);
    for (const byte of digest) drawn = (drawn << 8n) | BigInt(byte);
  }
  return Int.of(drawn % bound);
}
