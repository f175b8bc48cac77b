#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/bundle/tb.js", import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  process.stderr.write("tb is not built yet: run `npm run build` in its folder\n");
  process.exit(7);
}
const { main } = await import(built.href);
process.exitCode = await main(process.argv.slice(2));
