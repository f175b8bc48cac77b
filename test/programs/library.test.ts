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
    files.map((name) => ({ path: `library:${name}`, text: readFileSync(new URL(name, folder), "utf8") })),
  );
});

/** `docs/spec/library.md`: what a reader looks functions up in. Written by `npx vitest run test/programs/library.test.ts -u`. */
function page(): string {
  interface Entry {
    readonly doc: string;
    readonly example: string;
    readonly signature: string;
  }
  const modules = new Map<string, Map<string, Entry>>();
  const put = (module: string, name: string, entry: Entry) => {
    if (!modules.has(module)) modules.set(module, new Map());
    modules.get(module)!.set(name, entry);
  };
  for (const { path, text } of librarySources) {
    const { tree } = parse(text, path);
    for (const item of tree.items) {
      if (item.kind !== "fn") continue;
      const lines = (item.doc?.text ?? "").split("\n");
      // Up to the body, on one line.
      const signature = text.slice(item.span.start, item.body.span.start).replace(/^[\s\S]*?\bfn /, "");
      put(tree.module!.text, item.name.text, {
        doc: lines.filter((line) => !line.startsWith("> ")).join(" "),
        example: lines.find((line) => line.startsWith("> "))!.slice(2),
        signature: signature.replace(/\s+/g, " ").replace("( ", "(").replace(/,? \)/, ")").trim(),
      });
    }
  }
  for (const [name, { doc, example }] of intrinsicDocs) {
    const [module, own] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
    const { type, faults } = builtins.get(name)!;
    const told = faults.length === 0 ? doc : `${doc} Faults: ${faults.join(", ")}.`;
    put(module, own, { doc: told, example, signature: type.replace(/^fn/, own) });
  }
  const parts = [...modules]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([module, entries]) => {
      const rows = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
      const body = rows.map(([, { doc, example, signature }]) => `- \`${signature}\`: ${doc}<br>\`${example}\``);
      return `## ${module}\n\n${body.join("\n")}\n`;
    });
  return `# The library

Every function of the standard library, by module: its signature, what it does, and an expression that is true. A test runs
every expression and writes this page. Modules need no \`use\`; \`x.f(y)\` is \`m.f(x, y)\` for the module \`m\` of x's type.
Types that every file sees are in \`prelude\` (\`src/language/library/prelude.tel\`).

${parts.join("\n")}`;
}

test("the page of the library says what the library says", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/spec/library.md");
});
