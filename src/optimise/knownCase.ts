/**
 * What is asked of data whose making is in sight is known: a field, an item, the way of an `if` or a `switch`. Inside a way
 * the thing that was asked is known too.
 *
 *     let $2 = Some($0)                 let $2 = Some($0)
 *     switch $2                         charge 3
 *     | Some($3) =>                     %int.add($0, 1)
 *       charge 3
 *       %int.add($3, 1)
 *     | None => …
 *
 * Case of case: where each way gives data that decides what comes next, what comes next moves into the ways.
 *
 *     let $2 =                          if $1 then
 *       if $1 then                        charge 4
 *         charge 1                        $0
 *         true                          else
 *       else                              charge 4
 *         charge 1                        0
 *         false
 *     charge 3
 *     if $2 then $0 else 0
 *
 * Nothing large is doubled: either what comes next is small, or each of its own ways is taken by one way at most.
 */
import type { Value } from "../content/index.ts";
import { afterCharges, fresh, leaves, mapWays, type Work, waysOf } from "./Pass.ts";
import { type Atom, type Charge, charged, type Expression, type If, type Leaf, type Let, type Switch } from "./Tree.ts";
import { copyOf, reads, rebuild, sizeOf } from "./walk.ts";

/** What comes next is copied into several ways up to this size. */
export const CASE_NODES_MAX = 12;

type V = Value.Value;
type Made = Extract<Leaf, { kind: "tuple" | "record" | "variant" }>;

interface Pass {
  readonly work: Work;
  /** How a local was made, where that is in sight. */
  readonly made: Map<number, Made>;
  /** The case of a local, inside the way of its switch; the payload where the way binds it. */
  readonly cases: Map<number, { readonly case: string; readonly payload: Atom | undefined }>;
  /** Locals that are a Bool known here. */
  readonly bools: Map<number, boolean>;
  /** `bool.not` of a local. */
  readonly negated: Map<number, Atom>;
}

export function knownCase(work: Work, body: Expression): Expression {
  return walk({ work, made: new Map(), cases: new Map(), bools: new Map(), negated: new Map() }, body);
}

function walk(pass: Pass, node: Expression): Expression {
  const atom = (one: Atom): Atom => {
    const known = one.kind === "local" ? pass.bools.get(one.index) : undefined;
    return known === undefined ? one : { kind: "literal", value: known };
  };
  switch (node.kind) {
    case "let":
      return bound(pass, node.local, walk(pass, node.value), node.body);
    case "if":
      return branch(pass, node);
    case "switch":
      return choose(pass, node);
    case "field":
    case "item": {
      const part = partOf(pass, node);
      if (part === undefined) return rebuild(node, atom, (one) => one);
      pass.work.changes++;
      return { kind: "atom", atom: part };
    }
    default:
      return rebuild(node, atom, (one) => walk(pass, one));
  }
}

/** `let local = value in body`; the value has been walked. */
function bound(pass: Pass, local: number, value: Expression, body: Expression): Expression {
  if (isBranch(value)) {
    const asked = askedNext(local, body);
    const inner = asked === undefined ? undefined : caseOfCase(pass, local, value, asked.value);
    if (asked !== undefined && inner !== undefined) return bound(pass, asked.local, inner, asked.body);
    const moved = caseOfCase(pass, local, value, body);
    if (moved !== undefined) return moved;
  }
  if (value.kind === "tuple" || value.kind === "record" || value.kind === "variant") pass.made.set(local, value);
  if (value.kind === "builtin" && value.name === "bool.not") pass.negated.set(local, value.arguments[0]!);
  return { kind: "let", local, value, body: walk(pass, body) };
}

// ------------------------------------------------------------------------------------------- what is known

function partOf(pass: Pass, node: Extract<Leaf, { kind: "field" | "item" }>): Atom | undefined {
  const of = node.kind === "field" ? node.record : node.tuple;
  if (of.kind === "literal") {
    const value = literalPart(of.value, node);
    return value === undefined ? undefined : { kind: "literal", value };
  }
  const made = of.kind === "local" ? pass.made.get(of.index) : undefined;
  if (node.kind === "field") return made?.kind === "record" ? made.values[made.names.indexOf(node.name)] : undefined;
  return made?.kind === "tuple" ? made.items[node.index] : undefined;
}

