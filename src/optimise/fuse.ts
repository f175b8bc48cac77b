/**
 * A loop that builds a list, and a loop over that list which nothing else reads, are one loop without the list. What
 * appending would have charged is charged, item by item; the second loop's turns pay what they paid.
 *
 *     let $4 =                                       loop $1 = 0, $5 = 0
 *       loop $1 = 0, $2 = []                           let $3 = %int.lessOrEqual($n, $1)
 *         let $3 = %int.lessOrEqual($n, $1)            if $3 then
 *         if $3 then                                     charge 2
 *           charge 1                                     $5
 *           $2                                         else
 *         else                                           charge 33, 48 bytes
 *           charge 20                                    let $7 = %list.at($0, $1)
 *           let $7 = %list.at($0, $1)                    let $8 = %int.add($1, 1)
 *           let $8 = %int.add($1, 1)                     let $12 = %int.add($5, $7)
 *           let $9 = %list.append($2, $7)                again($8, $12)
 *           again($8, $9)
 *     let $m = %list.length($4)
 *     loop $6 = 0, $5 = 0
 *       let $10 = %int.lessOrEqual($m, $6)
 *       if $10 then
 *         charge 1
 *         $5
 *       else
 *         charge 13
 *         let $11 = %list.at($4, $6)
 *         let $13 = %int.add($6, 1)
 *         let $12 = %int.add($5, $11)
 *         again($13, $12)
 *
 * Exact, because neither loop calls anything: their turns cannot be seen in another order, memory only grows in them, so
 * its most is its end, and all that is charged is a sum. Not fused: a loop that calls a definition or a function that is
 * not known (a deep call of one loop would meet less memory than it did), a second loop that may stop before the end (the
 * first one's other turns would have to be paid), a list that starts with items, or one that is read in any other way.
 */
import { isCalm, isFree, type Work } from "./Pass.ts";
import { type Again, type Atom, charged, type Expression, type Let, type Loop } from "./Tree.ts";
import { turnsOf } from "./turns.ts";
import { atomsOf, copyOf, countUses, nodesOf, rebuild, sizeOf } from "./walk.ts";

export function fuse(work: Work, body: Expression): Expression {
  const uses = countUses(body, work.locals);
  const walk = (node: Expression): Expression => {
    const fused =
      node.kind === "let" && node.value.kind === "loop" ? fusedLoops(work, uses, node, node.value) : undefined;
    // What was fused is looked at again in the next round.
    return fused ?? rebuild(node, (atom) => atom, walk);
  };
  return walk(body);
}

const isLocal = (atom: Atom | undefined, local: number): boolean => atom?.kind === "local" && atom.index === local;
const isInt = (atom: Atom | undefined, value: number): boolean => atom?.kind === "literal" && atom.value === value;

function fusedLoops(work: Work, uses: Int32Array, first: Let, loop: Loop): Expression | undefined {
  const append = work.context.builtins.fixed("list.append");
  const producer = append === undefined ? undefined : producerOf(uses, loop);
  if (producer === undefined) return undefined;
  return inRest(
    first.body,
    (loopNode, lengths) => {
      const consumer = consumerOf(work, uses, loopNode, first.local, lengths);
      if (consumer === undefined) return undefined;
      const copies = producer.items.size;
      if (sizeOf(loopNode.body) * copies > work.room) return undefined;
      work.room -= sizeOf(loopNode.body) * (copies - 1);
      work.changes++;
      return joined(work, producer, consumer);
    },
    first.local,
  );
}

// ------------------------------------------------------------------------------------------------ producer

interface Producer {
  readonly loop: Loop;
  /** Which local is the list, and its place. */
  readonly list: number;
  readonly at: number;
  /** What each `list.append` of the list adds, by the local that it binds. */
  readonly items: ReadonlyMap<number, Atom>;
}

function producerOf(uses: Int32Array, loop: Loop): Producer | undefined {
  if (!isCalm(loop.body)) return undefined;
  const exits = exitsOf(loop.body);
  const exit = exits[0];
  if (exits.length !== 1 || exit?.kind !== "atom" || exit.atom.kind !== "local") return undefined;
  const list = exit.atom.index;
  const at = loop.locals.indexOf(list);
  const start = loop.initial[at];
  if (start?.kind !== "literal" || typeof start.value !== "object" || start.value.tag !== "list") return undefined;
  if (start.value.items.length > 0) return undefined;
  const items = new Map<number, Atom>();
  for (const node of nodesOf(loop.body)) {
    if (node.kind !== "let" || node.value.kind !== "builtin" || node.value.name !== "list.append") continue;
    const [to, item] = node.value.arguments;
    if (isLocal(to, list) && !isLocal(item, list)) items.set(node.local, item!);
  }
  const turns = turnsOf(loop);
  const kept = turns.filter((turn) => isLocal(turn.arguments[at], list)).length;
  // The list is read where it is given on, appended to, and where the loop ends; a longer one only where it is given on.
  if (items.size === 0 || uses[list] !== kept + items.size + 1) return undefined;
  let given = kept;
  for (const local of items.keys()) {
    const times = turns.filter((turn) => isLocal(turn.arguments[at], local)).length;
    if (times !== 1 || uses[local] !== 1) return undefined;
    given++;
  }
  return given === turns.length ? { loop, list, at, items } : undefined;
}

