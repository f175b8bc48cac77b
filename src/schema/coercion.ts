/**
 * The lattice of lossless coercions between simple types: total, injective, order-preserving. A coercion either leaves
 * the value as it is (its old form is also its form in the wider type) or turns an integer into a decimal or a float.
 * Table: docs/spec/schema.md §4.
 */
import { printType } from "./printType.ts";
import { intDigits, intMagnitudeBits } from "./Scalar.ts";
import type { DecimalType, FloatType, Integer, Type } from "./Type.ts";

export type Coercion =
  | { readonly kind: "same" }
  | { readonly kind: "lossless"; readonly edit: "keep" | "decimal" | "float" }
  /** `forbidden`: no field of this type may ever become one of that type; a new field with its own history is needed. */
  | { readonly kind: "refused"; readonly why: string; readonly forbidden: boolean };

const SAME: Coercion = { kind: "same" };
const KEEP: Coercion = { kind: "lossless", edit: "keep" };
const refused = (why: string, forbidden = false): Coercion => ({ kind: "refused", why, forbidden });

/** Both types without parts, or of different kinds. */
export function coercion(from: Type, to: Type): Coercion {
  if ((from.kind === "int" || from.kind === "nat") && (to.kind === "int" || to.kind === "nat"))
    return integers(from, to);
  if ((from.kind === "int" || from.kind === "nat") && to.kind === "decimal") return integerToDecimal(from, to);
  if ((from.kind === "int" || from.kind === "nat") && to.kind === "float") return integerToFloat(from, to);
  if (from.kind === "decimal" && to.kind === "decimal") return decimals(from, to);
  if (from.kind === "float" && to.kind === "float") {
    if (from.bits === to.bits) return SAME;
    return from.bits === 32 ? KEEP : refused("most float values have no exact form in 32 bits");
  }
  if (from.kind === "bytes" && to.kind === "bytes") {
    if (from.length === to.length) return SAME;
    if (to.length === undefined) return KEEP;
    return refused(`values of another length than ${to.length} exist or may exist`);
  }
  if (from.kind === to.kind) return SAME;
  return refused(...whyNot(from, to));
}

function integers(from: Integer, to: Integer): Coercion {
  if (from.kind === to.kind && from.bits === to.bits) return SAME;
  if (from.kind === "int" && to.kind === "nat") return refused("negative values have no form in a nat");
  if (to.bits === undefined) return KEEP;
  if (from.bits === undefined) return refused(`values past ${to.bits} bits have no form in ${printType(to)}`);
  const wider = from.kind === to.kind ? to.bits >= from.bits : to.bits > from.bits;
  return wider ? KEEP : refused(`not every ${printType(from)} fits ${printType(to)}`);
}

function integerToDecimal(from: Integer, to: DecimalType): Coercion {
  if (to.size === undefined) return { kind: "lossless", edit: "decimal" };
  const digits = intDigits(from);
  const room = to.size.precision - to.size.scale;
  if (digits !== undefined && digits <= room) return { kind: "lossless", edit: "decimal" };
  return refused(
    `${printType(to)} has room for ${room} digits before the point, ${printType(from)} needs ${digits ?? "any number of them"}`,
  );
}

function integerToFloat(from: Integer, to: FloatType): Coercion {
  const bits = intMagnitudeBits(from);
  const exact = to.bits === 64 ? 53 : 24;
  if (bits !== undefined && bits <= exact) return { kind: "lossless", edit: "float" };
  return refused(`${printType(to)} holds integers exactly up to ${exact} bits, ${printType(from)} may have more`);
}

function decimals(from: DecimalType, to: DecimalType): Coercion {
  if (to.size === undefined) return from.size === undefined ? SAME : KEEP;
  if (from.size === undefined) return refused(`not every decimal fits ${printType(to)}`);
  if (from.size.precision === to.size.precision && from.size.scale === to.size.scale) return SAME;
  const wider =
    to.size.scale >= from.size.scale && to.size.precision - to.size.scale >= from.size.precision - from.size.scale;
  return wider ? KEEP : refused(`not every ${printType(from)} fits ${printType(to)}`);
}

function whyNot(from: Type, to: Type): [why: string, forbidden: boolean] {
  if (from.kind === "float" && to.kind === "decimal") {
    return ["−0, infinities and rounding have no decimal form, so the change is neither total nor exact", true];
  }
  if (from.kind === "decimal" && to.kind === "float") {
    return ["a float cannot hold every decimal, so amounts would be rounded", true];
  }
  if (from.kind === "untyped") {
    return ["the field had no type, so its values may be anything", false];
  }
  if (to.kind === "untyped")
    return ["the new version gives the field no type, so nothing could be checked any more", false];
  if (from.kind === "option") return ["states that hold None have no value of the new type", false];
  return [`no lossless coercion leads from ${from.kind} to ${to.kind}`, false];
}
