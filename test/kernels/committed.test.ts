import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("the committed wasm is what the kernels' sources give", () => {
  const output = execFileSync(process.execPath, ["scripts/kernels.mjs", "--check"], { encoding: "utf8" });
  expect(output).toBe("");
}, 60_000);
