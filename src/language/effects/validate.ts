/** The effects pass: what typed definitions may not do, although every type fits. Each rule has a file of its own. */
import type { Known } from "../known/Known.ts";
import { order } from "../names/order.ts";
import type { Resolved } from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import type { Typed } from "../types/check.ts";
import * as Row from "../types/Row.ts";
import { checkAssets } from "./assets.ts";
import { checkBranches, type Footprints, footprints } from "./footprint.ts";
import { checkFunds } from "./funds.ts";
import { checkGrant, type Policy } from "./grant.ts";
import { checkIgnored } from "./ignored.ts";
import { checkMarks } from "./marks.ts";
import { checkGenerated, checkProgram } from "./programs.ts";
import { checkStale } from "./stale.ts";
import { checkTime } from "./time.ts";
import { checkTotal } from "./total.ts";

export interface ValidateOptions extends Policy {
  readonly isLibrary: (file: string) => boolean;
  /** Whether some file speaks of Funds at all. */
  readonly hasFunds: boolean;
  /** Names under [assets]; undefined: any. */
  readonly assets: readonly string[] | undefined;
  readonly known: readonly Known[];
}

export const allFootprints = (resolved: Resolved, typed: Typed, known: readonly Known[]): Footprints =>
  footprints(typed.functions, circular(resolved), known);

export function validate(resolved: Resolved, typed: Typed, options: ValidateOptions, problems: Problem[]): void {
  const own = [...typed.functions.values()].filter((of) => !options.isLibrary(of.file));
  for (const of of own) checkMarks(of, problems);
  const all = allFootprints(resolved, typed, options.known);
  const exclusive = new Set<string>();
  for (const program of typed.programs) {
    for (const entry of program.symbol.entries.values()) if (entry.decl.exclusive) exclusive.add(entry.full);
  }
  for (const of of own) {
    const { noted } = of;
    if (noted.hasTime || noted.leaves) checkTime(of, problems);
    if (noted.hasBranches) checkBranches(all, of, problems);
    if (!Row.isEmpty(of.inferred)) checkIgnored(of, problems);
    if (options.assets !== undefined) checkAssets(of, options.assets, problems);
    if (of.kind === "prop") checkGenerated(of, problems);
    if (options.hasFunds) checkFunds(of, problems);
    if (of.program !== undefined && !exclusive.has(of.name)) checkStale(of, problems);
  }
  for (const program of typed.programs) {
    checkProgram(typed, program, problems);
    checkGrant(typed, program, options, problems);
    for (const migration of program.migrations) {
      checkTotal(resolved, typed, program.symbol, migration.name, options.known, problems);
    }
  }
}

function circular(resolved: Resolved): ReadonlySet<string> {
  const found = new Set<string>();
  for (const group of order(resolved.calls.keys(), (symbol) => resolved.calls.get(symbol) ?? [])) {
    if (group.length > 1) for (const symbol of group) found.add(symbol.full);
  }
  return found;
}
