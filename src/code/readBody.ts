/** The body of a definition, from its hashed form. Locals are counted as they are bound, and used only where in scope. */
import type { Core } from "../language/index.ts";
import { AtomTag, CHAIN_STEPS_MAX, ExpressionTag as E } from "./Hashed.ts";
import type { IntrinsicTable } from "./intrinsics.ts";
import {
  ascending,
  type Component,
  distinct,
  list,
  natural,
  type Place,
  reference,
  refuse,
  text,
  tuple,
  value,
} from "./Place.ts";

const INDEX_MAX = 0xffff;

/** A class because it counts while it reads. */
export class BodyReader {
  /** How many locals are bound so far, parameters included. */
  locals: number;
  private readonly component: Component;
  private readonly table: IntrinsicTable;
  /** The locals in scope: a stack, for a local is bound later than those around it. */
  private readonly scope: boolean[];

  constructor(component: Component, table: IntrinsicTable, parameters: number) {
    this.component = component;
    this.table = table;
    this.locals = parameters;
    this.scope = Array.from({ length: parameters }, () => true);
  }

  /** Reads an expression; what it binds is out of scope again afterwards. */
  expression(place: Place, chain: number): Core.Expression {
    const from = this.locals;
    const read = this.scoped(place, chain);
    this.scope.fill(false, from);
    return read;
  }

  private scoped(place: Place, chain: number): Core.Expression {
    const parts = list(place, "an expression");
    if (parts[0]?.node !== E.block) return this.plain(place, parts, chain);
    const steps = parts.slice(1, -1);
    const tail = parts[parts.length - 1]!;
    if (steps.length === 0) refuse(place, "a block has at least one step");
    const depth = chain + steps.length;
    if (depth > CHAIN_STEPS_MAX) refuse(place, `more than ${CHAIN_STEPS_MAX} steps in a row`);
    // Core nests where the block is flat, so it is built from the end.
    const around: ((rest: Core.Expression) => Core.Expression)[] = [];
    for (const [i, step] of steps.entries()) {
      const stepParts = list(step, "a step");
      if (stepParts[0]?.node === E.branch) {
        const [, condition, then] = tuple(step, 3, "a branch");
        const test = this.atom(condition!);
        const taken = this.expression(then!, chain + i + 1);
        around.push((rest) => ({ kind: "if", condition: test, then: taken, else: rest }));
      } else {
        const bound = this.expression(step, chain + i + 1);
        const local = this.bind();
        around.push((rest) => ({ kind: "let", local, value: bound, body: rest }));
      }
    }
    const tailParts = list(tail, "an expression");
    if (tailParts[0]?.node === E.block) refuse(tail, "a block inside the tail of a block must be one block");
    let read = this.plain(tail, tailParts, depth);
    for (const wrap of around.reverse()) read = wrap(read);
    return read;
  }

  private plain(place: Place, parts: readonly Place[], chain: number): Core.Expression {
    const [tag, a, b, c] = parts;
    const arity = (count: number) => {
      if (parts.length !== count + 1) refuse(place, `this expression has ${count} parts, not ${parts.length - 1}`);
    };
    const nested = (inner: Place) => this.expression(inner, chain + 1);
    switch (tag?.node) {
      case E.atom:
        arity(1);
        return { kind: "atom", atom: this.atom(a!) };
      case E.call:
        return { kind: "call", reference: this.reference(a, place), arguments: this.atoms(parts.slice(2)) };
      case E.apply:
        return { kind: "apply", function: this.atom(a ?? place), arguments: this.atoms(parts.slice(2)) };
      case E.builtin:
        return this.builtin(place, parts);
      case E.closure:
        return { kind: "closure", reference: this.reference(a, place), captured: this.atoms(parts.slice(2)) };
      case E.tuple:
        return { kind: "tuple", items: this.atoms(parts.slice(1)) };
      case E.list:
        return { kind: "list", items: this.atoms(parts.slice(1)) };
      case E.map: {
        const { evens, odds } = this.pairs(place, parts);
        const values = this.atoms(odds);
        return { kind: "map", entries: this.atoms(evens).map((key, i) => [key, values[i]!] as const) };
      }
      case E.record: {
        const { evens, odds } = this.pairs(place, parts);
        const names = evens.map((name) => text(name, "a field's name"));
        ascending(evens, names, "fields");
        return { kind: "record", names, values: this.atoms(odds) };
      }
      case E.variant:
        if (parts.length !== 2) arity(2);
        return {
          kind: "variant",
          case: text(a, "a case's name"),
          payload: b === undefined ? undefined : this.atom(b),
        };
      case E.field:
        arity(2);
        return { kind: "field", record: this.atom(a!), name: text(b, "a field's name") };
      case E.item:
        arity(2);
        return { kind: "item", tuple: this.atom(a!), index: natural(b!, INDEX_MAX, "an item's index") };
      case E.switch:
        return this.switch(place, parts, nested);
      case E.return:
        arity(1);
        return { kind: "return", value: this.atom(a!) };
      case E.fault:
        arity(2);
        return { kind: "fault", code: text(a, "a fault's code"), message: this.atom(b!) };
      case E.perform:
        return {
          kind: "perform",
          label: text(a ?? place, "an effect label"),
          operation: text(b ?? place, "an operation"),
          arguments: this.atoms(parts.slice(3)),
        };
      case E.stateGet:
        arity(1);
        return { kind: "stateGet", field: text(a, "a state field's name") };
      case E.stateSet:
        arity(2);
        return { kind: "stateSet", field: text(a, "a state field's name"), value: this.atom(b!) };
      case E.within:
        arity(3);
        return { kind: "within", duration: this.atom(a!), body: nested(b!), otherwise: nested(c!) };
      case E.wait:
        arity(2);
        return { kind: "wait", mode: natural(a!, 1, "the mode of a wait") === 0 ? "after" : "at", time: this.atom(b!) };
      case E.par: {
        const { evens, odds } = this.pairs(place, parts);
        const names = evens.map((name) => text(name, "a branch's name"));
        distinct(evens, names, "branch");
        return { kind: "par", names, branches: this.atoms(odds) };
      }
      case E.race:
        return { kind: "race", branches: this.atoms(parts.slice(1)) };
      case E.with:
        arity(2);
        return { kind: "with", handler: this.atom(a!), body: nested(b!) };
      case E.abort:
        arity(1);
        return { kind: "abort", value: this.atom(a!) };
      case E.entry:
        return {
          kind: "entry",
          program: this.reference(a, place),
          entry: text(b ?? place, "an entry's name"),
          arguments: this.atoms(parts.slice(3)),
        };
      default:
        return refuse(tag ?? place, "unknown kind of expression");
    }
  }

