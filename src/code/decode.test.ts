import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, randomUnit, table } from "../../test/code/randomUnit.ts";
import { ContentHash, encode, encodeValue, Kind, type Node, valueToNode } from "../content/index.ts";
import { Core } from "../language/index.ts";
import { addressUnit } from "./address.ts";
import { type CodeError, decodeDefinition } from "./decode.ts";
import { checkFormat, codeFormat, compatibility, showIncompatibleFormat } from "./Format.ts";

const seeds = { numRuns: 2000, seed: 20_261_122 };
const hashed = (node: Node) => {
  const bytes = encode(node);
  return decodeDefinition(bytes, ContentHash.of(bytes), { table });
};
/** A component of one definition with this form. */
const definition = (form: Node) => hashed([2, 1, [form]]);
/** A function of `parameters` with this body. */
const body = (form: Node, parameters = 0) => definition([0, parameters, 0, null, form]);
const refused = (result: ReturnType<typeof hashed>): CodeError => {
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.value)}`);
  return result.error;
};
const someLink = { link: ContentHash.of(encodeValue(1)) };

describe("code that is refused, with the place and the reason", () => {
  const cases: readonly (readonly [string, () => ReturnType<typeof hashed>, string, RegExp])[] = [
    ["no list", () => hashed("x"), "$", /not code/],
    ["another kind", () => hashed([1, 1, [0]]), "$", /not code/],
    ["no format", () => hashed([2, "1", []]), "$[1]", /format must be a number/],
    ["no members", () => hashed([2, 1, []]), "$[2]", /at least one member/],
    ["more parts", () => hashed([2, 1, [], 0]), "$", /3 parts/],
    ["unknown definition", () => definition([99]), "$[2][0][0]", /unknown kind of definition/],
    ["short definition", () => definition([0, 0, 0, null]), "$[2][0]", /5 parts, not 4/],
    ["negative parameters", () => definition([0, -1, 0, null, [0, [0, [0]]]]), "$[2][0][1]", /from 0 to 255/],
    ["256 parameters", () => definition([0, 256, 0, null, [0, [0, [0]]]]), "$[2][0][1]", /from 0 to 255/],
    ["captures beyond parameters", () => definition([1, 1, 2, null, [0, 0]]), "$[2][0][2]", /from 0 to 1/],
    ["a function that captures", () => definition([0, 1, 1, null, [0, 0]]), "$[2][0][2]", /only a lambda captures/],
    ["a value with parameters", () => definition([4, 1, 0, null, [0, 0]]), "$[2][0][1]", /no parameters/],
    [
      "signature of other length",
      () => definition([0, 0, 0, [5, [[0, "Int"]], [0, "Int"], [], null], [0, [0, [0]]]]),
      "$[2][0][3]",
      /1 parameters, the definition 0/,
    ],
    [
      "type variables out of order",
      () => definition([0, 1, 0, [5, [[2, 1]], [2, 0], [], null], [0, 0]]),
      "$[2][0][3][1][0][1]",
      /from 0 to 0/,
    ],
    [
      "a variable of two sorts",
      () => definition([0, 1, 0, [5, [[2, 0]], [2, 0], [], 0], [0, 0]]),
      "$[2][0][3][4]",
      /for a type and for a row/,
    ],
    [
      "unsorted labels",
      () => definition([0, 0, 0, [5, [], [0, "Int"], ["B", "A"], null], [0, [0, [0]]]]),
      "$[2][0][3][3][1]",
      /sorted by name/,
    ],
    ["unknown expression", () => body([77]), "$[2][0][4][0]", /unknown kind of expression/],
    ["an empty expression", () => body([]), "$[2][0][4]", /unknown kind of expression/],
    ["a local that is not bound", () => body([0, 0]), "$[2][0][4][1]", /local 0 is not in scope/],
    [
      "a local of another branch",
      () => body([1, [26, [0, [1, true]], [1, [0, [0, [0]]], [0, 0]]], [0, 0]]),
      "$[2][0][4][2][1]",
      /local 0 is not in scope/,
    ],
    [
      "a local of a case",
      () => body([13, [0, [0]], null, ["A", true, [0, 0]], ["B", false, [0, 0]]]),
      "$[2][0][4][4][2][1]",
      /local 0 is not in scope/,
    ],
    ["an unknown builtin", () => body([4, "int.frob", 1, 0, 0], 1), "$[2][0][4][1]", /no builtin int.frob/],
    [
      "a builtin of another version",
      () => body([4, "int.add", 2, 0, 0], 1),
      "$[2][0][4][2]",
      /version 1 here, the code asks for 2/,
    ],
    ["a builtin with other arguments", () => body([4, "int.add", 1, 0], 1), "$[2][0][4]", /takes 2 arguments, not 1/],
    ["a member that is not there", () => body([2, 1]), "$[2][0][4][1]", /no member 1/],
    ["a call of nothing", () => body([2]), "$[2][0][4]", /link or a member number/],
    ["unsorted fields", () => body([9, "b", 0, "a", 0], 1), "$[2][0][4][3]", /sorted by name/],
    ["a field twice", () => body([9, "a", 0, "a", 0], 1), "$[2][0][4][3]", /each once/],
    ["half a pair", () => body([8, 0], 1), "$[2][0][4]", /pairs/],
    ["a branch twice", () => body([21, "a", 0, "a", 0], 1), "$[2][0][4][3]", /branch a occurs twice/],
    [
      "a case twice",
      () => body([13, 0, null, ["A", false, [0, 0]], ["A", false, [0, 0]]], 1),
      "$[2][0][4][4]",
      /case A occurs twice/,
    ],
    ["a switch without cases", () => body([13, 0, null], 1), "$[2][0][4]", /leads nowhere/],
    ["a wait of another mode", () => body([20, 2, 0], 1), "$[2][0][4][1]", /from 0 to 1/],
    ["a branch outside a block", () => body([26, 0, [0, 0]], 1), "$[2][0][4][0]", /unknown kind of expression/],
    ["a block without steps", () => body([1, [0, 0]], 1), "$[2][0][4]", /at least one step/],
    ["an empty block", () => body([1]), "$[2][0][4]", /at least one step/],
    [
      "a block in the tail of a block",
      () => body([1, [0, 0], [1, [0, 0], [0, 0]]], 1),
      "$[2][0][4][2]",
      /must be one block/,
    ],
    ["a value that is not canonical", () => body([0, [0, [3, 10, 0]]]), "$[2][0][4][1][1]", /trailing zeros/],
    ["an unknown atom", () => body([0, [7, 0]]), "$[2][0][4][1][0]", /unknown kind of atom/],
    [
      "a record type with a field twice",
      () => definition([5, 0, ["a", [0, "Int"]], ["a", [0, "Int"]]]),
      "$[2][0][3]",
      /field a occurs twice/,
    ],
    ["a sum without cases", () => definition([6, 0]), "$[2][0]", /at least one case/],
    [
      "a type parameter too many",
      () => definition([5, 1, ["a", [2, 1]]]),
      "$[2][0][2][1][1]",
      /only 1 type parameters/,
    ],
    [
      "a trigger of no entry",
      () => definition([11, [], [], [[0, [7, 1], "go", []]], null, []]),
      "$[2][0][3][0][2]",
      /no entry go/,
    ],
    [
      "a trigger with other arguments",
      () =>
        definition([
          11,
          [],
          [["go", someLink, [["a", [0, "Int"]]], [0, "Int"], [], false]],
          [[0, [7, 1], "go", []]],
          null,
          [],
        ]),
      "$[2][0][3][0]",
      /go takes 1 arguments, not 0/,
    ],
    [
      "unsorted entries",
      () => definition([11, [], ["b", "a"].map((name) => [name, someLink, [], [0, "Int"], [], false]), [], null, []]),
      "$[2][0][2][1]",
      /sorted by name/,
    ],
    [
      "migrations out of order",
      () =>
        definition([
          11,
          [],
          [],
          [],
          null,
          [
            ["1.1.0", "1.2.0", someLink],
            ["1.0.0", "1.1.0", someLink],
          ],
        ]),
      "$[2][0][5][1]",
      /sorted by version/,
    ],
    [
      "members that are not a group",
      () =>
        hashed([
          2,
          1,
          [
            [0, 0, 0, null, [0, [0, [2, 1]]]],
            [0, 0, 0, null, [0, [0, [2, 2]]]],
          ],
        ]),
      "$[2]",
      /canonical form|depend on one another/,
    ],
    [
      "members that are alike",
      () =>
        hashed([
          2,
          1,
          [
            [0, 0, 0, null, [2, 1]],
            [0, 0, 0, null, [2, 0]],
          ],
        ]),
      "$[2]",
      /canonical form/,
    ],
  ];
  for (const [title, make, at, reason] of cases) {
    test(title, () => {
      const error = refused(make());
      expect(error).toMatchObject({ kind: "InvalidCode", at });
      expect((error as { reason: string }).reason).toMatch(reason);
    });
  }

  test("members in another order than the canonical one", () => {
    const forms: Node[] = [
      [0, 0, 0, null, [2, 1]],
      [0, 0, 0, null, [1, [0, [0, [2, 1]]], [2, 0]]],
    ];
    const turned: Node[] = [
      [0, 0, 0, null, [1, [0, [0, [2, 1]]], [2, 1]]],
      [0, 0, 0, null, [2, 0]],
    ];
    const errors = [forms, turned].map((members) => refused(hashed([2, 1, members])));
    const reasons = errors.map((error) => (error as { reason: string }).reason);
    expect(reasons.sort()).toEqual(["the members are not in canonical form", "this component has several members"]);
  });

  test("bytes that are not those of the hash", () => {
    const bytes = encode([2, 1, [[0, 0, 0, null, [0, [0, [0]]]]]]);
    expect(decodeDefinition(bytes, someLink.link)).toEqual({
      ok: false,
      error: { kind: "InvalidCode", at: "address", reason: "the bytes are not those of the hash" },
    });
  });

  test("a member block without its component, or pointing at none", () => {
    const component = encode([2, 1, [[0, 0, 0, null, [0, [0, [0]]]]]]);
    const member = (hash: ContentHash.ContentHash, number: Node, load: Uint8Array | undefined) => {
      const bytes = encode([3, 1, { link: hash }, number]);
      return refused(decodeDefinition(bytes, ContentHash.of(bytes), { load: () => load }));
    };
    const hash = ContentHash.of(component);
    expect(member(hash, 0, undefined)).toMatchObject({ kind: "MissingBlock", hash });
    expect(member(hash, 0, component)).toMatchObject({ reason: "a component of one member has no member blocks" });
    expect(member(hash, -1, component)).toMatchObject({ at: "$[3]" });
    const value = encodeValue(1);
    expect(member(ContentHash.of(value), 0, value)).toMatchObject({ reason: "the block is not code" });
  });

  test("20,001 steps in a row, and nesting deeper than a block may be", () => {
    const steps = Array.from({ length: 20_001 }, (): Node => [0, [0, [2, 1]]]);
    expect(refused(body([1, ...steps, [0, 0]]))).toMatchObject({ reason: "more than 20000 steps in a row" });
    let deep: Node = [0, [0, [0]]];
    for (let i = 0; i < 5000; i++) deep = [23, [0, [0]], deep];
    expect(refused(body(deep))).toMatchObject({ kind: "InvalidCode", at: "$" });
  });
});

describe("format versions", () => {
  test("a newer format is refused by name of what is needed, not misread", () => {
    const error = refused(hashed([2, codeFormat + 1, "anything"]));
    expect(error).toMatchObject({ kind: "IncompatibleFormat", format: 2, formatMax: 1 });
    if (error.kind !== "IncompatibleFormat") throw new Error("unexpected");
    expect(showIncompatibleFormat(error)).toMatch(
      /format 2, and executor \d+\.\d+\.\d+ runs formats up to 1: a newer executor/,
    );
  });
  test("every format from the first to the current one is in the table", () => {
    expect(compatibility.map((row) => row.codeFormat)).toEqual(Array.from({ length: codeFormat }, (_, i) => i + 1));
    for (const bad of [0, -1, 1.5, Number.MAX_SAFE_INTEGER]) expect(checkFormat(bad).ok).toBe(false);
  });
});

describe("hostile bytes", () => {
  const isDeclared = (error: CodeError) => ["InvalidCode", "IncompatibleFormat", "MissingBlock"].includes(error.kind);

  test("random bytes are refused and nothing is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = decodeDefinition(bytes, ContentHash.of(bytes), { table });
        expect(read.ok).toBe(false);
        if (!read.ok) expect(isDeclared(read.error)).toBe(true);
      }),
      seeds,
    );
  });

  test("mutated code is refused, or is other code that is written the same way again", () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (seed, edits) => {
          const unit = addressUnit(randomUnit(random(seed), 3), { table });
          const block = unit.blocks[seed % unit.blocks.length]!;
          const bytes = block.bytes.slice();
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          const hash = ContentHash.of(bytes);
          const blocks = new Map(unit.blocks.map((one) => [one.hash, one.bytes]));
          const read = decodeDefinition(bytes, hash, { table, load: (one) => blocks.get(one) });
          if (!read.ok) {
            expect(isDeclared(read.error)).toBe(true);
            return;
          }
          accepted++;
          // What is read from a member's block is written again with its whole component, which is not at hand here.
          if (read.value.hash !== hash || bytes[1] === Kind.member) return;
          const named = selfNamed({ ...read.value.item, name: "x" }, hash) as never;
          const unitOf = (form: string) => (read.value.form === form ? [named] : []);
          const again = addressUnit(
            { definitions: unitOf("definition"), types: unitOf("type"), programs: unitOf("program"), outside: [] },
            { table },
          );
          if (read.value.form !== "outside") expect(again.definitions.get("x")).toBe(hash);
        },
      ),
      seeds,
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

/** References to the definition itself as a symbol again. */
function selfNamed(node: unknown, hash: ContentHash.ContentHash): unknown {
  if (Array.isArray(node)) return node.map((part) => selfNamed(part, hash));
  if (typeof node !== "object" || node === null || node instanceof Uint8Array) return node;
  const { kind, hash: target } = node as { kind?: unknown; hash?: unknown };
  if (kind === "hash" && target === hash) return { kind: "symbol", name: "x" };
  if (kind === "literal") return node;
  return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, selfNamed(part, hash)]));
}

describe("components with many members", () => {
  const ring = (count: number, differ: (at: number) => number) =>
    hashed([
      2,
      1,
      Array.from({ length: count }, (_, i) => [0, 0, 0, null, [2, (i + 1) % count, [0, valueToNode(differ(i))]]]),
    ]);
  test("one that takes too long to put in order is refused", () => {
    expect(refused(ring(4096, (i) => (i === 0 ? 1 : 0)))).toMatchObject({
      kind: "InvalidCode",
      at: "$[2]",
      reason: expect.stringContaining("too many definitions that look alike"),
    });
  });

  test("one is read once for all its members", () => {
    const call = (name: string, word: string): Core.Expression => ({
      kind: "call",
      reference: Core.symbol(name),
      arguments: [Core.literal(word)],
    });
    const names = Array.from({ length: 50 }, (_, i) => `f${i}`);
    const { definitions, blocks } = addressUnit({
      definitions: names.map((name, i) => ({
        name,
        kind: "function",
        parameters: 0,
        captured: 0,
        locals: 0,
        body: call(names[(i + 1) % names.length]!, name),
        signature: undefined,
        localNames: [],
        doc: undefined,
      })),
      types: [],
      outside: [],
      programs: [],
    });
    const bytes = new Map(blocks.map((block) => [block.hash, block.bytes]));
    let loads = 0;
    const load = (hash: ContentHash.ContentHash) => {
      loads++;
      return bytes.get(hash);
    };
    const components = new Map();
    for (const hash of definitions.values())
      expect(decodeDefinition(bytes.get(hash)!, hash, { load, components })).toMatchObject({
        ok: true,
        value: { hash },
      });
    expect(loads).toBe(1);
  });
});
