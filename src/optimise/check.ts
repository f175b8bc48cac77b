/**
 * Whether a tree is one that code may be generated from. Passes are held to it in tests; each problem says where and what.
 * What it cannot see, whether the charges of every way are still those of Core, tests see by running both.
 */
import { Value } from "../content/index.ts";
import { builtins } from "../language/index.ts";
import { type Atom, CHARGE_FUEL_MAX, type Definition, type Expression } from "./Tree.ts";
import { atomsOf, childrenOf } from "./walk.ts";

/** Nothing when it is well formed. `least` is what the definition was before the passes. */
export function checkTree(definition: Definition, least?: Definition): readonly string[] {
  const { parameters, captured, locals, frameBytes } = definition;
  const problems: string[] = [];
  const say = (problem: string) => problems.push(`${definition.name}: ${problem}`);
  if (captured > parameters || parameters > locals) say("captured ≤ parameters ≤ locals does not hold");
  const everBound = new Set<number>();
  const known = new Set<number>();
  const bind = (local: number) => {
    if (!Number.isInteger(local) || local < 0 || local >= locals) say(`$${local} is no local: there are ${locals}`);
    if (everBound.has(local)) say(`$${local} is bound twice`);
    everBound.add(local);
    known.add(local);
  };
  for (let i = 0; i < parameters; i++) bind(i);

  const atoms = (node: Expression) => {
    for (const atom of atomsOf(node)) checkAtom(atom, node);
  };
  const checkAtom = (atom: Atom, node: Expression) => {
    if (atom.kind === "local" && !known.has(atom.index)) say(`${node.kind} reads $${atom.index} before it is bound`);
  };
  /** `turns`: how many arguments an `again` takes here; `undefined` where none may stand. */
  const walk = (node: Expression, turns: number | undefined): void => {
    atoms(node);
    shape(node, say);
    switch (node.kind) {
      case "let":
        walk(node.value, undefined);
        bind(node.local);
        walk(node.body, turns);
        known.delete(node.local);
        return;
      case "charge":
        walk(node.body, turns);
        return;
      case "if":
        walk(node.then, turns);
        walk(node.else, turns);
        return;
      case "switch":
        for (const one of node.cases) {
          if (one.local !== undefined) bind(one.local);
          walk(one.body, turns);
          if (one.local !== undefined) known.delete(one.local);
        }
        if (node.otherwise !== undefined) walk(node.otherwise, turns);
        return;
      case "loop":
        for (const local of node.locals) bind(local);
        walk(node.body, node.locals.length);
        for (const local of node.locals) known.delete(local);
        return;
      case "again":
        if (turns === undefined) say("again stands where no loop goes on");
        else if (turns !== node.arguments.length)
          say(`again gives ${node.arguments.length} values, the loop has ${turns}`);
        return;
      case "within":
        walk(node.body, undefined);
        walk(node.otherwise, undefined);
        return;
      case "with":
        walk(node.body, undefined);
        return;
      default:
        return;
    }
  };
  walk(definition.body, undefined);
  if (least !== undefined) {
    if (frameBytes < least.frameBytes) say(`a frame of ${frameBytes} bytes is less than Core's ${least.frameBytes}`);
    const before = effectsOf(least.body);
    const after = effectsOf(definition.body);
    if (before.join() !== after.join()) say(`effects were ${before.join(", ")} and are ${after.join(", ")}`);
  }
  return problems;
}

/** What holds of one node by itself. */
function shape(node: Expression, say: (problem: string) => void): void {
  switch (node.kind) {
    case "charge": {
      const { fuel, bytes } = node;
      if (!Number.isInteger(fuel) || fuel < 0 || fuel > CHARGE_FUEL_MAX) say(`a charge of ${fuel} fuel`);
      if (!Number.isInteger(bytes) || bytes < 0 || bytes > CHARGE_FUEL_MAX) say(`a charge of ${bytes} bytes`);
      if (fuel === 0 && bytes === 0) say("a charge of nothing");
      return;
    }
    case "record":
      if (node.names.length !== node.values.length) say("a record needs one value for each name");
      for (let i = 1; i < node.names.length; i++)
        if (Value.compareText(node.names[i - 1]!, node.names[i]!) >= 0) say("a record's names must be sorted");
      return;
    case "builtin":
      if (!builtins.has(node.name)) say(`there is no builtin ${node.name}`);
      return;
    case "switch":
      if (new Set(node.cases.map((one) => one.case)).size !== node.cases.length) say("a case stands twice in a switch");
      return;
    case "loop":
      if (node.locals.length !== node.initial.length) say("a loop needs one value for each local");
      return;
    default:
      return;
  }
}

/** What asks the outside, in the order of the text. */
function effectsOf(body: Expression): readonly string[] {
  const found: string[] = [];
  const walk = (node: Expression): void => {
    switch (node.kind) {
      case "perform":
        found.push(`${node.label}/${node.operation}`);
        return;
      case "wait":
      case "par":
      case "race":
      case "entry":
      case "abort":
      case "stateGet":
      case "stateSet":
        found.push(node.kind);
        return;
      case "within":
      case "with":
        found.push(node.kind);
        break;
      default:
        break;
    }
    for (const part of childrenOf(node)) walk(part);
  };
  walk(body);
  return found;
}
