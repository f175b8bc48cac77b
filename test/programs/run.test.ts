/** Every `test` of the corpus and of the library runs through the machine and holds. */
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { memoryBlockStore, show } from "../../src/content/index.ts";
import { codeSource } from "../../src/execution/codeSource.ts";
import { newLibrary } from "../../src/execution/machine/Library.ts";
import { run, start } from "../../src/execution/machine/schedule.ts";
import { check } from "../../src/language/index.ts";
import { programs } from "./corpus.ts";

const limits = { fuel: 1e9, memoryBytes: 2 ** 30 };

test.each(programs("pass"))("%s", (_, sources) => {
  const { unit } = check(sources, {});
  const addressed = addressUnit(unit!);
  const blocks = memoryBlockStore();
  for (const block of addressed.blocks) blocks.put(block.bytes);
  const library = newLibrary(codeSource(blocks));
  for (const definition of unit!.definitions) {
    if (definition.kind !== "test" && definition.kind !== "value") continue;
    const machine = start(library, addressed.definitions.get(definition.name)!, [], limits);
    if (!machine.ok) throw new Error(`${definition.name}: ${JSON.stringify(machine.error)}`);
    const outcome = run(machine.value);
    expect([definition.name, outcome.kind === "done" ? "done" : outcome]).toEqual([definition.name, "done"]);
    if (outcome.kind === "done" && definition.kind === "test") expect(show(outcome.value)).toBe("()");
  }
});
