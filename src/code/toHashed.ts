/**
 * Core → hashed form. Locals are numbered again in binding order, type variables in order of occurrence, and what has no
 * order is sorted, so that two definitions that mean the same tree get the same form however a compiler numbered them.
 */
import { Value, valueToNode } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { assert, never } from "../std/index.ts";
import type * as H from "./Hashed.ts";
import { AtomTag, CHAIN_STEPS_MAX, DefinitionTag, ExpressionTag as E, TriggerTag, TypeTag } from "./Hashed.ts";
import { type IntrinsicTable, intrinsics } from "./intrinsics.ts";

/** Gives the form of a reference: the caller knows which symbols are in the same component. */
export type Resolve = (reference: Core.Reference) => H.Ref;

export interface HashedDefinition {
  readonly form: H.Definition;
  /** `localOrder[i]` is Core's number of the form's local i; empty for what has no locals. */
  readonly localOrder: readonly number[];
}

/** The source asks for a definition larger than a block or a reader may hold. Split the function. */
export class CodeTooLarge extends Error {
  readonly definition: string;
  constructor(definition: string, reason: string) {
    super(`${definition} is too large: ${reason}; split it into smaller functions`);
    this.name = "CodeTooLarge";
    this.definition = definition;
  }
}

/** Any definition of a unit. */
export type CoreItem =
  | { readonly form: "definition"; readonly item: Core.Definition }
  | { readonly form: "type"; readonly item: Core.TypeDefinition }
  | { readonly form: "outside"; readonly item: Core.OutsideDefinition }
  | { readonly form: "program"; readonly item: Core.ProgramDefinition };

export function toHashed(item: CoreItem, resolve: Resolve, table: IntrinsicTable = intrinsics): HashedDefinition {
  switch (item.form) {
    case "definition":
      return definition(item.item, resolve, table);
    case "type":
      return { form: typeDefinition(item.item, resolve), localOrder: [] };
    case "outside":
      return { form: outside(item.item, resolve), localOrder: [] };
    case "program":
      return { form: program(item.item, resolve), localOrder: [] };
    default:
      return never(item);
  }
}

function definition(core: Core.Definition, resolve: Resolve, table: IntrinsicTable): HashedDefinition {
  const body = new Body(core, resolve, table);
  const form = [
    DefinitionTag[core.kind],
    core.parameters,
    core.captured,
    core.signature === undefined ? null : hashedSignature(core.signature, resolve),
    body.expression(core.body, 0),
  ] as const;
  return { form, localOrder: body.order };
}

/** Walks a body once, left to right. A class because it numbers as it goes. */
class Body {
  /** Form number → Core number. */
  readonly order: number[] = [];
  private readonly numbers = new Map<number, number>();
  private readonly core: Core.Definition;
  private readonly resolve: Resolve;
  private readonly table: IntrinsicTable;

  constructor(core: Core.Definition, resolve: Resolve, table: IntrinsicTable) {
    this.core = core;
    this.resolve = resolve;
    this.table = table;
    for (let i = 0; i < core.parameters; i++) this.bind(i);
  }

  /** `chain` counts the steps passed on the way here, which is how deep Core nests. */
  expression(start: Core.Expression, chain: number): H.Expression {
    const steps: H.Step[] = [];
    let at = start;
    let depth = chain;
    for (; ; depth++) {
      if (depth > CHAIN_STEPS_MAX)
        throw new CodeTooLarge(this.core.name, `more than ${CHAIN_STEPS_MAX} steps in a row`);
      if (at.kind === "let") {
        steps.push(this.expression(at.value, depth + 1));
        this.bind(at.local);
        at = at.body;
      } else if (at.kind === "if") {
        const condition = this.atom(at.condition);
        steps.push([E.branch, condition, this.expression(at.then, depth + 1)]);
        at = at.else;
      } else break;
    }
    const tail = this.plain(at, depth);
    return steps.length === 0 ? tail : [E.block, ...steps, tail];
  }

