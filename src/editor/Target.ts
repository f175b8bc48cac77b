/** What a name in a file stands for, in a form that tells two names of the same thing from two of different things. */
import type { Inspect, Tree } from "../language/index.ts";

/** A field of a record, a constructor, a fact, a program's state; or a parameter of something without a body. */
export type Field = { readonly name: Tree.Name; readonly type: Tree.Type | undefined };

export type Target =
  | { readonly kind: "symbol"; readonly symbol: Inspect.AnySymbol }
  | {
      readonly kind: "local";
      readonly local: Inspect.Local;
      readonly isParameter: boolean;
      /** Where it is declared, when that is another file: a parameter that a label names. */
      readonly file?: string;
    }
  | { readonly kind: "field"; readonly field: Field; readonly file: string; readonly owner: string }
  | { readonly kind: "module"; readonly module: Inspect.Module }
  /** Given by the language or the manifest. */
  | {
      readonly kind: "builtin" | "outside" | "form" | "timeline" | "builtinType" | "builtinConstructor" | "label";
      readonly name: string;
    };

/** The constructor of a record type has the name of its type, at the same place: they are one. */
export function ofSymbol(symbol: Inspect.AnySymbol): Target {
  const isRecord = symbol.kind === "constructor" && symbol.owner.decl.shape.kind === "record";
  return { kind: "symbol", symbol: isRecord ? symbol.owner : symbol };
}

export function ofBinding(binding: Inspect.Binding): Target | undefined {
  switch (binding.kind) {
    case "local":
      return { kind: "local", local: binding, isParameter: false };
    case "builtin":
    case "outside":
    case "form":
    case "timeline":
    case "builtinType":
    case "builtinConstructor":
      return { kind: binding.kind, name: binding.name };
    case "label":
      return { kind: "label", name: binding.label };
    case "state":
      return { kind: "symbol", symbol: binding.program };
    case "typeVariable":
    case "unknown":
      return undefined;
    default:
      return ofSymbol(binding);
  }
}

/** Two targets are the same thing where their keys are equal. */
export type Key = object | string;

export function keyOf(target: Target): Key {
  switch (target.kind) {
    case "symbol":
      return target.symbol;
    case "local":
      return target.local;
    case "module":
      return target.module;
    case "field":
      return `${target.kind} ${target.field.name.span.start} ${target.file}`;
    default:
      return `${target.kind} ${target.name}`;
  }
}
