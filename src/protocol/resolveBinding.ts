/** A program's fact or action with its arguments + the manifest's binding → the exact question or call. */
import { Decimal, type Int, show, Value } from "../content/index.ts";
import { Bytes, err, never, ok, type Result } from "../std/index.ts";
import type { ActionCall, Input } from "./Action.ts";
import {
  type ActionBinding,
  type Bindings,
  type FactBinding,
  type InputBinding,
  type Source,
  timelineName,
} from "./Bindings.ts";
import type { Slot, StorageQuery } from "./Fact.ts";
import { toSmallestUnit } from "./Reading.ts";

export type BindingError =
  | { readonly kind: "UnknownTimeline"; readonly timeline: string }
  | { readonly kind: "Unbound"; readonly what: "fact" | "action"; readonly name: string; readonly arguments: string }
  | { readonly kind: "Ambiguous"; readonly what: "fact" | "action"; readonly name: string; readonly arguments: string }
  | { readonly kind: "UnknownContract"; readonly name: string; readonly timeline: string }
  | { readonly kind: "BadArgument"; readonly path: string; readonly expected: string; readonly got: string };

export function showBindingError(error: BindingError): string {
  switch (error.kind) {
    case "UnknownTimeline":
      return `the timeline ${error.timeline} is not in [timelines]`;
    case "Unbound":
      return `no [[${error.what}s.${error.name}]] answers for ${error.name}${error.arguments}: check its "when"`;
    case "Ambiguous":
      return `more than one [[${error.what}s.${error.name}]] answers for ${error.name}${error.arguments}`;
    case "UnknownContract":
      return `[contracts.${error.timeline}] does not name ${error.name}`;
    case "BadArgument":
      return `the argument ${error.path}: expected ${error.expected}, got ${error.got}`;
  }
}

/** What the program asked for. `timeline` by its name in the manifest or its CAIP-2 id; `arguments` by parameter name. */
export interface Ask {
  readonly timeline: string;
  readonly name: string;
  readonly arguments: Value.Record;
  /** The account's name on that timeline (`TimelineAdapter.account`). */
  readonly account: Uint8Array;
}

interface Scope {
  readonly ask: Ask;
  readonly timelineId: string;
  readonly timeline: string;
  readonly contracts: ReadonlyMap<string, Uint8Array>;
}

export function resolveFact(bindings: Bindings, ask: Ask): Result<StorageQuery, BindingError> {
  const scope = scopeOf(bindings, ask);
  if (!scope.ok) return scope;
  const binding = choose("fact", bindings.facts, (b) => b.fact, ask);
  if (!binding.ok) return binding;
  const contract = contractOf(scope.value, binding.value.contract);
  if (!contract.ok) return contract;
  const slots: Slot[] = [];
  for (const slot of binding.value.slots) {
    const keys = all(slot.keys, (key) => supply(scope.value, key));
    if (!keys.ok) return keys;
    slots.push({ ...slot, keys: keys.value });
  }
  return ok({
    kind: "Storage",
    fact: ask.name,
    arguments: ask.arguments,
    contract: contract.value,
    slots,
    reading: binding.value.value,
  });
}

export function resolveAction(bindings: Bindings, ask: Ask): Result<ActionCall, BindingError> {
  const scope = scopeOf(bindings, ask);
  if (!scope.ok) return scope;
  const chosen = choose("action", bindings.actions, (b) => b.action, ask);
  if (!chosen.ok) return chosen;
  const binding = chosen.value;
  const contract = contractOf(scope.value, binding.contract);
  if (!contract.ok) return contract;
  const inputs = all(binding.inputs, (input) => inputOf(scope.value, input));
  if (!inputs.ok) return inputs;
  const payment = binding.payment === undefined ? ok(0) : supply(scope.value, binding.payment);
  if (!payment.ok) return payment;
  if (typeof payment.value !== "number" && typeof payment.value !== "bigint")
    return bad("payment", "an amount", payment.value);
  const where = all(binding.where, ({ name, input }) => {
    const value = supply(scope.value, input);
    return value.ok ? ok({ name, value: value.value }) : value;
  });
  if (!where.ok) return where;
  return ok({
    timeline: scope.value.timelineId,
    action: ask.name,
    arguments: ask.arguments,
    contract: contract.value,
    function: binding.function,
    inputs: inputs.value,
    payment: payment.value,
    gasMax: binding.gasMax,
    event: binding.event,
    where: where.value,
    answer: binding.answer,
    moves: binding.moves,
  });
}

