/**
 * Places inside a state's type: `$.positions[].leg.px`, `{}` a map's value, `{key}` its key, `#Case` a variant's payload,
 * `?` an option's item, `.0` a tuple's item, `."odd name"` a name that is no plain word.
 *
 * `$` is the state. Files may leave `$.` and `?` out: options do not nest, so a path without `?` is unambiguous.
 */
import { printName } from "./printType.ts";

export type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "item" }
  | { readonly kind: "value" }
  | { readonly kind: "key" }
  | { readonly kind: "case"; readonly name: string }
  | { readonly kind: "some" }
  | { readonly kind: "part"; readonly index: number };

export const ROOT = "$";
export const PATH_CHARS_MAX = 4096;

export function showStep(step: Step): string {
  switch (step.kind) {
    case "field":
      return `.${printName(step.name)}`;
    case "item":
      return "[]";
    case "value":
      return "{}";
    case "key":
      return "{key}";
    case "case":
      return `#${printName(step.name)}`;
    case "some":
      return "?";
    case "part":
      return `.${step.index}`;
  }
}

export const show = (steps: readonly Step[], root = ROOT): string => root + steps.map(showStep).join("");

export const field = (path: string, name: string): string => `${path}.${printName(name)}`;

/** Two spellings of one place are equal in this form: with `$`, without `?`. `undefined` when the text is not a path. */
export function normal(text: string): string | undefined {
  const steps = parse(text);
  return steps === undefined ? undefined : show(steps.filter((step) => step.kind !== "some"));
}

/** A path that a diff made, in the form that `normal` gives. Quoted names may hold a `?`, so it is not a plain replace. */
export const withoutOptions = (path: string): string =>
  path.includes('"') ? (normal(path) ?? path) : path.replaceAll("?", "");

const STEP =
  /(\.?)("(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_-]*)|(\[\])|(\{key\})|(\{\})|#("(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_-]*)|(\?)|\.([0-9]{1,5})/y;

export function parse(text: string): readonly Step[] | undefined {
  if (text.length > PATH_CHARS_MAX) return undefined;
  const steps: Step[] = [];
  const start = text.startsWith("$") ? 1 : 0;
  STEP.lastIndex = start;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, dot, name, item, key, value, caseName, some, index] = match;
    if (name !== undefined) {
      // Only the first name of a path without `$` stands without its dot.
      if ((dot === "") !== (at === 0)) return undefined;
      const plain = unquote(name);
      if (plain === undefined) return undefined;
      steps.push({ kind: "field", name: plain });
    } else if (item !== undefined) steps.push({ kind: "item" });
    else if (key !== undefined) steps.push({ kind: "key" });
    else if (value !== undefined) steps.push({ kind: "value" });
    else if (caseName !== undefined) {
      const plain = unquote(caseName);
      if (plain === undefined) return undefined;
      steps.push({ kind: "case", name: plain });
    } else if (some !== undefined) steps.push({ kind: "some" });
    else steps.push({ kind: "part", index: Number(index) });
  }
  return start === 0 && steps.length === 0 ? undefined : steps;
}

function unquote(name: string): string | undefined {
  if (!name.startsWith('"')) return name;
  try {
    return JSON.parse(name) as string;
  } catch {
    return undefined;
  }
}
