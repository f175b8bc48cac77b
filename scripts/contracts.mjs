// Compiles contracts/src with solc and writes contracts/artifacts/<Name>.json (abi, bytecode, storage layout), and the
// same abi and bytecode as a module for the EVM adapter, so that no bundle has to find a file at run time.
// With --check it writes nothing and exits 1 when a committed file differs from what the source gives.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "contracts");
const check = process.argv.includes("--check");
const sources = readdirSync(join(root, "src"))
  .filter((name) => name.endsWith(".sol"))
  .sort();

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources: Object.fromEntries(
        sources.map((name) => [name, { content: readFileSync(join(root, "src", name), "utf8") }]),
      ),
      settings: {
        evmVersion: "cancun",
        optimizer: { enabled: true, runs: 1000 },
        // Without the metadata hash the same source gives the same bytes wherever it is compiled.
        metadata: { bytecodeHash: "none", appendCBOR: false },
        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "storageLayout"] } },
      },
    }),
  ),
);

const problems = output.errors ?? [];
for (const problem of problems) console.error(problem.formattedMessage);
if (problems.length > 0) process.exit(1);

const folder = join(root, "artifacts");
const module = join(root, "..", "src", "timelines", "evm", "contracts.generated.ts");
const wanted = new Map();
let generated = "// Made by scripts/contracts.mjs from contracts/src.\n";
for (const file of sources) {
  for (const [name, contract] of Object.entries(output.contracts[file])) {
    const bytecode = contract.evm.bytecode.object;
    if (bytecode === "") continue;
    const storage = contract.storageLayout.storage.map(({ label, slot, offset, type }) => ({
      label,
      slot,
      offset,
      type,
    }));
    const artifact = { name, compiler: solc.version(), abi: contract.abi, bytecode: `0x${bytecode}`, storage };
    wanted.set(join(folder, `${name}.json`), `${JSON.stringify(artifact, null, 2)}\n`);
    generated += `\nexport const ${name} = {\n  abi: ${JSON.stringify(contract.abi)},\n  bytecode: "0x${bytecode}",\n} as const;\n`;
  }
}
wanted.set(module, generated);

mkdirSync(folder, { recursive: true });
const present = new Map();
for (const path of [...readdirSync(folder).map((name) => join(folder, name)), module]) {
  try {
    present.set(path, readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}
const different = [...new Set([...wanted.keys(), ...present.keys()])]
  .filter((path) => wanted.get(path) !== present.get(path))
  .sort();

if (check) {
  for (const path of different) console.error(`${path} is not what contracts/src compiles to`);
  if (different.length > 0) {
    console.error("run: node scripts/contracts.mjs");
    process.exit(1);
  }
  console.log(`${wanted.size} files made from the contracts agree with their source`);
} else {
  for (const path of different) {
    if (wanted.has(path)) writeFileSync(path, wanted.get(path));
    else rmSync(path);
  }
  console.log(`${wanted.size} files made from the contracts, ${different.length} changed`);
}
