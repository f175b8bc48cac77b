import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const { layers } = JSON.parse(readFileSync(join(root, "layers.json"), "utf8")) as {
  layers: {
    readonly [name: string]: { readonly what: string; readonly pure: boolean; readonly may: readonly string[] };
  };
};
const names = Object.keys(layers).sort((a, b) => b.length - a.length);

const layerOf = (path: string) => names.find((name) => path === name || path.startsWith(`${name}/`));
const mayImport = (from: string, to: string) =>
  from === to || layers[from]!.may.some((may) => may === to || (may.endsWith("/*") && to.startsWith(may.slice(0, -1))));

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sources(path);
    return /\.ts$/.test(entry.name) ? [path] : [];
  });
}

const isTest = (path: string) => /\.(test|bench)\.ts$/.test(path);
const imports = (path: string) =>
  [
    ...readFileSync(join(root, path), "utf8").matchAll(
      /^\s*(?:import|export)\b[^"';]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm,
    ),
  ].map((match) => (match[1] ?? match[2])!);

const files = [...sources("src"), ...sources("apps")].filter((path) => layerOf(path) !== undefined);

describe("the layer table", () => {
  it("names every source file's layer", () => {
    const homeless = [...sources("src"), ...sources("apps")].filter((path) => layerOf(path) === undefined);
    expect(homeless).toEqual([]);
  });

  it("is what the imports keep to, through each layer's front door", () => {
    const wrong: string[] = [];
    for (const path of files.filter((file) => !isTest(file))) {
      const from = layerOf(path)!;
      for (const specifier of imports(path)) {
        if (!specifier.startsWith(".")) continue;
        const target = relative(root, resolve(root, dirname(path), specifier));
        const to = layerOf(target);
        if (to === undefined) wrong.push(`${path} imports ${target}, which no layer holds`);
        else if (!mayImport(from, to)) wrong.push(`${path} (${from}) may not import ${to}`);
        else if (to !== from && !/^[^/]+\/(?:.*\/)?index\.ts$/.test(target))
          wrong.push(`${path} goes past the front door of ${to}: ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps Node out of the pure layers", () => {
    const wrong = files
      .filter((path) => !isTest(path) && layers[layerOf(path)!]!.pure)
      .flatMap((path) =>
        imports(path)
          .filter((specifier) => specifier.startsWith("node:"))
          .map((specifier) => `${path}: ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  it("has no cycle", () => {
    const expand = (name: string) =>
      layers[name]!.may.flatMap((may) =>
        may.endsWith("/*") ? names.filter((n) => n.startsWith(may.slice(0, -1))) : [may],
      );
    const done = new Set<string>();
    const visit = (name: string, path: readonly string[]): void => {
      expect(path).not.toContain(name);
      if (done.has(name)) return;
      for (const next of expand(name)) visit(next, [...path, name]);
      done.add(name);
    };
    for (const name of names) visit(name, []);
  });

  it("would refuse an import that points upward", () => {
    expect(mayImport("src/content", "src/language")).toBe(false);
    expect(mayImport("src/verifier", "src/prover")).toBe(false);
    expect(mayImport("apps/cli", "src/prover")).toBe(true);
  });
});
