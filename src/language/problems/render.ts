/**
 * Problems as people read them: the message, the lines of the source with marks under the words that matter, and what
 * to do about it. A problem looks the same on every terminal; colour only repeats what the signs say.
 */
import * as Position from "./Position.ts";
import type { Problem } from "./Problem.ts";

export type RenderOptions = {
  readonly colour?: boolean;
  /** Columns of the terminal; longer source lines are cut around the mark. */
  readonly width?: number;
};

/** The text of a file by the name that problems carry. */
export type Sources = (file: string) => string | undefined;

const WIDTH_DEFAULT = 100;
const WIDTH_MIN = 40;
const TAB = "  ";

type Mark = {
  readonly main: boolean;
  readonly line: number;
  /** Offsets inside the line. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
};

type Paint = (style: "bold" | "red" | "yellow" | "blue" | "cyan", text: string) => string;

const codes = { bold: "1", red: "1;31", yellow: "1;33", blue: "1;34", cyan: "36" } as const;
const coloured: Paint = (style, text) => (text === "" ? "" : `\u001b[${codes[style]}m${text}\u001b[0m`);
const plain: Paint = (_, text) => text;

/** One problem, without a line break at its end. */
export function render(problem: Problem, sources: string | Sources, options: RenderOptions = {}): string {
  const paint = options.colour === true ? coloured : plain;
  const width = Math.max(WIDTH_MIN, options.width ?? WIDTH_DEFAULT);
  const accent = problem.severity === "error" ? "red" : "yellow";
  const head = `${paint(accent, `${problem.severity}[${problem.code}]`)}${paint("bold", `: ${problem.message}`)}`;
  const text = typeof sources === "string" ? sources : sources(problem.file);
  if (text === undefined)
    return [head, `  ${paint("blue", "-->")} ${problem.file}`, ...notes(problem, "  ", paint)].join("\n");

  const groups = [
    {
      file: problem.file,
      text,
      labels: problem.labels.filter((label) => (label.file ?? problem.file) === problem.file),
    },
  ];
  for (const label of problem.labels) {
    const { file } = label;
    if (file === undefined || file === problem.file) continue;
    const group = groups.find((one) => one.file === file);
    const other = typeof sources === "string" ? undefined : sources(file);
    if (group !== undefined) group.labels.push(label);
    else if (other !== undefined) groups.push({ file, text: other, labels: [label] });
  }

  const excerpts = groups.map((group, i) => {
    const source = Position.sourceOf(group.text);
    const marks = group.labels.map((label) => markOf(source, label.span, label.text, false));
    const own = group.labels.find((label) => sameSpan(label.span, problem.span));
    if (i === 0) {
      if (own === undefined) marks.push(markOf(source, problem.span, "", true));
      else marks[group.labels.indexOf(own)] = markOf(source, problem.span, own.text, true);
    }
    const place = Position.at(source, i === 0 ? problem.span.start : group.labels[0]!.span.start);
    return { source, marks, heading: `${group.file}:${place.line}:${place.column}` };
  });
  const last = Math.max(...excerpts.flatMap(({ marks }) => marks.map((mark) => mark.line)));
  const gutter = " ".repeat(String(last + 1).length);
  const lines = [head];
  for (const { source, marks, heading } of excerpts) {
    lines.push(`${gutter} ${paint("blue", "╭─")} ${heading}`);
    lines.push(...excerpt(source, marks, gutter, width, accent, paint));
  }
  lines.push(...notes(problem, gutter, paint));
  return lines.join("\n");
}

const sameSpan = (a: Problem["span"], b: Problem["span"]): boolean => a.start === b.start && a.end === b.end;

function notes(problem: Problem, gutter: string, paint: Paint): string[] {
  const sign = paint("blue", "=");
  return [
    ...problem.hints.map((hint) => `${gutter} ${sign} ${hint}`),
    ...(problem.fix === undefined ? [] : [`${gutter} ${sign} ${paint("cyan", "fix:")} ${problem.fix.title}`]),
  ];
}

function markOf(source: Position.Source, span: Problem["span"], text: string, main: boolean): Mark {
  const line = Position.lineAt(source, span.start);
  const lineStart = source.lineStarts[line]!;
  const length = Position.lineText(source, line).length;
  const from = Math.min(span.start - lineStart, length);
  const lastLine = Position.lineAt(source, Math.max(span.start, span.end - 1));
  const to = lastLine > line ? length : Math.min(span.end - lineStart, length);
  const goesOn = lastLine > line ? `${text === "" ? "" : " "}(to line ${lastLine + 1})` : "";
  return { main, line, from, to: Math.max(to, from), text: text + goesOn };
}

function excerpt(
  source: Position.Source,
  marks: readonly Mark[],
  gutter: string,
  width: number,
  accent: "red" | "yellow",
  paint: Paint,
): string[] {
  const bar = paint("blue", "│");
  const numbers = [...new Set(marks.map((mark) => mark.line))].sort((a, b) => a - b);
  const lines: string[] = [];
  numbers.forEach((number, i) => {
    const before = numbers[i - 1];
    if (before !== undefined && number === before + 2)
      lines.push(...sourceLine(source, number - 1, [], gutter, width, paint));
    else if (before !== undefined && number > before + 2) lines.push(`${gutter} ${paint("blue", "⋮")}`);
    const here = marks.filter((mark) => mark.line === number).sort((a, b) => b.from - a.from || b.to - a.to);
    lines.push(...sourceLine(source, number, here, gutter, width, paint));
    const shift = cut(source, number, here, width - gutter.length - 3);
    const text = Position.lineText(source, number);
    for (const mark of here) {
      const indent = columns(text.slice(shift.from, mark.from)) + shift.lead;
      const size = Math.max(1, columns(text.slice(mark.from, mark.to)));
      const room = Math.max(1, width - gutter.length - 3 - indent);
      const sign = (mark.main ? "^" : "─").repeat(Math.min(size, room));
      const under = mark.main ? paint(accent, sign) : paint("blue", sign);
      const said = mark.text === "" ? "" : ` ${mark.main ? paint(accent, mark.text) : paint("blue", mark.text)}`;
      lines.push(`${gutter} ${bar} ${" ".repeat(indent)}${under}${said}`);
    }
  });
  return lines;
}

function sourceLine(
  source: Position.Source,
  number: number,
  marks: readonly Mark[],
  gutter: string,
  width: number,
  paint: Paint,
): string[] {
  const text = Position.lineText(source, number);
  const { from, to, lead, tail } = cut(source, number, marks, width - gutter.length - 3);
  const shown = `${lead > 0 ? "…" : ""}${visible(text.slice(from, to))}${tail ? "…" : ""}`;
  return [`${paint("blue", String(number + 1).padStart(gutter.length))} ${paint("blue", "│")} ${shown}`.trimEnd()];
}

/** The part of a line to show: all of it, or a window in which the first mark of the problem stands. */
function cut(
  source: Position.Source,
  number: number,
  marks: readonly Mark[],
  room: number,
): { readonly from: number; readonly to: number; readonly lead: number; readonly tail: boolean } {
  const text = Position.lineText(source, number);
  if (text.length <= room && columns(text) <= room) return { from: 0, to: text.length, lead: 0, tail: false };
  const wanted = marks.find((mark) => mark.main) ?? marks[0];
  const middle = wanted === undefined ? 0 : wanted.from;
  let from = Math.max(0, middle - Math.floor(room / 3));
  if (isInsidePair(text, from)) from--;
  let to = from;
  let used = 0;
  while (to < text.length) {
    const char = String.fromCodePoint(text.codePointAt(to)!);
    used += columns(char);
    if (used > room - 2) break;
    to += char.length;
  }
  return { from, to, lead: from > 0 ? 1 : 0, tail: to < text.length };
}

const isInsidePair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff;
};

/** What a terminal must not get as it is: tabs become two spaces, controls and direction marks a sign. */
const visible = (text: string): string =>
  text.replaceAll("\t", TAB).replace(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\u200d]/u;

/** Columns of a terminal that `text` takes, as near as one can know (UAX #11). */
function columns(text: string): number {
  let count = 0;
  for (const char of text) {
    if (char === "\t") count += TAB.length;
    else if (char <= "\u02ff") count++;
    else if (!ZERO.test(char)) count += WIDE.test(char) ? 2 : 1;
  }
  return count;
}
