/** What a refused change could become: text to paste into the new file. */
import * as Path from "./Path.ts";
import { printName, printType } from "./printType.ts";
import type * as T from "./Type.ts";

/** A type and the one that takes its place, with the path that plans show. */
interface Change {
  readonly before: T.Type;
  readonly after: T.Type;
  readonly path: string;
}

/** Changes of one kind that `fill` can carry: values outside the new type get the given one. */
export function isNarrowing(x: T.Type, y: T.Type): boolean {
  if (x.kind === "untyped") return true;
  const integers = (t: T.Type) => t.kind === "int" || t.kind === "nat";
  return (integers(x) && integers(y)) || (x.kind === y.kind && ["decimal", "bytes", "float"].includes(x.kind));
}

/** What to write instead of a type that cannot be reached. */
export function insteadOf(pair: Change, x: T.Type, y: T.Type): { readonly fix: string } {
  if (isNarrowing(x, y) || (x.kind === "option" && y.kind !== "option")) {
    return { fix: `[[schema.migrations]]\nop = "fill"\nfield = ${JSON.stringify(pair.path)}\nvalue = …` };
  }
  return { fix: `keep ${printType(pair.before)}, or add a field of another name with type ${printType(pair.after)}` };
}

export function renameToPaste(parent: string, from: string, to: string, fromName: string, toName: string): string {
  const plain = (path: string, name: string) => JSON.stringify(parent === Path.ROOT ? name : path);
  const rename = `[[schema.migrations]]\nop = "rename"\nfrom = ${plain(from, fromName)}\nto = ${plain(to, toName)}`;
  return `${rename}\nor, if \`${toName}\` is something new (in its own table: not_a_rename = true):\n[schema]\nnot_a_rename = [${plain(to, toName)}]`;
}

export function defaultToPaste(path: string, field: T.Field): string {
  const parent = path.slice(0, path.length - printName(field.name).length - 1);
  if (parent === Path.ROOT)
    return `[schema.defaultValues]\n${printName(field.name)} = …\nor make its type option<${printType(field.type)}>`;
  return `${printName(field.name)}: ${printType(field.type)} = …\nor ${printName(field.name)}: option<${printType(field.type)}>`;
}
