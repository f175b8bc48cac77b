/** The stages of the compiler as text. */
import { addressUnit, decodeDefinition } from "../../../src/code/index.ts";
import { generate, print } from "../../../src/codegen/bytecode/index.ts";
import { decodeValue, show } from "../../../src/content/index.ts";
import {
  type Checked,
  dagsOf,
  dagText,
  printEffects,
  printNames,
  print as printTree,
  printTypes,
  printUnit,
  type Source,
} from "../../../src/language/index.ts";

export function emit(stage: string, checked: Checked, sources: readonly Source[]): string {
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
      return bytecode(checked);
    default:
      return printUnit(checked.sound);
  }
}

/** Register bytecode of every definition, as the machine loads it: under its address, with names where they are known. */
function bytecode(checked: Checked): string {
  const addressed = addressUnit(checked.sound);
  const blocks = new Map(addressed.blocks.map((block) => [block.hash, block.bytes]));
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  return checked.sound.definitions
    .map(({ name }) => {
      const hash = addressed.definitions.get(name)!;
      const code = decodeDefinition(blocks.get(hash)!, hash, { load: (component) => blocks.get(component) });
      if (!code.ok || code.value.form !== "definition") throw new Error(`internal error: ${name} has no code`);
      const made = generate(code.value.item);
      return `${name} #${hash}\n${made.ok ? print(made.value, (link) => names.get(link)) : made.error.reason}`;
    })
    .join("\n\n");
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
