/** What a file sees: its module, what it imports, what the manifest and the language give; and the locals of a body. */
import { builtinLabels, operations } from "../core/operations.ts";
import {
  builtinConstructors,
  builtinEffects,
  builtinModules,
  builtinTypeBindings,
  builtinTypeNames,
  builtinValues,
  forms,
} from "./builtinNames.ts";
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
  readonly calls: Map<Owner, Set<Owner>>;
  /** By module: the names that were looked up in it, whether there is such a thing or not. */
  readonly asked: Map<string, Set<string>>;
}

export function value(scope: FileScope, name: string): Binding | undefined {
  const own = scope.module.values.get(name) ?? scope.values.get(name);
  if (own !== undefined) return own;
  if (scope.timelines.has(name)) return { kind: "timeline", name };
  return builtinValues.get(name) ?? scope.prelude?.values.get(name);
}

export function type(scope: FileScope, name: string): Binding | undefined {
  return (
    scope.module.types.get(name) ??
    scope.types.get(name) ??
    builtinTypeBindings.get(name) ??
    scope.prelude?.types.get(name)
  );
}

export function effect(scope: FileScope, name: string): Binding | undefined {
  return scope.module.effects.get(name) ?? scope.effects.get(name) ?? builtinEffects.get(name);
}

/** A module by its whole name or by the last part of an imported one. Libraries need no `use`. */
export function module(scope: FileScope, name: string): Module | undefined {
  return scope.aliases.get(name) ?? scope.modules.get(name);
}

export const isModule = (scope: FileScope, name: string): boolean =>
  module(scope, name) !== undefined || builtinModules.has(name);

export function ask(scope: FileScope, module: string, name: string): void {
  const known = scope.asked.get(module);
  if (known === undefined) scope.asked.set(module, new Set([name]));
  else known.add(name);
}

/** `list.sortBy`: what TEL text of that module declares, else an intrinsic. */
export function member(scope: FileScope, path: string, name: string): Binding | undefined {
  const home = module(scope, path);
  if (home !== undefined) ask(scope, home.name, name);
  return home?.values.get(name) ?? builtinModules.get(path)?.get(name);
}

/** `math.Quote` as a type. */
export function memberType(scope: FileScope, path: string, name: string): TypeSymbol | undefined {
  const home = module(scope, path);
  if (home !== undefined) ask(scope, home.name, name);
  return home?.types.get(name);
}

export function* memberNames(scope: FileScope, path: string): Iterable<string> {
  yield* module(scope, path)?.values.keys() ?? [];
  yield* builtinModules.get(path)?.keys() ?? [];
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

/** The locals of one body, the innermost last. */
export interface Locals {
  /** By name; undefined where none of that name is visible any more. */
  readonly visible: Map<string, Visible | undefined>;
  readonly order: Visible[];
}

interface Visible {
  readonly local: Local;
  /** Of the same name, further out. */
  readonly hidden: Visible | undefined;
}

export const locals = (): Locals => ({ visible: new Map(), order: [] });

export function push(all: Locals, local: Local): void {
  const made = { local, hidden: all.visible.get(local.name) };
  all.order.push(made);
  all.visible.set(local.name, made);
}

export const mark = (all: Locals): number => all.order.length;

export function release(all: Locals, to: number): void {
  while (all.order.length > to) {
    const { local, hidden } = all.order.pop()!;
    all.visible.set(local.name, hidden);
  }
}

export const find = (all: Locals, name: string): Local | undefined => all.visible.get(name)?.local;
