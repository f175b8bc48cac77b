/** Events of a trace, for people. */
import { show, type Value } from "../../../src/content/index.ts";
import { type ExecutionEvent, headline } from "../../../src/execution/index.ts";
import { paint } from "../output.ts";

const SHOWN_CHARS_MAX = 100;

export function shown(value: Value.Value): string {
  const text = show(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX - 1)}…` : text;
}

export const shownAll = (values: readonly Value.Value[]): string => values.map(shown).join(", ");

/** One line about an event of a trace, with what was asked and answered. */
export function eventLine(event: ExecutionEvent): string {
  const indent = "depth" in event ? "  ".repeat(Math.min(event.depth, 30)) : "";
  switch (event.kind) {
    case "FunctionInvocation":
      return paint.dim(`${indent}→ ${event.name}(${shownAll(event.arguments)})`);
    case "FunctionReturn":
      return paint.dim(`${indent}← ${event.name} = ${shown(event.value)}`);
    case "RunStarted":
      return `${headline(event)}(${shownAll(event.arguments)})`;
    case "EffectIntent":
      return `${event.index} ${event.asked.operation}!(${shownAll(event.asked.arguments)})  ${paint.dim("about to act")}`;
    case "EffectApplication":
    case "ExternalDependencyCall": {
      const asked = event.asked === undefined ? "" : ` ${event.asked.operation}!(${shownAll(event.asked.arguments)})`;
      return `${event.index}${asked} = ${shown(event.answer)}`;
    }
    case "RunEnded":
      return `ended with ${shown(event.value)}  ${paint.dim(`fuel ${event.end.fuel}`)}`;
    case "ExecutionError":
      return `${paint.red(headline(event))}  ${paint.dim(`fuel ${event.end.fuel}`)}`;
    default:
      return headline(event);
  }
}
