/**
 * What each node of Core costs in fuel, and what each thing it builds costs in bytes. Normative: docs/spec/execution.md.
 * Costs are of Core, not of instructions, so every tier charges the same.
 *
 * Fuel is charged by region, on entry and before anything in it is done. A region starts at the entry of a definition, at
 * each branch of `if` and `switch`, at the body and the otherwise of `within`, at the body of `with`, and where the ways of
 * such a form meet again. What depends on the size of data is charged by the builtin, before its work.
 */

import type { Core } from "../language/index.ts";
import { never } from "../std/index.ts";

export const CALL_FUEL = 4;
export const BUILTIN_FUEL = 2;
export const EFFECT_FUEL = 200;
export const SCOPE_FUEL = 20;
export const BRANCH_FUEL = 50;

/** Bytes that a frame holds while it is on the stack. A call in tail position takes over its caller's frame. */
export const frameBytes = (definition: Core.Definition): number => localsBytes(definition.locals);
export const localsBytes = (locals: number): number => 32 + 8 * locals;

export const listBytes = (items: number): number => 16 + 8 * items;
export const tupleBytes = listBytes;
export const recordBytes = listBytes;
export const mapBytes = (entries: number): number => 16 + 16 * entries;
export const closureBytes = (captured: number): number => 24 + 8 * captured;
/** With a payload; a case without payload is a constant and costs nothing. */
export const VARIANT_BYTES = 24;

/** ⌈log2(n + 1)⌉, by integer arithmetic. */
const bitLength = (n: number): number => 32 - Math.clz32(n);

/** The fuel of the node itself, without the expressions in it. */
export function nodeFuel(node: Core.Expression): number {
  switch (node.kind) {
    case "let":
      return 0;
    case "atom":
    case "if":
    case "switch":
    case "return":
    case "fault":
      return 1;
    case "builtin":
      return BUILTIN_FUEL;
    case "call":
    case "apply":
      return CALL_FUEL + node.arguments.length;
    case "closure":
      return 2 + node.captured.length;
    case "tuple":
    case "list":
      return 2 + node.items.length;
    case "map":
      // A map literal is sorted: n log n comparisons.
      return 2 + node.entries.length * (2 + bitLength(node.entries.length));
    case "record":
      return 2 + node.values.length;
    case "variant":
    case "field":
    case "item":
      return 2;
    case "stateGet":
    case "stateSet":
      return 4;
    case "perform":
      return EFFECT_FUEL + node.arguments.length;
    case "within":
      return SCOPE_FUEL + EFFECT_FUEL;
    case "with":
    case "abort":
      return SCOPE_FUEL;
    case "wait":
      return EFFECT_FUEL;
    case "par":
    case "race":
      return BRANCH_FUEL * (1 + node.branches.length);
    case "entry":
      return EFFECT_FUEL + node.arguments.length;
    default:
      return never(node);
  }
}
