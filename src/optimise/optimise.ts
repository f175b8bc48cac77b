/**
 * The passes in their order, and how a definition goes through them. The result depends on the definition and on what it
 * calls, not on what was optimised before it.
 *
 * A round takes callees in, one level deep, and makes the most of what is then in sight; rounds go on until one changes
 * nothing, or `ROUNDS_MAX`. What is taken in is the callee as `prepare` leaves it, which takes nothing in itself.
 */
import type { ContentHash } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { deadCode } from "./deadCode.ts";
import { foldConstants } from "./foldConstants.ts";
import { fuse } from "./fuse.ts";
import { gather } from "./gather.ts";
import { HIGHER_ORDER_NODES_MAX, inline } from "./inline.ts";
import { invariants } from "./invariants.ts";
import { knownCase } from "./knownCase.ts";
import { loops } from "./loops.ts";
import { lower } from "./lower.ts";
import { number } from "./number.ts";
import { type Builtins, type Context, hasEffects, type Pass, type Work } from "./Pass.ts";
import { pair } from "./pair.ts";
import { returns } from "./returns.ts";
import { sink } from "./sink.ts";
import { straighten } from "./straighten.ts";
import type { Definition } from "./Tree.ts";
import { unbox } from "./unbox.ts";
import { uncurry } from "./uncurry.ts";
import { nodesOf, sizeOf } from "./walk.ts";

/** Definitions of more nodes stay as they were lowered: passes recurse, and a host's stack is small. */
export const OPTIMISED_NODES_MAX = 600;
/** Nodes that may be added to a definition: some, and some for each that it has. */
export const GROWTH_NODES = 400;
export const GROWTH_FACTOR = 1;
export const ROUNDS_MAX = 8;

/** What looks at one definition alone. */
const own: readonly Pass[] = [
  { name: "straighten", run: straighten },
  { name: "returns", run: returns },
  { name: "fold", run: foldConstants },
  { name: "known", run: knownCase },
  { name: "unbox", run: unbox },
  { name: "dead", run: deadCode },
];

/** A round. */
const round: readonly Pass[] = [
  { name: "inline", run: inline },
  ...own,
  { name: "uncurry", run: uncurry },
  { name: "invariants", run: invariants },
  { name: "fuse", run: fuse },
  { name: "gather", run: gather },
];

/** Once, when the rounds are over. */
const final: readonly Pass[] = [
  { name: "sink", run: sink },
  { name: "straighten", run: straighten },
  { name: "dead", run: deadCode },
  { name: "gather", run: gather },
  { name: "pair", run: pair },
];

/** The names of the passes in their order; `loops` comes before all others, `number` after. */
export const passNames: readonly string[] = [
  ...new Set(["lower", "loops", ...[...round, ...final].map((pass) => pass.name), "number"]),
];

/** Is told what each pass made of the definition, when it changed something. */
export type Observer = (pass: string, made: Definition) => void;

export interface Optimiser {
  optimise(hash: ContentHash.ContentHash, definition: Core.Definition, observe?: Observer): Definition;
}

export function newOptimiser(
  load: (hash: ContentHash.ContentHash) => Core.Definition | undefined,
  builtins: Builtins,
): Optimiser {
  const callees = new Map<ContentHash.ContentHash, Definition | undefined>();
  const context: Context = {
    load,
    builtins,
    callee(hash) {
      if (!callees.has(hash)) {
        const definition = load(hash);
        callees.set(hash, definition === undefined ? undefined : calleeOf(context, hash, definition));
      }
      return callees.get(hash);
    },
  };
  return { optimise: (hash, definition, observe) => optimise(context, hash, definition, observe) };
}

function optimise(
  context: Context,
  hash: ContentHash.ContentHash,
  core: Core.Definition,
  observe: Observer = () => {},
): Definition {
  const lowered = lower(core);
  observe("lower", lowered);
  const size = sizeOf(lowered.body, OPTIMISED_NODES_MAX + 1);
  if (size > OPTIMISED_NODES_MAX || hasEffects(lowered.body)) return lowered;
  const work = workOn(context, hash, lowered, GROWTH_NODES + GROWTH_FACTOR * size);
  const state = { ...lowered, body: loops(work, lowered), locals: work.locals };
  if (work.changes > 0) observe("loops", state);
  const made = number(runFinal(work, runRounds(work, state, round, observe), observe));
  observe("number", made);
  return made;
}

/** The definition as its callers take it in: without calls of its own taken in, and without `return`. */
function calleeOf(context: Context, hash: ContentHash.ContentHash, core: Core.Definition): Definition | undefined {
  const lowered = lower(core);
  const size = sizeOf(lowered.body, HIGHER_ORDER_NODES_MAX + 1);
  if (size > HIGHER_ORDER_NODES_MAX || hasEffects(lowered.body)) return undefined;
  const work = workOn(context, hash, lowered, size);
  const made = runRounds(work, { ...lowered, body: loops(work, lowered), locals: work.locals }, own, () => {});
  for (const node of nodesOf(made.body)) {
    if (node.kind === "return") return undefined;
    if (node.kind === "call" && node.reference.kind === "hash" && node.reference.hash === hash) return undefined;
  }
  return number(made);
}

function workOn(context: Context, hash: ContentHash.ContentHash, of: Definition, room: number): Work {
  return { context, hash, locals: of.locals, frameBytes: of.frameBytes, room, changes: 0 };
}

function runRounds(work: Work, from: Definition, passes: readonly Pass[], observe: Observer): Definition {
  let made = from;
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const before = work.changes;
    for (const pass of passes) made = runPass(work, made, pass, observe);
    if (work.changes === before) break;
  }
  return made;
}

const runFinal = (work: Work, from: Definition, observe: Observer): Definition =>
  final.reduce((made, pass) => runPass(work, made, pass, observe), from);

function runPass(work: Work, from: Definition, pass: Pass, observe: Observer): Definition {
  const before = work.changes;
  const body = pass.run(work, from.body);
  const made = { ...from, body, locals: work.locals, frameBytes: work.frameBytes };
  if (work.changes > before || pass.name === "gather") observe(pass.name, made);
  return made;
}
