/** Every function of the library has a line of documentation and an example, and every example holds. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { memoryBlockStore } from "../../src/content/index.ts";
import { codeSource } from "../../src/execution/codeSource.ts";
import { newLibrary } from "../../src/execution/machine/Library.ts";
import { run, start } from "../../src/execution/machine/schedule.ts";
import { builtins, checkExpression, intrinsicDocs, librarySources, parse } from "../../src/language/index.ts";

const functions = librarySources.flatMap(({ path, text }) => {
  const { tree } = parse(text, path);
  return tree.items.flatMap((item) =>
    item.kind === "fn" ? [{ name: `${tree.module!.text}.${item.name.text}`, doc: item.doc?.text ?? "" }] : [],
  );
});

const examples = [
  ...functions.map(
    ({ name, doc }) =>
      [
        name,
        doc
          .split("\n")
          .find((line) => line.startsWith("> "))
          ?.slice(2) ?? "",
      ] as const,
  ),
  ...[...intrinsicDocs].map(([name, { example }]) => [name, example] as const),
];

function value(text: string): unknown {
  const { problems, unit, definition } = checkExpression(text);
  expect(problems.map((problem) => problem.message)).toEqual([]);
  const addressed = addressUnit(unit!);
  const blocks = memoryBlockStore();
  for (const block of addressed.blocks) blocks.put(block.bytes);
  const machine = start(newLibrary(codeSource(blocks)), addressed.definitions.get(definition)!, [], {
    fuel: 1e7,
    memoryBytes: 2 ** 26,
  });
  return machine.ok ? run(machine.value) : machine.error;
}

test.each(examples)("%s: the example holds", (_, example) => {
  expect(example).not.toBe("");
  expect(value(example)).toEqual({ kind: "done", value: true });
});

test("every function says what it does", () => {
  const silent = functions.filter(({ doc }) => doc.split("\n").every((line) => line.startsWith("> ") || line === ""));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test("every intrinsic is documented, and nothing else", () => {
  expect([...intrinsicDocs.keys()].sort()).toEqual([...builtins.keys()].sort());
});

test("the sources that travel with the compiler are the .tel files (node scripts/library.mjs makes them)", () => {
  const folder = new URL("../../src/language/library/", import.meta.url);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".tel"))
    .sort();
  expect(librarySources).toEqual(
    files.map((name) => ({ path: `library/${name}`, text: readFileSync(new URL(name, folder), "utf8") })),
  );
});
