/** The names that the language itself gives: types, constructors, the forms of tests, and what they mean. */
import { builtins } from "../core/builtins.ts";
import { builtinLabels, operations } from "../core/operations.ts";
import type { Binding } from "./Tree.ts";

/** Type name → how many parameters it takes. */
export const builtinTypeNames: ReadonlyMap<string, number> = new Map([
  ["Int", 0],
  ["Decimal", 0],
  ["Float", 0],
  ["Bool", 0],
  ["Text", 0],
  ["Bytes", 0],
  ["Duration", 0],
  ["Instant", 0],
  ["Hash", 0],
  ["Unit", 0],
  ["Timeline", 0],
  ["Asset", 0],
  ["List", 1],
  ["Map", 2],
  ["Set", 1],
  ["Option", 1],
  ["Result", 2],
  ["Fact", 1],
  ["Action", 1],
  ["Event", 0],
  ["Call", 1],
  ["Funds", 0],
  ["WorldItem", 0],
]);

export const builtinConstructors: ReadonlySet<string> = new Set(["Some", "None", "Ok", "Err"]);

/** Forms that only tests and simulations use. */
export const forms: ReadonlySet<string> = new Set([
  "world",
  "seen",
  "answer",
  "failing",
  "reply",
  "stalled",
  "advance",
  "started",
  "balance",
  "fixed",
]);

/** Module name → the intrinsics in it. */
export const builtinModules: ReadonlyMap<string, ReadonlyMap<string, Binding>> = (() => {
  const modules = new Map<string, Map<string, Binding>>();
  for (const full of builtins.keys()) {
    const dot = full.indexOf(".");
    const module = full.slice(0, dot);
    const names = modules.get(module) ?? new Map<string, Binding>();
    names.set(full.slice(dot + 1), { kind: "builtin", name: full });
    modules.set(module, names);
  }
  return modules;
})();

const each = (names: Iterable<string>, meaning: (name: string) => Binding): [string, Binding][] =>
  [...names].map((name) => [name, meaning(name)]);

/** What a name means where nothing declares it. */
export const builtinValues: ReadonlyMap<string, Binding> = new Map([
  ...each(forms, (name) => ({ kind: "form", name })),
  ...each(operations.keys(), (name) => ({ kind: "outside", name })),
  ...each(builtinConstructors, (name) => ({ kind: "builtinConstructor", name })),
]);
export const builtinTypeBindings: ReadonlyMap<string, Binding> = new Map(
  each(builtinTypeNames.keys(), (name) => ({ kind: "builtinType", name })),
);
export const builtinEffects: ReadonlyMap<string, Binding> = new Map(
  each(builtinLabels, (label) => ({ kind: "label", label })),
);
