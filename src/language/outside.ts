/**
 * What a module says to the others: of each of its names everything that checking another module may depend on, as text.
 *
 *     type Money(amount: Decimal, currency: Text)     app.base.Money ↦ type record Money(amount: Decimal, …)
 *     fn plus(a: Money, b: Money) -> Option<Money>    app.base.plus  ↦ fn (a: app.base.Money, …) -> Option<app.base.Money>
 *
 * Bodies are not in it, but for what shines through: the constraints that they put on type variables, what they do to
 * the outside, and what handlers abort with. Texts of one name are compared from one check to the next and never kept
 * elsewhere.
 */
import { skeleton } from "./effects/footprint.ts";
import { qualify } from "./names/collect.ts";
import type { AnySymbol, Module, OperationSymbol } from "./names/Tree.ts";
import type * as S from "./syntax/Tree.ts";
import type { State } from "./types/Checking.ts";
import { type Callable, type Signature, signature, stateInfo, typeInfo } from "./types/Declarations.ts";
import * as Row from "./types/Row.ts";
import * as T from "./types/Type.ts";

export interface Outside {
  readonly text: string;
  /** Full names that it leans on: when one of them says something else, so does this. */
  readonly mentions: ReadonlySet<string>;
  /** A type in it is missing, and whoever uses it first decides: it is never taken to be the same. */
  readonly isOpen: boolean;
  /** A default in it is more than a literal: it is taken to be the same only while its module is not checked again. */
  readonly isLoose: boolean;
}

interface Writing {
  readonly s: State;
  readonly mentions: Set<string>;
  isOpen: boolean;
  isLoose: boolean;
}

/** By full name. */
export function outsideOf(s: State, module: Module): ReadonlyMap<string, Outside> {
  const made = new Map<string, Outside>();
  const say = (name: string, symbol: AnySymbol): void => {
    const w: Writing = { s, mentions: new Set(), isOpen: false, isLoose: false };
    const text = symbolText(w, symbol);
    const full = qualify(module, name);
    const before = made.get(full);
    for (const each of before?.mentions ?? []) w.mentions.add(each);
    made.set(full, {
      text: before === undefined ? text : `${before.text}\n${text}`,
      mentions: w.mentions,
      isOpen: w.isOpen || before?.isOpen === true,
      isLoose: w.isLoose || before?.isLoose === true,
    });
  };
  for (const [name, symbol] of module.types) say(name, symbol);
  for (const [name, symbol] of module.values) say(name, symbol);
  for (const [name, symbol] of module.effects) say(name, symbol);
  return made;
}

function symbolText(w: Writing, symbol: AnySymbol): string {
  const { d } = w.s;
  switch (symbol.kind) {
    case "type":
      return infoText(w, typeInfo(d, symbol));
    case "constructor":
      w.mentions.add(symbol.owner.full);
      return `case of ${symbol.owner.full}`;
    case "fn":
    case "entry":
      return callableText(w, symbol) + actsText(w, symbol.full);
    case "fact":
    case "action":
    case "event":
    case "interfaceEntry":
      return callableText(w, symbol);
    case "operation":
      w.mentions.add(symbol.effect);
      return callableText(w, symbol);
    case "effect":
      return `effect ${symbol.operations.map((each: OperationSymbol) => callableText(w, each)).join("; ")}`;
    case "interface":
      return `interface ${[...symbol.entries.values()].map((each) => callableText(w, each)).join("; ")}`;
    case "handler": {
      const aborts = w.s.aborts.get(symbol);
      const { body, declared } = w.s.functions.get(symbol.full) ?? {};
      const effect = body?.kind === "handler" ? body.effect : "";
      const row = declared === undefined ? "" : Row.labels(declared).join(" ");
      return `${callableText(w, symbol)} for ${effect} ${row} ${aborts === undefined ? "" : typeText(w, aborts, true)}`;
    }
    case "program": {
      const state = infoText(w, stateInfo(d, symbol));
      const entries = [...symbol.entries.values()].map((each) => callableText(w, each));
      return `program ${state}; ${entries.join("; ")}`;
    }
    case "external":
      return symbol.hash;
  }
}

