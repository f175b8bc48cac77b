/** The effects pass: what typed definitions may not do, although every type fits. Each rule has a file of its own. */
import type { Known } from "../known/Known.ts";
import { order } from "../names/order.ts";
import { callsOf, type Owner, type Resolved } from "../names/Tree.ts";
import type { Problem } from "../problems/Problem.ts";
import type { Checked, Typed, TypedProgram } from "../types/check.ts";
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

export interface ValidateOptions extends Policy {
  /** Whether some file speaks of Funds at all. */
  readonly hasFunds: boolean;
  /** Names under [assets]; undefined: any. */
  readonly assets: readonly string[] | undefined;
}

/**
 * Checks the functions and programs of one file. `problems` are those of the file so far; `shared` is what one check
 * shares among its files.
 */
export function validate(
  shared: Shared,
  functions: readonly Checked[],
  programs: readonly TypedProgram[],
  options: ValidateOptions,
  problems: Problem[],
): void {
  for (const of of functions) checkMarks(of, problems);
  const exclusive = new Set<string>();
  for (const program of programs) {
    for (const entry of program.symbol.entries.values()) if (entry.decl.exclusive) exclusive.add(entry.full);
  }
  for (const of of functions) {
    const { noted } = of;
    if (noted.hasTime || noted.leaves) checkTime(of, problems);
    if (noted.hasBranches) checkBranches(shared.footprints, of, problems);
    if (!Row.isEmpty(of.inferred)) checkIgnored(of, problems);
    if (options.assets !== undefined) checkAssets(of, options.assets, problems);
    if (of.kind === "prop") checkGenerated(of, problems);
    if (options.hasFunds) checkFunds(of, problems);
    if (of.program !== undefined && !exclusive.has(of.name)) checkStale(of, problems);
  }
  for (const program of programs) {
    checkProgram(shared.typed, program, problems);
    checkGrant(shared.typed, program, options, problems);
  }
}

export interface Shared {
  readonly typed: Typed;
  readonly footprints: Footprints;
}

export const share = (resolved: Resolved, typed: Typed, known: readonly Known[]): Shared => ({
  typed,
  footprints: footprints(typed.functions, circular(resolved, typed), known),
});

/** Whether a function calls itself by way of others; found out when it is asked. */
function circular(resolved: Resolved, typed: Typed): (name: string) => boolean {
  let symbols: ReadonlyMap<string, Owner> | undefined;
  const known = new Map<Owner, boolean>();
  return (name) => {
    symbols ??= owners(resolved);
    const symbol = symbols.get(name);
    if (symbol === undefined || typed.functions.get(name) === undefined) return false;
    if (!known.has(symbol)) {
      // What is known has all that it calls known too.
      const calls = (each: Owner): Owner[] => [...callsOf(resolved, each)].filter((other) => !known.has(other));
      for (const group of order([symbol], calls)) for (const each of group) known.set(each, group.length > 1);
    }
    return known.get(symbol)!;
  };
}

/** By full name. */
function owners(resolved: Resolved): ReadonlyMap<string, Owner> {
  const found = new Map<string, Owner>();
  for (const { units } of resolved.declared.values()) {
    for (const unit of units) if ("symbol" in unit && unit.kind !== "program") found.set(unit.symbol.full, unit.symbol);
  }
  return found;
}
