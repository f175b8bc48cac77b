import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, Token } from "../language/index.ts";
import { textMateGrammar } from "./textMate.ts";

/** Every regular expression of the grammar. */
const patterns: string[] = [];
const collect = (node: unknown): void => {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if ((key === "match" || key === "begin" || key === "end") && typeof value === "string") patterns.push(value);
    else collect(value);
  }
};
collect(textMateGrammar);

test("the grammar in the VS Code extension is the one made from the lexer's tables", async () => {
  const text = `${JSON.stringify(textMateGrammar, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../apps/vscode/syntaxes/tel.generated.tmLanguage.json");
});

test.each(patterns)("%s is a regular expression", (pattern) => {
  expect(() => new RegExp(pattern, "u")).not.toThrow();
});

const scopeOf = (text: string): string | undefined => {
  const all = [textMateGrammar.repository.literal, textMateGrammar.repository.word, textMateGrammar.repository.sign];
  for (const { patterns: rules } of all) {
    for (const rule of rules) {
      const match = new RegExp(rule.match).exec(text);
      if (match?.index === 0 && match[0] === text) return "name" in rule ? rule.name : "captures";
    }
  }
  return undefined;
};

test.each([...Token.reserved.keys()])("the reserved word %s has a colour of its own", (text) => {
  expect(scopeOf(text)).toMatch(/^(keyword|constant|variable)\./);
});

test.each(Token.signs.map(([text]) => text))("the sign %s is one operator or punctuation", (text) => {
  expect(scopeOf(text)).toMatch(/^(keyword\.operator|punctuation)/);
});

test.each([
  ["42", "constant.numeric.integer.tel"],
  ["4.20", "constant.numeric.decimal.tel"],
  ["6.02e23f", "constant.numeric.float.tel"],
  ["1h30m", "constant.numeric.duration.tel"],
  ["500ms", "constant.numeric.duration.tel"],
  ["1.3.0", "constant.other.version.tel"],
  ["@2025-06-01T12:00:00Z", "constant.other.instant.tel"],
  ["#bafyrei", "constant.other.hash.tel"],
])("%s is %s", (text, scope) => expect(scopeOf(text)).toBe(scope));

const snippets = JSON.parse(readFileSync("apps/vscode/snippets/tel.json", "utf8")) as Record<
  string,
  { readonly body: readonly string[] }
>;

/** The text of a snippet with its placeholders filled in. */
function filled(body: readonly string[]): string {
  let text = body.join("\n");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/\$\{[0-9]+:([^${}]*)\}/g, "$1");
  }
  return text.replaceAll("$0", "x");
}

test.each(Object.entries(snippets))("the snippet %s is TEL in some place", (_, { body }) => {
  const text = filled(body);
  const places = [text.replace(/\nx$/, ""), `fn f() {\n${text}\n}`, `program A {\n${text}\n}`];
  expect(
    places.some((place) => parse(place, "a.tel").problems.length === 0),
    text,
  ).toBe(true);
});
