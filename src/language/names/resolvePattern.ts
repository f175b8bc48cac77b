/** Names that patterns bind, and constructors that they name. */
import { error } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import * as Report from "./report.ts";
import { bind } from "./resolveSignature.ts";
import * as Scope from "./Scope.ts";
import type { Binding, Local } from "./Tree.ts";
import type { Walk } from "./Walk.ts";

/** Binds what a pattern names. `reuse` holds the names of an earlier alternative: they are the same locals. */
export function pattern(walk: Walk, node: S.Pattern): void {
  if (node.kind === "wildcard") return;
  if (node.kind === "bind") {
    bind(walk, node, node.name);
    return;
  }
  const bound = new Map<string, Local>();
  visit(walk, node, bound, undefined);
  for (const local of bound.values()) Scope.push(walk.locals, local);
}

function visit(
  walk: Walk,
  node: S.Pattern,
  bound: Map<string, Local>,
  reuse: ReadonlyMap<string, Local> | undefined,
): void {
  switch (node.kind) {
    case "wildcard":
    case "missing":
      return;
    case "literal":
      return;
    case "bind":
      bindPattern(walk, node, node.name, bound, reuse);
      return;
    case "as":
      visit(walk, node.pattern, bound, reuse);
      bindPattern(walk, node, node.name, bound, reuse);
      return;
    case "constructor": {
      const found = findConstructor(walk, node.name.text);
      walk.bindings.set(node, found ?? { kind: "unknown" });
      if (found === undefined && node.name.text !== "") {
        Report.unknown(walk, "TEL0203", node.name, "there is no constructor", Report.constructorNames(walk), "values");
      }
      for (const item of node.items) visit(walk, item.pattern, bound, reuse);
      return;
    }
    case "tuplePattern":
      for (const item of node.items) visit(walk, item.pattern, bound, reuse);
      return;
    case "listPattern":
      for (const item of node.before) visit(walk, item, bound, reuse);
      if (node.rest?.name !== undefined) bindPattern(walk, node.rest, node.rest.name, bound, reuse);
      for (const item of node.after) visit(walk, item, bound, reuse);
      return;
    case "or": {
      const first = new Map<string, Local>();
      visit(walk, node.options[0]!, first, reuse);
      for (const option of node.options.slice(1)) {
        const other = new Map<string, Local>();
        visit(walk, option, other, new Map([...(reuse ?? []), ...first]));
        const missing =
          [...first.keys()].find((key) => !other.has(key)) ?? [...other.keys()].find((key) => !first.has(key));
        if (missing !== undefined) {
          walk.problems.push(
            error(
              "TEL0215",
              walk.scope.file,
              option.span,
              `\`${missing}\` is not bound in every alternative of this pattern`,
              {
                hints: ["every alternative binds the same names"],
              },
            ),
          );
        }
        for (const [key, local] of other) if (!first.has(key)) first.set(key, local);
      }
      for (const [key, local] of first) add(walk, key, local, bound);
      return;
    }
  }
}

function bindPattern(
  walk: Walk,
  node: object,
  name: S.Name,
  bound: Map<string, Local>,
  reuse: ReadonlyMap<string, Local> | undefined,
): void {
  const local = reuse?.get(name.text) ?? ({ kind: "local", name: name.text, span: name.span } as const);
  walk.bindings.set(node, local);
  if (name.text === "" || name.text === "_") return;
  if (bound.has(name.text)) Report.twice(walk, name, bound.get(name.text)!.span, "name in this pattern");
  bound.set(name.text, local);
}

function add(walk: Walk, key: string, local: Local, bound: Map<string, Local>): void {
  const before = bound.get(key);
  if (before !== undefined && before !== local) {
    Report.twice(walk, { text: key, span: local.span }, before.span, "name in this pattern");
  }
  bound.set(key, local);
}

function findConstructor(walk: Walk, text: string): Binding | undefined {
  if (text === "State" && walk.program !== undefined) return { kind: "state", program: walk.program };
  const dot = text.lastIndexOf(".");
  const found =
    dot < 0 ? Scope.value(walk.scope, text) : Scope.member(walk.scope, text.slice(0, dot), text.slice(dot + 1));
  return found?.kind === "constructor" || found?.kind === "builtinConstructor" ? found : undefined;
}
