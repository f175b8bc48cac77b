/** What could be written at a place: names in scope, fields and members after `.`, labels, effects, modules, words. */
import { Inspect, Token, type Tree } from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import { importEdit } from "./actions.ts";
import { contextAt } from "./completionContext.ts";
import { describe } from "./describe.ts";
import type { FileEdit } from "./navigate.ts";
import { ofBinding, ofSymbol, type Target } from "./Target.ts";
import { eachTyped } from "./typedNodes.ts";
import { localsAt } from "./visible.ts";

export type CompletionKind =
  | "local"
  | "function"
  | "constructor"
  | "type"
  | "effect"
  | "module"
  | "field"
  | "label"
  | "program"
  | "timeline"
  | "event"
  | "keyword";

export type Completion = {
  readonly label: string;
  readonly kind: CompletionKind;
  /** TEL text: what it is. */
  readonly detail: string;
  readonly doc: string | undefined;
  /** The word to replace, up to the caret. */
  readonly replace: Tree.Span;
  readonly insert: string;
  /** What else must change, such as a new `use`. */
  readonly more: readonly FileEdit[];
  /** 0 first. */
  readonly rank: number;
};

type Place = {
  readonly analysis: Analysis;
  readonly file: string;
  readonly scope: Inspect.FileScope;
  readonly replace: Tree.Span;
};

/** Unimported names are many; more are found by typing on. */
const IMPORTABLE_MAX = 200;

export function complete(analysis: Analysis, file: string, offset: number): readonly Completion[] {
  const text = analysis.sources.get(file)?.text;
  const scope = analysis.checked.resolved.scopes.get(file);
  if (text === undefined || scope === undefined) return [];
  const context = contextAt(text, file, offset);
  if (context === undefined) return [];
  const place: Place = { analysis, file, scope, replace: { start: context.wordStart, end: offset } };
  const before = context.before;
  switch (context.kind) {
    case "after-dot":
      return afterDot(place, text, context.wordStart - 1);
    case "module":
      return modules(place);
    case "imports":
      return importsOf(place, context.module);
    case "row":
      return [...new Set(Inspect.effectNames(scope))].map((name) =>
        named(place, name, "effect", 0, effectTarget(scope, name)),
      );
    case "type":
      return types(place);
    case "declaration":
      return [...Token.declarations, "use", "module"].map((word) => keyword(place, word));
    case "clause":
      return Token.clauses.map((word) => keyword(place, word));
    case "expression":
      return [...labelsOf(place, offset), ...values(place, offset), ...stepWords(place, before)];
  }
}

// ------------------------------------------------------------------------------------------------- lists

function named(
  place: Place,
  label: string,
  kind: CompletionKind,
  rank: number,
  target?: Target,
  more: readonly FileEdit[] = [],
): Completion {
  const told = target === undefined ? undefined : describe(place.analysis, target, place.file);
  return { label, kind, detail: told?.code ?? "", doc: told?.doc, replace: place.replace, insert: label, more, rank };
}

const keyword = (place: Place, word: string): Completion => named(place, word, "keyword", 3);

const effectTarget = (scope: Inspect.FileScope, name: string): Target | undefined => {
  const binding = Inspect.effect(scope, name);
  return binding === undefined ? undefined : ofBinding(binding);
};

function kindOf(target: Target | undefined): CompletionKind {
  if (target === undefined) return "function";
  switch (target.kind) {
    case "local":
      return "local";
    case "field":
      return "field";
    case "module":
      return "module";
    case "timeline":
      return "timeline";
    case "builtinType":
      return "type";
    case "builtinConstructor":
      return "constructor";
    case "label":
      return "effect";
    case "symbol":
      switch (target.symbol.kind) {
        case "type":
          return target.symbol.decl.shape.kind === "record" ? "constructor" : "type";
        case "constructor":
          return "constructor";
        case "fact":
        case "action":
        case "event":
          return "event";
        case "program":
        case "interface":
          return "program";
        case "effect":
          return "effect";
        default:
          return "function";
      }
    default:
      return "function";
  }
}