function literalPart(value: V, node: Extract<Leaf, { kind: "field" | "item" }>): V | undefined {
  if (typeof value !== "object") return undefined;
  if (node.kind === "field") return value.tag === "record" ? value.values[value.names.indexOf(node.name)] : undefined;
  return value.tag === "tuple" ? value.items[node.index] : undefined;
}

function boolOf(pass: Pass, atom: Atom): boolean | undefined {
  if (atom.kind === "local") return pass.bools.get(atom.index);
  return atom.kind === "literal" && typeof atom.value === "boolean" ? atom.value : undefined;
}

interface Case {
  readonly case: string;
  /** `undefined`: there is none, or it has no name here. */
  readonly payload: Atom | undefined;
}

function caseOf(pass: Pass, atom: Atom): Case | undefined {
  if (atom.kind === "local") {
    const made = pass.made.get(atom.index);
    return made?.kind === "variant" ? made : pass.cases.get(atom.index);
  }
  const value = atom.kind === "literal" ? atom.value : undefined;
  if (typeof value !== "object" || value.tag !== "variant") return undefined;
  const payload: Atom | undefined = value.payload === undefined ? undefined : { kind: "literal", value: value.payload };
  return { case: value.case, payload };
}

function branch(pass: Pass, node: If): Expression {
  const { condition } = node;
  const known = boolOf(pass, condition);
  if (known !== undefined) {
    pass.work.changes++;
    return walk(pass, known ? node.then : node.else);
  }
  if (condition.kind !== "local") return { ...node, then: walk(pass, node.then), else: walk(pass, node.else) };
  const inverse = pass.negated.get(condition.index);
  if (inverse !== undefined) {
    // The other way round of what it negates; that is a Bool, or `bool.not` has stopped the run.
    pass.work.changes++;
    return branch(pass, { kind: "if", condition: inverse, then: node.else, else: node.then });
  }
  const way = (value: boolean, body: Expression): Expression => {
    pass.bools.set(condition.index, value);
    const made = walk(pass, body);
    pass.bools.delete(condition.index);
    return made;
  };
  return { kind: "if", condition, then: way(true, node.then), else: way(false, node.else) };
}

/** The way that a switch takes for a case: `undefined` when it has none, or the machine would stop. */
function wayOf(node: Switch, found: Case): Expression | undefined {
  const chosen = node.cases.find((one) => one.case === found.case);
  if (chosen === undefined) return node.otherwise;
  if (chosen.local === undefined) return chosen.body;
  if (found.payload === undefined) return undefined;
  const value: Expression = { kind: "atom", atom: found.payload };
  return { kind: "let", local: chosen.local, value, body: chosen.body };
}

function choose(pass: Pass, node: Switch): Expression {
  const { subject } = node;
  const found = caseOf(pass, subject);
  const way = found === undefined ? undefined : wayOf(node, found);
  if (way !== undefined) {
    pass.work.changes++;
    return walk(pass, way);
  }
  if (subject.kind !== "local" || found !== undefined) return mapWays(node, (body) => walk(pass, body));
  const cases = node.cases.map((one) => {
    const payload: Atom | undefined = one.local === undefined ? undefined : { kind: "local", index: one.local };
    pass.cases.set(subject.index, { case: one.case, payload });
    return { ...one, body: walk(pass, one.body) };
  });
  pass.cases.delete(subject.index);
  return { ...node, cases, otherwise: node.otherwise === undefined ? undefined : walk(pass, node.otherwise) };
}

// -------------------------------------------------------------------------------------------- case of case

const isBranch = (node: Expression): node is If | Switch => node.kind === "if" || node.kind === "switch";
const asks = (node: Expression, local: number): boolean => {
  const subject = node.kind === "if" ? node.condition : node.kind === "switch" ? node.subject : undefined;
  return subject?.kind === "local" && subject.index === local;
};

/** Of `charge … let y = (ask x) in C`, where C does not read x: the let, with the charges in its value. */
function askedNext(local: number, body: Expression): Let | undefined {
  const paid: Charge[] = [];
  let next = body;
  for (; next.kind === "charge"; next = next.body) paid.push(next);
  if (next.kind !== "let" || !asks(next.value, local) || reads(next.body, local)) return undefined;
  const value = paid.reduceRight<Expression>((rest, { fuel, bytes }) => charged(fuel, bytes, rest), next.value);
  return { ...next, value };
}

