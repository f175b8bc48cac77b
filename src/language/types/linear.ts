/** Which types hold Funds. */
import * as T from "./Type.ts";

export function isLinear(type: T.Type): boolean {
  const at = T.shallow(type);
  switch (at.kind) {
    case "con":
      return at.info === T.builtinTypes.Funds || at.args.some(isLinear);
    case "tuple":
      return at.items.some(isLinear);
    case "rec":
      return at.types.some(isLinear);
    default:
      return false;
  }
}
