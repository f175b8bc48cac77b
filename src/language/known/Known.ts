/**
 * Declarations without text or body: what others must know to use them. The codebase keeps them beside what it has
 * checked, so that new files are checked against it without reading what was checked before.
 *
 *     fn withTax(price: Price, rate: Decimal) -> Price { … }
 *     { kind: "function", name: "shop.withTax", parameters: [price: shop.Price, rate: Decimal], result: shop.Price, … }
 *
 * Types mention others by their full names.
 */
import type * as Core from "../core/Tree.ts";

export type Known = KnownFunction | KnownType | KnownOutside;

/** A parameter or field, with the text of its default if it has one (see defaults.ts). */
export interface KnownField extends Core.Field {
  readonly default?: string;
}

export interface KnownFunction {
  readonly kind: "function";
  readonly name: string;
  readonly parameters: readonly KnownField[];
  readonly result: Core.Type;
  readonly row: Core.Row;
  /** What each type variable must be, as bits of `Constraint` in types/Type.ts: inferred from the body. */
  readonly constraints: readonly number[];
  /** What of the account it may touch: see effects/footprint.ts. */
  readonly touches: readonly KnownTouch[];
  /** Whether it comes to an end for every argument, as migrations must. */
  readonly isTotal: boolean;
  readonly doc: string | undefined;
}

export interface KnownTouch {
  readonly what: "asset" | "timeline" | "program";
  /** A constant, the number of a parameter, or anything (undefined). */
  readonly key: string | number | undefined;
}

export interface KnownType {
  readonly kind: "record" | "sum";
  readonly name: string;
  /** The names of its type parameters. */
  readonly parameters: readonly string[];
  /** Of a record one, called like the type. */
  readonly cases: readonly { readonly name: string; readonly fields: readonly KnownField[] }[];
  readonly doc: string | undefined;
}

export interface KnownOutside {
  readonly kind: "fact" | "action" | "event" | "operation";
  readonly name: string;
  readonly parameters: readonly KnownField[];
  /** Unit for events. */
  readonly result: Core.Type;
  readonly doc: string | undefined;
}

/** `m.P` of `m.P.f`; "" of a name without dots. */
export const ownerOf = (full: string): string => full.slice(0, Math.max(0, full.lastIndexOf(".")));

/** `f` of `m.P.f`. */
export const wordOf = (full: string): string => full.slice(full.lastIndexOf(".") + 1);
