/**
 * Migrations are total: they come to an end for every old state. So what they call may recurse only on a part of what
 * it was given (structural recursion), and not in circles of several functions. The library's own functions end.
 */
import { type Known, ownerOf, wordOf } from "../known/Known.ts";
import { order } from "../names/order.ts";
import { callsOf, type Local, type Owner, type Resolved } from "../names/Tree.ts";
import { error, type Problem } from "../problems/Problem.ts";
import type { Checked, Typed } from "../types/check.ts";
import { children } from "../types/children.ts";
import type { Expr, Pattern } from "../types/Tree.ts";

/** The migrations of all programs: what is found stands where the functions are that they call. */
export function checkTotal(resolved: Resolved, typed: Typed, known: readonly Known[], problems: Problem[]): void {
  const endless = endings(resolved, typed, known);
  for (const { symbol: program, migrations } of typed.programs) {
    for (const migration of migrations) {
      const root = typed.functions.get(migration.name);
      if (root === undefined) continue;
      for (const { of, why } of endless(called(root.body))) {
        const { file, nameSpan } = of ?? root;
        problems.push(
          error(
            "TEL0504",
            file,
            nameSpan,
            `a migration of \`${program.name}\` uses this, and it may never end: ${why}`,
            {
              hints: ["recurse on what a pattern took out of a parameter, or use `list.map` and `list.fold`"],
            },
          ),
        );
      }
    }
  }
}

interface Endless {
  /** Undefined where the function is known without its body. */
  readonly of: Checked | undefined;
  readonly why: string;
}

/** Gives the functions among some, by name, and among those that they call, that may never end. */
export function endings(
  resolved: Resolved,
  typed: Typed,
  known: readonly Known[],
): (names: readonly string[]) => readonly Endless[] {
  const partial = new Set(known.flatMap((one) => (one.kind === "function" && !one.isTotal ? [one.name] : [])));
  const ends = new Map<Owner, boolean>();
  return (names) => {
    const found: Endless[] = [];
    const seen = new Set(names.filter((name) => partial.has(name)));
    const callees = (symbol: Owner): readonly Owner[] => {
      const all = callsOf(resolved, symbol);
      if (partial.size > 0) for (const each of all) if (partial.has(each.full)) seen.add(each.full);
      return [...all];
    };
    const first = names.flatMap((name) => owner(resolved, name) ?? []);
    for (const group of order(first, callees)) {
      const symbol = group[0]!;
      const of = typed.functions.get(symbol.full);
      if (of === undefined || resolved.modules.get(ownerOf(symbol.full))?.library === true) continue;
      if (group.length > 1) {
        const all = group.map((each) => `\`${each.name}\``).join(", ");
        found.push({ of, why: `${all} call each other` });
      } else if (callsOf(resolved, symbol).has(symbol)) {
        if (!ends.has(symbol)) ends.set(symbol, decreases(of));
        if (ends.get(symbol) === true) continue;
        const why = `\`${symbol.name}\` calls itself on something that need not be a part of what it was given`;
        found.push({ of, why });
      }
    }
    for (const name of seen) found.push({ of: undefined, why: `\`${name}\` calls itself, directly or not` });
    return found;
  };
}

/** The symbol of a function by its full name, in a module or in a program of a module. */
function owner(resolved: Resolved, full: string): Owner | undefined {
  const home = ownerOf(full);
  const found = resolved.modules.get(home)?.values.get(wordOf(full)) ?? memberOfProgram(resolved, home, wordOf(full));
  return found?.kind === "fn" || found?.kind === "entry" || found?.kind === "handler" ? found : undefined;
}

function memberOfProgram(resolved: Resolved, home: string, name: string): Owner | undefined {
  const program = resolved.modules.get(ownerOf(home))?.values.get(wordOf(home));
  return program?.kind === "program" ? (program.functions.get(name) ?? program.entries.get(name)) : undefined;
}

function called(e: Expr): readonly string[] {
  const own = (e.kind === "call" || e.kind === "function") && e.target.kind === "symbol" ? [e.target.name] : [];
  return [...own, ...children(e).flatMap(called)];
}

/** Some parameter gets smaller in every recursive call. */
function decreases(of: Checked): boolean {
  const smaller = new Map<Local, number>();
  const at = (local: Local): number => of.params.findIndex((param) => param.local === local);
  const source = (e: Expr): number | undefined => {
    if (e.kind !== "local") return undefined;
    const param = at(e.local);
    return param >= 0 ? param : smaller.get(e.local);
  };
  const inside = (pattern: Pattern, param: number, deep: boolean): void => {
    switch (pattern.kind) {
      case "bind":
        if (deep) smaller.set(pattern.local, param);
        return;
      case "as":
        if (deep) smaller.set(pattern.local, param);
        inside(pattern.pattern, param, deep);
        return;
      case "construct":
      case "tuple":
      case "record":
        for (const item of pattern.items) inside(item, param, true);
        return;
      case "list":
        for (const item of [...pattern.before, ...pattern.after]) inside(item, param, true);
        if (pattern.rest?.local !== undefined && pattern.before.length + pattern.after.length > 0) {
          smaller.set(pattern.rest.local, param);
        }
        return;
      case "or":
        for (const option of pattern.options) inside(option, param, deep);
        return;
      default:
        return;
    }
  };
  let candidates: ReadonlySet<number> = new Set(of.params.map((_, i) => i));
  const visit = (e: Expr): void => {
    if (e.kind === "match") {
      const param = source(e.subject);
      if (param !== undefined) for (const arm of e.arms) inside(arm.pattern, param, false);
    }
    if (e.kind === "block") {
      for (const step of e.steps) {
        const param = step.kind === "let" ? source(step.value) : undefined;
        if (step.kind === "let" && param !== undefined)
          inside(step.pattern, param, smaller.has((step.value as { local: Local }).local));
      }
    }
    if (e.kind === "function" && e.target.kind === "symbol" && e.target.name === of.name) candidates = new Set();
    if (e.kind === "call" && e.target.kind === "symbol" && e.target.name === of.name) {
      const shrinking = e.args.flatMap((arg) => {
        const { value } = arg;
        return value.kind === "local" && smaller.get(value.local) === arg.at ? [arg.at] : [];
      });
      candidates = new Set(shrinking.filter((param) => candidates.has(param)));
    }
    for (const child of children(e)) visit(child);
  };
  visit(of.body);
  return candidates.size > 0;
}
