/** Lambda lifting: a function inside a function becomes a definition whose first parameters are what it captures. */
import type { Local } from "../names/Tree.ts";
import type { Expr } from "../types/Tree.ts";
import { atomOf, fresh, type Lowering, lowering, scope } from "./Lowering.ts";
import { expression } from "./lowerExpression.ts";
import { type Atom, type Expression, symbol } from "./Tree.ts";

export function closure(l: Lowering, e: Expr & { kind: "lambda" }): Expression {
  return lift(l, e.params, e.body);
}

/** A branch of `par` or `race`: a function without parameters. */
export const thunk = (l: Lowering, body: Expr): Expression => lift(l, [], body);

function lift(l: Lowering, params: readonly Local[], body: Expr): Expression {
  const { output } = l;
  const name = `${output.root}/${++output.lambdas}`;
  const captured = free(l, body);
  const inner = lowering(output);
  for (const local of [...captured, ...params]) {
    inner.locals.set(local, { kind: "local", index: fresh(inner, local.name) });
  }
  // The place in the list is the order in which lambdas begin, outer before inner.
  const at = output.lifted.length;
  output.lifted.length = at + 1;
  const made = scope(inner, () => expression(inner, body));
  output.lifted[at] = {
    name,
    kind: "lambda",
    parameters: captured.length + params.length,
    captured: captured.length,
    locals: inner.names.length,
    body: made,
    signature: undefined,
    localNames: inner.names.slice(),
    doc: undefined,
  };
  const atoms = captured.map((local): Atom => l.locals.get(local)!);
  if (atoms.length === 0) return atomOf({ kind: "function", reference: symbol(name) });
  return { kind: "closure", reference: symbol(name), captured: atoms };
}

/** Locals of the function around that the body uses, by first occurrence. Constants are not captured but copied. */
function free(l: Lowering, body: Expr): readonly Local[] {
  const found = new Set<Local>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const kind = (node as { readonly kind?: unknown }).kind;
    if (kind === "local") {
      const { local } = node as { readonly local?: Local };
      if (local !== undefined && l.locals.has(local)) found.add(local);
      return;
    }
    for (const key in node) {
      if (key === "type" || key === "of" || key === "span" || key === "performs" || key === "pattern" || key === "wrap")
        continue;
      visit((node as Readonly<Record<string, unknown>>)[key]);
    }
  };
  visit(body);
  return [...found];
}
