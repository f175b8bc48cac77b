/** The messages of the names pass. */
import { closest } from "../../std/index.ts";
import { type Details, error } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";

import { otherFunction, otherName, otherWay } from "./otherLanguages.ts";
import * as Scope from "./Scope.ts";
import type { Walk } from "./Walk.ts";

/** `there is no type` + `Quot`: with what was probably meant, and where else the name exists. */
export function unknown(
  walk: Walk,
  code: string,
  name: S.Name,
  what: string,
  candidates: Iterable<string>,
  namespace?: "types" | "values" | "effects" | "members" | "entries",
): void {
  walk.problems.push(
    error(code, walk.scope.file, name.span, `${what} \`${name.text}\``, suggestion(walk, name, candidates, namespace)),
  );
}

export function unknownValue(walk: Walk, name: S.Name): void {
  const upper = /^[A-Z]/.test(name.text);
  const type = upper ? Scope.type(walk.scope, name.text) : undefined;
  if (type !== undefined) {
    walk.problems.push(
      error("TEL0210", walk.scope.file, name.span, `\`${name.text}\` is a type, not a value`, {
        hints: ["name one of its cases, or a value of that type"],
      }),
    );
    return;
  }
  const locals = [...walk.locals.visible].filter(([, one]) => one !== undefined).map(([key]) => key);
  const members = [...(walk.program?.functions.keys() ?? []), ...(walk.program?.entries.keys() ?? [])];
  const candidates = [...locals, ...members, ...Scope.valueNames(walk.scope)];
  unknown(
    walk,
    upper ? "TEL0203" : "TEL0201",
    name,
    upper ? "there is no constructor" : "there is no",
    candidates,
    "values",
  );
}

const nowhere = (name: string): string =>
  /^[A-Z]/.test(name)
    ? "declare it as a case of a `type`, or import it: `use module (Name)`"
    : "declare it (`fn`, `let`, a parameter), or import it: `use module (name)`";

function suggestion(walk: Walk, name: S.Name, candidates: Iterable<string>, namespace: string | undefined): Details {
  const near = nearest(name.text, [...candidates], namespace);
  const homes =
    namespace === "types" || namespace === "values" || namespace === "effects"
      ? [...walk.scope.modules.values()].filter(
          (module) => module !== walk.scope.module && module.name !== "" && module[namespace].has(name.text),
        )
      : [];
  const hints = homes.slice(0, 3).map((module) => importHint(module.library, module.name, name.text, namespace));
  if (near !== undefined) hints.push(`did you mean \`${near}\`?`);
  else if (namespace === "values") {
    const way = otherWay(name.text);
    if (way !== undefined) hints.push(way);
  }
  const home = homes.length === 1 && !homes[0]!.library ? homes[0]! : undefined;
  if (home !== undefined) {
    const edit = { span: { start: 0, end: 0 }, text: `use ${home.name} (${name.text})\n` };
    return { hints, fix: { title: `import \`${name.text}\` from \`${home.name}\``, edits: [edit] } };
  }
  if (hints.length === 0 && namespace === "values") hints.push(nowhere(name.text));
  if (near !== undefined)
    return { hints, fix: { title: `change it to \`${near}\``, edits: [{ span: name.span, text: near }] } };
  return { hints };
}

/** What another language calls so, if it is here; else what is spelt almost so. */
export function nearest(word: string, candidates: readonly string[], namespace?: string): string | undefined {
  if (namespace === "members") return otherFunction(word, candidates) ?? closest(word, candidates);
  const other = otherName(word);
  return other !== undefined && (candidates.includes(other) || other === "true" || other === "false")
    ? other
    : closest(word, candidates);
}

const importHint = (library: boolean, module: string, name: string, namespace: string | undefined): string =>
  library && namespace === "values" ? `did you mean \`${module}.${name}\`?` : `add \`use ${module} (${name})\``;

export function* constructorNames(walk: Walk): Iterable<string> {
  for (const name of Scope.valueNames(walk.scope)) if (/^[A-Z]/.test(name)) yield name;
}

export function duplicates(walk: Walk, names: readonly S.Name[], what: string): void {
  if (names.length <= FEW && !hasTwice(names)) return;
  const seen = new Map<string, S.Span>();
  for (const name of names) {
    if (name.text === "") continue;
    const before = seen.get(name.text);
    if (before !== undefined) twice(walk, name, before, what);
    else seen.set(name.text, name.span);
  }
}

/** So few are compared with each other. */
const FEW = 6;

function hasTwice(names: readonly S.Name[]): boolean {
  for (let i = 1; i < names.length; i++) for (let j = 0; j < i; j++) if (names[i]!.text === names[j]!.text) return true;
  return false;
}

export function twice(walk: Walk, name: S.Name, before: S.Span, what: string): void {
  walk.problems.push(
    error("TEL0208", walk.scope.file, name.span, `${what} \`${name.text}\` stands here twice`, {
      labels: [{ span: before, text: "first here" }],
      hints: ["give it another name"],
    }),
  );
}
