/**
 * The names pass: surface trees → what every name in them means.
 *
 *     use arb.math (decide)                          decide ↦ fn arb.math.decide
 *     fn f(q: Quote) -> Decimal { q.price }           Quote ↦ type arb.math.Quote, q ↦ local
 *
 * All problems are reported at once; an unknown name is bound to `unknown`, and later passes stay silent there.
 */
import { error, type Problem } from "../problems/Problem.ts";
import type * as S from "../syntax/Tree.ts";
import { collect, type SourceFile } from "./collect.ts";
import { cycles, scopeOf } from "./imports.ts";
import * as Report from "./report.ts";
import * as Scope from "./Scope.ts";
import type {
  AnySymbol,
  Binding,
  EntrySymbol,
  FnSymbol,
  HandlerSymbol,
  InterfaceSymbol,
  Local,
  ProgramSymbol,
  Resolved,
} from "./Tree.ts";

export interface NamesOptions {
  readonly timelines: readonly string[] | undefined;
  readonly nameOf: ((hash: string) => string | undefined) | undefined;
}

type Owner = FnSymbol | EntrySymbol | HandlerSymbol;

/** The walk's state inside one declaration. */
export interface Walk {
  readonly scope: Scope.FileScope;
  readonly locals: Scope.Locals;
  readonly program: ProgramSymbol | undefined;
  readonly uses: Set<Owner> | undefined;
  readonly bindings: Map<object, Binding>;
  readonly nameOf: NamesOptions["nameOf"];
  readonly problems: Problem[];
}

export function resolve(files: readonly SourceFile[], options: NamesOptions, problems: Problem[]): Resolved {
  const collected = collect(files, problems);
  cycles(files, problems);
  const prelude = collected.modules.get("prelude");
  const bindings = new Map<object, Binding>();
  const calls = new Map<Owner, ReadonlySet<Owner>>();
  const interfaces: InterfaceSymbol[] = [];
  const scopes = new Map<string, Scope.FileScope>();
  const waiting = new Map<object, () => void>();
  const need = (symbol: object): void => {
    const work = waiting.get(symbol);
    if (work === undefined) return;
    waiting.delete(symbol);
    work();
  };
  for (const file of files) {
    const scope = scopeOf(
      file,
      collected.modules,
      { timelines: file.library ? undefined : options.timelines, prelude },
      problems,
    );
    scopes.set(file.path, scope);
    const walkIn = (program?: ProgramSymbol, owner?: Owner): Walk => {
      const uses = owner === undefined ? undefined : new Set<Owner>();
      if (owner !== undefined) calls.set(owner, uses!);
      return { scope, locals: Scope.locals(), program, uses, bindings, nameOf: options.nameOf, problems };
    };
    for (const item of file.tree.items) {
      // Of the library only what is used is looked into.
      const symbol = file.library ? collected.symbolOf.get(item) : undefined;
      if (symbol !== undefined) waiting.set(symbol, () => declaration(item));
      else declaration(item);
    }
    function declaration(item: S.Item): void {
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
          fn(walkIn(undefined, collected.symbolOf.get(item) as FnSymbol), item);
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
        case "interface": {
          const symbol = collected.symbolOf.get(item);
          if (symbol?.kind === "interface") interfaces.push(symbol);
          for (const entry of item.entries) {
            const walk = walkIn();
            fields(walk, entry.params);
            if (entry.result !== undefined) type(walk, entry.result);
          }
          break;
        }
        case "handler": {
          const symbol = collected.symbolOf.get(item);
          handler(walkIn(undefined, symbol?.kind === "handler" ? symbol : undefined), item);
          break;
        }
        case "program": {
          const symbol = collected.symbolOf.get(item);
          if (symbol?.kind === "program") program(walkIn, symbol, item, collected.symbolOf);
          break;
        }
      }
    }
  }
  return {
    modules: collected.modules,
    units: collected.units,
    types: collected.types,
    outside: collected.outside,
    effects: collected.effects,
    interfaces,
    scopes,
    bindings,
    calls,
    need,
  };
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

