/** The tree as text, for people: one node a line, a charge as `charge fuel` or `charge fuel, n bytes`. */
import type { ContentHash } from "../content/index.ts";
import { printAtom, printSmall } from "../language/index.ts";
import type { Atom, Definition, Expression, Reference } from "./Tree.ts";
import { rebuild } from "./walk.ts";

/** `nameOf` gives the known name of a definition. */
export function print(
  of: Definition,
  nameOf: (hash: ContentHash.ContentHash) => string | undefined = () => undefined,
): string {
  const params = Array.from({ length: of.parameters }, (_, i) => `$${i}`).join(", ");
  const captured = of.captured === 0 ? "" : ` captures ${of.captured}`;
  const body = named(of.body, nameOf);
  return `${of.kind} ${of.name}(${params})${captured} frame ${of.frameBytes} bytes\n${lines(body, "  ")}`;
}

/** With names in the place of the hashes that have one. */
function named(body: Expression, nameOf: (hash: ContentHash.ContentHash) => string | undefined): Expression {
  const reference = (one: Reference): Reference => {
    const name = one.kind === "hash" ? nameOf(one.hash) : undefined;
    return name === undefined ? one : { kind: "symbol", name };
  };
  const atom = (one: Atom): Atom =>
    one.kind === "function" ? { kind: "function", reference: reference(one.reference) } : one;
  const walk = (node: Expression): Expression => {
    const made = rebuild(node, atom, walk);
    if (made.kind === "call" || made.kind === "closure") return { ...made, reference: reference(made.reference) };
    return made.kind === "entry" ? { ...made, program: reference(made.program) } : made;
  };
  return walk(body);
}

const isSmall = (e: Expression): boolean =>
  !["let", "charge", "if", "switch", "within", "with", "loop"].includes(e.kind);

function small(e: Expression): string {
  if (e.kind === "again") return `again(${e.arguments.map(printAtom).join(", ")})`;
  return printSmall(e as Parameters<typeof printSmall>[0]);
}

/** The lines of an expression, each with `indent` before it. */
export function lines(body: Expression, indent = ""): string {
  const made: string[] = [];
  const inner = `${indent}  `;
  let at = body;
  for (; at.kind === "let" || at.kind === "charge"; at = at.body) {
    if (at.kind === "charge") {
      const bytes = at.bytes === 0 ? "" : `, ${at.bytes} bytes`;
      made.push(`${indent}charge ${at.fuel}${bytes}`);
      continue;
    }
    const head = `${indent}let $${at.local} =`;
    made.push(isSmall(at.value) ? `${head} ${small(at.value)}` : `${head}\n${lines(at.value, inner)}`);
  }
  switch (at.kind) {
    case "if":
      made.push(`${indent}if ${printAtom(at.condition)} then`, lines(at.then, inner));
      made.push(`${indent}else`, lines(at.else, inner));
      break;
    case "switch":
      made.push(`${indent}switch ${printAtom(at.subject)}`);
      for (const one of at.cases) {
        const payload = one.local === undefined ? "" : `($${one.local})`;
        made.push(`${indent}| ${one.case}${payload} =>`, lines(one.body, inner));
      }
      if (at.otherwise !== undefined) made.push(`${indent}| _ =>`, lines(at.otherwise, inner));
      break;
    case "within":
      made.push(`${indent}within ${printAtom(at.duration)}`, lines(at.body, inner));
      made.push(`${indent}else`, lines(at.otherwise, inner));
      break;
    case "with":
      made.push(`${indent}with ${printAtom(at.handler)}`, lines(at.body, inner));
      break;
    case "loop": {
      const { locals, initial } = at;
      made.push(`${indent}loop ${locals.map((local, i) => `$${local} = ${printAtom(initial[i]!)}`).join(", ")}`);
      made.push(lines(at.body, inner));
      break;
    }
    default:
      made.push(indent + small(at));
  }
  return made.join("\n");
}