/** The values that a loop's body ends in, where it does not go on. */
function exitsOf(body: Expression): readonly Expression[] {
  switch (body.kind) {
    case "let":
    case "charge":
      return exitsOf(body.body);
    case "if":
      return [...exitsOf(body.then), ...exitsOf(body.else)];
    case "switch":
      return [
        ...body.cases.flatMap((one) => exitsOf(one.body)),
        ...(body.otherwise === undefined ? [] : exitsOf(body.otherwise)),
      ];
    case "again":
    case "fault":
      return [];
    default:
      return [body];
  }
}

// ------------------------------------------------------------------------------------------------ consumer

interface Consumer {
  readonly loop: Loop;
  readonly source: number;
  /** The position, and its place; `isNeeded` when a turn reads more of it than its item. */
  readonly position: number;
  readonly at: number;
  readonly isNeeded: boolean;
  /** What each turn pays before it looks at the position. */
  readonly fuel: number;
  readonly bytes: number;
  readonly exit: Expression;
  readonly step: Expression;
}

/** The loop in what follows that reads the list, and the locals that hold the list's length; the rest without those. */
function inRest(
  rest: Expression,
  found: (loop: Loop, lengths: ReadonlySet<number>) => Expression | undefined,
  list: number,
): Expression | undefined {
  const lengths = new Set<number>();
  const readsList = (node: Expression): boolean => {
    for (const one of nodesOf(node)) if (atomsOf(one).some((atom) => isLocal(atom, list))) return true;
    return false;
  };
  const walk = (node: Expression): Expression | undefined => {
    if (node.kind === "loop") return found(node, lengths);
    if (node.kind === "charge") {
      const body = walk(node.body);
      return body === undefined ? undefined : { ...node, body };
    }
    if (node.kind !== "let") return undefined;
    if (lengthOf(node.value, list)) {
      lengths.add(node.local);
      return walk(node.body);
    }
    if (node.value.kind === "loop" && readsList(node.value)) {
      const value = found(node.value, lengths);
      return value === undefined ? undefined : { ...node, value };
    }
    if (readsList(node.value) || !isCalm(node.value)) return undefined;
    const body = walk(node.body);
    return body === undefined ? undefined : { ...node, body };
  };
  return walk(rest);
}

const lengthOf = (node: Expression, list: number): boolean =>
  node.kind === "builtin" && node.name === "list.length" && isLocal(node.arguments[0], list);

function consumerOf(
  work: Work,
  uses: Int32Array,
  loop: Loop,
  source: number,
  lengths: ReadonlySet<number>,
): Consumer | undefined {
  if (!isCalm(loop.body) || !isFree(work, "list.length") || !isFree(work, "list.at")) return undefined;
  let fuel = 0;
  let bytes = 0;
  let node = loop.body;
  const own = new Set(lengths);
  let test: Let | undefined;
  for (;;) {
    if (node.kind === "charge") {
      fuel += node.fuel;
      bytes += node.bytes;
    } else if (node.kind === "let" && test === undefined) {
      if (lengthOf(node.value, source)) own.add(node.local);
      else test = node;
    } else break;
    node = node.body;
  }
  if (test?.value.kind !== "builtin" || test.value.name !== "int.lessOrEqual") return undefined;
  if (node.kind !== "if" || !isLocal(node.condition, test.local) || uses[test.local] !== 1) return undefined;
  const [length, position] = test.value.arguments;
  if (length?.kind !== "local" || !own.has(length.index) || position?.kind !== "local") return undefined;
  const at = loop.locals.indexOf(position.index);
  if (at < 0 || !isInt(loop.initial[at], 0)) return undefined;
  // Nothing else reads a length, or the list.
  let lengthUses = 0;
  for (const local of own) lengthUses += uses[local]!;
  if (lengthUses !== 1) return undefined;
  const { then: exit, else: step } = node;
  if (exitsOf(step).length > 0 || turnsOf({ ...loop, body: exit }).length > 0) return undefined;
  const reads = countReads(step, source, position.index);
  if (reads === undefined || uses[source] !== own.size + reads.items) return undefined;
  const turns = turnsOf({ ...loop, body: step });
  if (turns.some((turn) => !reads.next.has(localOf(turn.arguments[at])))) return undefined;
  const elsewhere = uses[position.index]! - 1 - reads.items - reads.next.size;
  let givenOn = 0;
  for (const local of reads.next) givenOn += uses[local]!;
  const isNeeded = elsewhere > 0 || givenOn !== turns.length;
  return { loop, source, position: position.index, at, isNeeded, fuel, bytes, exit, step };
}

