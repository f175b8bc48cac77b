/** What Tab offers: the editor's completion, asked about the session's text with the input at its end. */
import { analyse, complete } from "../../../src/editor/index.ts";
import { commandNames, type Session, sourcesOf } from "./Session.ts";

export function completions(of: Session, input: string): readonly [hits: string[], word: string] {
  if (/^\s*:\S*$/.test(input)) {
    const start = input.trimStart();
    return [commandNames.filter((name) => name.startsWith(start)), start];
  }
  const expression = input.replace(/^\s*:\S+\s+/, "");
  const word = /[A-Za-z0-9_]*$/.exec(expression)![0];
  const sources = sourcesOf(of);
  const own = sources[sources.length - 1]!;
  const isItem = /^(use|fn|type|fact|action|event|effect|interface|handler|program|test|prop)\b/.test(expression);
  const before = isItem ? own.text : `${own.text}test "" {\n${of.lets.map((one) => `${one}\n`).join("")}`;
  const text = before + expression;
  const analysis = analyse([...sources.slice(0, -1), { path: own.path, text }], of.environment);
  const labels = complete(analysis, own.path, text.length).map(({ insert }) => insert);
  return [[...new Set(labels)].filter((label) => label.startsWith(word)).sort(), word];
}