  private plain(at: Exclude<Core.Expression, { kind: "let" | "if" }>, depth: number): H.Expression {
    const nested = (inner: Core.Expression) => this.expression(inner, depth + 1);
    switch (at.kind) {
      case "atom":
        return [E.atom, this.atom(at.atom)];
      case "call":
        return [E.call, this.resolve(at.reference), ...this.atoms(at.arguments)];
      case "apply":
        return [E.apply, this.atom(at.function), ...this.atoms(at.arguments)];
      case "builtin": {
        const found = this.table.get(at.name);
        assert(found !== undefined, `${this.core.name} calls the unknown builtin ${at.name}`);
        return [E.builtin, at.name, found.version, ...this.atoms(at.arguments)];
      }
      case "closure":
        return [E.closure, this.resolve(at.reference), ...this.atoms(at.captured)];
      case "tuple":
        return [E.tuple, ...this.atoms(at.items)];
      case "list":
        return [E.list, ...this.atoms(at.items)];
      case "map":
        return [E.map, ...at.entries.flatMap(([key, value]) => [this.atom(key), this.atom(value)])];
      case "record": {
        const fields = at.names.map((name, i) => [name, at.values[i]!] as const).sort(byName);
        return [E.record, ...fields.flatMap(([name, atom]) => [name, this.atom(atom)])];
      }
      case "variant":
        return at.payload === undefined ? [E.variant, at.case] : [E.variant, at.case, this.atom(at.payload)];
      case "field":
        return [E.field, this.atom(at.record), at.name];
      case "item":
        return [E.item, this.atom(at.tuple), at.index];
      case "switch": {
        const subject = this.atom(at.subject);
        const cases = at.cases.map((branch) => {
          if (branch.local !== undefined) this.bind(branch.local);
          return [branch.case, branch.local !== undefined, nested(branch.body)] as const;
        });
        return [E.switch, subject, at.otherwise === undefined ? null : nested(at.otherwise), ...cases];
      }
      case "return":
        return [E.return, this.atom(at.value)];
      case "fault":
        return [E.fault, at.code, this.atom(at.message)];
      case "perform":
        return [E.perform, at.label, at.operation, ...this.atoms(at.arguments)];
      case "stateGet":
        return [E.stateGet, at.field];
      case "stateSet":
        return [E.stateSet, at.field, this.atom(at.value)];
      case "within":
        return [E.within, this.atom(at.duration), nested(at.body), nested(at.otherwise)];
      case "wait":
        return [E.wait, at.mode === "after" ? 0 : 1, this.atom(at.time)];
      case "par":
        return [E.par, ...at.names.flatMap((name, i) => [name, this.atom(at.branches[i]!)])];
      case "race":
        return [E.race, ...this.atoms(at.branches)];
      case "with":
        return [E.with, this.atom(at.handler), nested(at.body)];
      case "abort":
        return [E.abort, this.atom(at.value)];
      case "entry":
        return [E.entry, this.resolve(at.program), at.entry, ...this.atoms(at.arguments)];
      default:
        return never(at);
    }
  }

  private bind(local: number): void {
    this.numbers.set(local, this.order.length);
    this.order.push(local);
  }

  private atoms(atoms: readonly Core.Atom[]): readonly H.Atom[] {
    return atoms.map((atom) => this.atom(atom));
  }

  private atom(atom: Core.Atom): H.Atom {
    switch (atom.kind) {
      case "local": {
        const number = this.numbers.get(atom.index);
        assert(number !== undefined, `${this.core.name} uses local ${atom.index} before it is bound`);
        return number;
      }
      case "literal":
        return [AtomTag.literal, valueToNode(atom.value)];
      case "function":
        return [AtomTag.function, this.resolve(atom.reference)];
      default:
        return never(atom);
    }
  }
}

