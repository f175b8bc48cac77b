/**
 * An application of a function that is known here is a call with all its arguments, the captured ones first. A closure
 * that nothing else needs is then dead.
 *
 *     let $1 = closure scale/1[$0]      let $1 = closure scale/1[$0]
 *     let $2 = $1(7)                    let $2 = scale/1($0, 7)
 */
import type { ContentHash } from "../content/index.ts";
import type { Work } from "./Pass.ts";
import type { Atom, Expression, Reference } from "./Tree.ts";
import { rebuild } from "./walk.ts";

interface Known {
  readonly reference: Reference;
  readonly captured: readonly Atom[];
}

export function uncurry(work: Work, body: Expression): Expression {
  const closures = new Map<number, Known>();
  const walk = (node: Expression): Expression => {
    if (node.kind === "let" && node.value.kind === "closure") closures.set(node.local, node.value);
    if (node.kind !== "apply") return rebuild(node, (atom) => atom, walk);
    const known = knownOf(closures, node.function);
    if (known === undefined || !takes(work, known, node.arguments.length)) return node;
    work.changes++;
    return { kind: "call", reference: known.reference, arguments: [...known.captured, ...node.arguments] };
  };
  return walk(body);
}

function knownOf(closures: ReadonlyMap<number, Known>, called: Atom): Known | undefined {
  switch (called.kind) {
    case "local":
      return closures.get(called.index);
    case "function":
      return { reference: called.reference, captured: [] };
    case "literal": {
      const { value } = called;
      if (typeof value !== "object" || value.tag !== "closure") return undefined;
      const captured = value.captured.map((one): Atom => ({ kind: "literal", value: one }));
      return { reference: { kind: "hash", hash: value.definition }, captured };
    }
  }
}

/** Whether it is a call that the machine would do; another one stays and fails there. */
function takes(work: Work, known: Known, given: number): boolean {
  if (known.reference.kind !== "hash") return false;
  const hash: ContentHash.ContentHash = known.reference.hash;
  const definition = work.context.load(hash);
  return (
    definition !== undefined &&
    definition.captured === known.captured.length &&
    definition.parameters === known.captured.length + given
  );
}
