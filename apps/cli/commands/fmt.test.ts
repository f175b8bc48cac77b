import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CliFailure } from "../exit.ts";
import { register as registerExplain } from "./explain.ts";
import { register as registerFmt } from "./fmt.ts";

let folder: string;
let printed: string;
let noted: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fmt-"));
  printed = "";
  noted = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    noted += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

async function tb(...args: readonly string[]): Promise<number> {
  const program = new Command().exitOverride();
  registerFmt(program);
  registerExplain(program);
  process.exitCode = 0;
  try {
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    noted += error.message + (error.hint ?? "");
    return error.exit;
  }
}

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};

describe("tb fmt", () => {
  test("writes every TEL file of a folder, and only those", async () => {
    const ugly = write("a.tel", "fn f( ) {1}");
    const deep = write("sub/b.tel", "fn f() { 1 }\n");
    const other = write("c.txt", "fn f( ) {1}");
    const hidden = write(".hidden/d.tel", "fn f( ) {1}");
    expect(await tb("fmt", folder)).toBe(0);
    expect(readFileSync(ugly, "utf8")).toBe("fn f() { 1 }\n");
    expect(readFileSync(deep, "utf8")).toBe("fn f() { 1 }\n");
    expect(readFileSync(other, "utf8")).toBe("fn f( ) {1}");
    expect(readFileSync(hidden, "utf8")).toBe("fn f( ) {1}");
    expect(printed).toBe(`changed ${ugly}\n`);
    expect(noted).toBe("2 files, 1 changed\n");
  });

  test("with --check changes nothing and exits 1 when a file is not formatted", async () => {
    const path = write("a.tel", "fn f( ) {1}");
    expect(await tb("fmt", folder, "--check")).toBe(1);
    expect(readFileSync(path, "utf8")).toBe("fn f( ) {1}");
    await tb("fmt", folder);
    expect(await tb("fmt", folder, "--check")).toBe(0);
  });

  test("leaves a file with problems as it is, shows them, and exits 3", async () => {
    const path = write("a.tel", "fn f( {1}");
    expect(await tb("fmt", path)).toBe(3);
    expect(readFileSync(path, "utf8")).toBe("fn f( {1}");
    expect(noted).toContain("TEL0102");
  });

  test("with --fix applies the fixes of problems first", async () => {
    const path = write("a.tel", "type pair(a: Int)\nfn f() { [1 2] }");
    expect(await tb("fmt", path, "--fix")).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("type Pair(a: Int)\nfn f() { [1, 2] }\n");
    expect(printed).toContain("(2 fixed)");
  });

  test("with --fix inserts a missing `!` and writes the missing `uses`", async () => {
    const path = write("a.tel", "fn soon() -> Instant { now() + 10m }\nfn later() -> Instant { soon() }");
    expect(await tb("fmt", path, "--fix")).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(
      "fn soon() -> Instant uses Clock { now!() + 10m }\nfn later() -> Instant uses Clock { soon!() }\n",
    );
  });

  test("with --fix leaves guesses to the reader", async () => {
    const path = write("a.tel", "fn f() -> Int { g() }\nfn h() -> Int { 1 }\n");
    await tb("fmt", path, "--fix");
    expect(readFileSync(path, "utf8")).toContain("g()");
  });

  test("keeps the mode of the file", async () => {
    const path = write("a.tel", "fn f( ) {1}");
    const before = statSync(path).mode;
    await tb("fmt", path);
    expect(statSync(path).mode).toBe(before);
  });

  test("with --json prints one document", async () => {
    const path = write("a.tel", "fn f( {1}");
    expect(await tb("fmt", path, "--json")).toBe(3);
    expect(JSON.parse(printed)).toMatchObject({
      ok: false,
      files: [{ file: path, status: "refused" }],
      problems: [{ code: "TEL0102", range: { start: { line: 1, column: 5 } } }],
    });
  });

  test("refuses a missing file and one that is not UTF-8", async () => {
    expect(await tb("fmt", join(folder, "none.tel"))).toBe(3);
    const path = join(folder, "a.tel");
    writeFileSync(path, new Uint8Array([0x66, 0xff, 0xfe]));
    expect(await tb("fmt", path)).toBe(3);
    expect(noted).toContain("UTF-8");
  });
});

describe("tb explain", () => {
  test("prints the rule with a wrong and a right example", async () => {
    expect(await tb("explain", "TEL0114")).toBe(0);
    expect(printed).toContain("comparisons do not chain");
    expect(printed).toContain("Wrong:");
    expect(printed).toContain("a < b && b < c");
  });

  test("takes the number alone, in any case of letters", async () => {
    await tb("explain", "114");
    const first = printed;
    printed = "";
    await tb("explain", "tel0114");
    expect(printed).toBe(first);
  });

  test("suggests a code for one that does not exist, and exits 2", async () => {
    expect(await tb("explain", "TEL011X")).toBe(2);
    expect(noted).toMatch(/did you mean TEL011/);
  });

  test("lists every code without one", async () => {
    await tb("explain", "--json");
    expect(JSON.parse(printed)).toContainEqual({ code: "TEL0114", title: "comparisons do not chain" });
  });
});
