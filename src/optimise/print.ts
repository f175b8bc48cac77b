/** The tree as text, for people: one node a line, a charge as `charge fuel` or `charge fuel, n bytes`. */
import type { ContentHash } from "../content/index.ts";
import { printAtom, printSmall } from "../language/index.ts";
import type { Again, Atom, Definition, Expression, Leaf, Reference } from "./Tree.ts";
import { rebuild } from "./walk.ts";

type NameOf = (hash: ContentHash.ContentHash) => string | undefined;

/** `nameOf` gives the known name of a definition. */
export function print(of: Definition, nameOf: NameOf = () => undefined): string {
  const params = Array.from({ length: of.parameters }, (_, i) => `$${i}`).join(", ");
  const captured = of.captured === 0 ? "" : ` captures ${of.captured}`;
  return `${of.kind} ${of.name}(${params})${captured} frame ${of.frameBytes} bytes\n${lines(nameOf, of.body, "  ")}`;
}

function named(nameOf: NameOf, reference: Reference): Reference {
  const name = reference.kind === "hash" ? nameOf(reference.hash) : undefined;
  return name === undefined ? reference : { kind: "symbol", name };
}

function atomOf(nameOf: NameOf, atom: Atom): Atom {
  return atom.kind === "function" ? { kind: "function", reference: named(nameOf, atom.reference) } : atom;
}

const HOLDS_OTHERS: ReadonlySet<Expression["kind"]> = new Set([
  "let",
  "charge",
  "if",
  "switch",
  "within",
  "with",
  "loop",
]);
const isSmall = (e: Expression): e is Leaf | Again => !HOLDS_OTHERS.has(e.kind);

/** A node in which no other stands. */
function small(nameOf: NameOf, e: Leaf | Again): string {
  if (e.kind === "again") return `again(${e.arguments.map((one) => printAtom(atomOf(nameOf, one))).join(", ")})`;
  const node = rebuild(
    e,
    (one) => atomOf(nameOf, one),
    (part) => part,
  ) as Leaf;
  if (node.kind === "call" || node.kind === "closure")
    return printSmall({ ...node, reference: named(nameOf, node.reference) });
  return printSmall(node.kind === "entry" ? { ...node, program: named(nameOf, node.program) } : node);
}

/** The lines of an expression, each with `indent` before it. */
function lines(nameOf: NameOf, body: Expression, indent: string): string {
  const made: string[] = [];
  const inner = `${indent}  `;
  const inside = (part: Expression) => lines(nameOf, part, inner);
  let at = body;
  for (; at.kind === "let" || at.kind === "charge"; at = at.body) {
    if (at.kind === "charge") {
      const bytes = at.bytes === 0 ? "" : `, ${at.bytes} bytes`;
      made.push(`${indent}charge ${at.fuel}${bytes}`);
      continue;
    }
    const head = `${indent}let $${at.local} =`;
    made.push(isSmall(at.value) ? `${head} ${small(nameOf, at.value)}` : `${head}\n${inside(at.value)}`);
  }
  switch (at.kind) {
    case "if":
      made.push(`${indent}if ${printAtom(at.condition)} then`, inside(at.then));
      made.push(`${indent}else`, inside(at.else));
      break;
    case "switch":
      made.push(`${indent}switch ${printAtom(at.subject)}`);
      for (const one of at.cases) {
        const payload = one.local === undefined ? "" : `($${one.local})`;
        made.push(`${indent}| ${one.case}${payload} =>`, inside(one.body));
      }
      if (at.otherwise !== undefined) made.push(`${indent}| _ =>`, inside(at.otherwise));
      break;
    case "within":
      made.push(`${indent}within ${printAtom(at.duration)}`, inside(at.body));
      made.push(`${indent}else`, inside(at.otherwise));
      break;
    case "with":
      made.push(`${indent}with ${printAtom(at.handler)}`, inside(at.body));
      break;
    case "loop": {
      const { locals, initial } = at;
      const values = locals.map((local, i) => `$${local} = ${printAtom(atomOf(nameOf, initial[i]!))}`);
      made.push(`${indent}loop ${values.join(", ")}`, inside(at.body));
      break;
    }
    default:
      made.push(indent + small(nameOf, at));
  }
  return made.join("\n");
}
