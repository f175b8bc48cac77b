/**
 * The declarations of checked files as META keeps them: the text as written, with every mention of another definition
 * marked, so that it can be shown again after a rename, and be checked again beside other files.
 */
import type { ContentHash } from "../content/index.ts";
import type { Checked, Inspect, Tree } from "../language/index.ts";
import { type Beside, besideOf, startOf } from "./comments.ts";
import type { Mention, Part, Source } from "./Meta.ts";

type Addresses = ReadonlyMap<string, ContentHash.ContentHash>;
type Binding = Inspect.Binding;

/** Something in the text that stands for a definition, or for what has no address. */
interface Mark {
  readonly start: number;
  readonly end: number;
  readonly mention: Mention;
}

/** `texts` gives the text of each file by its path. The result gives the source of a definition by its full name. */
export function written(
  checked: Checked,
  texts: ReadonlyMap<string, string>,
): (name: string, addresses: Addresses) => Source | undefined {
  const places = new Map<string, { readonly file: string; readonly item: Tree.Declaration }>();
  const interfaces = new Map<string, { readonly file: string; readonly item: Tree.InterfaceDecl }>();
  const beside = new Map<Tree.Declaration, Beside>();
  const heads = new Map<Tree.Declaration, string>();
  for (const file of checked.files) {
    if (file.library || !texts.has(file.path)) continue;
    const around = besideOf(file.tree, texts.get(file.path)!);
    for (const [item, comments] of around.beside) beside.set(item, comments);
    if (around.first !== undefined && around.head !== "") heads.set(around.first, around.head);
    const module = file.tree.module?.text ?? "";
    for (const item of file.tree.items) {
      for (const name of declaredNames(item)) {
        const full = module === "" ? name : `${module}.${name}`;
        if (item.kind === "interface") interfaces.set(full, { file: file.path, item });
        else if (item.kind !== "use" && item.kind !== "watch") places.set(full, { file: file.path, item });
      }
    }
  }

  return (name, addresses) => {
    // An entry of a program, a lambda or an initial value is shown by what it is written in.
    const place = places.get(name) ?? places.get(outer(name, places));
    if (place === undefined) return undefined;
    const text = texts.get(place.file)!;
    const found = collect(place, checked, addresses);
    const head = heads.get(place.item);
    const companions: (readonly Part[])[] = head === undefined ? [] : [[head]];
    const seen = new Set<string>();
    const queue = [...found.interfaces];
    for (let full = queue.pop(); full !== undefined; full = queue.pop()) {
      const other = interfaces.get(full);
      if (other === undefined || seen.has(full)) continue;
      seen.add(full);
      const inner = collect(other, checked, addresses);
      queue.push(...inner.interfaces);
      companions.push(partsOf(texts.get(other.file)!, other.item, inner.marks, beside.get(other.item)));
    }
    return {
      // Only the file's own name: where it lay is nobody's business, and would make exports differ.
      file: place.file.slice(Math.max(place.file.lastIndexOf("/"), place.file.lastIndexOf("\\")) + 1),
      start: startOf(place.item),
      parts: partsOf(text, place.item, found.marks, beside.get(place.item)),
      timelines: [...found.timelines].sort(),
      companions,
    };
  };
}

/** The names under which a declaration's definitions stand, without their module. */
function declaredNames(item: Tree.Item): readonly string[] {
  switch (item.kind) {
    case "use":
    case "watch":
      return [];
    case "test":
    case "prop":
      return [`${item.kind} ${item.title.value}`];
    case "effect":
      // Only its operations are definitions; a type may have its name.
      return item.operations.map((operation) => `${item.name.text}.${operation.name.text}`);
    default:
      return [item.name.text];
  }
}

/** `m.P` for `m.P.go`, `m.P.go/1` and `m.P.state/balances`. */
function outer(name: string, places: ReadonlyMap<string, unknown>): string {
  for (let at = name; at !== ""; ) {
    if (places.has(at)) return at;
    const cut = Math.max(at.lastIndexOf("."), at.lastIndexOf("/"));
    at = cut < 0 ? "" : at.slice(0, cut);
  }
  return "";
}

function partsOf(
  text: string,
  item: Tree.Declaration,
  marks: readonly Mark[],
  { before, after }: Beside = { before: "", after: "" },
): readonly Part[] {
  const parts: Part[] = before === "" ? [] : [before];
  let at = startOf(item);
  const upTo = (end: number) => {
    if (end > at) parts.push(text.slice(at, end));
    at = end;
  };
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    if (mark.start < at) continue;
    upTo(mark.start);
    parts.push(mark.mention);
    at = mark.end;
  }
  upTo(item.span.end);
  if (after !== "") parts.push(after);
  return parts;
}

/** A declaration and the file where it stands. */
interface Written {
  readonly file: string;
  readonly item: Tree.Declaration;
}

interface Collected {
  readonly marks: Mark[];
  readonly timelines: Set<string>;
  /** Full names of interfaces that are mentioned. */
  readonly interfaces: Set<string>;
}

function collect(place: Written, checked: Checked, addresses: Addresses): Collected {
  const found: Collected = { marks: [], timelines: new Set(), interfaces: new Set() };
  const { file, item } = place;
  const { bindings } = checked.resolved.scopes.get(file)!;
  const library = new Set(checked.files.filter((file) => file.library).map((file) => file.path));
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const part of node) visit(part);
      return;
    }
    const binding = bindings.get(node);
    // What comes with the language needs no import and cannot be renamed: it stays text.
    if (binding !== undefined && !("file" in binding && library.has(binding.file)))
      note(node as Bound, binding, item, addresses, found);
    for (const [key, part] of Object.entries(node)) if (key !== "span") visit(part);
  };
  visit(item);
  return found;
}

/** A node that the names pass binds: an expression, a type, a pattern or a bare name. */
interface Bound {
  readonly kind?: string;
  readonly span: Tree.Span;
  readonly name?: Tree.Name;
}

function note(node: Bound, binding: Binding, item: Tree.Declaration, addresses: Addresses, found: Collected): void {
  // Of `math.spread` the whole path is the name; of a call's callee, type or pattern its own name.
  const span = node.kind === "member" ? node.span : (node.name?.span ?? node.span);
  const mark = (full: string, name: string) => {
    const hash = addresses.get(full);
    if (hash === undefined) return;
    found.marks.push({ start: span.start, end: name === "" ? span.start : span.end, mention: { hash, name } });
  };
  switch (binding.kind) {
    case "type":
    case "fact":
    case "action":
    case "event":
    case "handler":
    case "program":
      mark(binding.full, binding.name);
      break;
    case "fn":
      if (binding.program === undefined) mark(binding.full, binding.name);
      break;
    case "constructor":
      // A record's constructor is called like its type; a case comes into scope with its type.
      if (binding.owner.decl.shape.kind === "record") mark(binding.owner.full, binding.name);
      else mark(binding.owner.full, "");
      break;
    case "operation":
      if (item.kind !== "effect") mark(`${binding.effect}.${binding.name}`, "");
      break;
    case "effect": {
      const first = binding.operations[0];
      if (first !== undefined) mark(`${binding.full}.${first.name}`, "");
      break;
    }
    case "interface":
      found.interfaces.add(binding.full);
      break;
    case "timeline":
      found.timelines.add(binding.name);
      break;
  }
}