function scopeOf(bindings: Bindings, ask: Ask): Result<Scope, BindingError> {
  const timeline = timelineName(bindings, ask.timeline);
  if (timeline === undefined) return err({ kind: "UnknownTimeline", timeline: ask.timeline });
  const timelineId = bindings.timelines.get(timeline)!;
  return ok({ ask, timeline, timelineId, contracts: bindings.contracts.get(timeline) ?? new Map() });
}

function choose<B extends FactBinding | ActionBinding>(
  what: "fact" | "action",
  bindings: readonly B[],
  nameOf: (binding: B) => string,
  ask: Ask,
): Result<B, BindingError> {
  const matching = bindings.filter(
    (b) => nameOf(b) === ask.name && b.when.every(({ path, value }) => agrees(at(ask.arguments, path), value)),
  );
  const [only, second] = matching;
  if (only !== undefined && second === undefined) return ok(only);
  const kind = only === undefined ? "Unbound" : "Ambiguous";
  return err({ kind, what, name: ask.name, arguments: show(ask.arguments) });
}

const agrees = (got: Value.Value | undefined, wanted: Value.Value): boolean =>
  got !== undefined &&
  (typeof got === "object" && got.tag === "variant" && got.payload === undefined
    ? got.case === wanted
    : Value.equal(got, wanted));

/** `pair.base` inside the record of arguments. */
function at(record: Value.Record, path: string): Value.Value | undefined {
  let value: Value.Value | undefined = record;
  for (const name of path.split(".")) {
    if (value === undefined || typeof value !== "object" || value.tag !== "record") return undefined;
    value = Value.field(value, name);
  }
  return value;
}

function contractOf(scope: Scope, name: string): Result<Uint8Array, BindingError> {
  const address = scope.contracts.get(name);
  return address === undefined ? err({ kind: "UnknownContract", name, timeline: scope.timeline }) : ok(address);
}

function inputOf(scope: Scope, input: InputBinding): Result<Input, BindingError> {
  if (input.kind !== "Limit") {
    const value = supply(scope, input);
    return value.ok ? ok({ kind: "Given", value: value.value }) : value;
  }
  const contract = contractOf(scope, input.contract);
  if (!contract.ok) return contract;
  const inputs = all(input.inputs, (source) => supply(scope, source));
  if (!inputs.ok) return inputs;
  const { view, bound, slippageBasisPoints } = input;
  return ok({ kind: "Limit", contract: contract.value, view, arguments: inputs.value, bound, slippageBasisPoints });
}

function supply(scope: Scope, source: Source): Result<Value.Value, BindingError> {
  switch (source.kind) {
    case "Account":
      return ok(Value.bytes(scope.ask.account));
    case "Contract": {
      const contract = contractOf(scope, source.name);
      return contract.ok ? ok(Value.bytes(contract.value)) : contract;
    }
    case "Constant":
      return ok(source.value);
    case "Argument":
      return argumentOf(scope, source.path, source.decimals);
    default:
      return never(source);
  }
}

function argumentOf(scope: Scope, path: string, decimals: number | undefined): Result<Value.Value, BindingError> {
  const value = at(scope.ask.arguments, path);
  if (value === undefined) return bad(path, "an argument", undefined);
  if (decimals !== undefined) {
    const amount =
      typeof value === "number" || typeof value === "bigint"
        ? Decimal.fromInt(value as Int.Int)
        : typeof value === "object" && value.tag === "decimal"
          ? value
          : undefined;
    const units = amount === undefined ? undefined : toSmallestUnit(amount, decimals);
    return units === undefined
      ? bad(path, `an amount from 0 with at most ${decimals} digits after the point`, value)
      : ok(units);
  }
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return ok(value);
  if (typeof value === "string") {
    const bytes = value.startsWith("0x") ? Bytes.fromHex(value) : undefined;
    return bytes === undefined ? bad(path, "hex bytes", value) : ok(Value.bytes(bytes));
  }
  return value.tag === "bytes" ? ok(value) : bad(path, "an Int, a Bool or Bytes", value);
}

const bad = (path: string, expected: string, got: Value.Value | undefined) =>
  err({ kind: "BadArgument", path, expected, got: got === undefined ? "nothing" : show(got) } as const);

function all<A, B>(
  items: readonly A[],
  each: (item: A) => Result<B, BindingError>,
): Result<readonly B[], BindingError> {
  const done: B[] = [];
  for (const item of items) {
    const one = each(item);
    if (!one.ok) return one;
    done.push(one.value);
  }
  return ok(done);
}
