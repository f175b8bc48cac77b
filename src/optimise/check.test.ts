/** The checker refuses what no pass may make. */
import { expect, test } from "vitest";
import type { Core } from "../language/index.ts";
import { checkTree, type Tree } from "./index.ts";

type E = Tree.Expression;
const $ = (index: number): Tree.Atom => ({ kind: "local", index });
const lit = (value: number): Tree.Atom => ({ kind: "literal", value });
const atom = (one: Tree.Atom): E => ({ kind: "atom", atom: one });
const let_ = (local: number, value: E, body: E): E => ({ kind: "let", local, value, body });
const add = (a: Tree.Atom, b: Tree.Atom): E => ({ kind: "builtin", name: "int.add", arguments: [a, b] });
const charge = (fuel: number, bytes: number, body: E): E => ({ kind: "charge", fuel, bytes, body });
const again = (...args: Tree.Atom[]): E => ({ kind: "again", arguments: args });
const ask = (operation: string): E => ({ kind: "perform", label: "Ask", operation, arguments: [] });

const definition = (body: E, more: Partial<Tree.Definition> = {}): Tree.Definition => ({
  name: "f",
  kind: "function" satisfies Core.DefinitionKind,
  parameters: 1,
  captured: 0,
  locals: 8,
  frameBytes: 96,
  body,
  ...more,
});

const loop = (...body: readonly [E]): E => ({ kind: "loop", locals: [1, 2], initial: [$(0), lit(0)], body: body[0] });
const sound = charge(
  3,
  0,
  let_(
    3,
    loop({ kind: "if", condition: $(1), then: atom($(2)), else: charge(1, 8, again($(1), $(2))) }),
    add($(3), lit(1)),
  ),
);

test("a sound tree has no problems", () => {
  expect(checkTree(definition(sound), definition(sound))).toEqual([]);
});

const broken: readonly (readonly [what: string, body: E, problem: string, more?: Partial<Tree.Definition>])[] = [
  ["a local that is not bound", atom($(3)), "atom reads $3 before it is bound"],
  [
    "a local that was bound in another way",
    { kind: "if", condition: $(0), then: let_(1, atom(lit(1)), atom($(1))), else: atom($(1)) },
    "atom reads $1 before it is bound",
  ],
  [
    "a local that is read in its own value",
    let_(1, add($(1), lit(1)), atom($(1))),
    "builtin reads $1 before it is bound",
  ],
  ["a local that is bound twice", let_(1, atom(lit(1)), let_(1, atom(lit(2)), atom($(1)))), "$1 is bound twice"],
  ["a parameter that is bound again", let_(0, atom(lit(1)), atom($(0))), "$0 is bound twice"],
  ["a local beyond the frame", let_(8, atom(lit(1)), atom($(8))), "$8 is no local: there are 8"],
  ["again outside of a loop", again($(0)), "again stands where no loop goes on"],
  ["again in the value of a let", loop(let_(3, again($(1), $(2)), atom($(3)))), "again stands where no loop goes on"],
  ["again with too few values", loop(again($(1))), "again gives 1 values, the loop has 2"],
  [
    "a loop with too few values",
    { kind: "loop", locals: [1, 2], initial: [$(0)], body: atom($(1)) },
    "a loop needs one value for each local",
  ],
  ["a charge of nothing", charge(0, 0, atom($(0))), "a charge of nothing"],
  ["a charge that gives back", charge(-1, 0, atom($(0))), "a charge of -1 fuel"],
  ["bytes that are given back", charge(1, -8, atom($(0))), "a charge of -8 bytes"],
  ["a charge that no instruction holds", charge(2 ** 30, 0, atom($(0))), "a charge of 1073741824 fuel"],
  ["a builtin that is none", { kind: "builtin", name: "int.soup", arguments: [] }, "there is no builtin int.soup"],
  [
    "names out of order",
    { kind: "record", names: ["b", "a"], values: [$(0), $(0)] },
    "a record's names must be sorted",
  ],
  [
    "a name without a value",
    { kind: "record", names: ["a", "b"], values: [$(0)] },
    "a record needs one value for each name",
  ],
  [
    "a case that stands twice",
    {
      kind: "switch",
      subject: $(0),
      cases: [
        { case: "A", local: undefined, body: atom($(0)) },
        { case: "A", local: undefined, body: atom($(0)) },
      ],
      otherwise: undefined,
    },
    "a case stands twice in a switch",
  ],
  ["more parameters than locals", atom($(0)), "captured ≤ parameters ≤ locals does not hold", { locals: 0 }],
];

test.each(broken.map(([what, ...rest]) => [what, rest] as const))("%s", (_, [body, problem, more]) => {
  expect(checkTree(definition(body, more)).join("\n")).toContain(`f: ${problem}`);
});

test("a frame that is smaller than Core's", () => {
  expect(checkTree(definition(sound, { frameBytes: 95 }), definition(sound))).toEqual([
    "f: a frame of 95 bytes is less than Core's 96",
  ]);
});

test("effects in another order", () => {
  const two = (first: string, second: string): E => let_(1, ask(first), let_(2, ask(second), atom($(1))));
  expect(checkTree(definition(two("b", "a")), definition(two("a", "b")))).toEqual([
    "f: effects were Ask/a, Ask/b and are Ask/b, Ask/a",
  ]);
});
