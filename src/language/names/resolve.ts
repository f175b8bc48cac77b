/**
 * The names pass: surface trees → what every name in them means.
 *
 *     use arb.math (decide)                          decide ↦ fn arb.math.decide
 *     fn f(q: Quote) -> Decimal { q.price }           Quote ↦ type arb.math.Quote, q ↦ local
 *
 * All problems are reported at once; an unknown name is bound to `unknown`, and later passes stay silent there.
 */
import type { Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { collect, moduleName, newModule, type SourceFile } from "./collect.ts";
import { scopeOf } from "./imports.ts";
import * as Report from "./report.ts";
import { block, expression } from "./resolveExpression.ts";
import { fields, label, params, row, type } from "./resolveSignature.ts";
import * as Scope from "./Scope.ts";
import type { AnySymbol, Declared, FnSymbol, Module, Owner, ProgramSymbol, Resolved } from "./Tree.ts";
import type { Walk } from "./Walk.ts";

export interface NamesOptions {
  readonly timelines: readonly string[] | undefined;
  readonly nameOf: ((hash: string) => string | undefined) | undefined;
}

/** The tables of the names pass. They outlive one check: what did not change stays in them. */
export interface Names extends Resolved {
  readonly modules: Map<string, Module>;
  declared: Map<string, Declared>;
  scopes: Map<string, Scope.FileScope>;
  /** What is inside declarations of the library that nothing has used yet. */
  readonly waiting: Map<object, () => void>;
}

export function names(): Names {
  const waiting = new Map<object, () => void>();
  const need = (symbol: object): void => {
    const work = waiting.get(symbol);
    if (work === undefined) return;
    waiting.delete(symbol);
    work();
  };
  return { modules: new Map(), declared: new Map(), scopes: new Map(), waiting, need };
}

/** Declares again what the modules of these files hold. All files of a module come together. */
export function declare(of: Names, files: readonly SourceFile[], problems: Problem[]): void {
  const byModule = new Map<string, SourceFile[]>();
  for (const file of files) {
    const name = moduleName(file.tree);
    const known = byModule.get(name);
    if (known === undefined) byModule.set(name, [file]);
    else known.push(file);
  }
  for (const [name, own] of byModule) {
    let module = of.modules.get(name);
    if (module === undefined) {
      module = newModule(name, own[0]!.library);
      of.modules.set(name, module);
    }
    const earlier = own.flatMap((file) => of.declared.get(file.path) ?? []);
    for (const [path, declared] of collect(module, own, earlier, problems)) of.declared.set(path, declared);
  }
}

/** Declares modules of one file each, whose files are read when something looks into them. */
export function declareUnread(
  of: Names,
  files: readonly (SourceFile & { readonly module: string })[],
  options: NamesOptions,
): void {
  for (const file of files) {
    let module: Module | undefined;
    const read = (): Module => {
      if (module !== undefined) return module;
      const problems: Problem[] = [];
      module = newModule(file.module, file.library);
      for (const [path, declared] of collect(module, [file], [], problems)) of.declared.set(path, declared);
      resolve(of, [file], options, problems);
      return module;
    };
    of.modules.set(file.module, {
      name: file.module,
      library: file.library,
      get types() {
        return read().types;
      },
      get values() {
        return read().values;
      },
      get effects() {
        return read().effects;
      },
    });
  }
}

/** Resolves the names in these files, which are declared. */
export function resolve(of: Names, files: readonly SourceFile[], options: NamesOptions, problems: Problem[]): void {
  const prelude = of.modules.get("prelude");
  for (const file of files) {
    const timelines = file.library ? undefined : options.timelines;
    const scope = scopeOf(file, of.modules, { timelines, prelude, nameOf: options.nameOf }, problems);
    of.scopes.set(file.path, scope);
    const { symbolOf } = of.declared.get(file.path)!;
    for (const item of file.tree.items) {
      // Of the library, and of what is known already, only what is used is looked into.
      const symbol = file.library || file.known === true ? symbolOf.get(item) : undefined;
      const work = (): void => declaration(scope, symbolOf, item, options, problems);
      if (symbol !== undefined) of.waiting.set(symbol, work);
      else work();
    }
  }
}

function declaration(
  scope: Scope.FileScope,
  symbolOf: ReadonlyMap<object, AnySymbol>,
  item: S.Item,
  options: NamesOptions,
  problems: Problem[],
): void {
  const walkIn = (program?: ProgramSymbol, owner?: Owner): Walk => {
    const { bindings } = scope;
    return { scope, locals: Scope.locals(), program, owner, bindings, nameOf: options.nameOf, problems };
  };
  switch (item.kind) {
    case "use":
      break;
    case "watch":
      expression(walkIn(), item.value);
      break;
    case "test":
      block(walkIn(), item.body);
      break;
    case "prop": {
      const walk = walkIn();
      params(walk, item.params);
      block(walk, item.body);
      break;
    }
    case "fn":
      fn(walkIn(undefined, symbolOf.get(item) as FnSymbol), item);
      break;
    case "type": {
      const walk = walkIn();
      Report.duplicates(walk, item.parameters, "type parameter");
      if (item.shape.kind === "record") fields(walk, item.shape.fields);
      else for (const each of item.shape.constructors) fields(walk, each.fields);
      break;
    }
    case "fact":
    case "action":
    case "event": {
      const walk = walkIn();
      fields(walk, item.params);
      if (item.kind !== "event") type(walk, item.result);
      break;
    }
    case "effect":
      for (const operation of item.operations) {
        const walk = walkIn();
        fields(walk, operation.params);
        type(walk, operation.result);
      }
      break;
    case "interface":
      for (const entry of item.entries) {
        const walk = walkIn();
        fields(walk, entry.params);
        if (entry.result !== undefined) type(walk, entry.result);
      }
      break;
    case "handler": {
      const symbol = symbolOf.get(item);
      handler(walkIn(undefined, symbol?.kind === "handler" ? symbol : undefined), item);
      break;
    }
    case "program": {
      const symbol = symbolOf.get(item);
      if (symbol?.kind === "program") program(walkIn, symbol, item, symbolOf);
      break;
    }
  }
}

function fn(walk: Walk, decl: S.FnDecl): void {
  params(walk, decl.params);
  if (decl.result !== undefined) type(walk, decl.result);
  row(walk, decl.row);
  block(walk, decl.body);
}

function handler(walk: Walk, decl: S.HandlerDecl): void {
  params(walk, decl.params ?? []);
  label(walk, decl.effect);
  row(walk, decl.row);
  const seen: S.Name[] = [];
  for (const clause of decl.clauses) {
    seen.push(clause.name);
    const to = Scope.mark(walk.locals);
    params(walk, clause.params);
    expression(walk, clause.body);
    Scope.release(walk.locals, to);
  }
  Report.duplicates(walk, seen, "clause");
}

function program(
  walkIn: (p?: ProgramSymbol, owner?: Owner) => Walk,
  symbol: ProgramSymbol,
  decl: S.ProgramDecl,
  symbolOf: ReadonlyMap<object, AnySymbol>,
): void {
  for (const clause of decl.clauses) {
    switch (clause.kind) {
      case "state": {
        const walk = walkIn(symbol);
        Report.duplicates(
          walk,
          clause.fields.map((field) => field.name),
          "state field",
        );
        for (const field of clause.fields) {
          type(walk, field.type);
          if (field.default !== undefined) expression(walk, field.default);
        }
        break;
      }
      case "entry": {
        const entry = symbolOf.get(clause);
        const walk = walkIn(symbol, entry?.kind === "entry" ? entry : undefined);
        params(walk, clause.params);
        if (clause.result !== undefined) type(walk, clause.result);
        row(walk, clause.row);
        block(walk, clause.body);
        break;
      }
      case "fn": {
        const own = symbolOf.get(clause);
        fn(walkIn(symbol, own?.kind === "fn" ? own : undefined), clause);
        break;
      }
      case "on": {
        const walk = walkIn(symbol);
        expression(walk, clause.subject);
        for (const arg of clause.args) expression(walk, arg.value);
        const entry = symbol.entries.get(clause.entry.text);
        if (entry !== undefined) walk.bindings.set(clause.entry, entry);
        else if (clause.entry.text !== "") {
          Report.unknown(
            walk,
            "TEL0214",
            clause.entry,
            `program \`${symbol.name}\` has no entry`,
            symbol.entries.keys(),
          );
        }
        break;
      }
      case "handshake": {
        const walk = walkIn(symbol);
        params(walk, clause.params);
        row(walk, clause.row);
        block(walk, clause.body);
        break;
      }
      case "migration": {
        const walk = walkIn(symbol);
        params(walk, clause.params);
        block(walk, clause.body);
        break;
      }
    }
  }
}
