/**
 * Well-typed Core programs at random, for differential tests: every kind of node that a plain evaluator can do, with the
 * shapes in which compilers go wrong — ways that meet in lets, returns inside of them, tail calls, nested scopes.
 */
import { Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { $, at, definition, hashOf, lit } from "./handMade.ts";

type E = Core.Expression;
type A = Core.Atom;

/** The types that generated programs use. */
type Type = "int" | "bool" | "text" | "list" | "option" | "pair" | "tuple" | "unit" | "function" | "map";

export interface Program {
  readonly definitions: readonly Core.Definition[];
  readonly main: string;
  readonly state: Value.Record;
}

/** A stream of numbers from a seed (xorshift). */
export function numbers(seed: number): (below: number) => number {
  let x = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const FUNCTIONS = 4;

interface State {
  readonly draw: (below: number) => number;
  /** Nothing asks the outside or the state, and nothing opens a scope. */
  readonly isPure: boolean;
  readonly definitions: Core.Definition[];
  /** Functions that may be called: those that are made already, so that nothing runs for ever. */
  readonly callable: { readonly name: string; readonly parameters: readonly Type[]; readonly result: Type }[];
  lambdas: number;
}

interface Scope {
  readonly locals: Type[];
  /** Locals that hold a value here. */
  readonly bound: readonly number[];
  readonly result: Type;
  readonly hasWith: boolean;
  readonly inBranch: boolean;
  readonly inLambda: boolean;
}

export function programOf(seed: number, isPure = false): Program {
  const draw = numbers(seed);
  const state: State = { draw, isPure, definitions: [], callable: [], lambdas: 0 };
  for (let i = 0; i < FUNCTIONS; i++) {
    const parameters = Array.from({ length: draw(3) }, () => typeOf(state));
    const result = typeOf(state);
    addFunction(state, `f${i}`, parameters, result);
    state.callable.push({ name: `f${i}`, parameters, result });
  }
  addFunction(state, "main", [], typeOf(state));
  state.definitions.push(countdown);
  return {
    definitions: state.definitions,
    main: "main",
    state: Value.record([
      ["n", 1],
      ["name", "start"],
    ]),
  };
}

/** countdown(n, acc): a loop by tail calls. */
const countdown = definition("countdown", 2, 5, {
  kind: "let",
  local: 2,
  value: { kind: "builtin", name: "int.lessOrEqual", arguments: [$(0), lit(0)] },
  body: {
    kind: "if",
    condition: $(2),
    then: { kind: "atom", atom: $(1) },
    else: {
      kind: "let",
      local: 3,
      value: { kind: "builtin", name: "int.subtract", arguments: [$(0), lit(1)] },
      body: {
        kind: "let",
        local: 4,
        value: { kind: "builtin", name: "int.add", arguments: [$(1), $(0)] },
        body: { kind: "call", reference: at("countdown"), arguments: [$(3), $(4)] },
      },
    },
  },
});

const TYPES: readonly Type[] = [
  "int",
  "int",
  "int",
  "bool",
  "text",
  "list",
  "option",
  "pair",
  "tuple",
  "function",
  "map",
];
const typeOf = ({ draw }: State): Type => TYPES[draw(TYPES.length)]!;

function addFunction(state: State, name: string, parameters: readonly Type[], result: Type, captured = 0): void {
  const scope: Scope = {
    locals: [...parameters],
    bound: parameters.map((_, i) => i),
    result,
    hasWith: false,
    inBranch: false,
    inLambda: captured > 0,
  };
  const body = expression(state, scope, result, 5);
  state.definitions.push(definition(name, parameters.length, scope.locals.length, body, captured));
}

const newLocal = (scope: Scope, type: Type): number => scope.locals.push(type) - 1;
const withLocal = (scope: Scope, local: number): Scope => ({ ...scope, bound: [...scope.bound, local] });

const INTS = [0, 1, 2, 3, -1, 7, 100, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 30, 12345678901234567890n, -(2n ** 700n)];

function literal(state: State, type: Type): Value.Value | undefined {
  const { draw } = state;
  switch (type) {
    case "int":
      return draw(3) === 0 ? INTS[draw(INTS.length)]! : draw(10);
    case "bool":
      return draw(2) === 0;
    case "text":
      return ["", "a", "bc", "é😀"][draw(4)]!;
    case "list":
      return Value.list(Array.from({ length: draw(3) }, (_, i) => i));
    case "option":
      return draw(2) === 0 ? Value.none : Value.some(draw(5));
    case "tuple":
      return Value.tuple([draw(5), "t"]);
    case "pair":
      return Value.record([
        ["a", draw(5)],
        ["b", "p"],
      ]);
    case "map":
      return Value.map([["k", draw(5)]]);
    case "unit":
      return Value.unit;
    case "function":
      return undefined;
  }
}

function atom(state: State, scope: Scope, type: Type): A {
  const fitting = scope.bound.filter((local) => scope.locals[local] === type);
  if (fitting.length > 0 && state.draw(4) > 0) return $(fitting[state.draw(fitting.length)]!);
  const value = literal(state, type);
  return value === undefined ? { kind: "function", reference: at(constant(state)) } : lit(value);
}

/** A function from Int to Int that captures nothing. */
function constant(state: State): string {
  const name = `c${state.lambdas++}`;
  addFunction(state, name, ["int"], "int");
  return name;
}

function expression(state: State, scope: Scope, type: Type, depth: number): E {
  const { draw } = state;
  const let_ = (of: Type, value: E, body: (inner: Scope, local: number) => E): E => {
    const local = newLocal(scope, of);
    return { kind: "let", local, value, body: body(withLocal(scope, local), local) };
  };
  if (depth <= 0) return { kind: "atom", atom: atom(state, scope, type) };
  switch (draw(15)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const of = typeOf(state);
      return let_(of, expression(state, scope, of, depth - 1 - draw(2)), (inner) =>
        expression(state, inner, type, depth - 1),
      );
    }
    case 4:
      return let_("bool", expression(state, scope, "bool", depth - 2), (inner, local) => ({
        kind: "if",
        condition: $(local),
        then: expression(state, inner, type, depth - 2),
        else: expression(state, inner, type, depth - 2),
      }));
    case 5: {
      const payload = newLocal(scope, "int");
      return {
        kind: "switch",
        subject: atom(state, scope, "option"),
        cases: [
          { case: "Some", local: payload, body: expression(state, withLocal(scope, payload), type, depth - 2) },
          ...(draw(2) === 0
            ? [{ case: "None", local: undefined, body: expression(state, scope, type, depth - 2) }]
            : []),
        ],
        otherwise: draw(3) === 0 ? undefined : expression(state, scope, type, depth - 2),
      };
    }
    case 6: {
      const fitting = state.callable.filter((one) => one.result === type);
      const called = fitting[draw(Math.max(1, fitting.length))];
      if (called === undefined) break;
      return {
        kind: "call",
        reference: at(called.name),
        arguments: called.parameters.map((of) => atom(state, scope, of)),
      };
    }
    case 7:
      if (type !== "int") break;
      return draw(2) === 0
        ? { kind: "apply", function: atom(state, scope, "function"), arguments: [atom(state, scope, "int")] }
        : { kind: "call", reference: at("countdown"), arguments: [lit(draw(20)), atom(state, scope, "int")] };
    case 8: {
      if (scope.inLambda || state.isPure) break;
      const handler = Value.variant("Fixed", Value.record([["ask", draw(100)]]));
      return {
        kind: "with",
        handler: draw(2) === 0 ? lit(handler) : lit(clauses(state)),
        body: expression(state, { ...scope, hasWith: true, result: type }, type, depth - 1),
      };
    }
    case 9:
      if (state.isPure) break;
      return {
        kind: "within",
        duration: lit(Value.duration(1000)),
        body: expression(state, scope, type, depth - 2),
        otherwise: expression(state, scope, type, depth - 2),
      };
    case 10:
      if (draw(3) > 0) break;
      return scope.hasWith && !scope.inBranch
        ? { kind: "atom", atom: atom(state, scope, type) }
        : let_("int", { kind: "return", value: atom(state, scope, scope.result) }, (inner) =>
            expression(state, inner, type, 1),
          );
    case 11: {
      const name = `p${state.lambdas++}`;
      const captures = scope.bound.slice(-2);
      addFunction(
        state,
        name,
        captures.map((local) => scope.locals[local]!),
        "int",
        captures.length,
      );
      return let_("function", { kind: "closure", reference: at(name), captured: captures.map($) }, (inner, local) => {
        const record = newLocal(inner, "pair");
        return {
          kind: "let",
          local: record,
          value: state.isPure
            ? { kind: "record", names: ["a", "b"], values: [lit(1), lit("b")] }
            : { kind: "par", names: ["b", "a"], branches: [$(local), $(local)] },
          body: expression(state, inner, type, depth - 2),
        };
      });
    }
    default:
      break;
  }
  return simple(state, scope, type);
}

/** A handler of `Ask` whose clause adds one, asks further out, or aborts. */
function clauses(state: State): Value.Value {
  const name = `h${state.lambdas++}`;
  const bodies: readonly E[] = [
    { kind: "builtin", name: "int.add", arguments: [$(0), lit(1)] },
    { kind: "perform", label: "Ask", operation: "ask", arguments: [$(0)] },
    { kind: "atom", atom: lit(3) },
  ];
  state.definitions.push(definition(name, 1, 1, bodies[state.draw(bodies.length)]!));
  return Value.variant(
    "Handler",
    Value.record([
      ["effect", "Ask"],
      ["clauses", Value.record([["ask", Value.closure(hashOf(name), [])]])],
    ]),
  );
}

function simple(state: State, scope: Scope, type: Type): E {
  const { draw } = state;
  const one = (of: Type) => atom(state, scope, of);
  const builtin = (name: string, ...args: A[]): E => ({ kind: "builtin", name, arguments: args });
  switch (type) {
    case "int":
      switch (draw(11)) {
        case 0:
          return builtin("int.multiply", one("int"), one("int"));
        case 1:
          return builtin("int.divide", one("int"), one("int"));
        case 2:
          return builtin("list.length", one("list"));
        case 3:
          return { kind: "item", tuple: one("tuple"), index: 0 };
        case 4:
          return { kind: "field", record: lit(literal(state, "pair")!), name: "a" };
        case 5:
          if (state.isPure) break;
          return { kind: "perform", label: "Ask", operation: "ask", arguments: [one("int")] };
        case 6:
          if (state.isPure) break;
          return { kind: "stateGet", field: "n" };
        case 7:
          return builtin("int.subtract", one("int"), one("int"));
        case 8:
          return builtin("list.at", one("list"), lit(draw(3)));
        default:
          break;
      }
      return builtin("int.add", one("int"), one("int"));
    case "bool":
      return [
        builtin("int.less", one("int"), one("int")),
        builtin("int.lessOrEqual", one("int"), one("int")),
        builtin("int.equal", one("int"), one("int")),
        builtin("value.equal", one("list"), one("list")),
        builtin("bool.not", one("bool")),
      ][draw(5)]!;
    case "text":
      return [builtin("text.concat", one("text"), one("text")), builtin("value.show", one("list"))][draw(2)]!;
    case "list":
      return [
        builtin("list.append", one("list"), one("int")),
        builtin("list.concat", one("list"), one("list")),
        builtin("list.sort", one("list")),
        { kind: "list", items: [one("int"), one("int")] } as E,
      ][draw(4)]!;
    case "option":
      return draw(2) === 0
        ? { kind: "variant", case: "Some", payload: one("int") }
        : builtin("map.get", one("map"), lit("k"));
    case "pair":
      return { kind: "record", names: ["a", "b"], values: [one("int"), one("text")] };
    case "tuple":
      return { kind: "tuple", items: [one("int"), one("text")] };
    case "map":
      return draw(2) === 0
        ? {
            kind: "map",
            entries: [
              [lit("k"), one("int")],
              [one("text"), one("int")],
            ],
          }
        : builtin("map.set", one("map"), one("text"), one("int"));
    default:
      return { kind: "atom", atom: one(type) };
  }
}
