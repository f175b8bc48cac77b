/**
 * The TextMate grammar of TEL, made from the lexer's tables: what VS Code and others colour with before (or without) the
 * language server. `apps/vscode/syntaxes/tel.generated.tmLanguage.json` is this object; a test compares them.
 */
import { Token } from "../language/index.ts";

const { T } = Token;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const word = (words: readonly string[]): string => `\\b(?:${words.join("|")})\\b`;
const texts = (kinds: readonly Token.TokenKind[]): string[] =>
  [...Token.reserved, ...Token.infix].flatMap(([text, kind]) => (kinds.includes(kind) ? [text] : []));

/** Words that lead somewhere else. */
const control = texts([T.if, T.else, T.match, T.return, T.abort, T.assert, T.with]);
/** Words about time and order. */
const temporal = texts([T.within, T.after, T.at, T.par, T.race, T.first]);
const constants = texts([T.true, T.false]);
const infix = texts([T.uses, T.matches, T.as]);

/** Signs that open, close or separate are punctuation; the rest are operators, longest first. */
const punctuation = new Set<Token.TokenKind>([
  T.parenOpen,
  T.parenClose,
  T.bracketOpen,
  T.bracketClose,
  T.braceOpen,
  T.braceClose,
  T.comma,
  T.semicolon,
  T.colon,
  T.dot,
]);
const operators = Token.signs
  .filter(([, kind]) => !punctuation.has(kind))
  .map(([text]) => text)
  .sort((a, b) => b.length - a.length);

const units = [...Token.units].map(([unit]) => unit).sort((a, b) => b.length - a.length);
const duration = `(?:[0-9]+(?:${units.join("|")}))+`;

/** `{` and `}` inside a hole belong together. */
const hole = {
  name: "meta.template.expression.tel",
  contentName: "source.tel.embedded",
  begin: "\\$\\{",
  end: "\\}",
  beginCaptures: { "0": { name: "punctuation.definition.template-expression.begin.tel" } },
  endCaptures: { "0": { name: "punctuation.definition.template-expression.end.tel" } },
  patterns: [{ include: "#block" }, { include: "$self" }],
};

const declared = (words: readonly string[], pattern: string, name: string) => ({
  match: `^\\s*(${words.join("|")})\\s+(${pattern})`,
  captures: { "1": { name: "keyword.declaration.tel" }, "2": { name } },
});

const lower = "[a-z_][A-Za-z0-9_]*";
const upper = "[A-Z][A-Za-z0-9_]*";
/** Declarations whose name starts with a small letter. */
const lowerDeclarations = ["fn", "handler", "entry", "exclusive\\s+entry", "op"];
const upperDeclarations = Token.declarations.filter((one) => !["fn", "handler", "test", "prop"].includes(one));
const clauseWords = Token.clauses.filter((one) => !["fn", "entry", "exclusive"].includes(one));

export const textMateGrammar = {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "TEL",
  scopeName: "source.tel",
  fileTypes: ["tel"],
  patterns: [
    { include: "#comment" },
    { include: "#text" },
    { include: "#declaration" },
    { include: "#literal" },
    { include: "#word" },
    { include: "#sign" },
  ],
  repository: {
    block: { begin: "\\{", end: "\\}", patterns: [{ include: "#block" }, { include: "$self" }] },
    comment: {
      patterns: [
        { name: "comment.line.documentation.tel", match: "////?(?!/).*$" },
        { name: "comment.line.double-slash.tel", match: "//.*$" },
      ],
    },
    text: {
      name: "string.quoted.double.tel",
      begin: '"',
      end: '"|$',
      patterns: [
        { name: "constant.character.escape.tel", match: '\\\\(?:[nrt"\\\\$]|u\\{[0-9A-Fa-f]{1,6}\\})' },
        { name: "invalid.illegal.escape.tel", match: "\\\\." },
        hole,
      ],
    },
    declaration: {
      patterns: [
        {
          match: `^\\s*(module|use)\\s+([A-Za-z_][A-Za-z0-9_.]*)`,
          captures: { "1": { name: "keyword.control.import.tel" }, "2": { name: "entity.name.namespace.tel" } },
        },
        declared(lowerDeclarations, lower, "entity.name.function.tel"),
        declared(upperDeclarations, upper, "entity.name.type.tel"),
        { match: `^\\s*(test|prop)(?=\\s*")`, captures: { "1": { name: "keyword.declaration.tel" } } },
        {
          match: `^\\s*(${clauseWords.join("|")})(?=\\s*[({0-9a-z])(?!\\s*[.=])`,
          captures: { "1": { name: "keyword.declaration.tel" } },
        },
        { name: "keyword.control.watch.tel", match: "^>(?=\\s)" },
      ],
    },
    literal: {
      patterns: [
        { name: "constant.other.instant.tel", match: "@[0-9]{4}-[0-9TZ:.-]+" },
        { name: "constant.other.hash.tel", match: "#[a-z0-9]+\\b" },
        { name: "constant.numeric.duration.tel", match: `\\b${duration}\\b` },
        { name: "constant.numeric.float.tel", match: "\\b[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?f\\b" },
        { name: "constant.other.version.tel", match: "\\b[0-9]+\\.[0-9]+\\.[0-9]+\\b" },
        { name: "constant.numeric.decimal.tel", match: "\\b[0-9]+\\.[0-9]+\\b" },
        { name: "constant.numeric.integer.tel", match: "\\b[0-9]+\\b" },
        { name: "constant.language.tel", match: word(constants) },
      ],
    },
    word: {
      patterns: [
        { name: "variable.other.label.tel", match: `\\b[A-Za-z_][A-Za-z0-9_]*(?=:(?!:))` },
        { name: "variable.other.member.tel", match: `(?<=\\.)${lower}\\b(?!\\s*!?\\()` },
        { name: "keyword.control.tel", match: word(control) },
        { name: "keyword.control.temporal.tel", match: word(temporal) },
        { name: "keyword.declaration.tel", match: word(texts([T.let, T.fn])) },
        { name: "keyword.operator.expression.tel", match: word(infix) },
        { name: "variable.language.state.tel", match: word(texts([T.state])) },
        {
          match: `\\b(${lower})(!)(?=\\()`,
          captures: { "1": { name: "entity.name.function.effect.tel" }, "2": { name: "keyword.operator.effect.tel" } },
        },
        { name: "entity.name.function.call.tel", match: `\\b${lower}(?=\\()` },
        { name: "support.type.tel", match: `\\b${upper}\\b` },
      ],
    },
    sign: {
      patterns: [
        { name: "keyword.operator.tel", match: operators.map(escaped).join("|") },
        {
          name: "punctuation.tel",
          match: Token.signs
            .filter(([, kind]) => punctuation.has(kind))
            .map(([text]) => escaped(text))
            .join("|"),
        },
      ],
    },
  },
};
