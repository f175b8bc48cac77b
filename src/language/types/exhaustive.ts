/**
 * Whether a match covers every value, and whether each arm can be reached.
 * Luc Maranget, "Warnings for pattern matching", JFP 17(3), 2007: a row is useful when some value matches it and no
 * row before. Cases that no row of a column names are all alike, so one of them stands for all. Lists are cases by
 * length: 0, 1, … up to the longest pattern, and one more that stands for all longer ones.
 */
import { show as showValue } from "../../content/index.ts";
import type * as S from "../syntax/Tree.ts";
import { type Body, report } from "./Body.ts";
import { fieldTypes } from "./patterns.ts";
import type { Arm, Pattern } from "./Tree.ts";
import * as T from "./Type.ts";

/** Beyond, a match is taken as it is: each step is one specialised row set. */
const STEPS_MAX = 50_000;

interface Head {
  readonly key: string;
  readonly types: readonly T.Type[];
  readonly show: (args: readonly string[]) => string;
}

interface Search {
  steps: number;
  /** Whether the caller wants to know which value it is. */
  readonly isShown: boolean;
}

type Row = readonly Pattern[];

export function exhaustive(b: Body, node: S.MatchExpr, type: T.Type, arms: readonly Arm[]): void {
  if (flat(type, arms)) return;
  const rows: Row[] = [];
  const search: Search = { steps: 0, isShown: false };
  for (const arm of arms) {
    if (useful(search, rows, [arm.pattern], [type]) === undefined) {
      report(b, "TEL0316", arm.pattern.span, "this case is never reached: the ones before it take everything", {
        hints: ["remove it, or move it up"],
      });
    }
    if (arm.guard === undefined) rows.push([arm.pattern]);
  }
  const shown: Search = { steps: search.steps, isShown: true };
  const witness = useful(shown, rows, [wildcard(node.span, type)], [type]);
  if (witness === undefined) return;
  const missing = witness[0]!;
  const at = node.arms.at(-1)?.span.end;
  report(
    b,
    "TEL0315",
    { start: node.span.start, end: node.subject.span.end },
    `this match says nothing about \`${missing}\``,
    {
      hints: ["add that case, or `_ => …` for all the others"],
      ...(at === undefined
        ? {}
        : {
            fix: { title: `add \`${missing}\``, edits: [{ span: { start: at, end: at }, text: `\n${missing} => {}` }] },
          }),
    },
  );
}

/**
 * The common match, each case with nothing but names inside, and without a guard once: no search is needed to see that it
 * covers all.
 */
function flat(type: T.Type, arms: readonly Arm[]): boolean {
  const at = T.shallow(type);
  if (at.kind !== "con" || at.info.constructors.length === 0) return false;
  const taken = new Set<string>();
  for (let i = 0; i < arms.length; i++) {
    const pattern = strip(arms[i]!.pattern);
    if (isAny(pattern))
      return i === arms.length - 1 && arms[i]!.guard === undefined && taken.size < at.info.constructors.length;
    if (pattern.kind !== "construct" || taken.has(pattern.of.name)) return false;
    if (!pattern.items.every((item) => isAny(strip(item)))) return false;
    if (arms[i]!.guard === undefined) taken.add(pattern.of.name);
  }
  return taken.size === at.info.constructors.length;
}

/** `let` takes only patterns that fit every value. */
export function refutable(b: Body, pattern: Pattern, span: S.Span): void {
  if (isAny(strip(pattern))) return;
  const witness = useful({ steps: 0, isShown: true }, [[pattern]], [wildcard(span, pattern.type)], [pattern.type]);
  if (witness === undefined) return;
  report(b, "TEL0319", span, `this pattern does not fit \`${witness[0]}\``, {
    hints: ["use `match`, which can say what else to do"],
  });
}

const wildcard = (span: S.Span, type: T.Type): Pattern => ({ kind: "any", span, type });

const strip = (pattern: Pattern): Pattern => (pattern.kind === "as" ? strip(pattern.pattern) : pattern);

