/** The other signed statements: messages of Travelers and programs, entries of logs, observations of deployments. */
import { Codec, Kind } from "../content/index.ts";
import { type Signed, type SignedKind, signedKind } from "./Signed.ts";

export const MESSAGE_BYTES_MAX = 256 * 1024;
export const LOG_ENTRY_BYTES_MAX = 4 * 1024 * 1024;

/** What its signer asks of an account. `nonce` counts from 0 per account, so a message is taken once and in order. */
export const MessageBody = Codec.record({
  /** The account that shall act. */
  to: Codec.text,
  nonce: Codec.count,
  action: Codec.value,
});
export type MessageBody = Codec.Of<typeof MessageBody>;
export type Message = Signed<MessageBody>;
export const Message: SignedKind<MessageBody> = signedKind(Kind.message, "message", MessageBody, MESSAGE_BYTES_MAX);

/** One entry of a log: hash-chained by `previous`, numbered from 0, signed by who appended it. */
export const LogEntryBody = Codec.record({
  stream: Codec.text,
  sequence: Codec.count,
  previous: Codec.option(Codec.hash),
  event: Codec.value,
  /** Milliseconds since 1970, from the appender's clock. */
  at: Codec.count,
});
export type LogEntryBody = Codec.Of<typeof LogEntryBody>;
export type LogEntry = Signed<LogEntryBody>;
export const LogEntry: SignedKind<LogEntryBody> = signedKind(
  Kind.logEntry,
  "log entry",
  LogEntryBody,
  LOG_ENTRY_BYTES_MAX,
);

/** A TimeKeeper's word that a component of a deployment is registered on its timeline; `fact` holds the proof. */
export const DeploymentObservationBody = Codec.record({
  deployment: Codec.hash,
  component: Codec.text,
  timeline: Codec.text,
  fact: Codec.hash,
});
export type DeploymentObservationBody = Codec.Of<typeof DeploymentObservationBody>;
export type DeploymentObservation = Signed<DeploymentObservationBody>;
export const DeploymentObservation: SignedKind<DeploymentObservationBody> = signedKind(
  Kind.observation,
  "deployment observation",
  DeploymentObservationBody,
  16 * 1024,
);