/** Parameters of a body: bound as locals. A default sees no other parameter. */
function params(walk: Walk, all: readonly S.Param[]): void {
  for (const param of all) {
    if (param.type !== undefined) type(walk, param.type);
    if (param.default !== undefined) expression(walk, param.default);
  }
  const names = all.map((param) => param.name).filter((name) => name.text !== "_");
  Report.duplicates(walk, names, "parameter");
  for (const param of all) bind(walk, param, param.name);
}

/** Fields of a declaration without body. */
function fields(walk: Walk, all: readonly S.Param[]): void {
  for (const param of all) {
    if (param.type !== undefined) type(walk, param.type);
    if (param.default !== undefined) expression(walk, param.default);
  }
  Report.duplicates(
    walk,
    all.map((param) => param.name),
    "field",
  );
}

function bind(walk: Walk, node: object, name: S.Name): Local {
  const local: Local = { kind: "local", name: name.text, span: name.span };
  walk.bindings.set(node, local);
  if (name.text !== "_" && name.text !== "") Scope.push(walk.locals, local);
  return local;
}

export function type(walk: Walk, node: S.Type): void {
  switch (node.kind) {
    case "missing":
      return;
    case "variable":
      return;
    case "tupleType":
      Report.duplicates(
        walk,
        node.items.flatMap((item) => (item.label === undefined ? [] : [item.label])),
        "label",
      );
      for (const item of node.items) type(walk, item.type);
      return;
    case "fnType":
      for (const param of node.params) type(walk, param);
      type(walk, node.result);
      row(walk, node.row);
      return;
    case "named": {
      for (const arg of node.args) type(walk, arg);
      const name = node.name.text;
      if (name === "State" && walk.program !== undefined) {
        walk.bindings.set(node, { kind: "state", program: walk.program });
        return;
      }
      const dot = name.lastIndexOf(".");
      const found =
        dot < 0
          ? Scope.type(walk.scope, name)
          : Scope.module(walk.scope, name.slice(0, dot))?.types.get(name.slice(dot + 1));
      walk.bindings.set(node, found ?? { kind: "unknown" });
      if (found === undefined && name !== "") {
        Report.unknown(walk, "TEL0202", node.name, "there is no type", Scope.typeNames(walk.scope), "types");
      }
      return;
    }
  }
}

function row(walk: Walk, node: S.Row | undefined): void {
  if (node === undefined) return;
  for (const name of node.labels) label(walk, name);
  Report.duplicates(walk, node.labels, "label");
  const variables = node.labels.filter((name) => isLower(name.text));
  if (variables.length > 1) {
    walk.problems.push(
      error("TEL0219", walk.scope.file, variables[1]!.span, "a row has at most one variable", {
        hints: [`use \`${variables[0]!.text}\` for both`],
      }),
    );
  }
}

const isLower = (text: string): boolean => /^[a-z]/.test(text);

function label(walk: Walk, name: S.Name): void {
  if (name.text === "") return;
  if (isLower(name.text)) {
    walk.bindings.set(name, { kind: "typeVariable", name: name.text });
    return;
  }
  const found = Scope.effect(walk.scope, name.text);
  walk.bindings.set(name, found ?? { kind: "unknown" });
  if (found === undefined) {
    Report.unknown(walk, "TEL0204", name, "there is no effect", Scope.effectNames(walk.scope), "effects");
  }
}

function block(walk: Walk, node: S.Block): void {
  const to = Scope.mark(walk.locals);
  for (const step of node.steps) {
    switch (step.kind) {
      case "let":
        expression(walk, step.value);
        if (step.type !== undefined) type(walk, step.type);
        pattern(walk, step.pattern);
        break;
      case "assign":
        expression(walk, step.place);
        expression(walk, step.value);
        break;
      default:
        expression(walk, step.value);
    }
  }
  Scope.release(walk.locals, to);
}

function scoped(walk: Walk, work: () => void): void {
  const to = Scope.mark(walk.locals);
  work();
  Scope.release(walk.locals, to);
}

