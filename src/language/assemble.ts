/** Puts together what is known of each file: all problems in order, and the unit. */
import type { Checked } from "./Checked.ts";
import { byName, lowerFunction, outsideDefinition, typeDefinition } from "./core/lower.ts";
import type * as Core from "./core/Tree.ts";
import { checkTotal } from "./effects/total.ts";
import type { SourceFile } from "./names/collect.ts";
import { cycles } from "./names/imports.ts";
import type { OperationSymbol, OutsideSymbol } from "./names/Tree.ts";
import { compare, type Problem } from "./problems/Problem.ts";
import type { Typed } from "./types/check.ts";
import type { LibrarySymbol } from "./types/Declarations.ts";
import { hit, isError, libraryOf, type Part, type Work } from "./walk.ts";

export function assemble(work: Work, typed: Typed, before: readonly Problem[]): Checked {
  const { kept, libraries, own } = work;
  const files: readonly SourceFile[] = [...libraries, ...[...own.values()].map(({ file }) => file), ...kept.knownFiles];
  const parts = [...own.keys()].map((path) => kept.parts.get(path)!);
  const across: Problem[] = [];
  cycles(
    parts.map((part) => part.file),
    across,
  );
  const late: Problem[] = [];
  checkTotal(kept.names, typed, kept.known, late);
  const problems = [...before, ...across, ...parts.flatMap((part) => part.problems), ...late].sort(compare);
  const wrong = late.length === 0 ? new Set<string>() : hit([...typed.functions.values()], late);
  const sound = unitOf(work, typed, parts, wrong);
  return {
    problems: distinct(problems),
    unit: problems.some(isError) ? undefined : sound,
    sound,
    spanOf: (definition, node) => {
      const of = typed.functions.get(definition) ?? typed.functions.get(definition.replace(/\/\d+$/, ""));
      if (of === undefined) return undefined;
      const lowered = kept.library.get(of.name) ?? kept.parts.get(of.file)?.lowered.functions.get(of.name);
      return lowered?.places.spans[lowered.places.nodes.lastIndexOf(node)];
    },
    resolved: kept.names,
    typed,
    files,
    known: kept.known,
  };
}

/** One problem at one place is told once, however many ways led to it. */
const distinct = (sorted: readonly Problem[]): readonly Problem[] =>
  sorted.filter(
    (problem, i) => i === 0 || compare(sorted[i - 1]!, problem) !== 0 || sorted[i - 1]!.message !== problem.message,
  );

function unitOf(work: Work, typed: Typed, parts: readonly Part[], wrong: ReadonlySet<string>): Core.Unit {
  const { kept } = work;
  const definitions: Core.Definition[] = [];
  const typeDefinitions: Core.TypeDefinition[] = [];
  const outside: Core.OutsideDefinition[] = [];
  for (const symbol of libraryOf(work)) {
    if (symbol.kind === "type") {
      typeDefinitions.push(typeDefinition(kept.types.d.infos.get(symbol)!));
      continue;
    }
    if (isOutside(symbol)) {
      outside.push(outsideDefinition(kept.types.d, symbol));
      continue;
    }
    const of = typed.functions.get(symbol.full);
    // What is known has no body here.
    if (of?.file !== symbol.file) continue;
    let lowered = kept.library.get(of.name);
    if (lowered === undefined) {
      lowered = lowerFunction(of);
      kept.library.set(of.name, lowered);
    }
    definitions.push(...lowered.definitions);
  }
  // Nearly in order already, so that sorting takes one walk: the names of a file have their module in common.
  const byFirst = parts.filter(({ lowered }) => lowered.definitions.length > 0);
  byFirst.sort((a, b) => (a.lowered.definitions[0]!.name < b.lowered.definitions[0]!.name ? -1 : 1));
  for (const { lowered } of byFirst) {
    const without = new Set<Core.Definition>();
    for (const name of wrong) for (const each of lowered.functions.get(name)?.definitions ?? []) without.add(each);
    for (const each of lowered.definitions) if (!without.has(each)) definitions.push(each);
  }
  for (const { lowered } of parts) {
    typeDefinitions.push(...lowered.types);
    outside.push(...lowered.outside);
  }
  return {
    definitions: byName(definitions),
    types: byName(typeDefinitions),
    outside: byName(outside),
    programs: byName(parts.flatMap((part) => part.lowered.programs)),
  };
}

const isOutside = (symbol: LibrarySymbol): symbol is OutsideSymbol | OperationSymbol =>
  symbol.kind === "fact" || symbol.kind === "action" || symbol.kind === "event" || symbol.kind === "operation";
