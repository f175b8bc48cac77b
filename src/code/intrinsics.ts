/** What the machine can do by itself, as far as identity and validation need it: the number of arguments and the version. */
import { builtins } from "../language/index.ts";

export interface Intrinsic {
  readonly arity: number;
  /** Raised when the meaning changes, so that code that calls it gets another hash. */
  readonly version: number;
}

export interface IntrinsicTable {
  get(name: string): Intrinsic | undefined;
}

/** The table of the language, as far as it matters here. */
export const intrinsics: ReadonlyMap<string, Intrinsic> = new Map(
  [...builtins].map(([name, builtin]) => [name, { arity: arityOf(builtin.type), version: builtin.version }]),
);

/** `fn(List<(a, b)>, Int) -> a` takes 2. */
function arityOf(type: string): number {
  let depth = 0;
  let commas = 0;
  let parameters = "";
  for (const char of type.slice("fn(".length)) {
    if (char === ")" && depth === 0) break;
    if ("(<".includes(char)) depth++;
    if (")>".includes(char)) depth--;
    if (char === "," && depth === 0) commas++;
    parameters += char;
  }
  return parameters.trim() === "" ? 0 : commas + 1;
}
