/**
 * Typing records: what the checker found out about a definition, so that code which uses it is checked without reading
 * its text again. A TYPING block points at the definition, never the other way, and is kept in a table of its own: it
 * never travels, and it holds only for the checker that wrote it. What comes from elsewhere is checked again here.
 *
 *     [23, 1, link of the definition, checker, [[name, kind, …]…]]
 *
 * One definition may be known under several names, whose types are called differently: there is one entry for each.
 */
import {
  type ContentHash,
  decode as decodeBlock,
  encode as encodeBlock,
  isLink,
  isList,
  Kind,
  link,
  type Node,
  Value,
} from "../content/index.ts";
import { type Core, defaultFrom, type Known } from "../language/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";

/** Which checker found it out. A change of what is inferred or of the library's types is a new number. */
export const CHECKER = 1;

export interface Typing {
  readonly definition: ContentHash.ContentHash;
  /** Ascending by name, each name once. */
  readonly entries: readonly TypingEntry[];
}

/** A known declaration whose types and effects are mentioned by address, with their names at the time. */
export interface TypingEntry {
  readonly known: Known.Known;
  /** The addresses of the types that `known` mentions, by the names that stand in it. */
  readonly types: ReadonlyMap<string, ContentHash.ContentHash>;
  /** Of the effects that it mentions: an operation of each. Effects of the language have none. */
  readonly effects: ReadonlyMap<string, ContentHash.ContentHash>;
}

export interface InvalidTyping {
  readonly kind: "InvalidTyping";
  readonly reason: string;
}

const VERSION = 1;
const invalid = (reason: string) => err({ kind: "InvalidTyping", reason } as const);

/** Nested deeper than this, no signature is. */
const TYPE_DEPTH_MAX = 200;

const KINDS = ["function", "record", "sum", "fact", "action", "event", "operation"] as const;

export function encode(typing: Typing): Uint8Array {
  return encodeBlock([
    Kind.typing,
    VERSION,
    link(typing.definition),
    CHECKER,
    typing.entries.map((entry) => writeEntry(entry)),
  ]);
}

function writeEntry({ known, types, effects }: TypingEntry): Node {
  const mention = (of: TypingEntry["types"], name: string): readonly Node[] => {
    const found = of.get(name);
    return [name, found === undefined ? null : link(found)];
  };
  const head: readonly Node[] = [known.name, KINDS.indexOf(known.kind), known.doc ?? null];
  const type = (of: Core.Type): Node => {
    switch (of.kind) {
      case "builtin":
        return [0, of.name, ...of.arguments.map(type)];
      case "declared": {
        const { name } = of.reference as { readonly name: string };
        return [1, ...mention(types, name), ...of.arguments.map(type)];
      }
      case "variable":
        return [2, of.index];
      case "tuple":
        return [3, ...of.items.map(type)];
      case "record":
        return [4, of.names, ...of.types.map(type)];
      case "function":
        return [5, of.parameters.map(type), type(of.result), row(of.row)];
    }
  };
  /** An effect of the codebase is found through the address of one of its operations. */
  const row = (of: Core.Row): Node => [
    of.labels.map((label): Node => (effects.has(label) ? mention(effects, label) : label)),
    of.variable ?? null,
  ];
  const fields = (of: readonly Known.KnownField[]): Node =>
    of.map((field): Node => [field.name, type(field.type), ...(field.default === undefined ? [] : [field.default])]);
  switch (known.kind) {
    case "function":
      return [
        ...head,
        fields(known.parameters),
        type(known.result),
        row(known.row),
        known.constraints,
        known.touches.map(({ what, key }): Node => [what, key ?? null]),
        known.isTotal,
      ];
    case "record":
    case "sum":
      return [...head, known.parameters, known.cases.map((one): Node => [one.name, fields(one.fields)])];
    default:
      return [...head, fields(known.parameters), type(known.result)];
  }
}

/** Reads what `encode` writes; anything else, and what another checker wrote, is refused. */
export function decode(bytes: Uint8Array): Result<Typing, InvalidTyping> {
  const node = decodeBlock(bytes);
  if (!node.ok) return invalid("not a canonical block");
  const block = node.value;
  if (!isList(block) || block.length !== 5 || block[0] !== Kind.typing || block[1] !== VERSION)
    return invalid(`not a TYPING block of version ${VERSION}`);
  const [, , definition, checker, list] = block;
  if (checker !== CHECKER) return invalid("written by another checker");
  if (!isLink(definition!) || !isList(list!)) return invalid("wrong shape");
  const entries: TypingEntry[] = [];
  for (const item of list) {
    let entry: TypingEntry;
    try {
      entry = readEntry(item);
    } catch (error) {
      if (error instanceof Malformed) return invalid(`entry ${entries.length}: ${error.message}`);
      throw error;
    }
    const before = entries[entries.length - 1];
    if (before !== undefined && Value.compareText(before.known.name, entry.known.name) >= 0)
      return invalid("entries must be sorted by name, each once");
    entries.push(entry);
  }
  const typing = { definition: definition.link, entries };
  // Whatever more there may be than was read, or in another spelling.
  return Bytes.equal(encode(typing), bytes) ? ok(typing) : invalid("not as it would be written");
}