function values(place: Place, offset: number): Completion[] {
  const { analysis, file, scope } = place;
  const found = new Map<string, Completion>();
  const tree = analysis.trees.get(file);
  const locals = tree === undefined ? [] : localsAt(tree, scope.bindings, offset);
  for (const local of locals)
    found.set(local.name, named(place, local.name, "local", 0, { kind: "local", local, isParameter: false }));
  for (const name of Inspect.valueNames(scope)) {
    if (found.has(name)) continue;
    const binding = Inspect.value(scope, name);
    const target = binding === undefined ? undefined : ofBinding(binding);
    found.set(name, named(place, name, kindOf(target), target?.kind === "symbol" ? 1 : 2, target));
  }
  for (const [name, module] of moduleNames(scope)) {
    if (!found.has(name)) found.set(name, named(place, name, "module", 2, { kind: "module", module }));
  }
  return [...found.values(), ...importable(place, found, "values")];
}

function types(place: Place): Completion[] {
  const found = new Map<string, Completion>();
  for (const name of Inspect.typeNames(place.scope)) {
    if (found.has(name)) continue;
    const binding = Inspect.type(place.scope, name);
    found.set(name, named(place, name, "type", 1, binding === undefined ? undefined : ofBinding(binding)));
  }
  return [...found.values(), ...importable(place, found, "types")];
}

/** What other modules declare: choosing one writes its `use`. */
function importable(place: Place, known: ReadonlyMap<string, unknown>, what: "values" | "types"): Completion[] {
  const { analysis, file, scope } = place;
  const found: Completion[] = [];
  for (const module of analysis.checked.resolved.modules.values()) {
    if (module === scope.module || module.library || module.name === "") continue;
    for (const [name, symbol] of module[what]) {
      if (known.has(name) || found.length >= IMPORTABLE_MAX) continue;
      const edit = importEdit(analysis, file, module.name, name);
      if (edit !== undefined) found.push(named(place, name, kindOf(ofSymbol(symbol)), 4, ofSymbol(symbol), [edit]));
    }
  }
  return found;
}

function* moduleNames(scope: Inspect.FileScope): Iterable<readonly [string, Inspect.Module]> {
  yield* scope.aliases;
  for (const [name, module] of scope.modules) if (module.library && name !== "prelude") yield [name, module];
}

const modules = (place: Place): Completion[] =>
  [...place.scope.modules.values()]
    .filter((module) => module.name !== "" && module !== place.scope.module && module.name !== "prelude")
    .map((module) => named(place, module.name, "module", 1, { kind: "module", module }))
    .concat(named(place, "timelines", "keyword", 2));

function importsOf(place: Place, name: string): Completion[] {
  if (name === "timelines")
    return (place.analysis.environment.timelines ?? []).map((one) => named(place, one, "timeline", 1));
  const module = place.scope.modules.get(name);
  if (module === undefined) return [];
  const found = new Map<string, Target>();
  for (const symbols of [module.values, module.types, module.effects])
    for (const [key, symbol] of symbols) found.set(key, ofSymbol(symbol));
  return [...found].map(([key, target]) => named(place, key, kindOf(target), 1, target));
}

const stepWords = (place: Place, before: Token.TokenKind): Completion[] => {
  const { T } = Token;
  const startsStep = before === T.braceOpen || before === T.braceClose || before === T.semicolon;
  const words = [
    "if",
    "match",
    "within",
    "after",
    "at",
    "par",
    "race",
    "first",
    "with",
    "fn",
    "true",
    "false",
    "state",
  ];
  return [...(startsStep ? ["let", "return", "assert", "abort"] : ["let"]), ...words].map((word) =>
    keyword(place, word),
  );
};

/** `Quote(|`: the labels of what is called that are not given yet. */
function labelsOf(place: Place, offset: number): Completion[] {
  const call = innermostCall(place.analysis.trees.get(place.file), offset);
  const binding = call === undefined ? undefined : place.scope.bindings.get(call.callee);
  if (call === undefined || binding === undefined) return [];
  const given = new Set(call.args.flatMap((arg) => (arg.label === undefined ? [] : [arg.label.text])));
  return fieldsOf(binding)
    .filter((field) => !given.has(field.name.text))
    .map((field) => ({
      ...named(place, `${field.name.text}:`, "label", 0),
      insert: `${field.name.text}: `,
      detail: field.name.text,
    }));
}

