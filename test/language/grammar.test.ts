/** The grammar page against the parser: what can be derived from it is accepted, and its lists are the lexer's. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "../../src/language/syntax/index.ts";
import { reserved, signs } from "../../src/language/syntax/Token.ts";

const page = readFileSync("docs/spec/grammar.md", "utf8");
const fenced = (name: string): string => {
  const start = page.indexOf(`\`\`\`${name}\n`) + name.length + 4;
  return page.slice(start, page.indexOf("\n```", start));
};

// ---------------------------------------------------------------------------- reading the EBNF of the page

type Rule =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "ref"; readonly name: string }
  | { readonly kind: "sequence" | "choice"; readonly rules: readonly Rule[] }
  | { readonly kind: "option" | "repeat"; readonly rule: Rule };

const closers = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

function readGrammar(text: string): Map<string, Rule> {
  const tokens = text.match(/"[^"]*"|[A-Za-z-]+|[=;|()[\]{}]/g) ?? [];
  let at = 0;
  const take = (wanted: string): void => {
    expect(tokens[at++]).toBe(wanted);
  };
  const choice = (): Rule => {
    const rules = [sequence()];
    while (tokens[at] === "|") {
      at++;
      rules.push(sequence());
    }
    return rules.length === 1 ? rules[0]! : { kind: "choice", rules };
  };
  const sequence = (): Rule => {
    const rules: Rule[] = [];
    while (at < tokens.length && !["|", ")", "]", "}", ";"].includes(tokens[at]!)) rules.push(factor());
    return rules.length === 1 ? rules[0]! : { kind: "sequence", rules };
  };
  const factor = (): Rule => {
    const token = tokens[at++]!;
    if (token.startsWith('"')) return { kind: "text", text: token.slice(1, -1) };
    const close = closers.get(token);
    if (close === undefined) return { kind: "ref", name: token };
    const rule = choice();
    take(close);
    return token === "(" ? rule : { kind: token === "[" ? "option" : "repeat", rule };
  };
  const grammar = new Map<string, Rule>();
  while (at < tokens.length) {
    const name = tokens[at++]!;
    take("=");
    grammar.set(name, choice());
    take(";");
  }
  return grammar;
}

const grammar = readGrammar(fenced("ebnf"));

/** The tokens that the page describes in words. */
const lexical: Readonly<Record<string, readonly string[]>> = {
  ID: ["a", "b2", "_c", "type", "uses", "matches", "as", "on", "program"],
  UP: ["A", "Bc", "D_1"],
  WORD: ["a", "Bc", "at", "if", "state", "first"],
  INT: ["0", "42", "123456789012345678901234567890"],
  DECIMAL: ["4.20", "0.1"],
  FLOAT: ["4.2f", "1f", "6.02e23f", "1e-7f"],
  DURATION: ["1h30m", "15m", "500ms", "7d"],
  INSTANT: ["@2025-06-01T12:00:00Z", "@2025-06-01T12:00:00.125Z"],
  HASH: ["#bafy", "#bafyreia7"],
  VERSION: ["1.3.0", "10.0.12"],
  TITLE: ['"a title"', '""', '"\\u{1F600} \\$ \\n"'],
  TEXT: ['"text"', '"a ${b} ${c(1)} d"', '"${"${x}"}"'],
  SEP: ["\n", ";", "\n\n"],
};

// -------------------------------------------------------------------------------------- deriving sentences

/** Least height of a derivation, so that a deep one can be brought to an end. */
const heights = new Map<string, number>();
const height = (rule: Rule): number => {
  switch (rule.kind) {
    case "text":
    case "option":
    case "repeat":
      return 0;
    case "ref":
      return Object.hasOwn(lexical, rule.name) ? 0 : 1 + (heights.get(rule.name) ?? 1000);
    case "sequence":
      return Math.max(0, ...rule.rules.map(height));
    case "choice":
      return Math.min(...rule.rules.map(height));
  }
};
for (let changed = true; changed; ) {
  changed = false;
  for (const [name, rule] of grammar) {
    const now = height(rule);
    if (now < (heights.get(name) ?? 1000)) {
      heights.set(name, now);
      changed = true;
    }
  }
}

