// Builds the wasm kernels from kernels/ and writes them, as base64, to src/prover/kernels.generated.ts.
// With --check it writes nothing and exits 1 when the committed module is not the one that the sources give.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const check = process.argv.includes("--check");
const options = [
  "index.ts",
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
  "--enable",
  "simd",
  "--enable",
  "threads",
  "--enable",
  "bulk-memory",
  "--use",
  "abort=",
  "--outFile",
  "kernels.wasm",
];

let wasm;
const { error, stderr } = await asc.main(options, {
  readFile: (name) =>
    existsSync(join(root, "kernels", name)) ? readFileSync(join(root, "kernels", name), "utf8") : null,
  writeFile: (name, contents) => {
    if (name === "kernels.wasm") wasm = Buffer.from(contents);
  },
  listFiles: () => [],
});
if (error) {
  console.error(stderr.toString());
  process.exit(1);
}

const lines = wasm.toString("base64").match(/.{1,116}/g);
const text = `// Made by scripts/kernels.mjs from kernels/. Do not edit: run npm run kernels.
/** The wasm module of the kernels, in base64; it imports a shared memory as env.memory. */
export const KERNELS_BASE64 =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
const target = join(root, "src/prover/kernels.generated.ts");
const now = existsSync(target) ? readFileSync(target, "utf8") : undefined;
if (check) {
  if (now !== text) {
    console.error("src/prover/kernels.generated.ts is not what kernels/ gives: run npm run kernels");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
  console.log(`kernels: ${wasm.length} bytes of wasm`);
}
