/**
 * What is wrong with a file, a state or an upgrade: where, what, why, and text to paste that repairs it.
 * Problems are collected and returned together, never only the first. Codes are stable and never re-used.
 */

/** A position in a file: line and column count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly code: Code;
  /** What is wrong, in one sentence without a full stop. */
  readonly what: string;
  /** Why it is refused. */
  readonly why?: string;
  /** Text to paste, or the one thing to do. */
  readonly fix?: string;
  readonly at?: Place;
  /** The other file's side of a comparison. */
  readonly other?: Place;
  /** Path in the state, as plans show it. */
  readonly path?: string;
  readonly before?: string;
  readonly after?: string;
}

/** Every code with its title; `tb explain` prints them. */
export const CODES = {
  SCH0101: "the file is not TOML",
  SCH0102: "unknown key",
  SCH0103: "a key has the wrong kind of value",
  SCH0104: "a required key is missing",
  SCH0105: "a word is not one of those allowed here",
  SCH0106: "a version or version range is malformed",
  SCH0107: "a duration is malformed",
  SCH0108: "a name is declared twice or cannot be a name",
  SCH0109: "two keys contradict each other",
  SCH0110: "the type text does not parse",
  SCH0111: "unknown type",
  SCH0112: "a type has no finite value",
  SCH0113: "a float cannot be a key",
  SCH0114: "an option cannot hold an option",
  SCH0115: "a type is nested too deeply or too large",
  SCH0116: "a default is not a value of its type",
  SCH0117: "the file is too large",
  SCH0118: "a field that is reserved is declared",
  SCH0119: "a path is malformed or leads nowhere",
  SCH0120: "a state is not JSON",
  SCH0121: "a state is not a value of its schema",
  SCH0122: "a state is nested too deeply or too large",
  SCH0130: "the old program does not allow this rule",
  SCH0131: "nothing proves that a removed field is unused",
  SCH0132: "a removed field is still used",
  SCH0133: "a removal and an addition look like a rename",
  SCH0134: "a field is added without a value for existing states",
  SCH0135: "a type changes in a way that could lose or alter values",
  SCH0136: "a retired name is used again",
  SCH0137: "a map key or set item changes its type",
  SCH0138: "a variant case is removed",
  SCH0139: "the meaning of a field changes",
  SCH0140: "an effect changes in a way its callers cannot follow",
  SCH0141: "a retired name is missing from reserved",
  SCH0150: "a migration does not fit the schemas",
  SCH0151: "a migration function is not available",
  SCH0152: "a migration function failed",
  SCH0160: "the evolution record does not agree with what it describes",
  SCH0161: "a rollback cannot be exact",
} as const;

export type Code = keyof typeof CODES;

export const showPlace = (place: Place): string => `${place.file}:${place.line}:${place.column}`;

/** One problem as text of a few lines, the way compilers print them. */
export function showProblem(problem: Problem): string {
  const lines = [`error[${problem.code}] ${problem.what}`];
  if (problem.at !== undefined) {
    const other = problem.other === undefined ? "" : `   (was ${showPlace(problem.other)})`;
    lines.push(`  --> ${showPlace(problem.at)}${other}`);
  } else if (problem.other !== undefined) lines.push(`  --> ${showPlace(problem.other)}`);
  if (problem.path !== undefined) lines.push(`  path: ${problem.path}`);
  if (problem.before !== undefined || problem.after !== undefined) {
    lines.push(`  type: ${problem.before ?? "(absent)"} → ${problem.after ?? "(absent)"}`);
  }
  if (problem.why !== undefined) lines.push(`  why: ${problem.why}`);
  if (problem.fix !== undefined) lines.push(`  fix: ${problem.fix.split("\n").join("\n       ")}`);
  return lines.join("\n");
}

/** Files first, then lines: the order in which a person repairs them. */
export function byPlace(a: Problem, b: Problem): number {
  const x = a.at ?? a.other;
  const y = b.at ?? b.other;
  if (x === undefined || y === undefined) return (x === undefined ? 1 : 0) - (y === undefined ? 1 : 0);
  if (x.file !== y.file) return x.file < y.file ? -1 : 1;
  return x.line - y.line || x.column - y.column;
}
