/** Every place where something is declared or named, file by file: what most editor features look things up in. */
import { type Checked, Inspect, type Tree } from "../language/index.ts";
import { type Field, ofBinding, ofSymbol, type Target } from "./Target.ts";
import { eachTyped } from "./typedNodes.ts";

export type Occurrence = {
  readonly file: string;
  readonly span: Tree.Span;
  readonly target: Target;
  readonly role: "declaration" | "use" | "import";
};

type Walk = {
  readonly checked: Checked;
  readonly file: string;
  readonly bindings: Inspect.FileScope["bindings"];
  readonly found: Occurrence[];
  readonly parameters: Set<Inspect.Local>;
};

/** Of one file, in the order of place. */
export function occurrencesIn(checked: Checked, path: string): readonly Occurrence[] {
  const tree = checked.files.find((file) => file.path === path && !file.library)?.tree;
  const scope = checked.resolved.scopes.get(path);
  if (tree === undefined || scope === undefined) return [];
  const found: Occurrence[] = [];
  const walk: Walk = { checked, file: path, bindings: scope.bindings, found, parameters: new Set() };
  for (const item of tree.items) {
    if (item.kind === "use") imports(walk, item);
    else visit(walk, item, item.kind === "program" ? item : undefined);
  }
  declarations(walk, scope.module);
  // A file's own `module` line.
  if (tree.module !== undefined) add(walk, tree.module.span, { kind: "module", module: scope.module }, "declaration");
  fieldsRead(walk);
  return inOrder(found);
}

/** By place; one occurrence for each place. */
function inOrder(found: readonly Occurrence[]): Occurrence[] {
  const sorted = [...found].sort((a, b) => a.span.start - b.span.start || (a.role < b.role ? -1 : 1));
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return one.span.end > one.span.start && (before === undefined || before.span.start !== one.span.start);
  });
}

const add = (walk: Walk, span: Tree.Span, target: Target | undefined, role: Occurrence["role"]): void => {
  if (target !== undefined) walk.found.push({ file: walk.file, span, target, role });
};

// ------------------------------------------------------------------------------------------- the surface

type Program = Tree.ProgramDecl | undefined;

function visit(walk: Walk, node: unknown, program: Program): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) visit(walk, one, program);
    return;
  }
  bound(walk, node);
  special(walk, node as Tree.Node, program);
  for (const key of Object.keys(node)) {
    if (key !== "span" && key !== "doc") visit(walk, (node as Readonly<Record<string, unknown>>)[key], program);
  }
}

/** What the names pass has bound to this node. */
function bound(walk: Walk, node: object): void {
  const binding = walk.bindings.get(node);
  if (binding === undefined) return;
  const named = node as { readonly name?: Tree.Name; readonly span: Tree.Span };
  const span = named.name?.span ?? named.span;
  if (binding.kind !== "local") {
    add(walk, span, ofBinding(binding), "use");
    return;
  }
  const isDeclaration = binding.span.start === span.start;
  if (isDeclaration && !("kind" in node) && "default" in node) walk.parameters.add(binding);
  const isParameter = walk.parameters.has(binding);
  add(walk, span, { kind: "local", local: binding, isParameter }, isDeclaration ? "declaration" : "use");
}

function special(walk: Walk, node: Tree.Node, program: Program): void {
  switch (node.kind) {
    case "member":
      if (node.target.kind === "state" && program !== undefined)
        add(walk, node.name.span, stateField(walk, program, node.name.text), "use");
      else moduleHead(walk, node);
      return;
    case "call":
      labels(walk, node);
      return;
    case "constructor": {
      const binding = walk.bindings.get(node);
      if (binding === undefined) return;
      for (const item of node.items) {
        if (item.label !== undefined) add(walk, item.label.span, fieldOf(walk, binding, item.label.text), "use");
      }
      return;
    }
    case "type": {
      const { shape } = node;
      if (shape.kind === "record") fields(walk, shape.fields, node.name.text);
      else for (const one of shape.constructors) fields(walk, one.fields, one.name.text);
      return;
    }
    case "fact":
    case "action":
    case "event":
    case "op":
    case "entrySignature":
      fields(walk, node.params, node.name.text);
      return;
    case "state":
      if ("fields" in node) fields(walk, node.fields, "state");
      return;
    default:
      return;
  }
}

function fields(walk: Walk, all: readonly Field[], owner: string): void {
  for (const field of all) {
    add(walk, field.name.span, { kind: "field", field, file: walk.file, owner }, "declaration");
  }
}

function stateField(walk: Walk, program: Tree.ProgramDecl, name: string): Target | undefined {
  for (const clause of program.clauses) {
    if (clause.kind !== "state") continue;
    const field = clause.fields.find((one) => one.name.text === name);
    if (field !== undefined) return { kind: "field", field, file: walk.file, owner: "state" };
  }
  return undefined;
}