type Random = { next(max: number): number };

/** Tokens after which a sentence is brought to its end. */
const TOKENS_ENOUGH = 200;

function derive(rule: Rule, levels: number, random: Random, out: string[]): void {
  const room = out.length < TOKENS_ENOUGH ? levels : 0;
  switch (rule.kind) {
    case "text":
      out.push(rule.text);
      return;
    case "ref": {
      const spellings = Object.hasOwn(lexical, rule.name) ? lexical[rule.name] : undefined;
      if (spellings !== undefined) out.push(spellings[random.next(spellings.length)]!);
      else derive(grammar.get(rule.name)!, levels - 1, random, out);
      return;
    }
    case "sequence":
      for (const part of rule.rules) derive(part, levels, random, out);
      return;
    case "choice": {
      const least = height(rule);
      const rules = room > least + 2 ? rule.rules : rule.rules.filter((one) => height(one) === least);
      derive(rules[random.next(rules.length)]!, levels, random, out);
      return;
    }
    case "option":
    case "repeat": {
      const times = room <= height(rule.rule) + 2 ? 0 : random.next(rule.kind === "option" ? 2 : 3);
      for (let i = 0; i < times; i++) derive(rule.rule, levels, random, out);
      return;
    }
  }
}

const sentence = (name: string, room: number) =>
  fc.infiniteStream(fc.nat(1 << 20)).map((stream) => {
    const out: string[] = [];
    derive({ kind: "ref", name }, room, { next: (max) => stream.next().value % max }, out);
    return out.join(" ").replaceAll(" \n ", "\n").replaceAll(" \n", "\n");
  });

test("every name of the grammar is defined, and every rule is reachable from `file`", () => {
  const reached = new Set<string>();
  const visit = (rule: Rule): void => {
    if (rule.kind === "sequence" || rule.kind === "choice") rule.rules.forEach(visit);
    else if (rule.kind === "option" || rule.kind === "repeat") visit(rule.rule);
    else if (rule.kind === "ref" && !Object.hasOwn(lexical, rule.name) && !reached.has(rule.name)) {
      reached.add(rule.name);
      expect(grammar.has(rule.name), rule.name).toBe(true);
      visit(grammar.get(rule.name)!);
    }
  };
  visit({ kind: "ref", name: "file" });
  expect([...grammar.keys()].filter((name) => !reached.has(name))).toEqual([]);
});

test.each([8, 14, 20, 40])("files derived with %i levels are accepted", (room) => {
  fc.assert(
    fc.property(sentence("file", room), (text) => {
      const problems = parse(text, "a.tel").problems.map((problem) => `${problem.code} ${problem.message}`);
      expect(problems, text).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test.each([...grammar.keys()].filter((name) => /^(declaration|clause|expr|pattern|type|step)$/.test(name)))(
  "each %s derived is accepted in its place",
  (name) => {
    const place: Record<string, (text: string) => string> = {
      declaration: (text) => text,
      clause: (text) => `program A { ${text} }`,
      expr: (text) => `> ${text}`,
      pattern: (text) => `> a matches ${text}`,
      type: (text) => `fact A() -> ${text}`,
      step: (text) => `test "a" { ${text} }`,
    };
    fc.assert(
      fc.property(sentence(name, 30), (text) => {
        const problems = parse(place[name]!(text), "a.tel").problems.map((one) => `${one.code} ${one.message}`);
        expect(problems, text).toEqual([]);
      }),
      { numRuns: 400 },
    );
  },
);

test("the words and signs of the page are those of the lexer", () => {
  expect(fenced("words reserved").split(/\s+/)).toEqual([...reserved.keys()]);
  expect(fenced("words signs").split(/\s+/)).toEqual(signs.map(([sign]) => sign));
});
