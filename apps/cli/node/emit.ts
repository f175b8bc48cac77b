/** The stages of the compiler as text. */
import { addressUnit } from "../../../src/code/index.ts";
import { generate, print } from "../../../src/codegen/bytecode/index.ts";
import { type ContentHash, decodeValue, show } from "../../../src/content/index.ts";
import { type CodeSource, codeSource, optimiserOf } from "../../../src/execution/index.ts";
import {
  type Checked,
  type Core,
  dagsOf,
  dagText,
  printEffects,
  printNames,
  print as printTree,
  printTypes,
  printUnit,
  type Source,
} from "../../../src/language/index.ts";
import { lower, printOptimised, type Tree } from "../../../src/optimise/index.ts";

/** `pass`: of the stage `ir`, what this pass did instead of what all of them made. */
export function emit(
  stage: string,
  checked: Checked,
  sources: readonly Source[],
  pass: string | undefined = undefined,
): string {
  switch (stage) {
    case "tree":
      return checked.files
        .filter((file) => sources.some((source) => source.path === file.path))
        .map((file) => printTree(file.tree))
        .join("\n");
    case "names":
      return printNames(checked.resolved);
    case "types":
      return printTypes(checked.typed);
    case "effects":
      return printEffects(checked.typed);
    case "dag":
      return dagsOf(checked.typed).map(dagText).join("\n\n");
    case "ir":
      return pass === undefined ? optimised(checked) : passed(checked, pass);
    case "bytecode":
      return bytecode(checked);
    default:
      return printUnit(checked.sound);
  }
}

/** The definitions as they are run: under their addresses, with names where they are known. */
interface Addressed {
  readonly all: readonly (readonly [name: string, hash: ContentHash.ContentHash, definition: Core.Definition])[];
  readonly source: CodeSource;
  readonly nameOf: (hash: ContentHash.ContentHash) => string | undefined;
}

function addressedOf(checked: Checked): Addressed {
  const addressed = addressUnit(checked.sound);
  const blocks = new Map(addressed.blocks.map((block) => [block.hash, block.bytes]));
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const nameOf = (hash: ContentHash.ContentHash) => names.get(hash);
  const source = codeSource({ get: (hash) => blocks.get(hash) }, nameOf);
  const all = checked.sound.definitions.map(({ name }) => {
    const hash = addressed.definitions.get(name)!;
    const definition = source.loadDefinition(hash);
    if (!definition.ok) throw new Error(`internal error: ${name} has no code`);
    return [name, hash, definition.value] as const;
  });
  return { all, source, nameOf };
}

/** Register bytecode of every definition, as tier 0 loads it. */
function bytecode(checked: Checked): string {
  const { all, nameOf } = addressedOf(checked);
  return all
    .map(([name, hash, definition]) => {
      const made = generate(definition);
      return `${name} #${hash}\n${made.ok ? print(made.value, nameOf) : made.error.reason}`;
    })
    .join("\n\n");
}

/** Every definition as the optimiser leaves it. */
function optimised(checked: Checked): string {
  const { all, source, nameOf } = addressedOf(checked);
  const optimiser = optimiserOf(source);
  return all.map(([, hash, definition]) => printOptimised(optimiser.optimise(hash, definition), nameOf)).join("\n\n");
}

/** What a pass did, each time that it changed something: before and after. */
function passed(checked: Checked, pass: string): string {
  const { all, source, nameOf } = addressedOf(checked);
  const optimiser = optimiserOf(source);
  const shown: string[] = [];
  for (const [name, hash, definition] of all) {
    let before: Tree.Definition = lower(definition);
    optimiser.optimise(hash, definition, (one, made) => {
      const [was, is] = [printOptimised(before, nameOf), printOptimised(made, nameOf)];
      if (one === pass && was !== is) shown.push(`── ${name} before ${pass}\n${was}\n── after\n${is}`);
      before = made;
    });
  }
  return shown.length === 0 ? `${pass} changes nothing here` : shown.join("\n\n");
}

/** The compiled program of a folder: what is deployed, as one value. */
export async function artifact(directory: string): Promise<string> {
  const { compileFolder } = await import("./compile.ts");
  const { encodeCompiled, hashCompiled } = await import("../../../src/programs/index.ts");
  const { program } = await compileFolder(directory);
  const value = decodeValue(encodeCompiled(program));
  if (!value.ok) throw new Error("internal error: the artifact does not decode");
  return `#${hashCompiled(program)}\n${show(value.value)}`;
}
