/** What a file sees: its module, what it imports, what the manifest and the language give; and the locals of a body. */
import { builtinLabels, operations } from "../core/operations.ts";
import { builtinConstructors, builtinModules, builtinTypeNames, forms } from "./builtinNames.ts";
import { qualify } from "./collect.ts";
import type { Binding, EffectSymbol, Local, Module, Owner, TypeSymbol, ValueSymbol } from "./Tree.ts";

export interface FileScope {
  readonly file: string;
  readonly module: Module;
  readonly prelude: Module | undefined;
  readonly modules: ReadonlyMap<string, Module>;
  readonly types: Map<string, TypeSymbol>;
  readonly values: Map<string, ValueSymbol>;
  readonly effects: Map<string, EffectSymbol>;
  /** `math` for `use arb.math`. */
  readonly aliases: Map<string, Module>;
  readonly timelines: Set<string>;
  /** What the nodes of the file's tree mean. */
  readonly bindings: Map<object, Binding>;
  /** Of every function with a body in the file: the functions that its body names. */
  readonly calls: Map<Owner, ReadonlySet<Owner>>;
  /** Full names of other modules that were looked up, whether there is such a thing or not. */
  readonly asked: Set<string>;
}

const labels: ReadonlySet<string> = new Set(builtinLabels);

export function value(scope: FileScope, name: string): Binding | undefined {
  const own = scope.module.values.get(name) ?? scope.values.get(name);
  if (own !== undefined) return own;
  if (scope.timelines.has(name)) return { kind: "timeline", name };
  if (builtinConstructors.has(name)) return { kind: "builtinConstructor", name };
  if (operations.has(name)) return { kind: "outside", name };
  if (forms.has(name)) return { kind: "form", name };
  return scope.prelude?.values.get(name);
}

export function type(scope: FileScope, name: string): Binding | undefined {
  const own = scope.module.types.get(name) ?? scope.types.get(name);
  if (own !== undefined) return own;
  if (builtinTypeNames.has(name)) return { kind: "builtinType", name };
  return scope.prelude?.types.get(name);
}

export function effect(scope: FileScope, name: string): Binding | undefined {
  const own = scope.module.effects.get(name) ?? scope.effects.get(name);
  if (own !== undefined) return own;
  return labels.has(name) ? { kind: "label", label: name } : undefined;
}

/** A module by its whole name or by the last part of an imported one. Libraries need no `use`. */
export function module(scope: FileScope, name: string): Module | undefined {
  return scope.aliases.get(name) ?? scope.modules.get(name);
}

export const isModule = (scope: FileScope, name: string): boolean =>
  module(scope, name) !== undefined || builtinModules.has(name);

/** `list.sortBy`: what TEL text of that module declares, else an intrinsic. */
export function member(scope: FileScope, path: string, name: string): Binding | undefined {
  const home = module(scope, path);
  if (home !== undefined) scope.asked.add(qualify(home, name));
  const declared = home?.values.get(name);
  if (declared !== undefined) return declared;
  return builtinModules.get(path)?.has(name) === true ? { kind: "builtin", name: `${path}.${name}` } : undefined;
}

/** `math.Quote` as a type. */
export function memberType(scope: FileScope, path: string, name: string): TypeSymbol | undefined {
  const home = module(scope, path);
  if (home !== undefined) scope.asked.add(qualify(home, name));
  return home?.types.get(name);
}

export function* memberNames(scope: FileScope, path: string): Iterable<string> {
  yield* module(scope, path)?.values.keys() ?? [];
  yield* builtinModules.get(path) ?? [];
}

export function* valueNames(scope: FileScope): Iterable<string> {
  yield* scope.module.values.keys();
  yield* scope.values.keys();
  yield* scope.timelines;
  yield* builtinConstructors;
  yield* operations.keys();
  yield* forms;
  yield* scope.prelude?.values.keys() ?? [];
}

export function* typeNames(scope: FileScope): Iterable<string> {
  yield* scope.module.types.keys();
  yield* scope.types.keys();
  yield* builtinTypeNames.keys();
  yield* scope.prelude?.types.keys() ?? [];
}

export function* effectNames(scope: FileScope): Iterable<string> {
  yield* scope.module.effects.keys();
  yield* scope.effects.keys();
  yield* builtinLabels;
}

/** The locals of one body: a stack of names, the innermost last. */
export interface Locals {
  readonly visible: Map<string, Local[]>;
  readonly order: Local[];
}

export const locals = (): Locals => ({ visible: new Map(), order: [] });

export function push(all: Locals, local: Local): void {
  all.order.push(local);
  const same = all.visible.get(local.name);
  if (same === undefined) all.visible.set(local.name, [local]);
  else same.push(local);
}

export const mark = (all: Locals): number => all.order.length;

export function release(all: Locals, to: number): void {
  while (all.order.length > to) all.visible.get(all.order.pop()!.name)!.pop();
}

export const find = (all: Locals, name: string): Local | undefined => all.visible.get(name)?.at(-1);