export function expression(walk: Walk, node: S.Expr): void {
  switch (node.kind) {
    case "int":
    case "decimal":
    case "float":
    case "bool":
    case "duration":
    case "instant":
    case "hash":
    case "missing":
      return;
    case "text":
      for (const part of node.parts) if (part.kind === "hole") expression(walk, part.value);
      return;
    case "state":
      if (walk.program === undefined) {
        walk.problems.push(
          error("TEL0213", walk.scope.file, node.span, "`state` exists only inside a `program`", {
            hints: ["pass what the function needs as a parameter"],
          }),
        );
      }
      return;
    case "name":
      name(walk, node);
      return;
    case "member":
      member(walk, node);
      return;
    case "group":
      expression(walk, node.inner);
      return;
    case "tuple":
      Report.duplicates(
        walk,
        node.items.flatMap((item) => (item.label === undefined ? [] : [item.label])),
        "label",
      );
      for (const item of node.items) expression(walk, item.value);
      return;
    case "list":
      for (const item of node.items) expression(walk, item);
      return;
    case "map":
      for (const entry of node.entries) {
        expression(walk, entry.key);
        expression(walk, entry.value);
      }
      return;
    case "call":
      call(walk, node);
      return;
    case "index":
      expression(walk, node.target);
      expression(walk, node.index);
      return;
    case "try":
      expression(walk, node.target);
      return;
    case "unary":
      expression(walk, node.operand);
      return;
    case "binary":
      expression(walk, node.left);
      expression(walk, node.right);
      return;
    case "matches":
      expression(walk, node.subject);
      scoped(walk, () => pattern(walk, node.pattern));
      return;
    case "lambda":
      scoped(walk, () => {
        params(walk, node.params);
        block(walk, node.body);
      });
      return;
    case "if":
      expression(walk, node.condition);
      block(walk, node.then);
      if (node.else !== undefined) expression(walk, node.else);
      return;
    case "match":
      expression(walk, node.subject);
      for (const arm of node.arms) {
        scoped(walk, () => {
          pattern(walk, arm.pattern);
          if (arm.guard !== undefined) expression(walk, arm.guard);
          expression(walk, arm.body);
        });
      }
      return;
    case "timed":
      expression(walk, node.time);
      block(walk, node.body);
      if (node.else !== undefined) block(walk, node.else);
      return;
    case "branches":
      Report.duplicates(
        walk,
        node.branches.flatMap((branch) => (branch.label === undefined ? [] : [branch.label])),
        "label",
      );
      for (const branch of node.branches) expression(walk, branch.value);
      return;
    case "with":
      expression(walk, node.handler);
      block(walk, node.body);
      return;
    case "block":
      block(walk, node);
      return;
  }
}

/** In `fixed(oraclePrice: …)` the labels are operations. */
function call(walk: Walk, node: S.CallExpr): void {
  expression(walk, node.callee);
  const callee = node.callee.kind === "name" ? walk.bindings.get(node.callee) : undefined;
  for (const arg of node.args) {
    if (callee?.kind === "form" && callee.name === "fixed" && arg.label !== undefined) {
      const found = Scope.value(walk.scope, arg.label.text);
      walk.bindings.set(arg.label, found ?? { kind: "unknown" });
      if (found === undefined) {
        Report.unknown(walk, "TEL0201", arg.label, "there is no operation", Scope.valueNames(walk.scope), "values");
      }
    }
    expression(walk, arg.value);
  }
}

function name(walk: Walk, node: S.NameExpr): void {
  const text = node.name.text;
  if (text === "") {
    walk.bindings.set(node, { kind: "unknown" });
    return;
  }
  if (node.hash !== undefined) {
    pinned(walk, node, node.hash);
    return;
  }
  const found = lookUp(walk, text);
  if (found !== undefined) {
    walk.bindings.set(node, found);
    use(walk, found);
    return;
  }
  walk.bindings.set(node, { kind: "unknown" });
  if (Scope.isModule(walk.scope, text)) {
    walk.problems.push(
      error("TEL0210", walk.scope.file, node.span, `\`${text}\` is a module, not a value`, {
        hints: [`name something in it: \`${text}.…\``],
      }),
    );
    return;
  }
  Report.unknownValue(walk, node.name);
}

