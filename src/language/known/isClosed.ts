/** Whether known declarations mention only types that are known too, or of the library: then no file changes them. */
import type * as Core from "../core/Tree.ts";
import { libraryModules } from "../library/files.ts";
import { type Known, ownerOf } from "./Known.ts";

export function isClosed(all: readonly Known[]): boolean {
  const names = new Set(all.map((one) => one.name));
  return all.every((one) => typesOf(one).every((type) => isWithin(type, names)));
}

const typesOf = (of: Known): readonly Core.Type[] =>
  "cases" in of
    ? of.cases.flatMap((each) => each.fields.map((field) => field.type))
    : [...of.parameters.map((one) => one.type), of.result];

function isWithin(type: Core.Type, names: ReadonlySet<string>): boolean {
  const each = (types: readonly Core.Type[]): boolean => types.every((inner) => isWithin(inner, names));
  switch (type.kind) {
    case "builtin":
      return each(type.arguments);
    case "declared": {
      const { reference } = type;
      const isThere =
        reference.kind === "symbol" && (names.has(reference.name) || libraryModules.has(ownerOf(reference.name)));
      return isThere && each(type.arguments);
    }
    case "variable":
      return true;
    case "tuple":
      return each(type.items);
    case "record":
      return each(type.types);
    case "function":
      return each([...type.parameters, type.result]);
  }
}
