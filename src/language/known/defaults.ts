/**
 * Defaults that say the same wherever they are read: literals, and constructors of the language around them. Others are
 * only understood in the file that they stand in.
 */
import { builtinConstructors } from "../names/builtinNames.ts";
import type { FileScope } from "../names/Scope.ts";
import { parseExpression, showExpression } from "../syntax/index.ts";
import type * as S from "../syntax/Tree.ts";

const PLAIN: ReadonlySet<unknown> = new Set([
  "int",
  "decimal",
  "float",
  "bool",
  "text",
  "chars",
  "duration",
  "instant",
  "group",
  "tuple",
  "list",
  "map",
  "unary",
  "call",
  "name",
]);

/** The TEL text of such a default; undefined for any other. */
export function defaultText(node: S.Expr, scope: FileScope | undefined): string | undefined {
  return isPlain(node, (name) => scope?.bindings.get(name)?.kind === "builtinConstructor")
    ? showExpression(node)
    : undefined;
}

/** What such a text says; undefined for what `defaultText` does not give. */
export function defaultFrom(text: string): S.Expr | undefined {
  const { expr, problems } = parseExpression(text, "");
  return problems.length === 0 &&
    isPlain(expr, (name) => builtinConstructors.has(name.name.text)) &&
    showExpression(expr) === text
    ? expr
    : undefined;
}

function isPlain(of: S.Expr, isConstructor: (name: S.NameExpr) => boolean): boolean {
  const todo: unknown[] = [of];
  for (let node = todo.pop(); node !== undefined || todo.length > 0; node = todo.pop()) {
    if (typeof node !== "object" || node === null) continue;
    const { kind } = node as { readonly kind?: unknown };
    if (kind !== undefined && !PLAIN.has(kind)) return false;
    if (kind === "name" && !isConstructor(node as S.NameExpr)) return false;
    todo.push(...Object.values(node));
  }
  return true;
}
