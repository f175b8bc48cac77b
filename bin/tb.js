#!/usr/bin/env node
// Loads the bundle that the build has made. Beside it lies its compiled form for the Node that made the build: V8 looks
// whether that fits (its version, its flags, the length of the text) and compiles the text where it does not. Nothing is
// written here, so nothing can be half written, or written twice. CommonJS, because that starts sooner.
"use strict";
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

function read(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether nothing but a help text or the version is asked for: `tb`, `tb --help`, `tb help check`, `tb check --help`. */
function wantsHelp([first, second, ...more]) {
  if (more.length > 0) return false;
  if (second === undefined) return [undefined, "--help", "-h", "help", "--version", "-V"].includes(first);
  return second === "--help" || second === "-h" || first === "help";
}

const args = process.argv.slice(2);
const folder = join(__dirname, "..", "dist", "bundle");
const name = wantsHelp(args) ? "help" : "tb";
const filename = join(folder, `${name}.cjs`);
const text = read(filename, "latin1");
if (text === undefined) {
  process.stderr.write("tb is not built yet: run `npm run build` in its folder\n");
  process.exit(7);
}
// The first line says which compiled form belongs to this text and to no other.
const cachedData = read(join(folder, `${name}.${text.slice(2, text.indexOf("\n"))}.cache`));
const script = new Script(text, {
  filename,
  ...(cachedData === undefined ? {} : { cachedData }),
});
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename);
bundle.exports.main(args).then((code) => {
  process.exitCode = code;
});
