/** Reads the type text of the tables of intrinsics and operations: `fn(List<a>, Int) -> Option<a>`. Their rows are empty. */
import * as Row from "./Row.ts";
import { con, fn, type Rigid, rigid, type Type, type TypeInfo, tuple } from "./Type.ts";

export interface TypeText {
  readonly type: Type;
  readonly rigids: readonly Rigid[];
}

export type Lookup = (name: string) => TypeInfo;

const TOKEN = /\s*(->|[A-Za-z]+|[<>(),])/y;

/** The text is ours, so a mistake in it is a bug. */
export function readType(text: string, lookup: Lookup, rigids = new Map<string, Rigid>()): TypeText {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1]!);
  let at = 0;
  const expect = (token: string): void => {
    if (tokens[at++] !== token) throw new Error(`internal error: ${token} expected in the type ${text}`);
  };
  const several = (end: string): Type[] => {
    const items: Type[] = [];
    while (tokens[at] !== end) {
      items.push(type());
      if (tokens[at] === ",") at++;
    }
    at++;
    return items;
  };
  const type = (): Type => {
    const token = tokens[at++];
    if (token === undefined) throw new Error(`internal error: the type ${text} ends too early`);
    if (token === "(") return tuple(several(")"));
    if (token === "fn") {
      expect("(");
      const params = several(")");
      expect("->");
      return fn(params, type(), Row.empty);
    }
    if (/^[a-z]/.test(token)) {
      const known = rigids.get(token) ?? rigid(token);
      rigids.set(token, known);
      return known;
    }
    if (tokens[at] !== "<") return con(lookup(token), token === "Receipt" ? [con(lookup("Unit"))] : []);
    at++;
    return con(lookup(token), several(">"));
  };
  return { type: type(), rigids: [...rigids.values()] };
}
