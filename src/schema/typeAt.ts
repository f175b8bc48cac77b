/** Following a path into a type. */
import type * as Path from "./Path.ts";
import * as T from "./Type.ts";

/** The type at a path, passing through options; `undefined` when the path leads nowhere. */
export function typeAt(root: T.Type, steps: readonly Path.Step[], types: T.Types): Exclude<T.Type, T.Ref> | undefined {
  let at = T.resolve(root, types);
  for (const step of steps) {
    while (at.kind === "option" && step.kind !== "some") at = T.resolve(at.item, types);
    const next = stepInto(at, step);
    if (next === undefined) return undefined;
    at = T.resolve(next, types);
  }
  return at.kind === "option" ? T.resolve(at.item, types) : at;
}

function stepInto(type: T.Type, step: Path.Step): T.Type | undefined {
  switch (step.kind) {
    case "field":
      return type.kind === "record" ? type.fields.find((f) => f.name === step.name)?.type : undefined;
    case "item":
      return type.kind === "list" || type.kind === "set" ? type.item : undefined;
    case "value":
      return type.kind === "map" ? type.item : undefined;
    case "key":
      return type.kind === "map" ? type.key : undefined;
    case "some":
      return type.kind === "option" ? type.item : undefined;
    case "part":
      return type.kind === "tuple" ? type.items[step.index] : undefined;
    case "case":
      return type.kind === "variant" ? type.cases.find((c) => c.name === step.name)?.payload : undefined;
  }
}