const localOf = (atom: Atom | undefined): number => (atom?.kind === "local" ? atom.index : -1);

/** How often a turn reads its item, and the locals that are the next position. */
function countReads(
  step: Expression,
  source: number,
  position: number,
): { readonly items: number; readonly next: ReadonlySet<number> } | undefined {
  let items = 0;
  const next = new Set<number>();
  for (const node of nodesOf(step)) {
    if (node.kind === "let" && node.value.kind === "builtin" && node.value.name === "int.add") {
      const [left, right] = node.value.arguments;
      if (isLocal(left, position) && isInt(right, 1)) next.add(node.local);
    }
    if (itemOf(node, source, position)) items++;
  }
  return { items, next };
}

const itemOf = (node: Expression, source: number, position: number): boolean =>
  node.kind === "builtin" &&
  node.name === "list.at" &&
  isLocal(node.arguments[0], source) &&
  isLocal(node.arguments[1], position);

// -------------------------------------------------------------------------------------------------- fusion

function joined(work: Work, producer: Producer, consumer: Consumer): Loop {
  const without = <T>(all: readonly T[], at: number): readonly T[] => all.filter((_, i) => i !== at);
  const kept = <T>(all: readonly T[]): readonly T[] => (consumer.isNeeded ? all : without(all, consumer.at));
  const { list, items } = producer;
  const fresh = () => work.locals++;
  const append = work.context.builtins.fixed("list.append")!;

  const step = (item: Atom, turn: Again): Expression => {
    const copy = copyOf(consumer.step, new Map(), fresh);
    const walk = (node: Expression): Expression => {
      if (node.kind === "again")
        return { kind: "again", arguments: [...without(turn.arguments, producer.at), ...kept(node.arguments)] };
      if (itemOf(node, consumer.source, consumer.position)) return { kind: "atom", atom: item };
      if (node.kind === "let" && !consumer.isNeeded && isNext(node.value, consumer.position)) return walk(node.body);
      // The turns of a loop inside are its own.
      if (node.kind === "loop") return rebuild(node, same, (one) => inside(one));
      return rebuild(node, same, walk);
    };
    const inside = (node: Expression): Expression => {
      if (itemOf(node, consumer.source, consumer.position)) return { kind: "atom", atom: item };
      return rebuild(node, same, inside);
    };
    return charged(consumer.fuel, consumer.bytes, walk(copy));
  };
  const walk = (node: Expression): Expression => {
    switch (node.kind) {
      case "let":
        // The list itself is not built: what that charges stays where it was.
        if (items.has(node.local)) return charged(append.fuel, append.bytes, walk(node.body));
        return { ...node, body: walk(node.body) };
      case "charge":
        return { ...node, body: walk(node.body) };
      case "if":
        return { ...node, then: walk(node.then), else: walk(node.else) };
      case "switch": {
        const cases = node.cases.map((one) => ({ ...one, body: walk(one.body) }));
        return { ...node, cases, otherwise: node.otherwise === undefined ? undefined : walk(node.otherwise) };
      }
      case "again": {
        const given = node.arguments[producer.at]!;
        const item = given.kind === "local" ? items.get(given.index) : undefined;
        if (item !== undefined) return step(item, node);
        const unchanged = consumer.loop.locals.map((local): Atom => ({ kind: "local", index: local }));
        return { kind: "again", arguments: [...without(node.arguments, producer.at), ...kept(unchanged)] };
      }
      case "atom":
        if (isLocal(node.atom, list)) return charged(consumer.fuel, consumer.bytes, consumer.exit);
        return node;
      default:
        return node;
    }
  };
  return {
    kind: "loop",
    locals: [...without(producer.loop.locals, producer.at), ...kept(consumer.loop.locals)],
    initial: [...without(producer.loop.initial, producer.at), ...kept(consumer.loop.initial)],
    body: walk(producer.loop.body),
  };
}

const same = (atom: Atom): Atom => atom;

const isNext = (node: Expression, position: number): boolean =>
  node.kind === "builtin" &&
  node.name === "int.add" &&
  isLocal(node.arguments[0], position) &&
  isInt(node.arguments[1], 1);
