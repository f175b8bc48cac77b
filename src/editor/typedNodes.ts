/** Walks over what the checker has made of a body. */
import type { Inspect } from "../language/index.ts";

export type TypedNode = Inspect.TypedExpr | Inspect.TypedPattern;

/** Fields of typed nodes that lead away from the tree. */
const away = new Set(["type", "of", "span", "performs", "wrap", "local", "target"]);

/** Every expression and pattern of a typed body, outside in. */
export function eachTyped(root: Inspect.TypedExpr, visit: (node: TypedNode) => void): void {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null) continue;
    if (Array.isArray(node)) {
      for (let i = node.length - 1; i >= 0; i--) stack.push(node[i]);
      continue;
    }
    if ("kind" in node && "type" in node && "span" in node) visit(node as TypedNode);
    for (const key of Object.keys(node)) {
      const child = (node as Readonly<Record<string, unknown>>)[key];
      // `target` is an expression in some nodes and the name of a definition in others.
      if (!away.has(key) || (key === "target" && typeof child === "object" && child !== null && "span" in child))
        stack.push(child);
    }
  }
}
