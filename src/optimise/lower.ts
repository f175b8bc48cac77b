/**
 * Core → the tree with its charges, and nothing else: tier 0 runs what this gives.
 *
 * A region starts at the entry, at each branch, and where ways meet again; its charge stands there and is the sum of the
 * nodes up to where the next one starts (docs/spec/execution.md §2).
 */
import type { Core } from "../language/index.ts";
import { frameBytes, nodeFuel } from "./cost.ts";
import type { Case, Charge, Definition, Expression } from "./Tree.ts";

export function lower(definition: Core.Definition): Definition {
  const { name, kind, parameters, captured, locals } = definition;
  const at: Place = { region: newRegion() };
  const entry = at.region;
  const body = close(entry, chain(at, definition.body));
  return { name, kind, parameters, captured, locals, frameBytes: frameBytes(definition), body };
}

/** A charge that grows as nodes are met; nobody reads it before the definition is whole. */
type Region = { -readonly [K in keyof Charge]: Charge[K] };

interface Place {
  region: Region;
}

const newRegion = (): Region => ({ kind: "charge", fuel: 0, bytes: 0, body: UNFILLED });
const UNFILLED: Expression = { kind: "again", arguments: [] };

function close(region: Region, body: Expression): Expression {
  region.body = body;
  return region;
}

function opened(at: Place, node: Core.Expression): Expression {
  const region = newRegion();
  at.region = region;
  return close(region, chain(at, node));
}

const MEETS: ReadonlySet<string> = new Set(["if", "switch", "within", "with"]);

/** Whether ways meet at the end of the node, so that a region starts after it. */
function endsInMeeting(node: Core.Expression): boolean {
  let last = node;
  while (last.kind === "let") last = last.body;
  return MEETS.has(last.kind);
}

/** Lets in a row may be thousands: they are walked, not nested. */
function chain(at: Place, start: Core.Expression): Expression {
  const steps: { readonly local: number; readonly value: Expression; readonly after: Region | undefined }[] = [];
  let node = start;
  for (; node.kind === "let"; node = node.body) {
    const value = chain(at, node.value);
    const after = endsInMeeting(node.value) ? newRegion() : undefined;
    if (after !== undefined) at.region = after;
    steps.push({ local: node.local, value, after });
  }
  let made = last(at, node);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { local, value, after } = steps[i]!;
    made = { kind: "let", local, value, body: after === undefined ? made : close(after, made) };
  }
  return made;
}

function last(at: Place, node: Exclude<Core.Expression, { kind: "let" }>): Expression {
  at.region.fuel += nodeFuel(node);
  switch (node.kind) {
    case "if":
      return { kind: "if", condition: node.condition, then: opened(at, node.then), else: opened(at, node.else) };
    case "switch": {
      const cases: Case[] = node.cases.map((one) => ({ ...one, body: opened(at, one.body) }));
      const otherwise = node.otherwise === undefined ? undefined : opened(at, node.otherwise);
      return { kind: "switch", subject: node.subject, cases, otherwise };
    }
    case "within": {
      const body = opened(at, node.body);
      return { kind: "within", duration: node.duration, body, otherwise: opened(at, node.otherwise) };
    }
    case "with":
      return { kind: "with", handler: node.handler, body: opened(at, node.body) };
    default:
      return node;
  }
}
