/** The modules and what they declare, as text: for people. */
import type { Resolved } from "./Tree.ts";

export function print(resolved: Resolved): string {
  const made: string[] = [];
  for (const module of resolved.modules.values()) {
    if (module.library) continue;
    made.push(`module ${module.name === "" ? "(none)" : module.name}`);
    for (const symbol of module.types.values()) made.push(`  type ${symbol.full}`);
    for (const symbol of module.effects.values()) made.push(`  effect ${symbol.full}`);
    for (const symbol of module.values.values()) {
      made.push(`  ${symbol.kind} ${symbol.full}`);
      if (symbol.kind !== "program" && symbol.kind !== "interface") continue;
      for (const entry of symbol.entries.values()) made.push(`    entry ${entry.name}`);
    }
  }
  for (const { module, calls } of resolved.scopes.values()) {
    if (module.library) continue;
    for (const [caller, callees] of calls) {
      if (callees.size > 0) made.push(`${caller.full} needs ${[...callees].map((each) => each.full).join(", ")}`);
    }
  }
  return made.join("\n");
}