/** Leaves in a row that end in the next turn of a loop. */
function isTurn(body: Expression): boolean {
  let at = body;
  for (; at.kind === "let" || at.kind === "charge"; at = at.body)
    if (at.kind === "let" && (isBranch(at.value) || at.value.kind === "loop")) return false;
  return at.kind === "again";
}

/** `let local = value in body` with the body in the ways of the value. */
function caseOfCase(pass: Pass, local: number, value: If | Switch, body: Expression): Expression | undefined {
  const { work } = pass;
  const next = afterCharges(body);
  if (!isTurn(next) && !(isBranch(next) && asks(next, local))) return undefined;
  const tails = waysOf(value).flatMap(tailsOf);
  if (tails.length === 0) return undefined;
  const size = sizeOf(body);
  const isSmall = size <= CASE_NODES_MAX;
  if (tails.length > 1 && !(isBranch(next) && isShared(pass, next, tails)) && !isSmall) return undefined;
  const added = isSmall ? size * (tails.length - 1) : CASE_NODES_MAX * tails.length;
  if (added > work.room) return undefined;
  work.room -= added;
  work.changes++;
  const into = (way: Expression): Expression => {
    if (leaves(way)) return way;
    switch (way.kind) {
      case "let":
      case "charge":
        return { ...way, body: into(way.body) };
      case "if":
      case "switch":
        return mapWays(way, into);
      default: {
        // A call stays one that comes back: its value is named.
        const own = fresh(work);
        const made: Expression = { kind: "let", local: own, value: way, body: chosen(pass, way, own, local, body) };
        return walk(pass, made);
      }
    }
  };
  return mapWays(value, into);
}

/** The values that ways end in. */
function tailsOf(way: Expression): readonly Expression[] {
  if (leaves(way)) return [];
  switch (way.kind) {
    case "let":
    case "charge":
      return tailsOf(way.body);
    case "if":
    case "switch":
      return waysOf(way).flatMap(tailsOf);
    default:
      return [way];
  }
}

/** What is known of a value that a way ends in: its case, or a Bool. */
function knownTail(pass: Pass, tail: Expression): Case | boolean | undefined {
  if (tail.kind === "variant") return tail;
  if (tail.kind !== "atom") return undefined;
  return boolOf(pass, tail.atom) ?? caseOf(pass, tail.atom);
}

/** Whether every way is known, and no way of `next` is taken by two. */
function isShared(pass: Pass, next: If | Switch, tails: readonly Expression[]): boolean {
  const taken = new Set<Expression>();
  for (const tail of tails) {
    const way = wayTaken(next, knownTail(pass, tail));
    if (way === undefined) return false;
    if (taken.has(way) && sizeOf(way) > CASE_NODES_MAX) return false;
    taken.add(way);
  }
  return true;
}

/** The way itself, as it stands in the node. */
function wayTaken(next: If | Switch, known: Case | boolean | undefined): Expression | undefined {
  if (next.kind === "if") return typeof known === "boolean" ? (known ? next.then : next.else) : undefined;
  if (known === undefined || typeof known === "boolean") return undefined;
  const found = next.cases.find((one) => one.case === known.case);
  if (found?.local !== undefined && known.payload === undefined) return undefined;
  return found?.body ?? next.otherwise;
}

/** A copy of what comes next, for one way; of a known one only the way that is taken. */
function chosen(pass: Pass, tail: Expression, own: number, local: number, body: Expression): Expression {
  const { work } = pass;
  const given = new Map<number, Atom>([[local, { kind: "local", index: own }]]);
  const only = (node: Expression): Expression => {
    if (node.kind === "charge") return { ...node, body: only(node.body) };
    if (!isBranch(node)) return node;
    const known = knownTail(pass, tail);
    if (node.kind === "if") return typeof known === "boolean" ? (known ? node.then : node.else) : node;
    if (known === undefined || typeof known === "boolean") return node;
    return wayOf(node, known) ?? node;
  };
  return copyOf(only(body), given, () => fresh(work));
}
