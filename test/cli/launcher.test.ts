/** bin/tb.js and what it finds beside the bundle: whatever is there, or not, `tb` starts. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
let folder: string;
const bundle = (): string => join(folder, "dist", "bundle");
const cache = (): string => join(bundle(), readdirSync(bundle()).find((name) => /^help\..*\.cache$/.test(name))!);

/** A copy of what `tb --help` loads. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tb-"));
  mkdirSync(join(folder, "bin"));
  mkdirSync(bundle(), { recursive: true });
  for (const name of ["tb.js", "package.json"]) copyFileSync(join(root, "bin", name), join(folder, "bin", name));
  for (const name of readdirSync(join(root, "dist", "bundle"))) {
    if (name.startsWith("help.")) copyFileSync(join(root, "dist", "bundle", name), join(bundle(), name));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function tb(args: readonly string[], flags: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(folder, "bin", "tb.js"), ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const version = (): unknown => JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

test("it starts with the compiled form of the build", () => {
  expect(tb(["--version"])).toEqual({ status: 0, stdout: `${version()}\n`, stderr: "" });
  expect(tb(["help", "check"]).stdout).toMatch(/^Usage: tb check /);
  expect(tb(["check", "--help"]).stdout).toMatch(/^Usage: tb check /);
});

test("it starts with other flags than the build had", () => {
  expect(tb(["--version"], ["--no-opt"])).toEqual({ status: 0, stdout: `${version()}\n`, stderr: "" });
});

test.each<readonly [string, () => void]>([
  ["missing", () => rmSync(cache())],
  ["empty", () => writeFileSync(cache(), "")],
  ["of something else", () => writeFileSync(cache(), "no compiled form at all".repeat(100))],
  ["cut off", () => writeFileSync(cache(), readFileSync(cache()).subarray(0, 1000))],
])("it starts when the compiled form is %s", (_, change) => {
  change();
  expect(tb(["--version"])).toEqual({ status: 0, stdout: `${version()}\n`, stderr: "" });
});

test("the compiled form of another text is not looked at", () => {
  const path = join(bundle(), "help.cjs");
  const text = readFileSync(path, "latin1");
  const end = text.indexOf("\n");
  writeFileSync(path, `//${"0".repeat(end - 2)}${text.slice(end)}`);
  expect(tb(["--version"])).toEqual({ status: 0, stdout: `${version()}\n`, stderr: "" });
});

test("without a bundle it says what to do", () => {
  rmSync(bundle(), { recursive: true });
  expect(tb(["--version"])).toEqual({
    status: 7,
    stdout: "",
    stderr: "tb is not built yet: run `npm run build` in its folder\n",
  });
});