/** Type variables get their numbers where they first occur; a row variable is of another sort than a type variable. */
export function hashedSignature(core: Core.FunctionType, resolve: Resolve): H.FunctionType {
  const numbers = new Map<string, number>();
  const numberOf = (sort: "type" | "row", index: number): number => {
    const key = `${sort} ${index}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
  return functionType(core, resolve, numberOf);
}

type NumberOf = (sort: "type" | "row", index: number) => number;
const asDeclared: NumberOf = (_sort, index) => index;

function functionType(core: Core.FunctionType, resolve: Resolve, numberOf: NumberOf): H.FunctionType {
  return [
    TypeTag.function,
    core.parameters.map((parameter) => type(parameter, resolve, numberOf)),
    type(core.result, resolve, numberOf),
    sortedNames(core.row.labels),
    core.row.variable === undefined ? null : numberOf("row", core.row.variable),
  ];
}

function type(core: Core.Type, resolve: Resolve, numberOf: NumberOf): H.Type {
  const all = (types: readonly Core.Type[]) => types.map((inner) => type(inner, resolve, numberOf));
  switch (core.kind) {
    case "builtin":
      return [TypeTag.builtin, core.name, ...all(core.arguments)];
    case "declared":
      return [TypeTag.declared, resolve(core.reference), ...all(core.arguments)];
    case "variable":
      return [TypeTag.variable, numberOf("type", core.index)];
    case "tuple":
      return [TypeTag.tuple, ...all(core.items)];
    case "record": {
      // Sorted first: numbering follows the order that is written.
      const fields = core.names.map((name, i) => [name, core.types[i]!] as const).sort(byName);
      return [TypeTag.record, ...fields.flatMap(([name, inner]) => [name, type(inner, resolve, numberOf)])];
    }
    case "function":
      return functionType(core, resolve, numberOf);
    default:
      return never(core);
  }
}

const field =
  (resolve: Resolve) =>
  (core: Core.Field): H.Field => [core.name, type(core.type, resolve, asDeclared)];

function typeDefinition(core: Core.TypeDefinition, resolve: Resolve): H.Definition {
  if (core.kind === "record") return [DefinitionTag.record, core.parameters, ...core.fields.map(field(resolve))];
  const cases = core.cases.map((one) => [one.name, ...one.fields.map(field(resolve))] as const);
  return [DefinitionTag.sum, core.parameters, ...cases];
}

function outside(core: Core.OutsideDefinition, resolve: Resolve): H.Definition {
  return [
    DefinitionTag[core.kind],
    declaredName(core),
    core.parameters.map(field(resolve)),
    type(core.result, resolve, asDeclared),
  ];
}

/** What a fact, action or event is called at run time is its last word; an operation is called with its effect's name. */
export function declaredName(core: Pick<Core.OutsideDefinition, "kind" | "name">): string {
  return core.name
    .split(".")
    .slice(core.kind === "operation" ? -2 : -1)
    .join(".");
}

/** Sorted before it is walked, so that references are met in the order in which they are written. */
function program(core: Core.ProgramDefinition, resolve: Resolve): H.Program {
  const named = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
    [...items].sort((a, b) => Value.compareText(a.name, b.name));
  const migrations = [...core.migrations].sort(
    (a, b) => Value.compareText(a.from, b.from) || Value.compareText(a.to, b.to),
  );
  return [
    DefinitionTag.program,
    named(core.state).map(
      (one): H.StateField => [
        one.name,
        type(one.type, resolve, asDeclared),
        one.initial === undefined ? null : resolve(one.initial),
      ],
    ),
    named(core.entries).map(
      (one): H.Entry => [
        one.name,
        resolve(one.function),
        one.parameters.map(field(resolve)),
        type(one.result, resolve, asDeclared),
        sortedNames(one.row),
        one.exclusive,
      ],
    ),
    core.triggers.map(trigger),
    core.handshake === undefined ? null : resolve(core.handshake),
    migrations.map((one): H.Migration => [one.from, one.to, resolve(one.function)]),
  ];
}

function trigger(core: Core.Trigger): H.Trigger {
  const given = core.arguments.map(valueToNode);
  return core.kind === "fact"
    ? [TriggerTag.fact, core.timeline, valueToNode(core.fact), core.entry, given]
    : [TriggerTag[core.kind], valueToNode(core.time), core.entry, given];
}

const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number =>
  Value.compareText(a[0], b[0]);

/** Ascending by code point, each once. */
function sortedNames(names: readonly string[]): readonly string[] {
  return [...names].sort(Value.compareText).filter((name, i, all) => i === 0 || all[i - 1] !== name);
}