/** The `list` of `list.map`. */
function moduleHead(walk: Walk, node: Tree.MemberExpr): void {
  const { bindings } = walk;
  if (!bindings.has(node) || bindings.has(node.target)) return;
  const path = pathOf(node.target);
  const scope = walk.checked.resolved.scopes.get(walk.file);
  const module = path === undefined || scope === undefined ? undefined : Inspect.module(scope, path);
  if (module !== undefined) add(walk, node.target.span, { kind: "module", module }, "use");
}

function pathOf(expr: Tree.Expr): string | undefined {
  if (expr.kind === "name") return expr.name.text;
  if (expr.kind !== "member") return undefined;
  const head = pathOf(expr.target);
  return head === undefined ? undefined : `${head}.${expr.name.text}`;
}

/** `Quote(price: 1)`: the label names a field or parameter of what is called. */
function labels(walk: Walk, node: Tree.CallExpr): void {
  const binding = walk.bindings.get(node.callee);
  if (binding === undefined) return;
  for (const { label } of node.args) {
    if (label !== undefined) add(walk, label.span, fieldOf(walk, binding, label.text), "use");
  }
}

function fieldOf(walk: Walk, binding: Inspect.Binding, name: string): Target | undefined {
  if (binding.kind === "state") {
    for (const clause of binding.program.decl.clauses) {
      if (clause.kind !== "state") continue;
      const field = clause.fields.find((one) => one.name.text === name);
      if (field !== undefined) return { kind: "field", field, file: binding.program.file, owner: "state" };
    }
    return undefined;
  }
  if (binding.kind === "constructor") {
    const { shape } = binding.owner.decl;
    const all =
      shape.kind === "record"
        ? shape.fields
        : (shape.constructors.find((one) => one.name.text === binding.name)?.fields ?? []);
    return asField(all, name, binding.file, binding.name);
  }
  if (!("decl" in binding) || !("params" in binding.decl)) return undefined;
  const param = binding.decl.params?.find((one) => one.name.text === name);
  if (param === undefined) return undefined;
  const local = walk.checked.resolved.scopes.get(binding.file)?.bindings.get(param);
  if (local?.kind === "local") return { kind: "local", local, isParameter: true, file: binding.file };
  return { kind: "field", field: param, file: binding.file, owner: binding.name };
}

function asField(all: readonly Field[], name: string, file: string, owner: string): Target | undefined {
  const field = all.find((one) => one.name.text === name);
  return field === undefined ? undefined : { kind: "field", field, file, owner };
}

function imports(walk: Walk, use: Tree.Use): void {
  const { modules } = walk.checked.resolved;
  const module = modules.get(use.path.text);
  if (use.path.text === "timelines") {
    for (const name of use.names ?? []) add(walk, name.span, { kind: "timeline", name: name.text }, "declaration");
    return;
  }
  if (module === undefined) return;
  add(walk, use.path.span, { kind: "module", module }, "import");
  for (const name of use.names ?? []) {
    const symbol = module.types.get(name.text) ?? module.values.get(name.text) ?? module.effects.get(name.text);
    if (symbol !== undefined) add(walk, name.span, ofSymbol(symbol), "import");
  }
}

// ---------------------------------------------------------------------------------- symbols and typed nodes

function declarations(walk: Walk, module: Inspect.Module): void {
  const declare = (symbol: Inspect.AnySymbol): void => {
    if (symbol.file === walk.file) add(walk, symbol.span, ofSymbol(symbol), "declaration");
  };
  for (const symbol of module.types.values()) declare(symbol);
  for (const symbol of module.effects.values()) declare(symbol);
  for (const symbol of module.values.values()) {
    declare(symbol);
    if (symbol.kind === "program") {
      for (const one of symbol.entries.values()) declare(one);
      for (const one of symbol.functions.values()) declare(one);
    }
    if (symbol.kind === "interface") for (const one of symbol.entries.values()) declare(one);
  }
}

/** `quote.price`: only the type of `quote` tells which field that is. */
function fieldsRead({ checked, file, found }: Walk): void {
  const programs = new Map(checked.typed.programs.map((program) => [program.state, program.symbol]));
  for (const definition of checked.typed.functions.values()) {
    if (definition.file !== file) continue;
    eachTyped(definition.body, (node) => {
      if (node.kind !== "field") return;
      const type = Inspect.shallow(node.target.type);
      if (type.kind !== "con") return;
      const param = type.info.constructors[0]?.fields.find((one) => one.name === node.name)?.param;
      const home = programs.get(type.info)?.file ?? type.info.file;
      if (param === undefined || home === undefined) return;
      const { end } = node.span;
      const owner = type.info.name.slice(type.info.name.lastIndexOf(".") + 1);
      const span = { start: end - node.name.length, end };
      found.push({ file, span, target: { kind: "field", field: param, file: home, owner }, role: "use" });
    });
  }
}
