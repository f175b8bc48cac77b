/** Texts that say the same have the same addresses: other order, other files, comments and empty lines change nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { check, lex, type Problem, parse, type Source } from "../../src/language/index.ts";
import { programs } from "../programs/corpus.ts";

/** The corpus has no manifest: every interface that a program names stands for some program. */
const environment = (sources: readonly Source[]) => ({
  bindings: new Map(
    sources.flatMap((source) =>
      parse(source.text, source.path).tree.items.flatMap((item) =>
        item.kind === "interface" ? [[item.name.text, `program:${item.name.text}`] as const] : [],
      ),
    ),
  ),
});

const addresses = (sources: readonly Source[]) => {
  const checked = check(sources, environment(sources));
  const errors = checked.problems.filter((one) => one.severity === "error");
  expect(errors).toEqual([]);
  return addressUnit(checked.unit!).definitions;
};

const passing = programs("pass").filter(([, sources]) => check(sources, environment(sources)).unit !== undefined);

/** The declarations of a file in another order; watch lines are numbered by their place, so they stay last. */
function reordered(source: Source, order: readonly number[]): Source {
  const { tree } = parse(source.text, source.path);
  const texts = tree.items.map((item) => {
    const doc = "doc" in item ? item.doc?.span.start : undefined;
    const text = source.text.slice(Math.min(item.span.start, doc ?? item.span.start), item.span.end);
    return { text, kind: item.kind };
  });
  const of = (...kinds: readonly string[]) => texts.filter((one) => kinds.includes(one.kind));
  const declarations = texts.filter((one) => one.kind !== "use" && one.kind !== "watch");
  const shuffled = declarations
    .map((one, i) => ({ one, key: order[i % Math.max(1, order.length)] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
  const module = tree.module === undefined ? [] : [{ text: `module ${tree.module.text}` }];
  const all = [...module, ...of("use"), ...shuffled, ...of("watch")];
  return { ...source, text: `${all.map((one) => one.text).join("\n\n")}\n` };
}

/** Comments and empty lines where lines end between tokens. */
function commented(source: Source, where: readonly number[]): Source {
  const { starts, ends, count } = tokensOf(source.text);
  const breaks: number[] = [];
  for (let i = 0; i + 1 < count; i++) {
    const line = source.text.indexOf("\n", ends[i]!);
    if (line >= 0 && line < starts[i + 1]! && !source.text.slice(ends[i]!, line).includes("//")) breaks.push(line);
  }
  const chosen = [...new Set(where.map((one) => breaks[one % Math.max(1, breaks.length)] ?? -1))].sort((a, b) => b - a);
  let { text } = source;
  for (const at of chosen) if (at >= 0) text = `${text.slice(0, at)} // said aside\n  // and below\n${text.slice(at)}`;
  return { ...source, text };
}

function tokensOf(text: string) {
  const problems: Problem.Problem[] = [];
  return lex(text, "x.tel", problems);
}

test.each(passing)("%s", (_, sources) => {
  const before = addresses(sources);
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (order, where) => {
        const other = sources.map((source) => commented(reordered(source, order), where)).reverse();
        expect([...addresses(other)].sort()).toEqual([...before].sort());
      },
    ),
    { numRuns: 3 },
  );
});
