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
import { optimisedLibrary, startAccelerated } from "../../src/execution/optimised.ts";
import { runTest } from "../../src/execution/testing/runTest.ts";
import { type Core, check, checkExpression, intrinsicDocs, librarySources, parse } from "../../src/language/index.ts";
import { checkTree, lower, passNames, type Tree } from "../../src/optimise/index.ts";
import { programs } from "./corpus.ts";
import { program } from "./wellTyped.ts";

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

function expressionOf(text: string): readonly [Compiled, ContentHash.ContentHash] {
  const { problems, unit, definition } = checkExpression(text);
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

  test("a grant that tier 0 needs is one that optimised code needs", () => {
    const part = fc.double({ min: 0, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(program, part, part, ({ text }, fuelPart, memoryPart) => {
        const [made, hash] = expressionOf(text);
        const whole = figures(newLibrary(made.source), hash);
        if (whole.value === undefined) throw new Error(whole.kind);
        const limits = {
          fuel: Math.floor(whole.fuel * fuelPart),
          memoryBytes: Math.floor((whole.memory + 2000) * memoryPart),
        };
        const plain = figures(newLibrary(made.source), hash, limits);
        const fast = figures(optimisedLibrary(made.source), hash, limits);
        if ("value" in fast) expect(fast).toEqual(plain);
        // What is reported is the same either way.
        const library = newLibrary(made.source);
        for (let i = 0; i < 2; i++) {
          const machine = startAccelerated(library, hash, [], limits);
          if (!machine.ok) throw new Error(machine.error.kind);
          const { kind } = run(machine.value);
          expect(kind).toBe("value" in plain ? "done" : plain.kind);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("every pass is named once", () => {
  expect(new Set(passNames).size).toBe(passNames.length);
});
