/** The locals that a place can see: parameters of what is around it, and names bound before it. */
import type { Inspect, Tree } from "../language/index.ts";

/** Inner names hide outer ones; the innermost come first. */
export function localsAt(
  tree: Tree.File,
  bindings: Inspect.FileScope["bindings"],
  offset: number,
): readonly Inspect.Local[] {
  const found: Inspect.Local[] = [];
  const bind = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(bind);
      return;
    }
    const local = bindings.get(node);
    if (local?.kind === "local" && local.name !== "" && local.name !== "_") found.push(local);
    for (const key of Object.keys(node)) {
      if (key !== "span" && key !== "type" && key !== "default") bind((node as Readonly<Record<string, unknown>>)[key]);
    }
  };
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const at = node as Tree.Node & { readonly params?: readonly Tree.Param[]; readonly pattern?: Tree.Pattern };
    if (at.span !== undefined && (offset < at.span.start || offset > at.span.end)) return;
    if (at.params !== undefined) bind(at.params);
    // A case of a match.
    if (!("kind" in node) && at.pattern !== undefined) bind(at.pattern);
    if (at.kind === "block") {
      for (const step of at.steps) if (step.kind === "let" && step.span.end <= offset) bind(step.pattern);
    }
    for (const key of Object.keys(node)) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(tree.items);
  const names = new Set<string>();
  return found.reverse().filter((local) => !names.has(local.name) && names.add(local.name));
}
