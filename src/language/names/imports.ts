/** `use`: what each file brings in, and the cycles that imports must not have. */
import { closest } from "../../std/index.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { moduleName, qualify, type SourceFile } from "./collect.ts";
import { ask, type FileScope } from "./Scope.ts";
import type { Module } from "./Tree.ts";

export interface ImportOptions {
  /** The timelines of the manifest; undefined = any name may be used. */
  readonly timelines: readonly string[] | undefined;
  readonly prelude: Module | undefined;
  /** The full name of the definition with this hash. */
  readonly nameOf: ((hash: string) => string | undefined) | undefined;
}

export function scopeOf(
  file: SourceFile,
  modules: ReadonlyMap<string, Module>,
  options: ImportOptions,
  problems: Problem[],
): FileScope {
  const scope: FileScope = {
    file: file.path,
    module: modules.get(moduleName(file.tree))!,
    prelude: options.prelude,
    modules,
    types: new Map(),
    values: new Map(),
    effects: new Map(),
    aliases: new Map(),
    timelines: new Set(),
    bindings: new Map(),
    calls: new Map(),
    asked: new Map(),
  };
  for (const item of file.tree.items) {
    if (item.kind !== "use" || item.path.text === "") continue;
    if (item.path.text === "timelines") useTimelines(scope, item, options.timelines, problems);
    else useModule(scope, item, options.nameOf, problems);
  }
  return scope;
}

function useTimelines(scope: FileScope, use: S.Use, known: readonly string[] | undefined, problems: Problem[]): void {
  for (const name of use.names ?? []) {
    scope.timelines.add(name.text);
    if (known === undefined || known.includes(name.text) || name.text === "") continue;
    const near = closest(name.text, known);
    problems.push(
      error("TEL0211", scope.file, name.span, `the manifest names no timeline \`${name.text}\``, {
        hints: [
          near !== undefined
            ? `did you mean \`${near}\`?`
            : `add \`${name.text} = "…"\` under [timelines] in program.toml`,
        ],
      }),
    );
  }
}

/** `use m #hash (f)`: `f` is that very definition. */
function checkPin(
  scope: FileScope,
  use: S.Use,
  hash: S.Hash,
  module: Module,
  nameOf: ImportOptions["nameOf"],
  problems: Problem[],
): void {
  const [only, ...more] = use.names ?? [];
  const wanted = only === undefined || more.length > 0 ? undefined : qualify(module, only.text);
  if (wanted !== undefined && nameOf?.(hash.text) === wanted) return;
  const message =
    wanted === undefined
      ? "a hash in `use` is that of one name: `use m #hash (name)`"
      : `\`${wanted}\` does not have the hash \`#${hash.text}\` here`;
  problems.push(
    error("TEL0218", scope.file, hash.span, message, {
      hints: ["leave the hash out, or add the definition to the codebase first"],
    }),
  );
}

function useModule(scope: FileScope, use: S.Use, nameOf: ImportOptions["nameOf"], problems: Problem[]): void {
  const found = scope.modules.get(use.path.text);
  if (found === undefined) {
    const near = closest(use.path.text, scope.modules.keys());
    problems.push(
      error("TEL0205", scope.file, use.path.span, `there is no module \`${use.path.text}\``, {
        hints: near !== undefined && near !== "" ? [`did you mean \`${near}\`?`] : [],
        ...(near !== undefined && near !== ""
          ? { fix: { title: `use \`${near}\``, edits: [{ span: use.path.span, text: near }] } }
          : {}),
      }),
    );
    return;
  }
  if (use.hash !== undefined) checkPin(scope, use, use.hash, found, nameOf, problems);
  scope.aliases.set(use.path.parts.at(-1)?.text ?? use.path.text, found);
  for (const name of use.names ?? []) {
    if (name.text === "") continue;
    ask(scope, found.name, name.text);
    const type = found.types.get(name.text);
    const value = found.values.get(name.text);
    const effect = found.effects.get(name.text);
    if (type === undefined && value === undefined && effect === undefined) {
      const near = closest(name.text, [...found.types.keys(), ...found.values.keys(), ...found.effects.keys()]);
      problems.push(
        error("TEL0206", scope.file, name.span, `module \`${found.name}\` has no \`${name.text}\``, {
          hints: near !== undefined ? [`did you mean \`${near}\`?`] : [],
          ...(near !== undefined
            ? { fix: { title: `use \`${near}\``, edits: [{ span: name.span, text: near }] } }
            : {}),
        }),
      );
      continue;
    }
    const clash =
      (type !== undefined && (scope.types.get(name.text) ?? type) !== type) ||
      (value !== undefined && (scope.values.get(name.text) ?? value) !== value);
    if (clash) {
      problems.push(
        error("TEL0217", scope.file, name.span, `\`${name.text}\` is imported from two modules`, {
          hints: [`leave it out of one \`use\` and write \`${found.name}.${name.text}\` there`],
        }),
      );
      continue;
    }
    if (type !== undefined) {
      scope.types.set(name.text, type);
      // The cases of a sum come with it.
      for (const [key, symbol] of found.values) {
        if (symbol.kind === "constructor" && symbol.owner === type && !scope.values.has(key)) {
          scope.values.set(key, symbol);
        }
      }
    }
    if (value !== undefined) scope.values.set(name.text, value);
    if (effect !== undefined) {
      scope.effects.set(name.text, effect);
      for (const operation of effect.operations) scope.values.set(operation.name, operation);
    }
  }
}

/** Reports each cycle of modules once, at the `use` that closes it. */
export function cycles(files: readonly SourceFile[], problems: Problem[]): void {
  const edges = new Map<string, { readonly to: string; readonly file: string; readonly span: S.Span }[]>();
  for (const file of files) {
    const from = moduleName(file.tree);
    if (from === "") continue;
    const list = edges.get(from) ?? [];
    for (const item of file.tree.items) {
      if (item.kind === "use") list.push({ to: item.path.text, file: file.path, span: item.path.span });
    }
    edges.set(from, list);
  }
  const state = new Map<string, "open" | "done">();
  for (const root of edges.keys()) {
    if (state.has(root)) continue;
    const path: { readonly name: string; next: number }[] = [{ name: root, next: 0 }];
    state.set(root, "open");
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const edge = edges.get(top.name)?.[top.next++];
      if (edge === undefined) {
        state.set(top.name, "done");
        path.pop();
      } else if (state.get(edge.to) === "open") {
        const from = path.findIndex((step) => step.name === edge.to);
        const names = [...path.slice(from).map((step) => step.name), edge.to];
        problems.push(
          error("TEL0209", edge.file, edge.span, `modules import each other in a circle: ${names.join(" → ")}`, {
            hints: ["move what both need into a module of its own"],
          }),
        );
      } else if (!state.has(edge.to) && edges.has(edge.to)) {
        state.set(edge.to, "open");
        path.push({ name: edge.to, next: 0 });
      }
    }
  }
}
