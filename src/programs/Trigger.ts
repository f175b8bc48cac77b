/**
 * What starts an entry by itself: `on every D`, `on at T`, `on fact (timeline, Fact(…))`, as they stand in the definition of
 * a compiled program. A trigger is known by its content: an upgrade that keeps it keeps its rhythm.
 */
import { type ContentHash, hashValue, show, Value } from "../content/index.ts";
import { codeSource, type StoreReads } from "../execution/index.ts";
import { Core } from "../language/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { BanditError } from "./Bandit.ts";
import { loadCompiled } from "./CompiledProgram.ts";

interface Started {
  /** The address of its content. */
  readonly id: ContentHash.ContentHash;
  /** The duration, the instant, or the pair of timeline and fact. */
  readonly subject: Value.Value;
  readonly entry: string;
  readonly arguments: readonly Value.Value[];
}

/** `period` and `instant` in milliseconds; one that no clock reaches may be rounded. */
export type Trigger = Started &
  (
    | { readonly kind: "every"; readonly period: number }
    | { readonly kind: "at"; readonly instant: number }
    | { readonly kind: "fact"; readonly timeline: string; readonly fact: Value.Variant }
  );

/** The triggers of a compiled program, in the order of its source, each once. */
export function triggersOf(
  store: Pick<StoreReads, "blocks">,
  program: ContentHash.ContentHash,
): Result<readonly Trigger[], BanditError> {
  const compiled = loadCompiled(store, program);
  if (!compiled.ok) return compiled;
  const { name, definition: hash } = compiled.value;
  const damaged = (reason: string) => err({ kind: "Damaged", reason: `the triggers of ${name}: ${reason}` } as const);
  const definition = codeSource(store.blocks).loadProgram(hash);
  if (!definition.ok)
    return definition.error.kind === "UnknownHash"
      ? err({ kind: "NoBlock", hash: definition.error.hash, what: "program definition" })
      : damaged("the definition cannot be read");
  const triggers = new Map<ContentHash.ContentHash, Trigger>();
  for (const { kind, entry, arguments: args, ...rest } of definition.value.triggers) {
    const subject = "time" in rest ? rest.time : Value.tuple([rest.timeline, rest.fact]);
    const id = hashValue(
      Value.variant(
        kind,
        Value.record([
          ["subject", subject],
          ["entry", entry],
          ["arguments", Value.list(args)],
        ]),
      ),
    );
    const started = { id, subject, entry, arguments: args };
    if (kind === "every") {
      const period = tagged(subject, "duration");
      if (period === undefined || period.milliseconds < Core.PERIOD_MILLISECONDS_MIN)
        return damaged("a period is too short");
      triggers.set(id, { ...started, kind, period: Number(period.milliseconds) });
    } else if (kind === "at") {
      const instant = tagged(subject, "instant");
      if (instant === undefined || instant.milliseconds < Number.MIN_SAFE_INTEGER) return damaged("an instant is none");
      triggers.set(id, { ...started, kind, instant: Number(instant.milliseconds) });
    } else {
      const fact = "fact" in rest ? tagged(rest.fact, "variant") : undefined;
      if (fact === undefined || !("timeline" in rest)) return damaged("a fact is none");
      triggers.set(id, { ...started, kind, timeline: rest.timeline, fact });
    }
  }
  return ok([...triggers.values()]);
}

type Tagged = Exclude<Value.Value, string | number | bigint | boolean>;

const tagged = <T extends Tagged["tag"]>(value: Value.Value, tag: T): Extract<Tagged, { tag: T }> | undefined =>
  typeof value === "object" && value.tag === tag ? (value as Extract<Tagged, { tag: T }>) : undefined;

/** As the source says it: `on every 1m => rebalance(…)`. */
export function showTrigger(trigger: Trigger): string {
  const given = trigger.arguments.map((one) => show(one)).join(", ");
  const subject = trigger.kind === "fact" ? `(${trigger.timeline}, ${show(trigger.fact)})` : show(trigger.subject);
  return `on ${trigger.kind} ${subject} => ${trigger.entry}(${given})`;
}
