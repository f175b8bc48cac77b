/**
 * Every edit of a definition that means something else, found by walking its tree: a part of Core that nobody thought of
 * is edited all the same.
 */
import { Value } from "../../src/content/index.ts";
import { Core } from "../../src/language/index.ts";

export interface Edit<Item> {
  /** `if.then`, `literal`, `triggers, swapped`: which part of which kind of node, for counting what was tried. */
  readonly what: string;
  readonly item: Item;
}

type Node = Readonly<Record<string, unknown>>;
type Put = (to: unknown) => unknown;

/** Beside the identity, or what follows from the rest. */
const SILENT: ReadonlySet<string> = new Set(["kind", "localNames", "doc", "locals", "local"]);

/** Their order is not part of the meaning. */
const UNORDERED: ReadonlySet<string> = new Set(["labels", "row", "state", "entries", "migrations"]);

/** Two lists that belong together, `names` and these, keep their length. */
const PAIRED: ReadonlySet<string> = new Set(["names", "values", "types", "branches"]);

/** Kinds with the same parts that mean another thing. */
const OTHER_KIND = {
  item: { function: "test", test: "prop", lambda: "function", fact: "action", action: "event", event: "fact" },
  body: { tuple: "list", list: "tuple", return: "abort", abort: "return" },
} as const;

/** All edits of a definition but of its name. `other` is the name of a definition that is unlike all in it. */
export function editsOf<Item extends { readonly name: string }>(item: Item, other: string): readonly Edit<Item>[] {
  const edits: Edit<Item>[] = [];
  const add = (what: string, made: unknown) => edits.push({ what, item: made as Item });
  const { name, ...rest } = item;
  new Editor(other, add).node(rest, "definition", false, (to) => ({ ...item, ...(to as Node), name }));
  return edits;
}

class Editor {
  private readonly other: string;
  private readonly add: (what: string, made: unknown) => void;

  constructor(other: string, add: (what: string, made: unknown) => void) {
    this.other = other;
    this.add = add;
  }

  node(at: Node, where: string, inBody: boolean, put: Put): void {
    const kind = typeof at["kind"] === "string" ? at["kind"] : where;
    if (kind === "builtin" && inBody) this.builtin(at, put);
    else if (kind === "symbol") this.add(`${where}, reference`, put(Core.symbol(this.other)));
    else if (kind === "literal") this.add(kind, put(Core.literal(at["value"] === 77 ? 78 : 77)));
    else if (kind === "local") this.add(kind, put(Core.literal("was a local")));
    else if (kind === "variable") this.add("type variable", put({ kind: "builtin", name: "Hash", arguments: [] }));
    else this.parts(at, kind, where, inBody, put);
  }

  private parts(at: Node, kind: string, where: string, inBody: boolean, put: Put): void {
    const otherKind = (inBody ? OTHER_KIND.body : where === "definition" ? OTHER_KIND.item : {}) as Node;
    if (otherKind[kind] !== undefined) this.add(`kind of ${kind}`, put({ ...at, kind: otherKind[kind] }));
    for (const [key, part] of Object.entries(at)) {
      // A value that took something would be no value.
      if (SILENT.has(key) || (kind === "value" && typeof part === "number")) continue;
      const set: Put = (to) => put({ ...at, [key]: to });
      const what = `${kind}.${key}`;
      if (!inBody && (key === "time" || key === "fact")) this.add(what, set(Value.duration(77)));
      else if (!inBody && key === "arguments" && "entry" in at) this.add(what, set([77, 78]));
      else if (key === "mode") this.add(what, set(part === "at" ? "after" : "at"));
      else if (key === "variable") this.add(what, set(part === undefined ? 99 : undefined));
      else if (Array.isArray(part)) this.list(part, what, inBody, set, PAIRED.has(key) && "names" in at);
      else this.part(part, what, inBody || (where === "definition" && key === "body"), set);
      const added = this.optional(kind, key);
      if (added !== undefined) this.add(`${what}, there or not`, set(part === undefined ? added : undefined));
    }
    if (kind === "if") this.add("if, swapped", put({ ...at, then: at["else"], else: at["then"] }));
    if (kind === "within") this.add("within, swapped", put({ ...at, body: at["otherwise"], otherwise: at["body"] }));
  }

  /** What may be missing, by an example of it. */
  private optional(kind: string, key: string): unknown {
    if (kind === "variant" && key === "payload") return Core.literal(9);
    if (kind === "switch" && key === "otherwise") return { kind: "atom", atom: Core.literal(9) };
    if (key === "handshake" || key === "initial") return Core.symbol(this.other);
    return key === "signature"
      ? {
          kind: "function",
          parameters: [],
          result: { kind: "tuple", items: [] },
          row: { labels: [], variable: undefined },
        }
      : undefined;
  }

  private part(part: unknown, what: string, inBody: boolean, put: Put): void {
    if (typeof part === "string") this.add(what, put(`${part}x`));
    else if (typeof part === "number") this.add(what, put(part + 1));
    else if (typeof part === "boolean") this.add(what, put(!part));
    else if (Array.isArray(part)) this.list(part, what, inBody, put, true);
    else if (typeof part === "object" && part !== null) this.node(part as Node, what, inBody, put);
  }

  private list(items: readonly unknown[], what: string, inBody: boolean, put: Put, fixed: boolean): void {
    for (const [i, part] of items.entries()) this.part(part, what, inBody, (to) => put(items.with(i, to)));
    if (items.length === 0) return;
    if (!fixed) this.add(`${what}, one fewer`, put(items.slice(0, -1)));
    if (!fixed) this.add(`${what}, one more`, put([...items, oneMore(items.at(-1))]));
    // The names of a record with equal values may be swapped: it is the same record.
    const ordered = what === "map.entries" || !(UNORDERED.has(what.split(".").at(-1)!) || what === "record.names");
    if (items.length > 1 && ordered) this.add(`${what}, swapped`, put([items[1], items[0], ...items.slice(2)]));
  }

  /** Its name and the number of its arguments are those of a builtin that there is. */
  private builtin(at: Node, put: Put): void {
    const set: Put = (to) => put({ ...at, arguments: to });
    this.list(at["arguments"] as readonly unknown[], "builtin.arguments", true, set, true);
    const others: Node = { "int.add": "int.multiply", "int.multiply": "int.add", "list.map": "int.add" };
    const to = others[at["name"] as string];
    if (to !== undefined) this.add("builtin.name", put({ ...at, name: to }));
  }
}

/** One more of what a list holds. */
function oneMore(of: unknown): unknown {
  if (typeof of === "string") return `${of}y`;
  if (Array.isArray(of)) return of;
  const like = of as Node;
  for (const key of ["name", "from"]) if (typeof like[key] === "string") return { ...like, [key]: `${like[key]}y` };
  return like;
}