function callableText(w: Writing, symbol: Callable): string {
  const own = signature(w.s.d, symbol);
  const rigids = own.rigids.map((rigid) => `${rigid.name}:${rigid.constraint}`).join(" ");
  return `${symbol.kind} ${symbol.name} (${paramsText(w, own)}) -> ${typeText(w, own.result)} ${Row.labels(own.row).join(" ")} <${rigids} ${own.rows.join(" ")}>`;
}

const paramsText = (w: Writing, own: Signature): string =>
  own.params.map((param) => `${param.name}: ${typeText(w, param.type)}${defaultText(w, param.node)}`).join(", ");

/** What a function that is not pure does, step by step: who calls it from several branches must know. */
function actsText(w: Writing, full: string): string {
  const of = w.s.functions.get(full);
  if (of === undefined || Row.isEmpty(of.inferred)) return "";
  const { text, calls } = skeleton(of);
  for (const name of calls) w.mentions.add(name);
  return ` does ${Row.labels(of.inferred).join(" ")}: ${text}`;
}

function infoText(w: Writing, info: T.TypeInfo): string {
  const constructors = info.constructors.map(({ name, fields }) => {
    const all = fields.map((field) => `${field.name}: ${typeText(w, field.type)}${defaultText(w, field.param)}`);
    return `${name}(${all.join(", ")})`;
  });
  return `type ${info.kind} ${info.parameters.join(" ")} = ${constructors.join(" | ")}`;
}

/** A default is typed again where it is used. */
function defaultText(w: Writing, param: S.Param | undefined): string {
  const node = param?.default;
  if (node === undefined) return "";
  const text = literalText(node);
  if (text === undefined) w.isLoose = true;
  return ` = ${text}`;
}

function literalText(node: S.Expr): string | undefined {
  switch (node.kind) {
    case "int":
    case "decimal":
    case "float":
    case "duration":
    case "instant":
      return `${node.kind} ${node.text}`;
    case "bool":
      return `${node.value}`;
    case "text":
      return node.parts.every((part) => part.kind === "chars")
        ? JSON.stringify(node.parts.map((part) => (part.kind === "chars" ? part.value : "")))
        : undefined;
    case "list": {
      const items = node.items.map(literalText);
      return items.includes(undefined) ? undefined : `[${items.join(", ")}]`;
    }
    case "map":
      return node.entries.length === 0 ? "[:]" : undefined;
    case "unary": {
      const operand = literalText(node.operand);
      return operand === undefined ? undefined : `${node.op}${operand}`;
    }
    default:
      return undefined;
  }
}

/** `inferred`: unknowns that were bound are what they were bound to. */
function typeText(w: Writing, type: T.Type, inferred = false): string {
  const at = inferred ? T.shallow(type) : type;
  switch (at.kind) {
    case "con": {
      const { name, kind } = at.info;
      if (kind !== "builtin") {
        w.mentions.add(name);
        // The state of a program is said by the program.
        if (at.info.file === undefined) w.mentions.add(name.slice(0, name.lastIndexOf(".")));
      }
      const head = kind === "builtin" ? `:${name}` : name;
      return at.args.length === 0 ? head : `${head}<${at.args.map((arg) => typeText(w, arg, inferred)).join(", ")}>`;
    }
    case "var":
      w.isOpen = true;
      return "_";
    case "rigid":
      return `'${at.name}`;
    case "tuple":
      return `(${at.items.map((item) => typeText(w, item, inferred)).join(", ")})`;
    case "rec":
      return `(${at.names.map((name, i) => `${name}: ${typeText(w, at.types[i]!, inferred)}`).join(", ")})`;
    case "fn": {
      const params = at.params.map((param) => typeText(w, param, inferred)).join(", ");
      return `fn(${params}) -> ${typeText(w, at.result, inferred)} ${Row.labels(at.row).join(" ")}`;
    }
    case "handler":
      return `handler ${at.handles.join(" ")} ${Row.labels(at.row).join(" ")} ${typeText(w, at.abort, inferred)}`;
  }
}
