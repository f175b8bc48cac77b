/** The value of an expression that needs no running: literals, constructors, collections. */
import { Value } from "../../content/index.ts";
import type { Arg, Expr } from "../types/Tree.ts";
import { intValue } from "./match.ts";

/** Undefined when something in it must be run. */
export function constantValue(e: Expr): Value.Value | undefined {
  switch (e.kind) {
    case "int":
      return intValue(e.text, e.type);
    case "constant":
      return e.value;
    case "tuple": {
      const items = all(e.items);
      return items === undefined ? undefined : Value.tuple(items);
    }
    case "list": {
      const items = all(e.items);
      return items === undefined ? undefined : Value.list(items);
    }
    case "record": {
      const values = all(e.fields.map(([, field]) => field));
      return values === undefined ? undefined : Value.record(e.fields.map(([name], i) => [name, values[i]!]));
    }
    case "map": {
      const keys = all(e.entries.map(([key]) => key));
      const values = all(e.entries.map(([, value]) => value));
      return keys === undefined || values === undefined
        ? undefined
        : Value.map(keys.map((key, i) => [key, values[i]!]));
    }
    case "construct": {
      const args = ordered(e.args, e.of.fields.length);
      if (args === undefined) return undefined;
      if (e.of.bare) return Value.variant(e.of.name, args[0]);
      const fields = e.of.fields.map((field, i) => [field.name, args[i]!] as const);
      if (e.of.owner.kind === "record") return Value.record(fields);
      return Value.variant(e.of.name, fields.length === 0 ? undefined : Value.record(fields));
    }
    case "outside": {
      const args = ordered(e.args, e.fields.length);
      if (args === undefined) return undefined;
      return Value.variant(e.name, args.length === 0 ? undefined : Value.record(e.fields.map((f, i) => [f, args[i]!])));
    }
    case "block": {
      const only = e.steps.length === 1 ? e.steps[0]! : undefined;
      return only?.kind === "expr" ? constantValue(only.value) : undefined;
    }
    default:
      return undefined;
  }
}

function all(items: readonly Expr[]): readonly Value.Value[] | undefined {
  const values: Value.Value[] = [];
  for (const item of items) {
    const value = constantValue(item);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function ordered(args: readonly Arg[], count: number): readonly Value.Value[] | undefined {
  const values: Value.Value[] = [];
  for (const arg of args) {
    const value = constantValue(arg.value);
    if (value === undefined) return undefined;
    values[arg.at] = value;
  }
  return values.filter((value) => value !== undefined).length === count ? values : undefined;
}
