/** The shortest way from one list of lines to another, by longest common subsequence. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Beyond, the table would not fit: everything is replaced instead. */
const CELLS_MAX = 4_000_000;

export function diffLines(from: readonly string[], to: readonly string[]): readonly DiffLine[] {
  const whole = (sign: "-" | "+") => (text: string) => ({ sign, text });
  if (from.length * to.length > CELLS_MAX) return [...from.map(whole("-")), ...to.map(whole("+"))];
  const width = to.length + 1;
  // common[i][j] = length of the longest common subsequence of from[i…] and to[j…].
  const common = new Uint32Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      common[i * width + j] =
        from[i] === to[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      lines.push({ sign: " ", text: from[i++]! });
      j++;
    } else if (i < from.length && (j === to.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push({ sign: "-", text: from[i++]! });
    else lines.push({ sign: "+", text: to[j++]! });
  }
  return lines;
}
