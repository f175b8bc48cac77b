/**
 * Definitions as text again, under the names that hold now. A declaration is shown as it was written, comments and
 * layout included; `moduleFile` puts the declarations of a module together with the `use` lines that they need, so that
 * the text can be checked, and gives the same addresses.
 */
import type { ContentHash } from "../content/index.ts";
import { type Core, printDefinition, printType } from "../language/index.ts";
import type { CodebaseReads } from "./Codebase.ts";
import { codeRepository } from "./CodeRepository.ts";
import type { Code } from "./decode.ts";
import * as Meta from "./Meta.ts";
import { list, namesOf } from "./NameRegistry.ts";

export interface Shown {
  readonly hash: ContentHash.ContentHash;
  readonly name: string | undefined;
  /** TEL text; Core in words where nobody kept the text. */
  readonly text: string;
  /** Whether `text` is TEL that can be checked again. */
  readonly isSource: boolean;
}

/**
 * The name to show for a definition: one that it has now; else one that it had and that has gone on to another version,
 * so that the text is one that can be brought up to date; else any that it had.
 */
export function displayName(reads: CodebaseReads, hash: ContentHash.ContentHash): string | undefined {
  const [now] = namesOf(reads, hash);
  if (now !== undefined) return now;
  const had =
    codeRepository(reads)
      .meta(hash)
      ?.entries.map((entry) => entry.name) ?? [];
  return had.find((name) => reads.name(name) !== undefined) ?? had[0];
}

/** One definition as people read it; undefined when it is not here. */
export function view(reads: CodebaseReads, hash: ContentHash.ContentHash, name?: string): Shown | undefined {
  const repository = codeRepository(reads);
  const code = repository.get(hash);
  if (!code.ok) return undefined;
  const meta = repository.meta(hash);
  const shownName = name ?? displayName(reads, hash);
  const entry = meta === undefined ? undefined : Meta.entryFor(meta, shownName);
  if (entry?.source !== undefined) {
    const scope = new Imports(reads, moduleOf(shownName ?? entry.name));
    const text = renamed(entry, shownName ?? entry.name, scope.print(entry.source.parts));
    return { hash, name: shownName, text: withoutDetached(text), isSource: true };
  }
  return { hash, name: shownName, text: printCode(reads, code.value, entry, shownName), isSource: false };
}

/** A module's declarations as one file; undefined when the codebase has none with a text. `without`: what is left out. */
export function moduleFile(
  reads: CodebaseReads,
  module: string,
  without: (name: string) => boolean = () => false,
): string | undefined {
  const repository = codeRepository(reads);
  const scope = new Imports(reads, module);
  const written = new Map<string, { readonly start: number; readonly file: string; readonly text: string }>();
  const timelines = new Set<string>();
  const heads = new Set<string>();
  for (const [name, hash] of list(reads, module === "" ? "" : `${module}.`)) {
    if (moduleOf(name) !== module || without(name)) continue;
    const meta = repository.meta(hash);
    const entry = meta?.entries.find((one) => one.name === name);
    if (entry?.source === undefined) continue;
    for (const companion of entry.source.companions) {
      const text = scope.print(companion);
      if (isComment(text)) {
        heads.add(text);
        continue;
      }
      written.set(text, { start: -1, file: entry.source.file, text });
    }
    // A program and its entries share one text.
    const text = renamed(entry, name, scope.print(entry.source.parts));
    written.set(text, { start: entry.source.start, file: entry.source.file, text });
    for (const timeline of entry.source.timelines) timelines.add(timeline);
  }
  if (written.size === 0) return undefined;
  const declarations = [...written.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.start - b.start) || (a.text < b.text ? -1 : 1),
  );
  const head = [
    ...heads,
    ...(module === "" ? [] : [`module ${module}`]),
    ...scope.useLines(),
    ...(timelines.size === 0 ? [] : [`use timelines (${[...timelines].sort().join(", ")})`]),
  ];
  return `${[head.join("\n"), ...declarations.map((one) => one.text)].filter((part) => part !== "").join("\n\n")}\n`;
}

/** The module part of a full name. Names of programs' parts and tests count to the module of what they belong to. */
export function moduleOf(name: string): string {
  const words: string[] = [];
  // `arb.math.test 2900 against 2987 is 3 percent`: titles are text, so only words before the first space count.
  const dotted = name.split(" ")[0]!.split("/")[0]!.split(".");
  for (const word of dotted.slice(0, -1)) {
    if (!/^[a-z_]/.test(word)) break;
    words.push(word);
  }
  return words.join(".");
}

const lastWord = (name: string): string => name.slice(moduleOf(name).length === 0 ? 0 : moduleOf(name).length + 1);

/** What a text in one module must import, and how it then writes the names. A class because it collects while it prints. */
class Imports {
  private readonly reads: CodebaseReads;
  private readonly module: string;
  /** Module → words imported from it; an empty set for a bare `use`. */
  private readonly uses = new Map<string, Set<string>>();
  private readonly owners = new Map<string, string>();

  constructor(reads: CodebaseReads, module: string) {
    this.reads = reads;
    this.module = module;
  }

  print(parts: readonly Meta.Part[]): string {
    return parts.map((part) => (typeof part === "string" ? part : this.mention(part))).join("");
  }

