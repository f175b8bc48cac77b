/**
 * What a function from one record to another does with each field, as far as its code shows it: which fields its result
 * merely takes over, as in `State(a: old.a, …)`, and which ones the rest of its result needs.
 */
import type { Core } from "../language/index.ts";

export interface Passing {
  /** Result field → the field of the parameter that it always is, unchanged. */
  readonly passed: ReadonlyMap<string, string>;
  /** Of `fields` of the parameter those that the result needs, but for its own fields in `ignored`. */
  readonly needed: (fields: readonly string[], ignored: ReadonlySet<string>) => readonly string[];
}

/** The parameter whose fields are looked at. */
const GIVEN = 0;

export function passingOf(definition: Core.Definition): Passing {
  const tails = tailsOf(definition.body);
  /** Locals that are a field of the parameter. */
  const fields = new Map<number, string>();
  let leavesEarly = false;
  for (const node of nodesOf(definition.body)) {
    if (node.kind === "let" && isField(node.value)) fields.set(node.local, node.value.name);
    if (node.kind === "return") leavesEarly = true;
  }
  const resultOf = (tail: Core.Expression): readonly (readonly [name: string, from: string | undefined])[] =>
    tail.kind === "record" ? tail.names.map((name, i) => [name, localOf(tail.values[i]!, fields)] as const) : [];

  const [first, ...rest] = leavesEarly ? [] : tails.map((tail) => new Map(resultOf(tail)));
  const passed = new Map<string, string>();
  for (const [name, from] of first ?? [])
    if (from !== undefined && rest.every((other) => other.get(name) === from)) passed.set(name, from);

  const needed: Passing["needed"] = (names, ignored) => {
    const found = new Set<string>();
    const records = new Set(tails.filter((tail) => tail.kind === "record"));
    for (const tail of records)
      for (const [name, from] of resultOf(tail)) if (from !== undefined && !ignored.has(name)) found.add(from);
    for (const node of nodesOf(definition.body, records)) {
      if (node.kind === "field" && isField(node)) found.add(node.name);
      if (node.kind !== "local") continue;
      const name = fields.get(node.index);
      if (name !== undefined) found.add(name);
      else if (node.index === GIVEN) return names;
    }
    return names.filter((name) => found.has(name));
  };
  return { passed, needed };
}

const isField = (e: Core.Expression): e is Core.Expression & { readonly kind: "field" } =>
  e.kind === "field" && e.record.kind === "local" && e.record.index === GIVEN;

const localOf = (atom: Core.Atom, fields: ReadonlyMap<number, string>): string | undefined =>
  atom.kind === "local" ? fields.get(atom.index) : undefined;

/** Where the body ends. */
function tailsOf(body: Core.Expression): readonly Core.Expression[] {
  const tails: Core.Expression[] = [];
  const work = [body];
  for (let e = work.pop(); e !== undefined; e = work.pop()) {
    if (e.kind === "let") work.push(e.body);
    else if (e.kind === "if") work.push(e.else, e.then);
    else if (e.kind === "switch") {
      for (const one of e.cases) work.push(one.body);
      if (e.otherwise !== undefined) work.push(e.otherwise);
    } else tails.push(e);
  }
  return tails;
}

/**
 * All expressions and atoms, but what a `let` does to bind a field of the parameter, and what is in `skipped`.
 * A loop: hostile code may be as deep as a block.
 */
function* nodesOf(
  body: Core.Expression,
  skipped: ReadonlySet<Core.Expression> = new Set(),
): Generator<Core.Expression | Core.Atom> {
  const work: unknown[] = [body];
  while (work.length > 0) {
    const node = work.pop();
    if (typeof node !== "object" || node === null || skipped.has(node as Core.Expression)) continue;
    const part = node as Core.Expression | Core.Atom | { readonly kind?: undefined };
    if (part.kind === "literal") continue;
    if (part.kind !== undefined) yield part;
    if (part.kind === "let" && isField(part.value)) work.push(part.body);
    else if (part.kind !== "field" || !isField(part)) for (const inner of Object.values(part)) work.push(inner);
  }
}
