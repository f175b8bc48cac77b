/** Core by hand, for tests and benches: definitions by name, addressed by the hash of their name. */
import { ContentHash, encode, Kind, Value } from "../../content/index.ts";
import { Core } from "../../language/index.ts";
import { err, ok } from "../../std/index.ts";
import type { CodeSource } from "../machine/Library.ts";

type E = Core.Expression;
type A = Core.Atom;

export const hashOf = (name: string): ContentHash.ContentHash => ContentHash.of(encode([Kind.component, 0, name]));
export const at = (name: string): Core.Reference => ({ kind: "hash", hash: hashOf(name) });

export const $ = Core.local;
export const lit = Core.literal;
export const fn = (name: string): A => ({ kind: "function", reference: at(name) });

export const let_ = (local: number, value: E, body: E): E => ({ kind: "let", local, value, body });
export const atom = (a: A): E => ({ kind: "atom", atom: a });
export const call = (name: string, ...args: A[]): E => ({ kind: "call", reference: at(name), arguments: args });
export const apply = (called: A, ...args: A[]): E => ({ kind: "apply", function: called, arguments: args });
export const builtin = (name: string, ...args: A[]): E => ({ kind: "builtin", name, arguments: args });
export const if_ = (condition: A, then: E, otherwise: E): E => ({ kind: "if", condition, then, else: otherwise });
export const perform = (label: string, operation: string, ...args: A[]): E => ({
  kind: "perform",
  label,
  operation,
  arguments: args,
});
export const closure = (name: string, ...captured: A[]): E => ({ kind: "closure", reference: at(name), captured });

export function definition(name: string, parameters: number, locals: number, body: E, captured = 0): Core.Definition {
  return {
    name,
    kind: captured > 0 ? "lambda" : "function",
    parameters,
    captured,
    locals,
    body,
    signature: undefined,
    localNames: [],
    doc: undefined,
  };
}

export function sourceOf(
  definitions: readonly Core.Definition[],
  programs: readonly Core.ProgramDefinition[] = [],
  types: readonly Core.TypeDefinition[] = [],
): CodeSource {
  const table = new Map(definitions.map((one) => [hashOf(one.name), one]));
  const programTable = new Map(programs.map((one) => [hashOf(one.name), one]));
  const typeTable = new Map(types.map((one) => [hashOf(one.name), one]));
  return {
    loadDefinition: (hash) => {
      const found = table.get(hash);
      return found === undefined ? err({ kind: "UnknownHash", hash }) : ok(found);
    },
    loadProgram: (hash) => {
      const found = programTable.get(hash);
      return found === undefined ? err({ kind: "UnknownHash", hash }) : ok(found);
    },
    loadType: (hash) => {
      const found = typeTable.get(hash);
      return found === undefined ? err({ kind: "UnknownHash", hash }) : ok(found);
    },
  };
}

/** fib(n) by naive recursion. */
export const fib = definition(
  "fib",
  1,
  7,
  let_(
    1,
    builtin("int.less", $(0), lit(2)),
    if_(
      $(1),
      atom($(0)),
      let_(
        2,
        builtin("int.subtract", $(0), lit(1)),
        let_(
          3,
          call("fib", $(2)),
          let_(4, builtin("int.subtract", $(0), lit(2)), let_(5, call("fib", $(4)), builtin("int.add", $(3), $(5)))),
        ),
      ),
    ),
  ),
);

/** 1 + (1 + (1 + …)), n deep. */
export const deep = definition(
  "deep",
  1,
  4,
  let_(
    1,
    builtin("int.equal", $(0), lit(0)),
    if_(
      $(1),
      atom(lit(0)),
      let_(2, builtin("int.subtract", $(0), lit(1)), let_(3, call("deep", $(2)), builtin("int.add", $(3), lit(1)))),
    ),
  ),
);

export const unit = lit(Value.unit);
