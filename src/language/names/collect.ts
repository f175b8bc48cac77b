/** The first half of the names pass: which modules there are, and what each declares. */
import { error, type Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { builtinTypeNames } from "./builtinNames.ts";
import type {
  AnySymbol,
  ConstructorSymbol,
  EffectSymbol,
  EntrySymbol,
  FnSymbol,
  InterfaceEntrySymbol,
  Module,
  OperationSymbol,
  OutsideSymbol,
  ProgramSymbol,
  TypeSymbol,
  Unit,
  ValueSymbol,
} from "./Tree.ts";

export interface SourceFile {
  readonly path: string;
  readonly tree: S.File;
  readonly library: boolean;
  /** Made of declarations that are known already: heads without types and bodies. */
  readonly known?: boolean;
  /** The text speaks of Funds, so their use is followed. */
  readonly hasFunds?: boolean;
}

export interface Collected {
  readonly modules: Map<string, Module>;
  readonly units: Unit[];
  readonly types: TypeSymbol[];
  readonly outside: OutsideSymbol[];
  readonly effects: EffectSymbol[];
  readonly symbolOf: Map<object, AnySymbol>;
}

/** What the message about a second declaration needs. */
type Declared = Pick<AnySymbol, "name" | "file" | "span">;

interface Collecting extends Collected {
  readonly problems: Problem[];
  /** By full name: the codebase and cached results know tests by theirs. */
  readonly tests: Map<string, Declared>;
}

export const moduleName = (tree: S.File): string => tree.module?.text ?? "";

const newModule = (name: string, library: boolean): Module => ({
  name,
  library,
  types: new Map(),
  values: new Map(),
  effects: new Map(),
});

export function collect(files: readonly SourceFile[], problems: Problem[]): Collected {
  const c: Collecting = {
    modules: new Map(),
    units: [],
    types: [],
    outside: [],
    effects: [],
    symbolOf: new Map(),
    problems,
    tests: new Map(),
  };
  for (const file of files) {
    const name = moduleName(file.tree);
    let module = c.modules.get(name);
    if (module === undefined) {
      module = newModule(name, file.library);
      c.modules.set(name, module);
    }
    for (const item of file.tree.items) declare(c, module, file.path, item);
  }
  return c;
}

function declare(c: Collecting, module: Module, file: string, item: S.Item): void {
  switch (item.kind) {
    case "use":
      return;
    case "watch":
      c.units.push({ kind: "watch", name: qualify(module, `> ${watches(c, file) + 1}`), file, decl: item });
      return;
    case "test":
    case "prop": {
      const name = qualify(module, `${item.kind} ${item.title.value}`);
      const declared = { name: `${item.kind} "${item.title.value}"`, file, span: item.title.span };
      const before = c.tests.get(name);
      if (before === undefined) c.tests.set(name, declared);
      else duplicate(c, declared, before);
      c.units.push(
        item.kind === "test" ? { kind: "test", name, file, decl: item } : { kind: "prop", name, file, decl: item },
      );
      return;
    }
    case "fn": {
      const symbol: FnSymbol = { kind: "fn", ...base(module, file, item.name), decl: item, program: undefined };
      addValue(c, module, symbol);
      c.units.push({ kind: "fn", symbol });
      c.symbolOf.set(item, symbol);
      return;
    }
    case "type":
      declareType(c, module, file, item);
      return;
    case "fact":
    case "action":
    case "event": {
      const symbol: OutsideSymbol = { kind: item.kind, ...base(module, file, item.name), decl: item };
      addValue(c, module, symbol);
      c.outside.push(symbol);
      return;
    }
    case "effect":
      declareEffect(c, module, file, item);
      return;
    case "interface": {
      const entries = new Map<string, InterfaceEntrySymbol>();
      const full = qualify(module, item.name.text);
      for (const entry of item.entries) {
        const symbol: InterfaceEntrySymbol = {
          kind: "interfaceEntry",
          name: entry.name.text,
          full: `${full}.${entry.name.text}`,
          file,
          span: entry.name.span,
          decl: entry,
          interface: full,
        };
        addMember(c, entries, symbol, `interface \`${item.name.text}\``);
      }
      const symbol = { kind: "interface", ...base(module, file, item.name), decl: item, entries } as const;
      addValue(c, module, symbol);
      c.symbolOf.set(item, symbol);
      return;
    }
    case "handler": {
      const symbol = { kind: "handler", ...base(module, file, item.name), decl: item } as const;
      addValue(c, module, symbol);
      c.units.push({ kind: "handler", symbol });
      c.symbolOf.set(item, symbol);
      return;
    }
    case "program":
      declareProgram(c, module, file, item);
      return;
  }
}

const watches = (c: Collecting, file: string): number =>
  c.units.filter((unit) => unit.kind === "watch" && unit.file === file).length;

function declareType(c: Collecting, module: Module, file: string, decl: S.TypeDecl): void {
  const symbol: TypeSymbol = { kind: "type", ...base(module, file, decl.name), decl };
  if (decl.name.text === "") return;
  if (builtinTypeNames.has(decl.name.text)) {
    c.problems.push(
      error("TEL0216", file, decl.name.span, `\`${decl.name.text}\` is a type of the language`, {
        hints: ["choose another name"],
      }),
    );
    return;
  }
  const before = module.types.get(decl.name.text);
  if (before !== undefined) {
    duplicate(c, symbol, before);
    return;
  }
  module.types.set(decl.name.text, symbol);
  c.types.push(symbol);
  c.symbolOf.set(decl, symbol);
  const constructorOf = (name: S.Name): ConstructorSymbol => ({
    kind: "constructor",
    ...base(module, file, name),
    owner: symbol,
  });
  if (decl.shape.kind === "record") addValue(c, module, constructorOf(decl.name));
  else for (const each of decl.shape.constructors) addValue(c, module, constructorOf(each.name));
}

function declareEffect(c: Collecting, module: Module, file: string, decl: S.EffectDecl): void {
  const full = qualify(module, decl.name.text);
  const operations = decl.operations.map(
    (operation): OperationSymbol => ({
      kind: "operation",
      name: operation.name.text,
      full: `${full}.${operation.name.text}`,
      file,
      span: operation.name.span,
      decl: operation,
      effect: full,
    }),
  );
  const symbol: EffectSymbol = { kind: "effect", ...base(module, file, decl.name), decl, operations };
  const before = module.effects.get(decl.name.text);
  if (before !== undefined) {
    duplicate(c, symbol, before);
    return;
  }
  module.effects.set(decl.name.text, symbol);
  c.effects.push(symbol);
  for (const operation of operations) addValue(c, module, operation);
}

function declareProgram(c: Collecting, module: Module, file: string, decl: S.ProgramDecl): void {
  const entries = new Map<string, EntrySymbol>();
  const functions = new Map<string, FnSymbol>();
  const symbol: ProgramSymbol = { kind: "program", ...base(module, file, decl.name), decl, entries, functions };
  const owner = `program \`${decl.name.text}\``;
  c.units.push({ kind: "program", symbol });
  c.symbolOf.set(decl, symbol);
  for (const clause of decl.clauses) {
    if (clause.kind === "entry") {
      const entry: EntrySymbol = {
        kind: "entry",
        name: clause.name.text,
        full: `${symbol.full}.${clause.name.text}`,
        file,
        span: clause.name.span,
        decl: clause,
        program: symbol,
      };
      if (functions.has(entry.name)) duplicate(c, entry, functions.get(entry.name)!);
      addMember(c, entries, entry, owner);
      c.units.push({ kind: "entry", symbol: entry });
      c.symbolOf.set(clause, entry);
    } else if (clause.kind === "fn") {
      const fn: FnSymbol = {
        kind: "fn",
        name: clause.name.text,
        full: `${symbol.full}.${clause.name.text}`,
        file,
        span: clause.name.span,
        decl: clause,
        program: symbol,
      };
      if (entries.has(fn.name)) duplicate(c, fn, entries.get(fn.name)!);
      addMember(c, functions, fn, owner);
      c.units.push({ kind: "fn", symbol: fn });
      c.symbolOf.set(clause, fn);
    }
  }
  addValue(c, module, symbol);
}

const base = (module: Module, file: string, name: S.Name) => ({
  name: name.text,
  full: qualify(module, name.text),
  file,
  span: name.span,
});

export const qualify = (module: { readonly name: string }, name: string): string =>
  module.name === "" ? name : `${module.name}.${name}`;

function addValue(c: Collecting, module: Module, symbol: ValueSymbol): void {
  if (symbol.name === "") return;
  const before = module.values.get(symbol.name);
  if (before !== undefined) duplicate(c, symbol, before);
  else module.values.set(symbol.name, symbol);
}

function addMember<T extends AnySymbol>(c: Collecting, members: Map<string, T>, symbol: T, owner: string): void {
  if (symbol.name === "") return;
  const before = members.get(symbol.name);
  if (before !== undefined) duplicate(c, symbol, before, ` in ${owner}`);
  else members.set(symbol.name, symbol);
}

function duplicate(c: Collecting, symbol: Declared, before: Declared, where = ""): void {
  c.problems.push(
    error("TEL0207", symbol.file, symbol.span, `\`${symbol.name}\` is declared twice${where}`, {
      labels: [{ span: before.span, file: before.file, text: "declared here before" }],
      hints: ["give one of them another name"],
    }),
  );
}
