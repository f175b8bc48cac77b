/**
 * Optimised code says what tier 0 says: on the corpus, on every example of the library, and on random programs. After each
 * pass the tree is well formed, and code that is generated from it right there says the same too.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { type ContentHash, memoryBlockStore } from "../../src/content/index.ts";
import { codeSource, optimiserOf } from "../../src/execution/index.ts";
import { type CodeSource, type Library, newLibrary } from "../../src/execution/machine/Library.ts";
import { fuelUsed, memoryUsed, run, start } from "../../src/execution/machine/schedule.ts";
import { optimisedLibrary, startAccelerated, warm } from "../../src/execution/optimised.ts";
import { runTest } from "../../src/execution/testing/runTest.ts";
import { type Core, check, checkExpression, intrinsicDocs, librarySources, parse } from "../../src/language/index.ts";
import { checkTree, lower, passNames, type Tree } from "../../src/optimise/index.ts";
import { programs } from "./corpus.ts";
import { moduleWithCall, program } from "./wellTyped.ts";

const LIMITS = { fuel: 1e8, memoryBytes: 2 ** 28 };

interface Compiled {
  readonly source: CodeSource;
  readonly definitions: readonly (readonly [Core.Definition, ContentHash.ContentHash])[];
}

function compiled(unit: Core.Unit): Compiled {
  const addressed = addressUnit(unit);
  const blocks = memoryBlockStore();
  for (const block of addressed.blocks) blocks.put(block.bytes);
  return {
    source: codeSource(blocks),
    definitions: unit.definitions.map((one) => [one, addressed.definitions.get(one.name)!] as const),
  };
}

function expressionOf(text: string, module?: string): readonly [Compiled, ContentHash.ContentHash] {
  const sources = module === undefined ? [] : [{ path: "m.tel", text: module }];
  const { problems, unit, definition } = checkExpression(text, sources);
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  const made = compiled(unit!);
  return [made, made.definitions.find(([one]) => one.name === definition)![1]];
}

function figures(library: Library, hash: ContentHash.ContentHash, limits = LIMITS) {
  const machine = start(library, hash, [], limits);
  if (!machine.ok) throw new Error(machine.error.kind);
  const outcome = run(machine.value);
  if (outcome.kind !== "done") return { kind: outcome.kind };
  return { value: outcome.value, fuel: fuelUsed(machine.value), memory: memoryUsed(machine.value) };
}

/** Every pass's tree of every definition is well formed. */
function checkPasses({ source, definitions }: Compiled): void {
  const optimiser = optimiserOf(source);
  for (const [, hash] of definitions) {
    const definition = source.loadDefinition(hash);
    if (!definition.ok) throw new Error(definition.error.kind);
    const before = lower(definition.value);
    const problems: string[] = [];
    optimiser.optimise(hash, definition.value, (pass, made) => {
      problems.push(...checkTree(made, before).map((problem) => `after ${pass}: ${problem}`));
    });
    expect(problems).toEqual([]);
  }
}

/** A library of code as it is after a number of steps of the optimiser. */
function stoppedAfter(source: CodeSource, steps: number): Library {
  const optimiser = optimiserOf(source);
  return newLibrary(source, undefined, (hash, definition) => {
    let left = steps;
    let kept: Tree.Definition = lower(definition);
    optimiser.optimise(hash, definition, (_, made) => {
      if (left-- > 0) kept = made;
    });
    return kept;
  });
}

/** The smallest grant of memory with which tier 0 gives a value. */
function leastMemory(library: Library, hash: ContentHash.ContentHash): number {
  let low = 0;
  let high = LIMITS.memoryBytes;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ("value" in figures(library, hash, { ...LIMITS, memoryBytes: middle })) high = middle;
    else low = middle + 1;
  }
  return low;
}

const corpus = programs("pass").flatMap(([name, sources]) => {
  const { unit } = check(sources, {});
  return unit === undefined ? [] : [[name, unit] as const];
});

describe("the corpus", () => {
  test.each(corpus)("%s", (_, unit) => {
    const made = compiled(unit);
    checkPasses(made);
    const tier0 = newLibrary(made.source);
    const optimised = optimisedLibrary(made.source);
    for (const [definition, hash] of made.definitions) {
      if (definition.kind === "test" || definition.kind === "prop")
        expect([definition.name, runTest(optimised, hash)]).toEqual([definition.name, runTest(tier0, hash)]);
      if (definition.parameters > 0) continue;
      const plain = figures(tier0, hash);
      const fast = figures(optimised, hash);
      if ("value" in plain || "value" in fast) expect([definition.name, fast]).toEqual([definition.name, plain]);
    }
  });
});

const examples = [
  ...librarySources.flatMap(({ path, text }) =>
    parse(text, path).tree.items.flatMap((item) =>
      item.kind === "fn" ? [...(item.doc?.text ?? "").matchAll(/^> (.*)$/gm)].map((match) => match[1]!) : [],
    ),
  ),
  ...[...intrinsicDocs.values()].map(({ example }) => example),
];

