/** Which builtins certainly do their work: those that list no fault, charge nothing, and are given what they take. */
import { builtins } from "../language/index.ts";
import { isFree, type Work } from "./Pass.ts";
import type { Atom, Expression } from "./Tree.ts";
import { nodesOf } from "./walk.ts";

/** Type constructors of locals, as far as they are in sight: `Bool` of a comparison, `List` of a list. */
export type Heads = ReadonlyMap<number, string>;

export function headsOf(body: Expression): Heads {
  const heads = new Map<number, string>();
  for (const node of nodesOf(body)) {
    const head = node.kind === "let" ? headOf(node.value) : undefined;
    if (node.kind === "let" && head !== undefined) heads.set(node.local, head);
  }
  return heads;
}

function headOf(value: Expression): string | undefined {
  if (value.kind === "list") return "List";
  return value.kind === "builtin" ? signatureOf(value.name)?.result : undefined;
}

export function isTotal(work: Work, heads: Heads, node: Extract<Expression, { kind: "builtin" }>): boolean {
  const builtin = builtins.get(node.name);
  const signature = signatureOf(node.name);
  if (builtin === undefined || signature === undefined) return false;
  if (builtin.faults.length > 0 || !isFree(work, node.name)) return false;
  return (
    node.arguments.length === signature.parameters.length &&
    node.arguments.every((atom, i) => known(heads, atom) === signature.parameters[i])
  );
}

function known(heads: Heads, atom: Atom): string | undefined {
  if (atom.kind === "local") return heads.get(atom.index);
  if (atom.kind !== "literal") return undefined;
  const { value } = atom;
  if (typeof value === "boolean") return "Bool";
  if (typeof value === "number" || typeof value === "bigint") return "Int";
  if (typeof value === "string") return "Text";
  return value.tag === "list" ? "List" : value.tag === "float" ? "Float" : undefined;
}

interface Signature {
  readonly parameters: readonly string[];
  readonly result: string;
}

/** The constructors in a builtin's written type; only of those whose parameters are plain: `List<a>` yes, `(a, b)` no. */
function signatureOf(name: string): Signature | undefined {
  const match = /^fn\((\w+(?:<\w+>)?(?:, \w+(?:<\w+>)?)*)\) -> ([A-Z]\w*)/.exec(builtins.get(name)?.type ?? "");
  if (match === null) return undefined;
  return { parameters: match[1]!.split(", ").map((one) => one.replace(/<.*/, "")), result: match[2]! };
}
