/** The columns that the tables compare and branch share. */
import type { Counts } from "./Counts.ts";
import { byteOf, countWord, putWord, type Sheet } from "./Sheet.ts";

/** Fills `d`, `sign.a`, `sign.c` and `less`; gives whether a < c. */
export function fillComparison(
  sheet: Sheet,
  { pair }: Counts,
): (row: number, a: number, c: number, signed: boolean) => boolean {
  const d = sheet.many("d", 4);
  const [signA, signC, less] = [sheet.at("sign.a"), sheet.at("sign.c"), sheet.at("less")];
  return (row, a, c, signed) => {
    const difference = (a - c) >>> 0;
    putWord(d, row, difference);
    countWord(pair, difference);
    signA[row] = a >>> 31;
    signC[row] = c >>> 31;
    pair[2 * (byteOf(a, 3) & 127) + 256 * (2 * (byteOf(c, 3) & 127))]!++;
    const isLess = signed ? (a | 0) < (c | 0) : a < c;
    less[row] = isLess ? 1 : 0;
    return isLess;
  };
}