  private builtin(place: Place, parts: readonly Place[]): Core.Expression {
    const name = text(parts[1] ?? place, "a builtin's name");
    const known = this.table.get(name);
    if (known === undefined) return refuse(parts[1]!, `there is no builtin ${name}`);
    const version = natural(parts[2] ?? place, Number.MAX_SAFE_INTEGER, "a builtin's version");
    if (version !== known.version)
      refuse(parts[2]!, `builtin ${name} has version ${known.version} here, the code asks for ${version}`);
    const given = this.atoms(parts.slice(3));
    if (given.length !== known.arity)
      refuse(place, `builtin ${name} takes ${known.arity} arguments, not ${given.length}`);
    return { kind: "builtin", name, arguments: given };
  }

  private switch(place: Place, parts: readonly Place[], nested: (inner: Place) => Core.Expression): Core.Expression {
    if (parts.length < 3) refuse(place, "a switch has a subject, an otherwise and cases");
    const subject = this.atom(parts[1]!);
    const casePlaces = parts.slice(3);
    const cases = casePlaces.map((one) => {
      const [name, binds, body] = tuple(one, 3, "a case");
      if (typeof binds!.node !== "boolean") refuse(binds!, "whether a case binds must be true or false");
      const from = this.locals;
      const local = binds!.node === true ? this.bind() : undefined;
      const read = { case: text(name, "a case's name"), local, body: nested(body!) };
      this.scope.fill(false, from);
      return read;
    });
    distinct(
      casePlaces,
      cases.map((one) => one.case),
      "case",
    );
    const otherwise = parts[2]!.node === null ? undefined : nested(parts[2]!);
    if (otherwise === undefined && cases.length === 0) refuse(place, "a switch leads nowhere");
    return { kind: "switch", subject, cases, otherwise };
  }

  private bind(): number {
    this.scope[this.locals] = true;
    return this.locals++;
  }

  private reference(place: Place | undefined, around: Place): Core.Reference {
    return reference(place ?? around, this.component);
  }

  private pairs(
    place: Place,
    parts: readonly Place[],
  ): { readonly evens: readonly Place[]; readonly odds: readonly Place[] } {
    const items = parts.slice(1);
    if (items.length % 2 !== 0) refuse(place, "expected pairs");
    return { evens: items.filter((_, i) => i % 2 === 0), odds: items.filter((_, i) => i % 2 === 1) };
  }

  private atoms(places: readonly Place[]): readonly Core.Atom[] {
    return places.map((place) => this.atom(place));
  }

  private atom(place: Place): Core.Atom {
    const node = place.node;
    if (typeof node === "number") {
      if (this.scope[node] !== true) refuse(place, `local ${node} is not in scope`);
      return { kind: "local", index: node };
    }
    const [tag, inner] = tuple(place, 2, "an atom");
    if (tag!.node === AtomTag.literal) return { kind: "literal", value: value(inner!) };
    if (tag!.node !== AtomTag.function) refuse(tag!, "unknown kind of atom");
    return { kind: "function", reference: reference(inner!, this.component) };
  }
}
