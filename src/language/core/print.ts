/** Core as text, for people: one `let` a line, locals as `$0` with their source name where they have one. */
import { show } from "../../content/index.ts";
import type { Atom, Definition, Expression, FunctionType, Reference, Row, Type, Unit } from "./Tree.ts";

export const printUnit = (unit: Unit): string => unit.definitions.map(print).join("\n\n");

export function print(of: Definition): string {
  const params = Array.from({ length: of.parameters }, (_, i) => named(of, i)).join(", ");
  const type = of.signature === undefined ? "" : ` : ${printType(of.signature)}`;
  const captured = of.captured === 0 ? "" : ` captures ${of.captured}`;
  return `${of.kind} ${of.name}(${params})${captured}${type}\n${lines(of, of.body, "  ")}`;
}

const named = (of: Definition, index: number): string => {
  const name = of.localNames[index];
  return name === undefined || name === "" ? `$${index}` : `$${index} ${name}`;
};

export const printReference = (reference: Reference): string =>
  reference.kind === "symbol" ? reference.name : `#${reference.hash}`;

export function printAtom(atom: Atom): string {
  switch (atom.kind) {
    case "local":
      return `$${atom.index}`;
    case "literal":
      return typeof atom.value === "string" ? JSON.stringify(atom.value) : show(atom.value);
    case "function":
      return `&${printReference(atom.reference)}`;
  }
}

const several = (all: readonly Atom[]): string => all.map(printAtom).join(", ");

/** The lines of an expression, each with `indent` before it. */
function lines(of: Definition, body: Expression, indent: string): string {
  const made: string[] = [];
  let at = body;
  while (at.kind === "let") {
    const head = `${indent}let ${named(of, at.local)} = `;
    made.push(isSmall(at.value) ? head + printSmall(at.value) : `${head}\n${lines(of, at.value, `${indent}  `)}`);
    at = at.body;
  }
  const inner = `${indent}  `;
  switch (at.kind) {
    case "if":
      made.push(`${indent}if ${printAtom(at.condition)} then`, lines(of, at.then, inner));
      made.push(`${indent}else`, lines(of, at.else, inner));
      break;
    case "switch":
      made.push(`${indent}switch ${printAtom(at.subject)}`);
      for (const each of at.cases) {
        const payload = each.local === undefined ? "" : `(${named(of, each.local)})`;
        made.push(`${indent}| ${each.case}${payload} =>`, lines(of, each.body, inner));
      }
      if (at.otherwise !== undefined) made.push(`${indent}| _ =>`, lines(of, at.otherwise, inner));
      break;
    case "within":
      made.push(`${indent}within ${printAtom(at.duration)}`, lines(of, at.body, inner));
      made.push(`${indent}else`, lines(of, at.otherwise, inner));
      break;
    case "with":
      made.push(`${indent}with ${printAtom(at.handler)}`, lines(of, at.body, inner));
      break;
    default:
      made.push(indent + printSmall(at));
  }
  return made.join("\n");
}

const isSmall = (e: Expression): boolean =>
  e.kind !== "let" && e.kind !== "if" && e.kind !== "switch" && e.kind !== "within" && e.kind !== "with";

/** An expression in which no other stands. */
export function printSmall(e: Expression): string {
  switch (e.kind) {
    case "atom":
      return printAtom(e.atom);
    case "call":
      return `${printReference(e.reference)}(${several(e.arguments)})`;
    case "apply":
      return `${printAtom(e.function)}(${several(e.arguments)})`;
    case "builtin":
      return `%${e.name}(${several(e.arguments)})`;
    case "closure":
      return `closure ${printReference(e.reference)}[${several(e.captured)}]`;
    case "tuple":
      return `(${several(e.items)})`;
    case "list":
      return `[${several(e.items)}]`;
    case "map":
      return `[${e.entries.map(([key, value]) => `${printAtom(key)}: ${printAtom(value)}`).join(", ") || ":"}]`;
    case "record":
      return `{${e.names.map((name, i) => `${name}: ${printAtom(e.values[i]!)}`).join(", ")}}`;
    case "variant":
      return e.payload === undefined ? e.case : `${e.case}(${printAtom(e.payload)})`;
    case "field":
      return `${printAtom(e.record)}.${e.name}`;
    case "item":
      return `${printAtom(e.tuple)}.${e.index}`;
    case "return":
      return `return ${printAtom(e.value)}`;
    case "fault":
      return `fault ${e.code}(${printAtom(e.message)})`;
    case "perform":
      return `perform ${e.label}/${e.operation}(${several(e.arguments)})`;
    case "stateGet":
      return `state.${e.field}`;
    case "stateSet":
      return `state.${e.field} = ${printAtom(e.value)}`;
    case "wait":
      return `wait ${e.mode} ${printAtom(e.time)}`;
    case "par":
      return `par {${e.names.map((name, i) => `${name} = ${printAtom(e.branches[i]!)}`).join("; ")}}`;
    case "race":
      return `race {${several(e.branches)}}`;
    case "abort":
      return `abort ${printAtom(e.value)}`;
    case "entry":
      return `entry ${printReference(e.program)}.${e.entry}(${several(e.arguments)})`;
    case "let":
    case "if":
    case "switch":
    case "within":
    case "with":
      throw new Error(`internal error: ${e.kind} takes more than a line`);
  }
}

/** Type variables are `a`, `b` … by number; row variables `e0`, `e1` …. */
export function printType(type: Type): string {
  switch (type.kind) {
    case "builtin":
      return type.name + printArguments(type.arguments);
    case "declared":
      return printReference(type.reference) + printArguments(type.arguments);
    case "variable":
      return type.index < 26 ? String.fromCharCode(97 + type.index) : `a${type.index}`;
    case "tuple":
      return `(${type.items.map(printType).join(", ")})`;
    case "record":
      return `(${type.names.map((name, i) => `${name}: ${printType(type.types[i]!)}`).join(", ")})`;
    case "function":
      return printFunctionType(type);
  }
}

const printArguments = (all: readonly Type[]): string => (all.length === 0 ? "" : `<${all.map(printType).join(", ")}>`);

const printFunctionType = (type: FunctionType): string =>
  `fn(${type.parameters.map(printType).join(", ")}) -> ${printType(type.result)}${printRow(type.row)}`;

function printRow(row: Row): string {
  const all = row.variable === undefined ? row.labels : [...row.labels, `e${row.variable}`];
  return all.length === 0 ? "" : ` uses ${all.join(", ")}`;
}
