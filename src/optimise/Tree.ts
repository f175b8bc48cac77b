/**
 * The tree that code is generated from: Core with its charges written out, and loops.
 *
 * Core charges by what stands in it: each node has a price, and a region pays on entry. Here a region's fuel is a `charge`
 * of its own, so that a pass may take the nodes away and leave what they cost. What a node charges by its data stays with
 * the node: bytes of what is built, the dynamic part of a builtin, the entry and the frame of a call.
 *
 *     Core                                     here
 *     let $1 = int.less($0, 2)                 charge 3
 *     if $1 then $0                            let $1 = %int.less($0, 2)
 *     else let $2 = int.subtract($0, 1)        if $1 then charge 1; $0
 *          …                                   else charge 16; let $2 = %int.subtract($0, 1) …
 *
 * The law of a pass: on every way through a definition that ends in a value, the sums of fuel and of bytes are what they
 * were, and the bytes held at every call are at least what they were (docs/spec/optimiser.md).
 */
import type { Core } from "../language/index.ts";

export type Atom = Core.Atom;
export type Reference = Core.Reference;

/** Nodes of Core in which no expression stands. */
export type Leaf = Exclude<Core.Expression, { kind: "let" | "if" | "switch" | "within" | "with" }>;

export type Expression =
  | Leaf
  | Let
  | If
  | Switch
  | { readonly kind: "within"; readonly duration: Atom; readonly body: Expression; readonly otherwise: Expression }
  | { readonly kind: "with"; readonly handler: Atom; readonly body: Expression }
  | Charge
  | Loop
  /** Goes on with the nearest loop around it, with the next value of each of its locals. Stands where a loop may end. */
  | Again;

export interface Let {
  readonly kind: "let";
  readonly local: number;
  readonly value: Expression;
  readonly body: Expression;
}

export interface If {
  readonly kind: "if";
  readonly condition: Atom;
  readonly then: Expression;
  readonly else: Expression;
}

export interface Case {
  readonly case: string;
  readonly local: number | undefined;
  readonly body: Expression;
}

export interface Switch {
  readonly kind: "switch";
  readonly subject: Atom;
  readonly cases: readonly Case[];
  readonly otherwise: Expression | undefined;
}

/** Pays before `body` runs. Never nothing. */
export interface Charge {
  readonly kind: "charge";
  readonly fuel: number;
  /** Of things that are not built any more. */
  readonly bytes: number;
  readonly body: Expression;
}

/** `body` with the locals at their initial values; a way through it that does not end in `again` is its value. */
export interface Loop {
  readonly kind: "loop";
  readonly locals: readonly number[];
  readonly initial: readonly Atom[];
  readonly body: Expression;
}

export interface Again {
  readonly kind: "again";
  readonly arguments: readonly Atom[];
}

export interface Definition {
  readonly name: string;
  readonly kind: Core.DefinitionKind;
  readonly parameters: number;
  readonly captured: number;
  /** Locals are below this number; each is bound in one place. */
  readonly locals: number;
  /** Bytes that a call holds while it runs: its own frame, and those of the calls that were taken into it. */
  readonly frameBytes: number;
  readonly body: Expression;
}

/** A charge before `body`; none where there is nothing to pay. */
export function charged(fuel: number, bytes: number, body: Expression): Expression {
  if (body.kind === "charge" && fuel + body.fuel <= CHARGE_FUEL_MAX)
    return charged(fuel + body.fuel, bytes + body.bytes, body.body);
  return fuel === 0 && bytes === 0 ? body : { kind: "charge", fuel, bytes, body };
}

/** Charges are joined up to this: an instruction holds it as a small integer. */
export const CHARGE_FUEL_MAX = 2 ** 30 - 1;
