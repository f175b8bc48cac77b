import * as T from "./Type.ts";

/** Whether a value of the type is a Result, or has some inside that nobody sees when the value is dropped. */
export function holdsResult(type: T.Type): boolean {
  const at = T.shallow(type);
  if (at.kind === "con")
    return at.info === T.builtinTypes.Result || (at.info.kind === "builtin" && at.args.some(holdsResult));
  if (at.kind === "tuple") return at.items.some(holdsResult);
  return at.kind === "rec" && at.types.some(holdsResult);
}
