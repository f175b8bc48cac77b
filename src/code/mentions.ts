/** Every mention of another definition in a piece of code, with what it is mentioned as. */
import type { ContentHash } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import type { CoreItem } from "./toHashed.ts";

export type Mention =
  /** Called with so many arguments. */
  | { readonly as: "call"; readonly hash: ContentHash.ContentHash; readonly count: number }
  /** A closure over so many captured values. */
  | { readonly as: "closure"; readonly hash: ContentHash.ContentHash; readonly count: number }
  /** A function used as a value. */
  | { readonly as: "function"; readonly hash: ContentHash.ContentHash }
  /** A type with so many arguments. */
  | { readonly as: "type"; readonly hash: ContentHash.ContentHash; readonly count: number }
  /** An entry of a program called with so many arguments. */
  | { readonly as: "entry"; readonly hash: ContentHash.ContentHash; readonly entry: string; readonly count: number }
  /** A function that a program names: an initial value, an entry, a handshake, a migration. */
  | {
      readonly as: "part";
      readonly hash: ContentHash.ContentHash;
      readonly part: string;
      /** How many parameters it must have; undefined where the program does not say. */
      readonly count: number | undefined;
    };

export function mentionsOf(code: CoreItem): readonly Mention[] {
  const found: Mention[] = [];
  const hashOf = (reference: Core.Reference) => (reference as { readonly hash: ContentHash.ContentHash }).hash;

  const type = (at: Core.Type): void => {
    switch (at.kind) {
      case "builtin":
        at.arguments.forEach(type);
        break;
      case "declared":
        found.push({ as: "type", hash: hashOf(at.reference), count: at.arguments.length });
        at.arguments.forEach(type);
        break;
      case "tuple":
        at.items.forEach(type);
        break;
      case "record":
        at.types.forEach(type);
        break;
      case "function":
        at.parameters.forEach(type);
        type(at.result);
        break;
    }
  };

  const atom = (at: Core.Atom): void => {
    if (at.kind === "function") found.push({ as: "function", hash: hashOf(at.reference) });
  };

  // A chain of lets and elses may be thousands long, so it is a loop.
  const expression = (start: Core.Expression): void => {
    let at = start;
    for (;;) {
      if (at.kind === "let") {
        expression(at.value);
        at = at.body;
      } else if (at.kind === "if") {
        atom(at.condition);
        expression(at.then);
        at = at.else;
      } else break;
    }
    switch (at.kind) {
      case "atom":
        atom(at.atom);
        break;
      case "call":
        found.push({ as: "call", hash: hashOf(at.reference), count: at.arguments.length });
        at.arguments.forEach(atom);
        break;
      case "apply":
        atom(at.function);
        at.arguments.forEach(atom);
        break;
      case "builtin":
      case "perform":
        at.arguments.forEach(atom);
        break;
      case "closure":
        found.push({ as: "closure", hash: hashOf(at.reference), count: at.captured.length });
        at.captured.forEach(atom);
        break;
      case "tuple":
      case "list":
        at.items.forEach(atom);
        break;
      case "map":
        for (const entry of at.entries) entry.forEach(atom);
        break;
      case "record":
        at.values.forEach(atom);
        break;
      case "variant":
        if (at.payload !== undefined) atom(at.payload);
        break;
      case "field":
        atom(at.record);
        break;
      case "item":
        atom(at.tuple);
        break;
      case "switch":
        atom(at.subject);
        for (const one of at.cases) expression(one.body);
        if (at.otherwise !== undefined) expression(at.otherwise);
        break;
      case "return":
      case "abort":
      case "stateSet":
        atom(at.value);
        break;
      case "fault":
        atom(at.message);
        break;
      case "stateGet":
        break;
      case "within":
        atom(at.duration);
        expression(at.body);
        expression(at.otherwise);
        break;
      case "wait":
        atom(at.time);
        break;
      case "par":
      case "race":
        at.branches.forEach(atom);
        break;
      case "with":
        atom(at.handler);
        expression(at.body);
        break;
      case "entry":
        found.push({ as: "entry", hash: hashOf(at.program), entry: at.entry, count: at.arguments.length });
        at.arguments.forEach(atom);
        break;
    }
  };

  const fields = (list: readonly Core.Field[]) => {
    for (const field of list) type(field.type);
  };
  const part = (reference: Core.Reference, name: string, count: number | undefined) =>
    found.push({ as: "part", hash: hashOf(reference), part: name, count });

  switch (code.form) {
    case "definition":
      if (code.item.signature !== undefined) type(code.item.signature);
      expression(code.item.body);
      break;
    case "type":
      if (code.item.kind === "record") fields(code.item.fields);
      else for (const one of code.item.cases) fields(one.fields);
      break;
    case "outside":
      fields(code.item.parameters);
      type(code.item.result);
      break;
    case "program":
      for (const one of code.item.state) {
        type(one.type);
        if (one.initial !== undefined) part(one.initial, `the initial value of ${one.name}`, 0);
      }
      for (const one of code.item.entries) {
        part(one.function, `entry ${one.name}`, one.parameters.length);
        fields(one.parameters);
        type(one.result);
      }
      if (code.item.handshake !== undefined) part(code.item.handshake, "the handshake", undefined);
      for (const one of code.item.migrations) part(one.function, `the migration ${one.from} -> ${one.to}`, undefined);
      break;
  }
  return found;
}
