import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { holderOf, takeLock } from "./lockFile.ts";

const folder = mkdtempSync(join(tmpdir(), "tb-lock-"));
const file = join(folder, "network.pid");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(file, { force: true }));

/** A process that was, and is no more. */
const DEAD = spawnSync(process.execPath, ["-e", ""]).pid;

describe("a lock file", () => {
  it("is held by one process until that gives it back", () => {
    const first = takeLock(file);
    expect(first.ok).toBe(true);
    expect(holderOf(file)).toBe(process.pid);
    expect(takeLock(file, process.ppid)).toEqual({ ok: false, error: process.pid });
    if (first.ok) first.value();
    expect(holderOf(file)).toBeUndefined();
    expect(takeLock(file, process.ppid).ok).toBe(true);
    // What another one holds by now is not taken from it.
    if (first.ok) first.value();
    expect(holderOf(file)).toBe(process.ppid);
    expect(readdirSync(folder)).toEqual(["network.pid"]);
  });

  it.each([
    ["a dead process", `${DEAD}\n`],
    ["nothing", ""],
    ["nonsense", "all\n"],
    ["no process", "-1\n"],
  ])("that names %s is taken over", (_, content) => {
    writeFileSync(file, content);
    expect(takeLock(file).ok).toBe(true);
    expect(readFileSync(file, "utf8")).toBe(`${process.pid}\n`);
    expect(readdirSync(folder)).toEqual(["network.pid"]);
  });

  it.each([
    ["a new file", undefined],
    ["the file of a dead process", `${DEAD}\n`],
  ])("is given to one of many that want it at once: %s", async (_, content) => {
    const program = buildSync({
      stdin: {
        // Waits for the signal, tries, says what came of it, and stays alive until all have tried.
        contents: `import { takeLock } from "./lockFile.ts";
          process.stdin.once("data", () => console.log(takeLock(${JSON.stringify(file)}).ok ? "mine" : "taken"));
          process.stdin.once("end", () => process.exit(0));
          console.log("ready");`,
        resolveDir: import.meta.dirname,
        loader: "ts",
      },
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
    }).outputFiles[0]!.text;
    const script = join(folder, "try.mjs");
    writeFileSync(script, program);
    if (content !== undefined) writeFileSync(file, content);
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [resolve(script)], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const said = children.map((child) => {
      const lines: string[] = [];
      child.stdout.on("data", (chunk) => lines.push(...String(chunk).trim().split("\n")));
      return lines;
    });
    const all = async (count: number) => {
      while (said.some((lines) => lines.length < count)) await new Promise((done) => setTimeout(done, 5));
    };
    await all(1);
    for (const child of children) child.stdin.write("go\n");
    await all(2);
    for (const child of children) child.stdin.end();
    expect(said.map((lines) => lines[1]).filter((word) => word === "mine").length).toBe(1);
    rmSync(script);
  });
});
