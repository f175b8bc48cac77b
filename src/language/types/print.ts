/** Typed definitions as text: signatures, and the type of every local. */
import type { Checked, Typed } from "./check.ts";
import * as Row from "./Row.ts";
import { show } from "./show.ts";
import type { Pattern } from "./Tree.ts";

export const print = (typed: Typed): string => [...typed.functions.values()].map(printOne).join("\n\n");

/** What each definition says it does, and what it was found to do. */
export const printEffects = (typed: Typed): string =>
  [...typed.functions.values()]
    .map((of) => {
      const done = Row.labels(of.inferred);
      const calls = of.marks
        .filter((mark) => !Row.isEmpty(mark.row))
        .map((mark) => `  ${mark.what}! : ${Row.showLabels(Row.labels(mark.row))}`);
      return [`${of.name}${done.length === 0 ? " is pure" : ` does ${Row.showLabels(done)}`}`, ...calls].join("\n");
    })
    .join("\n");

export function signatureOf(of: Checked): string {
  const params = of.params.map((param) => `${param.local.name}: ${show(param.type)}`).join(", ");
  return `${of.name}(${params}) -> ${show(of.result)}${Row.show(of.declared)}`;
}

function printOne(of: Checked): string {
  const locals: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const pattern = node as Partial<Pattern> & { readonly kind?: string };
    if (pattern.kind === "bind" || pattern.kind === "as") {
      const { local, type } = pattern as Pattern & { kind: "bind" };
      locals.push(`  ${local.name}: ${show(type)}`);
    }
    for (const key in node) {
      if (key === "type" || key === "of" || key === "span" || key === "performs" || key === "wrap" || key === "local")
        continue;
      visit((node as Readonly<Record<string, unknown>>)[key]);
    }
  };
  visit(of.body);
  return [`${of.kind} ${signatureOf(of)}`, ...locals].join("\n");
}
