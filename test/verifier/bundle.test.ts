import { build } from "esbuild";
import { expect, test } from "vitest";

/** What a page must load to verify a proof. */
const BUNDLE_MAX_BYTES = 100_000;

test("the verifier is small, plain and alone: no wasm, no Node, no prover", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ["src/verifier/index.ts"],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    outdir: "out",
  });
  const [output] = Object.values(metafile.outputs);
  const layers = Object.entries(output!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.split("/").slice(0, 2).join("/"));
  expect([...new Set(layers)].sort()).toEqual(["src/field", "src/riscv", "src/std", "src/verifier"]);
  expect(output!.imports).toEqual([]);
  expect(outputFiles[0]!.text).not.toMatch(/WebAssembly|SharedArrayBuffer|process\.|require\(/);
  expect(outputFiles[0]!.contents.length).toBeLessThan(BUNDLE_MAX_BYTES);
});
