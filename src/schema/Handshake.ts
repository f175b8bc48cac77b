/**
 * The messages of a safe-state handshake, as ADR 010 writes them: a call may say when its caller expects to upgrade and in
 * which state; the callee acknowledges or refuses with a reason. JSON at the edge, checked values inside.
 */
import type { Int, Value } from "../content/index.ts";
import { err, type Result } from "../std/index.ts";
import { readerOf } from "./json/readValue.ts";
import { JsonRefusal, Scanner } from "./json/Scanner.ts";
import type { Problem } from "./Problem.ts";
import { problemOf } from "./state.ts";
import * as T from "./Type.ts";

export interface SafeStateIntent {
  /** Milliseconds since 1970. */
  readonly expectedReturnTime: Int.Int;
  readonly expectedSafeState: string;
}

export interface Call {
  readonly call: string;
  /** A map of texts; the callee's interface gives the values their types. */
  readonly args: Value.Value;
  readonly safeStateIntent: SafeStateIntent | undefined;
}

export type Answer = { readonly ack: true } | { readonly ack: false; readonly reason: string };

const NONE: T.Types = new Map();
const callType = T.record([
  T.field("args", T.untyped),
  T.field("call", T.text),
  T.field(
    "safeStateIntent",
    T.option(T.record([T.field("expectedReturnTime", T.instant), T.field("expectedSafeState", T.text)])),
  ),
]);
const answerType = T.record([T.field("ack", T.bool), T.field("reason", T.option(T.text))]);
const readCallRecord = readerOf(NONE)(callType);
const readAnswerRecord = readerOf(NONE)(answerType);

/** Reads `{ "call": …, "args": {…}, "safeStateIntent": {…} }`; the intent may be absent. */
export function readCall(text: string, file = "call.json"): Result<Call, Problem> {
  return reading(text, file, (scanner) => {
    const [args, call, intent] = (readCallRecord(scanner, 0) as Value.Record).values;
    if (typeof args !== "object" || args.tag !== "map") throw new JsonRefusal("value", "`args` must be an object", 0);
    const given = (intent as Value.Variant).payload as Value.Record | undefined;
    return {
      call: call as string,
      args,
      safeStateIntent:
        given === undefined
          ? undefined
          : {
              expectedReturnTime: (given.values[0] as Value.Instant).milliseconds,
              expectedSafeState: given.values[1] as string,
            },
    };
  });
}

/** Reads `{ "ack": true }` or `{ "ack": false, "reason": "…" }`; a refusal needs its reason, an acknowledgement has none. */
export function readAnswer(text: string, file = "answer.json"): Result<Answer, Problem> {
  return reading(text, file, (scanner): Answer => {
    const [ack, reason] = (readAnswerRecord(scanner, 0) as Value.Record).values;
    const given = (reason as Value.Variant).payload as string | undefined;
    if (ack === true && given === undefined) return { ack: true };
    if (ack === false && given !== undefined) return { ack: false, reason: given };
    throw new JsonRefusal("value", ack === true ? "an acknowledgement has no reason" : "a refusal needs its reason", 0);
  });
}

function reading<R>(text: string, file: string, read: (scanner: Scanner) => R): Result<R, Problem> {
  const scanner = new Scanner(text);
  try {
    const value = read(scanner);
    if (!Number.isNaN(scanner.peek())) scanner.fail(`expected the end of the text, found ${scanner.found()}`);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof JsonRefusal) return err(problemOf(error, text, file));
    throw error;
  }
}

/** The answer as the ADR writes it. */
export const writeAnswer = (answer: Answer): string => JSON.stringify(answer);
