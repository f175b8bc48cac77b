#!/usr/bin/env node
// Loads the bundle that the build has made. Beside it lies its compiled form for the Node that made the build: V8 looks
// whether that fits (its version, its flags, the length of the text) and compiles the text where it does not. Nothing is
// written here, so nothing can be half written, or written twice.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { constants, Script } from "node:vm";

function read(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

const filename = fileURLToPath(new URL("../dist/bundle/tb.cjs", import.meta.url));
const text = read(filename, "latin1");
if (text === undefined) {
  process.stderr.write("tb is not built yet: run `npm run build` in its folder\n");
  process.exit(7);
}
// The first line says which compiled form belongs to this text and to no other.
const cachedData = read(filename.replace(/cjs$/, `${text.slice(2, text.indexOf("\n"))}.cache`));
const script = new Script(text, {
  filename,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  ...(cachedData === undefined ? {} : { cachedData }),
});
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(filename), module, filename);
process.exitCode = await module.exports.main(process.argv.slice(2));
