/** The stages of the compiler as text. */
import { addressUnit } from "../../../src/code/index.ts";
import { generate, print } from "../../../src/codegen/bytecode/index.ts";
import { type ContentHash, decodeValue, show, type Value } from "../../../src/content/index.ts";
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
export async function artifact(
  directory: string,
): Promise<{ readonly hash: ContentHash.ContentHash; readonly value: Value.Value }> {
  const { compileFolder } = await import("./compile.ts");
  const { encodeCompiled, hashCompiled } = await import("../../../src/programs/index.ts");
  const { program } = await compileFolder(directory);
  const value = decodeValue(encodeCompiled(program));
  if (!value.ok) throw new Error("internal error: the artifact does not decode");
  return { hash: hashCompiled(program), value: value.value };
}

const LINE_CHARS_MAX = 100;

/** A value in TEL notation, over as many lines as it needs. */
export function showLines(value: Value.Value, indent = "", before = ""): string {
  const whole = show(value);
  if (indent.length + before.length + whole.length <= LINE_CHARS_MAX || typeof value !== "object")
    return before + whole;
  const inner = `${indent}  `;
  const block = (head: string, open: string, lines: readonly string[], close: string): string =>
    `${before}${head}${open}\n${lines.map((line) => `${inner}${line},\n`).join("")}${indent}${close}`;
  switch (value.tag) {
    case "list":
    case "tuple": {
      const [open, close] = value.tag === "list" ? ["[", "]"] : ["(", ")"];
      const lines = value.items.map((item) => showLines(item, inner));
      return block("", open, lines, close);
    }
    case "map":
      return block(
        "",
        "[",
        value.entries.map(([key, item]) => showLines(item, inner, `${show(key)}: `)),
        "]",
      );
    case "record":
      return block(
        "",
        "(",
        value.names.map((name, i) => showLines(value.values[i]!, inner, `${name}: `)),
        ")",
      );
    case "variant": {
      const { payload } = value;
      const isRecord = typeof payload === "object" && payload.tag === "record";
      if (payload === undefined) return before + whole;
      return isRecord
        ? showLines(payload, indent, before + value.case)
        : `${showLines(payload, indent, `${before}${value.case}(`)})`;
    }
    default:
      return before + whole;
  }
}
