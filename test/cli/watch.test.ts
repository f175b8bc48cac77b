/** `tb watch` beside an editor that saves. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTb, type Tb } from "./tb.ts";

let tb: Tb;
beforeAll(async () => {
  tb = await makeTb();
});
afterAll(() => tb.dispose());

const save = (text: string): void => writeFileSync(join(tb.folder, "watched.tel"), text);

test("shows the values of watch lines and the results of tests", async () => {
  save('fn twice(n: Int) -> Int { n * 2 }\ntest "twice" { assert twice(2) == 4 }\n> twice(21)\n> 1 / 0\n> [1,\n  2]\n');
  const { exit, out } = await tb("watch", "--once", "watched.tel");
  expect(out.split("\n")).toEqual([
    "watched.tel:3 > twice(21)",
    "  42",
    "watched.tel:4 > 1 / 0",
    "  DivisionByZero: division by zero",
    "watched.tel:5 > [1, …",
    "  [1, 2]",
    "✓ ran    twice",
    "1 passed",
    "",
  ]);
  expect(exit).toBe(0);
});

test("a watch line that never ends is cut off", async () => {
  save("fn forever(n: Int) -> Int { forever(n + 1) }\n> forever(0)\n");
  const { out } = await tb("watch", "--once", "watched.tel");
  expect(out).toContain("  OutOfFuel: more than 50000000 steps\n");
});

test("files with problems run nothing, and fail once", async () => {
  save("> twice(1)\n");
  const { exit, out, err } = await tb("watch", "--once", "watched.tel");
  expect([exit, out]).toEqual([3, ""]);
  expect(err).toContain("there is no `twice`");
  expect(err).toContain("error: 1 problem; nothing was run\n");
});

test("goes round whenever a file is saved, replaced, gone or new, and Ctrl-C ends it", async () => {
  save("> 1 + 1\n");
  let seen = "";
  const steps: readonly (readonly [seen: RegExp, then: () => void])[] = [
    [/ {2}2\n[\s\S]*waiting/, () => save("> 1 + 2\n")],
    [/ {2}3\n[\s\S]*waiting/, () => save("> 1 +\n")],
    [
      /nothing was run\n[\s\S]*waiting/,
      () => {
        writeFileSync(join(tb.folder, "next"), "> 1 + 3\n");
        renameSync(join(tb.folder, "next"), join(tb.folder, "watched.tel"));
      },
    ],
    [/ {2}4\n[\s\S]*waiting/, () => rmSync(join(tb.folder, "watched.tel"))],
    [/error: [^\n]*watched\.tel[^\n]*\n[\s\S]*waiting/, () => save("> 1 + 4\n")],
  ];
  const child = await tb.background(/waiting/, "watch", "watched.tel");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  seen = "  2\nwaiting";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk) => (seen += chunk));
  for (const [pattern, then] of steps) {
    await expect.poll(() => seen, { timeout: 10_000 }).toMatch(pattern);
    seen = "";
    then();
  }
  await expect.poll(() => seen, { timeout: 10_000 }).toMatch(/ {2}5\n/);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
}, 60_000);
