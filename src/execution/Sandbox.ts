/**
 * What code may ask of the outside. A denied effect is an event in the trace and an error to the caller, and nothing
 * happened outside (ADR 016, "Security Sandbox").
 */
import { Decimal, type Value } from "../content/index.ts";
import { builtinLabels, operations } from "../language/index.ts";
import type { ExecutionError } from "./ExecutionError.ts";
import type { Request } from "./machine/Machine.ts";
import { type ResourceAllocator, type ResourceRequest, staticAllocator } from "./ResourceAllocator.ts";
import { defaultResources } from "./Resources.ts";

/** Row labels: `Observe`, `Transfer`, the name of a custom effect. */
export type EffectType = string;

/** A part of an effect; a field that is left out sets no limit. */
export interface EffectScope {
  readonly timelines?: readonly string[];
  /** Programs and accounts that may be called or paid. */
  readonly parties?: readonly string[];
  /** The most that may be moved of each asset in one run; of an asset that is not named, nothing. */
  readonly amountMax?: ReadonlyMap<string, Decimal.Decimal>;
}

/** What leaves the system: `observe:ethereum`, `act:ethereum`, `invoke:RiskDesk`, `ObserveCustomOracle.oraclePrice`. */
export type ExternalCallType = string;

export interface SecuritySandbox {
  readonly allowedEffects: ReadonlyMap<EffectType, EffectScope>;
  readonly resourceAllocator: ResourceAllocator;
  /** What the run is granted of the allocator. */
  readonly request: ResourceRequest;
  readonly timeoutMillis: number;
  /** `"all"` = whatever the allowed effects ask. */
  readonly allowedExternalCalls: ReadonlySet<ExternalCallType> | "all";
}

/** Allows the effects that are named, without scopes, and nothing else. */
export function newSecuritySandbox(
  allowedEffects: readonly EffectType[],
  limits: Partial<ResourceRequest> & { readonly timeoutMillis?: number } = {},
): SecuritySandbox {
  const { timeoutMillis, ...resources } = limits;
  const request = { ...defaultResources, ...resources };
  return {
    allowedEffects: new Map(allowedEffects.map((label) => [label, {}])),
    resourceAllocator: staticAllocator(request),
    request,
    timeoutMillis: timeoutMillis ?? request.cpuMillis,
    allowedExternalCalls: "all",
  };
}

const NO_OUTSIDE: ReadonlySet<string> = new Set(["Clock", "Random", "Emit", "World"]);

/** The external call that a request is; `undefined` when it does not leave the system. */
export function externalCall(request: Pick<Request, "label" | "operation" | "arguments">): string | undefined {
  const { label, operation } = request;
  if (NO_OUTSIDE.has(label)) return undefined;
  if (!(builtinLabels as readonly string[]).includes(label)) return operation;
  const target = argument(request, "timeline") ?? programOf(request);
  return typeof target === "string" ? `${operation}:${target}` : operation;
}

function argument(request: Pick<Request, "operation" | "arguments">, name: string): Value.Value | undefined {
  const at = operations.get(request.operation)?.parameters.findIndex((parameter) => parameter.name === name) ?? -1;
  return at < 0 ? undefined : request.arguments[at];
}

function field(value: Value.Value | undefined, name: string): Value.Value | undefined {
  if (typeof value !== "object" || value.tag !== "record") return undefined;
  const at = value.names.indexOf(name);
  return at < 0 ? undefined : value.values[at];
}

const programOf = (request: Pick<Request, "operation" | "arguments">): Value.Value | undefined =>
  field(argument(request, "call"), "program");

/** What a run has moved of each asset. */
export type Moved = Map<string, Decimal.Decimal>;

/** Why the sandbox refuses a request; `undefined` when it allows it, and then what it moves is added to `moved`. */
export function deny(sandbox: SecuritySandbox, request: Request, moved: Moved): ExecutionError | undefined {
  const { label, operation } = request;
  const denied = (reason: string): ExecutionError => ({ kind: "EffectDenied", label, operation, reason });
  const scope = sandbox.allowedEffects.get(label);
  if (scope === undefined) return denied("the effect is not among those allowed");
  const timeline = argument(request, "timeline");
  if (scope.timelines !== undefined && typeof timeline === "string" && !scope.timelines.includes(timeline))
    return denied(`the timeline ${timeline} is not among those allowed`);
  const party = programOf(request) ?? argument(request, "to");
  if (scope.parties !== undefined && typeof party === "string" && !scope.parties.includes(party))
    return denied(`${party} is not among the parties allowed`);
  const call = externalCall(request);
  if (call !== undefined && sandbox.allowedExternalCalls !== "all" && !sandbox.allowedExternalCalls.has(call))
    return { kind: "ExternalCallDenied", call };
  return scope.amountMax === undefined ? undefined : overdrawn(request, scope.amountMax, moved, denied);
}

function overdrawn(
  request: Request,
  amountMax: ReadonlyMap<string, Decimal.Decimal>,
  moved: Moved,
  denied: (reason: string) => ExecutionError,
): ExecutionError | undefined {
  const funds = argument(request, "funds");
  const asset = argument(request, "asset") ?? field(funds, "asset");
  const given = argument(request, "amount") ?? field(funds, "amount");
  if (typeof asset !== "string" || given === undefined) return undefined;
  const amount = typeof given === "object" && given.tag === "decimal" ? given : undefined;
  if (amount === undefined || amount.coefficient < 0n) return denied("the amount is no positive Decimal");
  const before = moved.get(asset) ?? Decimal.zero;
  const after = Decimal.add(before, amount);
  const max = amountMax.get(asset) ?? Decimal.zero;
  if (Decimal.compare(after, max) > 0)
    return denied(`${Decimal.print(after)} ${asset} in all is more than the ${Decimal.print(max)} that may be moved`);
  moved.set(asset, after);
  return undefined;
}
