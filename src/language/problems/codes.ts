/** The one table of problem codes. Each range has a file of its own under `codes/`. */
import { effects } from "./codes/effects.ts";
import { names } from "./codes/names.ts";
import { programs } from "./codes/programs.ts";
import { syntax } from "./codes/syntax.ts";
import { types } from "./codes/types.ts";
import type { Explanation } from "./Explanation.ts";

export const codes: ReadonlyMap<string, Explanation> = new Map(
  [syntax, names, types, effects, programs].flatMap((range) => Object.entries(range)),
);
