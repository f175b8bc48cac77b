/** The standard library as the commands of the codebase show it: part of every codebase, and never stored for itself. */
import { addressUnit } from "../../../src/code/index.ts";
import type { ContentHash } from "../../../src/content/index.ts";
import {
  builtins,
  checkLibrary,
  intrinsicDocs,
  librarySources,
  parse,
  showType,
  type Tree,
} from "../../../src/language/index.ts";

export interface LibraryDefinition {
  readonly name: string;
  readonly signature: string;
  /** TEL with its doc; of what the machine does itself, the signature as a declaration without a body. */
  readonly text: string;
}

const PRELUDE = "prelude.";

let all: ReadonlyMap<string, LibraryDefinition> | undefined;

/** All of it, by full name. */
export function library(): ReadonlyMap<string, LibraryDefinition> {
  if (all !== undefined) return all;
  const found = new Map<string, LibraryDefinition>();
  for (const { path, text } of librarySources) {
    const { tree } = parse(text, path);
    for (const item of tree.items) {
      if (item.kind !== "fn" && item.kind !== "type") continue;
      const name = `${tree.module!.text}.${item.name.text}`;
      const start = Math.min(item.span.start, item.doc?.span.start ?? item.span.start);
      const signature = item.kind === "type" ? "type" : signatureOf(item);
      found.set(name, { name, signature, text: text.slice(start, item.span.end).trim() });
    }
  }
  for (const [name, { doc, example }] of intrinsicDocs) {
    const { type } = builtins.get(name)!;
    const word = name.slice(name.indexOf(".") + 1);
    const text = `/// ${doc}\n/// > ${example}\n${type.replace(/^fn/, `fn ${word}`)}   // of the language: it has no body`;
    found.set(name, { name, signature: type, text });
  }
  all = found;
  return all;
}

function signatureOf({ params, result, row }: Tree.FnDecl): string {
  const types = params.map((param) => (param.type === undefined ? "_" : showType(param.type)));
  const labels = row === undefined ? "" : ` uses ${row.labels.map((label) => label.text).join(", ")}`;
  return `fn(${types.join(", ")}) -> ${result === undefined ? "Unit" : showType(result)}${labels}`;
}

/** By its full name; what every file sees without a module, also by its word. */
export const libraryDefinition = (name: string): LibraryDefinition | undefined =>
  library().get(name) ?? library().get(PRELUDE + name);

let addresses: ReadonlyMap<string, ContentHash.ContentHash> | undefined;

/** The address of a definition of the library; undefined for what the machine does itself. */
export function libraryHash(name: string): ContentHash.ContentHash | undefined {
  addresses ??= addressUnit(checkLibrary().unit!).definitions;
  return addresses.get(name);
}

let names: ReadonlyMap<ContentHash.ContentHash, string> | undefined;

/** What the definition of the library at an address is called. */
export function libraryName(hash: ContentHash.ContentHash): string | undefined {
  libraryHash("");
  names ??= new Map([...addresses!].map(([name, of]) => [of, name]));
  return names.get(hash);
}
