/** Offsets as people count: lines and columns from 1, columns in code points. */
export type Position = { readonly line: number; readonly column: number };

/** The text of a file with the offset at which each of its lines starts. */
export type Source = { readonly text: string; readonly lineStarts: readonly number[] };

export function sourceOf(text: string): Source {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { text, lineStarts };
}

/** The line, from 0, in which `offset` stands; offsets outside the text count as its ends. */
export function lineAt({ lineStarts }: Source, offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The text of a line, from 0, without its line break. */
export function lineText({ text, lineStarts }: Source, line: number): string {
  const end = lineStarts[line + 1] ?? text.length + 1;
  const whole = text.slice(lineStarts[line], end - 1);
  return whole.endsWith("\r") ? whole.slice(0, -1) : whole;
}

export function at(source: Source, offset: number): Position {
  const line = lineAt(source, offset);
  let column = 1;
  for (const _ of source.text.slice(source.lineStarts[line], Math.min(offset, source.text.length))) column++;
  return { line: line + 1, column };
}