/** A value that `query` takes and no row before; undefined when there is none. */
function useful(
  search: Search,
  rows: readonly Row[],
  query: Row,
  types: readonly T.Type[],
): readonly string[] | undefined {
  if (query.length === 0) return rows.length === 0 ? [] : undefined;
  if (++search.steps > STEPS_MAX) return undefined;
  if (rows.length === 0 && !search.isShown) return [];
  const first = strip(query[0]!);
  if (first.kind === "or") {
    for (const option of first.options) {
      const found = useful(search, rows, [option, ...query.slice(1)], types);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const expanded = rows.some((row) => strip(row[0]!).kind === "or") ? rows.flatMap(alternatives) : rows;
  if (isAny(first) && expanded.every((row) => isAny(strip(row[0]!)))) {
    const rest = useful(
      search,
      expanded.map((row) => row.slice(1)),
      query.slice(1),
      types.slice(1),
    );
    return rest === undefined ? undefined : ["_", ...rest];
  }
  const column = isConcrete(first) ? [first] : [first, ...expanded.map((row) => strip(row[0]!))];
  for (const head of heads(types[0]!, column)) {
    const mine = specialise(first, head);
    if (mine === undefined) continue;
    const below: Row[] = [];
    for (const row of expanded) {
      const made = specialise(strip(row[0]!), head);
      if (made !== undefined) below.push([...made, ...row.slice(1)]);
    }
    const found = useful(search, below, [...mine, ...query.slice(1)], [...head.types, ...types.slice(1)]);
    if (found === undefined) continue;
    const count = head.types.length;
    return [head.show(found.slice(0, count)), ...found.slice(count)];
  }
  return undefined;
}

/** A pattern that fits one head and no other, so that no other need be looked at. */
const isConcrete = (pattern: Pattern): boolean =>
  pattern.kind === "construct" ||
  pattern.kind === "tuple" ||
  pattern.kind === "record" ||
  pattern.kind === "literal" ||
  pattern.kind === "int";

const isAny = (pattern: Pattern): boolean => pattern.kind === "any" || pattern.kind === "bind";

function alternatives(row: Row): readonly Row[] {
  const first = strip(row[0]!);
  if (first.kind !== "or") return [row];
  return first.options.flatMap((option) => alternatives([option, ...row.slice(1)]));
}

const wild = (types: readonly T.Type[], pattern: Pattern): Row => types.map((type) => wildcard(pattern.span, type));

/** The patterns of the parts when the value has this head; undefined when the pattern does not fit it. */
function specialise(pattern: Pattern, head: Head): Row | undefined {
  switch (pattern.kind) {
    case "any":
    case "bind":
      return wild(head.types, pattern);
    case "construct":
      return head.key === pattern.of.name ? pattern.items : undefined;
    case "tuple":
    case "record":
      return pattern.items;
    case "literal":
    case "int":
      return head.key === literalKey(pattern) ? [] : undefined;
    case "list": {
      const length = head.types.length;
      const { before, rest, after } = pattern;
      const least = before.length + after.length;
      if (rest === undefined) return head.key === `${least}` ? [...before, ...after] : undefined;
      if (length < least) return undefined;
      return [...before, ...wild(head.types.slice(least), pattern), ...after];
    }
    case "as":
    case "or":
      throw new Error("internal error: the pattern is not in normal form");
  }
}

const literalKey = (pattern: Pattern & { kind: "literal" | "int" }): string =>
  pattern.kind === "int" ? `${BigInt(pattern.text)}` : showValue(pattern.value);

/** The cases to look at: those that the column names, and one for all others. */
function heads(type: T.Type, column: readonly Pattern[]): readonly Head[] {
  const at = T.shallow(type);
  if (at.kind === "con" && at.info === T.builtinTypes.List) return listHeads(at.args[0]!, column);
  if (at.kind === "con" && at.info.constructors.length > 0) {
    const named = new Set(column.flatMap((each) => (each.kind === "construct" ? [each.of.name] : [])));
    const all = at.info.constructors;
    const other = all.find((each) => !named.has(each.name));
    return all
      .filter((each) => named.has(each.name) || each === other)
      .map((of) => ({ key: of.name, types: fieldTypes(of, at.args), show: (args) => showCase(of, args) }));
  }
  const parts = column.find((each) => each.kind === "tuple" || each.kind === "record");
  if (parts?.kind === "tuple") {
    return [{ key: "()", types: parts.items.map((item) => item.type), show: (args) => `(${args.join(", ")})` }];
  }
  if (parts?.kind === "record") {
    const { names } = parts;
    const showRecord = (args: readonly string[]) => `(${names.map((name, i) => `${name}: ${args[i]}`).join(", ")})`;
    return [{ key: "()", types: parts.items.map((item) => item.type), show: showRecord }];
  }
  const literals = new Map<string, Head>();
  for (const each of column) {
    if (each.kind !== "literal" && each.kind !== "int") continue;
    const key = literalKey(each);
    literals.set(key, { key, types: [], show: () => key });
  }
  if (at.kind === "con" && at.info === T.builtinTypes.Bool) {
    return ["false", "true"].map((key) => ({ key, types: [], show: () => key }));
  }
  if (at.kind === "con" && at.info === T.builtinTypes.Unit) return [...literals.values()];
  return [...literals.values(), { key: "", types: [], show: () => "_" }];
}

const showCase = (of: T.ConstructorInfo, args: readonly string[]): string => {
  if (args.length === 0) return of.name;
  return args.every((arg) => arg === "_") && args.length > 1 ? `${of.name}(..)` : `${of.name}(${args.join(", ")})`;
};

function listHeads(item: T.Type, column: readonly Pattern[]): readonly Head[] {
  let longest = 0;
  for (const each of column) {
    if (each.kind === "list") longest = Math.max(longest, each.before.length + each.after.length);
  }
  const made: Head[] = [];
  for (let length = 0; length <= longest + 1; length++) {
    const open = length === longest + 1;
    made.push({
      key: open ? "more" : `${length}`,
      types: Array.from({ length }, () => item),
      show: (args) => (open ? `[${args.slice(0, -1).concat("..").join(", ")}]` : `[${args.join(", ")}]`),
    });
  }
  return made;
}