/** Leaves the readers; `decode` turns it into InvalidTyping. */
class Malformed extends Error {}

function fail(what: string): never {
  throw new Malformed(`${what} has the wrong shape`);
}

const list = (node: Node | undefined, what: string): readonly Node[] =>
  node !== undefined && isList(node) ? node : fail(what);
const text = (node: Node | undefined, what: string): string => (typeof node === "string" ? node : fail(what));
const natural = (node: Node | undefined, what: string): number =>
  typeof node === "number" && node >= 0 ? node : fail(what);

function readEntry(node: Node): TypingEntry {
  const types = new Map<string, ContentHash.ContentHash>();
  const effects = new Map<string, ContentHash.ContentHash>();
  const mention = (
    into: Map<string, ContentHash.ContentHash>,
    name: Node | undefined,
    target: Node | undefined,
  ): string => {
    const found = text(name, "a mention");
    if (target === null) return found;
    if (target === undefined || !isLink(target)) return fail("a mention");
    const before = into.get(found);
    if (before !== undefined && before !== target.link) fail("a mention");
    into.set(found, target.link);
    return found;
  };
  const type = (at: Node | undefined, depth: number): Core.Type => {
    const [tag, ...rest] = list(at, "a type");
    if (depth > TYPE_DEPTH_MAX) return fail("a type");
    const all = (nodes: readonly Node[]) => nodes.map((inner) => type(inner, depth + 1));
    switch (tag) {
      case 0:
        return { kind: "builtin", name: text(rest[0], "a type"), arguments: all(rest.slice(1)) };
      case 1:
        return {
          kind: "declared",
          reference: { kind: "symbol", name: mention(types, rest[0], rest[1]) },
          arguments: all(rest.slice(2)),
        };
      case 2:
        return { kind: "variable", index: natural(rest[0], "a variable") };
      case 3:
        return { kind: "tuple", items: all(rest) };
      case 4: {
        const names = list(rest[0], "a record").map((name) => text(name, "a field's name"));
        if (names.length !== rest.length - 1) fail("a record");
        return { kind: "record", names, types: all(rest.slice(1)) };
      }
      case 5:
        return {
          kind: "function",
          parameters: all(list(rest[0], "parameters")),
          result: type(rest[1], depth + 1),
          row: row(rest[2]),
        };
      default:
        return fail("a type");
    }
  };
  const row = (at: Node | undefined): Core.Row => {
    const [labels, variable] = list(at, "a row");
    return {
      labels: list(labels, "labels").map((label) => {
        if (typeof label === "string") return label;
        const [name, target] = list(label, "a label");
        return mention(effects, name, target);
      }),
      variable: variable === null ? undefined : natural(variable, "a row variable"),
    };
  };
  const fields = (at: Node | undefined): readonly Known.KnownField[] =>
    list(at, "fields").map((field) => {
      const [fieldName, fieldType, fallback] = list(field, "a field");
      const read = { name: text(fieldName, "a field's name"), type: type(fieldType, 0) };
      if (fallback === undefined) return read;
      const said = text(fallback, "a default");
      return defaultFrom(said) === undefined ? fail("a default") : { ...read, default: said };
    });
  const [name, kindNumber, doc, ...parts] = list(node, "the entry");
  const kind = KINDS[natural(kindNumber, "the kind")];
  if (kind === undefined) return fail("the kind");
  const head = { name: text(name, "the name"), doc: doc === null ? undefined : text(doc, "the doc") };
  const known = ((): Known.Known => {
    switch (kind) {
      case "function":
        return {
          kind,
          ...head,
          parameters: fields(parts[0]),
          result: type(parts[1], 0),
          row: row(parts[2]),
          constraints: list(parts[3], "constraints").map((one) => natural(one, "a constraint")),
          touches: list(parts[4], "touches").map((one) => {
            const [what, key] = list(one, "a touch");
            if (what !== "asset" && what !== "timeline" && what !== "program") return fail("a touch");
            if (key !== null && typeof key !== "string" && typeof key !== "number") return fail("a touch");
            return { what, key: key ?? undefined };
          }),
          isTotal: typeof parts[5] === "boolean" ? parts[5] : fail("totality"),
        };
      case "record":
      case "sum":
        return {
          kind,
          ...head,
          parameters: list(parts[0], "type parameters").map((one) => text(one, "a type parameter")),
          cases: list(parts[1], "cases").map((one) => {
            const [caseName, caseFields] = list(one, "a case");
            return { name: text(caseName, "a case's name"), fields: fields(caseFields) };
          }),
        };
      default:
        return { kind, ...head, parameters: fields(parts[0]), result: type(parts[1], 0) };
    }
  })();
  return { known, types, effects };
}

/** The entries of both; where both know a name, `newer` wins. */
export function merge(older: Typing, newer: Typing): Typing {
  const entries = new Map([...older.entries, ...newer.entries].map((entry) => [entry.known.name, entry]));
  return {
    definition: newer.definition,
    entries: [...entries.values()].sort((a, b) => Value.compareText(a.known.name, b.known.name)),
  };
}
