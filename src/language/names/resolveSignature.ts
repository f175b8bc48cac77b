/** Names in signatures: parameters, types, rows. */
import { error } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import * as Report from "./report.ts";
import { expression } from "./resolveExpression.ts";
import * as Scope from "./Scope.ts";
import type { Local } from "./Tree.ts";
import type { Walk } from "./Walk.ts";

/** Parameters of a body: bound as locals. A default sees no other parameter. */
export function params(walk: Walk, all: readonly S.Param[]): void {
  for (const param of all) {
    if (param.type !== undefined) type(walk, param.type);
    if (param.default !== undefined) expression(walk, param.default);
  }
  if (all.length > 1) {
    const names = all.map((param) => param.name).filter((name) => name.text !== "_");
    Report.duplicates(walk, names, "parameter");
  }
  for (const param of all) bind(walk, param, param.name);
}

/** Fields of a declaration without body. */
export function fields(walk: Walk, all: readonly S.Param[]): void {
  for (const param of all) {
    if (param.type !== undefined) type(walk, param.type);
    if (param.default !== undefined) expression(walk, param.default);
  }
  Report.duplicates(
    walk,
    all.map((param) => param.name),
    "field",
  );
}

export function bind(walk: Walk, node: object, name: S.Name): Local {
  const local: Local = { kind: "local", name: name.text, span: name.span };
  walk.bindings.set(node, local);
  if (name.text !== "_" && name.text !== "") Scope.push(walk.locals, local);
  return local;
}

export function type(walk: Walk, node: S.Type): void {
  switch (node.kind) {
    case "missing":
      return;
    case "variable":
      return;
    case "tupleType":
      Report.duplicates(
        walk,
        node.items.flatMap((item) => (item.label === undefined ? [] : [item.label])),
        "label",
      );
      for (const item of node.items) type(walk, item.type);
      return;
    case "fnType":
      for (const param of node.params) type(walk, param);
      type(walk, node.result);
      row(walk, node.row);
      return;
    case "named": {
      for (const arg of node.args) type(walk, arg);
      const name = node.name.text;
      if (name === "State" && walk.program !== undefined) {
        walk.bindings.set(node, { kind: "state", program: walk.program });
        return;
      }
      const dot = name.lastIndexOf(".");
      const found =
        dot < 0 ? Scope.type(walk.scope, name) : Scope.memberType(walk.scope, name.slice(0, dot), name.slice(dot + 1));
      walk.bindings.set(node, found ?? { kind: "unknown" });
      if (found === undefined && name !== "") {
        Report.unknown(walk, "TEL0202", node.name, "there is no type", Scope.typeNames(walk.scope), "types");
      }
      return;
    }
  }
}

export function row(walk: Walk, node: S.Row | undefined): void {
  if (node === undefined) return;
  for (const name of node.labels) label(walk, name);
  Report.duplicates(walk, node.labels, "label");
  const variables = node.labels.filter((name) => isLower(name.text));
  if (variables.length > 1) {
    walk.problems.push(
      error("TEL0219", walk.scope.file, variables[1]!.span, "a row has at most one variable", {
        hints: [`use \`${variables[0]!.text}\` for both`],
      }),
    );
  }
}

const isLower = (text: string): boolean => /^[a-z]/.test(text);

export function label(walk: Walk, name: S.Name): void {
  if (name.text === "") return;
  if (isLower(name.text)) {
    walk.bindings.set(name, { kind: "typeVariable", name: name.text });
    return;
  }
  const found = Scope.effect(walk.scope, name.text);
  walk.bindings.set(name, found ?? { kind: "unknown" });
  if (found === undefined) {
    Report.unknown(walk, "TEL0204", name, "there is no effect", Scope.effectNames(walk.scope), "effects");
  }
}
