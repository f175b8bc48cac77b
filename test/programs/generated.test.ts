/** Random well-typed expressions: the checker accepts them, the machine gives a value of their type, and layout changes nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { memoryBlockStore, Value } from "../../src/content/index.ts";
import { codeSource } from "../../src/execution/codeSource.ts";
import { newLibrary } from "../../src/execution/machine/Library.ts";
import { run, start } from "../../src/execution/machine/schedule.ts";
import { checkExpression, format } from "../../src/language/index.ts";
import { program, type Type } from "./wellTyped.ts";

const belongs: Readonly<Record<Type, (value: Value.Value) => boolean>> = {
  Int: (value) => typeof value === "number" || typeof value === "bigint",
  Decimal: (value) => Value.kindOf(value) === "decimal",
  Bool: (value) => typeof value === "boolean",
  Text: (value) => typeof value === "string",
  "List<Int>": (value) => Value.kindOf(value) === "list",
  "Option<Int>": (value) => Value.kindOf(value) === "variant",
  "(Int, Text)": (value) => Value.kindOf(value) === "tuple",
};

function core(text: string) {
  const { problems, unit, definition } = checkExpression(text);
  expect(problems.filter((problem) => problem.severity === "error")).toEqual([]);
  const addressed = addressUnit(unit!);
  return { addressed, hash: addressed.definitions.get(definition)! };
}

test("what is well typed has a value of its type, and the same address in any layout", () => {
  fc.assert(
    fc.property(program, ({ type, text }) => {
      const { addressed, hash } = core(text);
      const blocks = memoryBlockStore();
      for (const block of addressed.blocks) blocks.put(block.bytes);
      const machine = start(newLibrary(codeSource(blocks)), hash, [], { fuel: 1e8, memoryBytes: 2 ** 28 });
      if (!machine.ok) throw new Error(machine.error.kind);
      const outcome = run(machine.value);
      expect(outcome.kind).toBe("done");
      if (outcome.kind === "done") expect(belongs[type](outcome.value)).toBe(true);
      const formatted = format(`> ${text}\n`, "a.tel");
      expect(formatted.ok).toBe(true);
      if (formatted.ok) expect(core(formatted.text.trim().slice(2)).hash).toBe(hash);
    }),
    { numRuns: 300 },
  );
});
