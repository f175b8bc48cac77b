/**
 * The words and signs of TEL. The lexer, the parser's "did you mean", the colouring of editors and the grammar page
 * all read these tables, so there is one list of each.
 */

/** What a token is; a plain number because a file has millions. */
export const T = {
  end: 0,
  /** Characters that the lexer has already reported. */
  bad: 1,
  /** A word that starts with a lower-case letter or `_`. */
  id: 2,
  /** A word that starts with an upper-case letter. */
  up: 3,
  underscore: 4,
  int: 5,
  decimal: 6,
  float: 7,
  duration: 8,
  instant: 9,
  hash: 10,
  version: 11,
  /** `"…"` without holes. */
  text: 12,
  /** `"…${` */
  textOpen: 13,
  /** `}…${` */
  textMiddle: 14,
  /** `}…"` */
  textClose: 15,

  parenOpen: 16,
  parenClose: 17,
  bracketOpen: 18,
  bracketClose: 19,
  braceOpen: 20,
  braceClose: 21,
  comma: 22,
  semicolon: 23,
  colon: 24,
  dot: 25,
  dotDot: 26,
  question: 27,
  equals: 28,
  arrow: 29,
  fatArrow: 30,
  pipe: 31,
  bang: 32,

  sequence: 33,
  both: 34,
  orElse: 35,
  into: 36,
  or: 37,
  and: 38,
  same: 39,
  different: 40,
  less: 41,
  lessEqual: 42,
  greater: 43,
  greaterEqual: 44,
  plus: 45,
  minus: 46,
  times: 47,
  divide: 48,
  remainder: 49,

  true: 64,
  false: 65,
  let: 66,
  return: 67,
  abort: 68,
  assert: 69,
  fn: 70,
  if: 71,
  else: 72,
  match: 73,
  within: 74,
  after: 75,
  at: 76,
  par: 77,
  race: 78,
  first: 79,
  with: 80,
  state: 81,

  uses: 96,
  matches: 97,
  as: 98,
} as const;

export type TokenKind = (typeof T)[keyof typeof T];

/** Signs, longest first where one starts another. */
export const signs: readonly (readonly [text: string, kind: TokenKind])[] = [
  ["<|>", T.both],
  ["<|", T.orElse],
  ["<=", T.lessEqual],
  ["<", T.less],
  [">>", T.sequence],
  [">=", T.greaterEqual],
  [">", T.greater],
  ["|>", T.into],
  ["||", T.or],
  ["|", T.pipe],
  ["&&", T.and],
  ["==", T.same],
  ["=>", T.fatArrow],
  ["=", T.equals],
  ["!=", T.different],
  ["!", T.bang],
  ["->", T.arrow],
  ["-", T.minus],
  ["+", T.plus],
  ["*", T.times],
  ["/", T.divide],
  ["%", T.remainder],
  ["..", T.dotDot],
  [".", T.dot],
  ["?", T.question],
  [",", T.comma],
  [";", T.semicolon],
  [":", T.colon],
  ["(", T.parenOpen],
  [")", T.parenClose],
  ["[", T.bracketOpen],
  ["]", T.bracketClose],
  ["{", T.braceOpen],
  ["}", T.braceClose],
];

/** Words that cannot name a value: they start a step or an expression. As labels and after `.` they are ordinary. */
export const reserved: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ["true", T.true],
  ["false", T.false],
  ["let", T.let],
  ["return", T.return],
  ["abort", T.abort],
  ["assert", T.assert],
  ["fn", T.fn],
  ["if", T.if],
  ["else", T.else],
  ["match", T.match],
  ["within", T.within],
  ["after", T.after],
  ["at", T.at],
  ["par", T.par],
  ["race", T.race],
  ["first", T.first],
  ["with", T.with],
  ["state", T.state],
]);

/** Words that mean something between two things, and are ordinary names elsewhere. */
export const infix: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ["uses", T.uses],
  ["matches", T.matches],
  ["as", T.as],
]);

/** Words that start a declaration of a file; ordinary names elsewhere. */
export const declarations = [
  "fn",
  "type",
  "fact",
  "action",
  "event",
  "effect",
  "interface",
  "handler",
  "program",
  "test",
  "prop",
] as const;

/** Words that start a clause of a program; ordinary names elsewhere. */
export const clauses = ["state", "exclusive", "entry", "on", "handshake", "migration", "fn"] as const;

/** The units of a duration, largest first, each with its length in milliseconds. */
export const units: readonly (readonly [unit: string, milliseconds: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

const texts = new Map<TokenKind, string>([
  ...signs.map(([text, kind]) => [kind, text] as const),
  ...[...reserved, ...infix].map(([text, kind]) => [kind, text] as const),
]);

const names = new Map<TokenKind, string>([
  [T.end, "the end of the file"],
  [T.bad, "an unreadable character"],
  [T.id, "a name"],
  [T.up, "a name that starts with a capital letter"],
  [T.int, "a number"],
  [T.decimal, "a number"],
  [T.float, "a number"],
  [T.duration, "a duration"],
  [T.instant, "an instant"],
  [T.hash, "a hash"],
  [T.version, "a version"],
  [T.text, "a text"],
  [T.textOpen, "a text"],
  [T.textMiddle, "the end of a hole"],
  [T.textClose, "the end of a hole"],
]);

/** The spelling of a kind that has only one, in backticks, else what it is in words. */
export const show = (kind: TokenKind): string => {
  const text = texts.get(kind);
  return text === undefined ? (names.get(kind) ?? "something") : `\`${text}\``;
};

export const isWord = (kind: TokenKind): boolean => kind === T.id || kind === T.up || kind >= T.true;

/** Words that may name a value: not reserved, not capitalised. */
export const isId = (kind: TokenKind): boolean => kind === T.id || kind >= T.uses;