/** `spread#bafy…`: exactly that definition, under whatever name it is at hand. */
function pinned(walk: Walk, node: S.NameExpr, hash: S.Hash): void {
  const full = walk.nameOf?.(hash.text);
  const dot = full?.lastIndexOf(".") ?? -1;
  const module = full === undefined ? undefined : walk.scope.modules.get(dot < 0 ? "" : full.slice(0, dot));
  const found = module?.values.get(full!.slice(dot + 1));
  walk.bindings.set(node, found ?? { kind: "unknown" });
  if (found !== undefined) use(walk, found);
  else {
    walk.problems.push(
      error("TEL0218", walk.scope.file, hash.span, `nothing here has the hash \`#${hash.text}\``, {
        hints: ["leave the hash out, or add the definition to the codebase first"],
      }),
    );
  }
}

function lookUp(walk: Walk, text: string): Binding | undefined {
  const local = Scope.find(walk.locals, text);
  if (local !== undefined) return local;
  if (walk.program !== undefined) {
    if (text === "State") return { kind: "state", program: walk.program };
    const own = walk.program.functions.get(text) ?? walk.program.entries.get(text);
    if (own !== undefined) return own;
  }
  return Scope.value(walk.scope, text);
}

function use(walk: Walk, found: Binding): void {
  if (found.kind === "fn" || found.kind === "entry" || found.kind === "handler") walk.uses?.add(found);
}

/** `a.b.c`: a module's member, a program's entry, or a field. */
function member(walk: Walk, node: S.MemberExpr): void {
  const parts = path(node);
  if (parts !== undefined && lookUp(walk, parts[0]!.text) === undefined) {
    for (let length = parts.length - 1; length >= 1; length--) {
      const module = parts
        .slice(0, length)
        .map((part) => part.text)
        .join(".");
      if (!Scope.isModule(walk.scope, module)) continue;
      moduleMember(walk, node, parts, length, module);
      return;
    }
  }
  expression(walk, node.target);
  entryOf(walk, node, walk.bindings.get(node.target));
}

function moduleMember(walk: Walk, node: S.MemberExpr, parts: readonly S.Name[], length: number, module: string): void {
  // The node that stands for `module.name`, below the fields that follow.
  const chain: S.MemberExpr[] = [];
  for (let at: S.Expr = node; at.kind === "member"; at = at.target) chain.push(at);
  chain.reverse();
  const head = chain[length - 1]!;
  const wanted = parts[length]!;
  const found = Scope.member(walk.scope, module, wanted.text);
  if (found === undefined) {
    for (const each of chain.slice(length - 1)) walk.bindings.set(each, { kind: "unknown" });
    if (wanted.text !== "") {
      Report.unknown(
        walk,
        "TEL0206",
        wanted,
        `module \`${module}\` has no`,
        Scope.memberNames(walk.scope, module),
        "members",
      );
    }
    return;
  }
  walk.bindings.set(head, found);
  use(walk, found);
  for (let i = length; i < chain.length; i++) entryOf(walk, chain[i]!, walk.bindings.get(chain[i - 1]!));
}

/** `CrossChainArb.rebalance`, where the left side is a program or interface. Anything else is a field. */
function entryOf(walk: Walk, node: S.MemberExpr, target: Binding | undefined): void {
  if (target?.kind === "unknown") {
    walk.bindings.set(node, target);
    return;
  }
  if (target?.kind !== "program" && target?.kind !== "interface") return;
  const entry = target.entries.get(node.name.text);
  walk.bindings.set(node, entry ?? { kind: "unknown" });
  if (entry !== undefined) use(walk, entry);
  else if (node.name.text !== "") {
    Report.unknown(
      walk,
      "TEL0214",
      node.name,
      `${target.kind} \`${target.name}\` has no entry`,
      target.entries.keys(),
      "entries",
    );
  }
}

