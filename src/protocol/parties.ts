/** Who takes part: Travelers, who own programs, and TimeKeepers, who watch timelines. */
import { Codec } from "../content/index.ts";

/** A person or organisation. `key` is the did:key of the Ed25519 key that signs its messages. */
export const Traveler = Codec.record({ name: Codec.text, key: Codec.text });
export type Traveler = Codec.Of<typeof Traveler>;

/** One watcher of one timeline, known by the did:key with which it signs facts. */
export const TimeKeeper = Codec.record({ timeline: Codec.text, key: Codec.text });
export type TimeKeeper = Codec.Of<typeof TimeKeeper>;

/** An asset on a timeline, by the name that the manifest gives it. `contract` undefined: the timeline's own coin. */
export const Asset = Codec.record({
  name: Codec.text,
  timeline: Codec.text,
  contract: Codec.option(Codec.bytes),
  /** Digits after the point of its smallest unit. */
  decimals: Codec.count,
});
export type Asset = Codec.Of<typeof Asset>;