test("the examples of the library", () => {
  expect(examples.length).toBeGreaterThan(200);
  for (const example of examples) {
    const [made, hash] = expressionOf(example);
    checkPasses(made);
    expect([example, figures(optimisedLibrary(made.source), hash)]).toEqual([
      example,
      figures(newLibrary(made.source), hash),
    ]);
  }
});

describe("random programs", () => {
  test("a value comes with the same fuel and memory, and every pass leaves a well-formed tree", () => {
    fc.assert(
      fc.property(program, ({ text }) => {
        const [made, hash] = expressionOf(text);
        checkPasses(made);
        expect(figures(optimisedLibrary(made.source), hash)).toEqual(figures(newLibrary(made.source), hash));
      }),
      { numRuns: 300 },
    );
  });

  test("code that is generated after any pass says the same", () => {
    fc.assert(
      fc.property(program, fc.nat(60), ({ text }, steps) => {
        const [made, hash] = expressionOf(text);
        expect(figures(stoppedAfter(made.source, steps), hash)).toEqual(figures(newLibrary(made.source), hash));
      }),
      { numRuns: 300 },
    );
  });

  test("of modules with functions of every shape, whatever the grant", () => {
    fc.assert(
      fc.property(moduleWithCall, fc.nat(80), ({ text, call }, steps) => {
        const [made, hash] = expressionOf(call, text);
        checkPasses(made);
        const tier0 = newLibrary(made.source);
        const optimised = optimisedLibrary(made.source);
        const plain = figures(tier0, hash);
        if (plain.value === undefined) {
          expect(figures(optimised, hash).value).toBe(undefined);
          return;
        }
        expect(figures(optimised, hash)).toEqual(plain);
        expect(figures(stoppedAfter(made.source, steps), hash)).toEqual(plain);
        expect(figures(optimised, hash, { ...LIMITS, fuel: plain.fuel - 1 })).toEqual({ kind: "outOfFuel" });
        const memoryBytes = leastMemory(tier0, hash) - 1;
        expect(figures(optimised, hash, { ...LIMITS, memoryBytes })).toEqual({ kind: "outOfMemory" });
      }),
      { numRuns: 60 },
    );
  });

  test("no grant that is too small for tier 0 is enough for optimised code", () => {
    fc.assert(
      fc.property(program, ({ text }) => {
        const [made, hash] = expressionOf(text);
        const tier0 = newLibrary(made.source);
        const optimised = optimisedLibrary(made.source);
        const { fuel = 0 } = figures(tier0, hash);
        expect(figures(optimised, hash, { ...LIMITS, fuel })).toEqual(figures(tier0, hash));
        expect(figures(optimised, hash, { ...LIMITS, fuel: fuel - 1 })).toEqual({ kind: "outOfFuel" });
        const memoryBytes = leastMemory(tier0, hash);
        expect(figures(optimised, hash, { ...LIMITS, memoryBytes: memoryBytes - 1 })).toEqual({ kind: "outOfMemory" });
      }),
      { numRuns: 300 },
    );
  });

  test("whatever the grant, an accelerated run ends as tier 0 ends", () => {
    const part = fc.double({ min: 0, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(program, part, part, ({ text }, fuelPart, memoryPart) => {
        const [made, hash] = expressionOf(text);
        const library = newLibrary(made.source);
        const { fuel = 0 } = figures(library, hash);
        const limits = {
          fuel: Math.floor(fuel * fuelPart),
          memoryBytes: Math.floor(leastMemory(library, hash) * memoryPart),
        };
        const whole = (library: Library) => {
          const machine = start(library, hash, [], limits);
          if (!machine.ok) throw new Error(machine.error.kind);
          return [run(machine.value), fuelUsed(machine.value), memoryUsed(machine.value)];
        };
        const accelerated = () => {
          const machine = startAccelerated(library, hash, [], limits);
          if (!machine.ok) throw new Error(machine.error.kind);
          return [run(machine.value), fuelUsed(machine.value), memoryUsed(machine.value)];
        };
        const expected = whole(newLibrary(made.source));
        warm(library, hash);
        expect(accelerated()).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

test("a charge that is one too small is seen", () => {
  const [made, hash] = expressionOf("list.fold(list.map([1, 2, 3], fn(x) { x * x }), 0, fn(a, b) { a + b })");
  const optimiser = optimiserOf(made.source);
  const library = newLibrary(made.source, undefined, (one, definition) => {
    const { body, ...rest } = optimiser.optimise(one, definition);
    if (body.kind !== "charge") throw new Error("no charge at the entry");
    return { ...rest, body: { ...body, fuel: body.fuel - 1 } };
  });
  expect(figures(library, hash)).not.toEqual(figures(newLibrary(made.source), hash));
});

test("every pass is named once", () => {
  expect(new Set(passNames).size).toBe(passNames.length);
});
