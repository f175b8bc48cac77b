import { expect, test } from "vitest";
import { deep, fib, hashOf, sourceOf } from "../testing/handMade.ts";
import { newLibrary } from "./Library.ts";
import { run, start } from "./schedule.ts";

const limits = { fuel: 1e9, memoryBytes: 2 ** 30 };
const library = newLibrary(sourceOf([fib, deep]));

function value(name: string, ...args: number[]) {
  const machine = start(library, hashOf(name), args, limits);
  if (!machine.ok) throw new Error(machine.error.kind);
  return run(machine.value);
}

test("a definition runs", () => {
  expect(value("fib", 20)).toEqual({ kind: "done", value: 6765 });
});

test("recursion a million deep is no problem of the host", () => {
  expect(value("deep", 1_000_000)).toEqual({ kind: "done", value: 1_000_000 });
});