function path(node: S.Expr): S.Name[] | undefined {
  if (node.kind === "name") return [node.name];
  if (node.kind !== "member") return undefined;
  const parts = path(node.target);
  parts?.push(node.name);
  return parts;
}

/** Binds what a pattern names. `reuse` holds the names of an earlier alternative: they are the same locals. */
function pattern(walk: Walk, node: S.Pattern): void {
  const bound = new Map<string, Local>();
  visit(walk, node, bound, undefined);
  for (const local of bound.values()) Scope.push(walk.locals, local);
}

function visit(
  walk: Walk,
  node: S.Pattern,
  bound: Map<string, Local>,
  reuse: ReadonlyMap<string, Local> | undefined,
): void {
  switch (node.kind) {
    case "wildcard":
    case "missing":
      return;
    case "literal":
      return;
    case "bind":
      bindPattern(walk, node, node.name, bound, reuse);
      return;
    case "as":
      visit(walk, node.pattern, bound, reuse);
      bindPattern(walk, node, node.name, bound, reuse);
      return;
    case "constructor": {
      const found = findConstructor(walk, node.name.text);
      walk.bindings.set(node, found ?? { kind: "unknown" });
      if (found === undefined && node.name.text !== "") {
        Report.unknown(walk, "TEL0203", node.name, "there is no constructor", Report.constructorNames(walk), "values");
      }
      for (const item of node.items) visit(walk, item.pattern, bound, reuse);
      return;
    }
    case "tuplePattern":
      for (const item of node.items) visit(walk, item.pattern, bound, reuse);
      return;
    case "listPattern":
      for (const item of node.before) visit(walk, item, bound, reuse);
      if (node.rest?.name !== undefined) bindPattern(walk, node.rest, node.rest.name, bound, reuse);
      for (const item of node.after) visit(walk, item, bound, reuse);
      return;
    case "or": {
      const first = new Map<string, Local>();
      visit(walk, node.options[0]!, first, reuse);
      for (const option of node.options.slice(1)) {
        const other = new Map<string, Local>();
        visit(walk, option, other, new Map([...(reuse ?? []), ...first]));
        const missing =
          [...first.keys()].find((key) => !other.has(key)) ?? [...other.keys()].find((key) => !first.has(key));
        if (missing !== undefined) {
          walk.problems.push(
            error(
              "TEL0215",
              walk.scope.file,
              option.span,
              `\`${missing}\` is not bound in every alternative of this pattern`,
              {
                hints: ["every alternative binds the same names"],
              },
            ),
          );
        }
        for (const [key, local] of other) if (!first.has(key)) first.set(key, local);
      }
      for (const [key, local] of first) add(walk, key, local, bound);
      return;
    }
  }
}

function bindPattern(
  walk: Walk,
  node: object,
  name: S.Name,
  bound: Map<string, Local>,
  reuse: ReadonlyMap<string, Local> | undefined,
): void {
  const local = reuse?.get(name.text) ?? ({ kind: "local", name: name.text, span: name.span } as const);
  walk.bindings.set(node, local);
  if (name.text === "" || name.text === "_") return;
  if (bound.has(name.text)) Report.twice(walk, name, bound.get(name.text)!.span, "name in this pattern");
  bound.set(name.text, local);
}

function add(walk: Walk, key: string, local: Local, bound: Map<string, Local>): void {
  const before = bound.get(key);
  if (before !== undefined && before !== local) {
    Report.twice(walk, { text: key, span: local.span }, before.span, "name in this pattern");
  }
  bound.set(key, local);
}

function findConstructor(walk: Walk, text: string): Binding | undefined {
  if (text === "State" && walk.program !== undefined) return { kind: "state", program: walk.program };
  const dot = text.lastIndexOf(".");
  const found =
    dot < 0 ? Scope.value(walk.scope, text) : Scope.member(walk.scope, text.slice(0, dot), text.slice(dot + 1));
  return found?.kind === "constructor" || found?.kind === "builtinConstructor" ? found : undefined;
}