function fieldsOf(binding: Inspect.Binding): readonly Tree.Param[] {
  if (binding.kind === "constructor") {
    const { shape } = binding.owner.decl;
    return shape.kind === "record"
      ? shape.fields
      : (shape.constructors.find((one) => one.name.text === binding.name)?.fields ?? []);
  }
  return "decl" in binding && "params" in binding.decl ? (binding.decl.params ?? []) : [];
}

export function innermostCall(tree: Tree.File | undefined, offset: number): Tree.CallExpr | undefined {
  let best: Tree.CallExpr | undefined;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const at = node as Tree.Node;
    if (at.span !== undefined && (offset < at.span.start || offset > at.span.end)) return;
    if (at.kind === "call" && offset > at.callee.span.end) best = at;
    for (const key of Object.keys(node)) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(tree?.items);
  return best;
}

// --------------------------------------------------------------------------------------------- after `.`

function afterDot(place: Place, text: string, dot: number): Completion[] {
  const { scope } = place;
  const path = /([A-Za-z_][A-Za-z0-9_.]*)$/.exec(text.slice(Math.max(0, dot - 200), dot))?.[1];
  if (path !== undefined && Inspect.isModule(scope, path)) {
    return [...new Set(Inspect.memberNames(scope, path))].map((name) => {
      const binding = Inspect.member(scope, path, name);
      const target = binding === undefined ? undefined : ofBinding(binding);
      return named(place, name, kindOf(target), 0, target);
    });
  }
  const value = path === undefined ? undefined : Inspect.value(scope, path);
  if (value?.kind === "program" || value?.kind === "interface")
    return [...value.entries].map(([name, symbol]) => named(place, name, "function", 0, { kind: "symbol", symbol }));
  if (path === "state") return stateFields(place, dot);
  const type = recordBefore(place, text, dot);
  if (type === undefined) return [];
  const shown = (name: string, of: Inspect.InferredType): Completion => ({
    ...named(place, name, "field", 0),
    detail: `${name}: ${Inspect.showInferred(of)}`,
  });
  if (type.kind === "rec") return type.names.map((name, i) => shown(name, type.types[i]!));
  if (type.kind !== "con" || type.info.kind !== "record") return [];
  return (type.info.constructors[0]?.fields ?? []).map((field) => shown(field.name, field.type));
}

/**
 * The type of the value that ends at `dot`. The text without `.word` is whole again, so the value has a type; `matches _`
 * makes a place that expects none in particular, where it fits in.
 */
function recordBefore({ analysis, file, replace }: Place, text: string, dot: number): Inspect.InferredType | undefined {
  for (const instead of [" matches _", ""]) {
    const edited = { path: file, text: text.slice(0, dot) + instead + text.slice(replace.end) };
    const type = typeEndingAt(analysis.tried(edited), file, dot);
    if (type?.kind === "rec" || (type?.kind === "con" && type.info.kind === "record")) return type;
  }
  return undefined;
}

function typeEndingAt(analysis: Analysis, file: string, end: number): Inspect.InferredType | undefined {
  let found: Inspect.InferredType | undefined;
  for (const definition of analysis.checked.typed.functions.values()) {
    if (definition.file !== file || end < definition.span.start || end > definition.span.end) continue;
    eachTyped(definition.body, (node) => {
      // The innermost wins: `a + b.` asks for the fields of b.
      if (node.span.end !== end || node.kind === "block" || node.kind === "error") return;
      const own = node.kind === "local" ? analysis.localTypesIn(file).get(node.local) : undefined;
      found = Inspect.shallow(own ?? node.type);
    });
  }
  return found;
}

function stateFields(place: Place, offset: number): Completion[] {
  for (const item of place.analysis.trees.get(place.file)?.items ?? []) {
    if (item.kind !== "program" || offset < item.span.start || offset > item.span.end) continue;
    return item.clauses.flatMap((clause) =>
      clause.kind !== "state"
        ? []
        : clause.fields.map((field) =>
            named(place, field.name.text, "field", 0, { kind: "field", field, file: place.file, owner: "state" }),
          ),
    );
  }
  return [];
}