  useLines(): readonly string[] {
    return [...this.uses]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([module, words]) =>
        words.size === 0 ? `use ${module}` : `use ${module} (${[...words].sort().join(", ")})`,
      );
  }

  private declares(word: string): boolean {
    return this.reads.name(this.module === "" ? word : `${this.module}.${word}`) !== undefined;
  }

  /**
   * Of several names the one that was written, since labels and default values of one address may differ from name to
   * name; else one of this module, else any.
   */
  private nameOf(mention: Meta.Mention): string | undefined {
    const names = namesOf(this.reads, mention.hash);
    const written = names.filter((name) => lastWord(name) === mention.name);
    return (
      written.find((name) => moduleOf(name) === this.module) ??
      written[0] ??
      names.find((name) => moduleOf(name) === this.module) ??
      displayName(this.reads, mention.hash)
    );
  }

  private mention(mention: Meta.Mention): string {
    const full = this.nameOf(mention);
    if (full === undefined) return mention.name === "" ? "" : `${mention.name}#${mention.hash}`;
    const module = moduleOf(full);
    // An operation comes with its effect, a case with its type.
    const word = lastWord(full).split(".")[0]!;
    if (module === this.module) return mention.name === "" ? "" : word;
    const words = this.uses.get(module) ?? new Set<string>();
    this.uses.set(module, words);
    const owner = this.owners.get(word);
    if ((owner === undefined && !this.declares(word)) || owner === module) {
      this.owners.set(word, module);
      words.add(word);
      return mention.name === "" ? "" : word;
    }
    return mention.name === "" ? "" : `${module.split(".").at(-1)}.${word}`;
  }
}

/** Comments that an empty line separates from what follows speak of more than one declaration. */
const withoutDetached = (text: string): string => text.replace(/^(?:(?:\/\/(?!\/)[^\n]*)?\n)*\n(?=\S)/, "");

/** Text without an address of its own that says nothing: what a file began with. */
const isComment = (text: string): boolean => text.split("\n").every((line) => /^\s*(\/\/|$)/.test(line));

/** The declared word itself follows a rename: the first place after its keyword where the old word stands. */
function renamed(entry: Meta.MetaEntry, name: string, text: string): string {
  const [before, after] = [declaredIn(entry.source!), lastWord(name).split(".")[0]!];
  if (before === undefined || before === after || name.includes(" ")) return text;
  const declaration = new RegExp(
    `^((?:\\s*//[^\\n]*\\n)*\\s*(?:fn|type|fact|action|event|program|handler|effect)\\s+)${before}\\b`,
  );
  return text.replace(declaration, (_all, head: string) => head + after);
}

/** The word that a source declares. */
function declaredIn(source: Meta.Source): string | undefined {
  const text = source.parts.map((part) => (typeof part === "string" ? part : part.name)).join("");
  return /^(?:\s*\/\/[^\n]*\n)*\s*(?:fn|type|fact|action|event|program|handler|effect)\s+(\w+)/.exec(text)?.[1];
}

const typesOf = (fields: readonly Core.Field[]): string => fields.map((one) => printType(one.type)).join(", ");

/** What a definition is and takes, in one line: `fn(Decimal, Decimal) -> Option<Decimal>`, `type(Text, Text)`, `program`. */
export function signatureOf(reads: CodebaseReads, code: Code): string {
  switch (code.form) {
    case "definition":
      if (code.item.kind !== "function") return code.item.kind;
      return code.item.signature === undefined ? "fn" : withNames(reads)(printType(code.item.signature));
    case "type":
      return code.item.kind === "record" ? withNames(reads)(`type(${typesOf(code.item.fields)})`) : "type";
    case "outside": {
      const { kind, parameters, result } = code.item;
      return withNames(reads)(`${kind}(${typesOf(parameters)})${kind === "event" ? "" : ` -> ${printType(result)}`}`);
    }
    case "program":
      return "program";
  }
}

/** Addresses in a text as the names that they have. */
function withNames(reads: CodebaseReads): (text: string) => string {
  const names = new Map<string, string>();
  return (text) =>
    text.replace(/#(bafyrei[a-z2-7]{52})/g, (all, hash: string) => {
      const known = names.get(hash) ?? displayName(reads, hash as ContentHash.ContentHash) ?? all;
      names.set(hash, known);
      return known;
    });
}

/** Code without text, in the notation of Core with today's names. */
function printCode(
  reads: CodebaseReads,
  code: Code,
  entry: Meta.MetaEntry | undefined,
  name: string | undefined,
): string {
  const rename = withNames(reads);
  const title = name ?? `#${code.hash}`;
  switch (code.form) {
    case "definition":
      return rename(printDefinition({ ...code.item, name: title, localNames: entry?.localNames ?? [] }));
    case "type": {
      const fields = (of: readonly Core.Field[]) => of.map((one) => `${one.name}: ${printType(one.type)}`).join(", ");
      return rename(
        code.item.kind === "record"
          ? `type ${title}(${fields(code.item.fields)})`
          : `type ${title} = ${code.item.cases.map((one) => (one.fields.length === 0 ? one.name : `${one.name}(${fields(one.fields)})`)).join(" | ")}`,
      );
    }
    case "outside": {
      const parameters = code.item.parameters.map((one) => `${one.name}: ${printType(one.type)}`).join(", ");
      const result = code.item.kind === "event" ? "" : ` -> ${printType(code.item.result)}`;
      return rename(`${code.item.kind} ${title}(${parameters})${result}`);
    }
    case "program": {
      const state = code.item.state.map((one) => `  state ${one.name}: ${printType(one.type)}`);
      const entries = code.item.entries.map(
        (one) =>
          `  entry ${one.name}(${one.parameters.map((field) => `${field.name}: ${printType(field.type)}`).join(", ")}) -> ${printType(one.result)}`,
      );
      return rename([`program ${title} {`, ...state, ...entries, "}"].join("\n"));
    }
  }
}
