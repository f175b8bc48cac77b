/**
 * Definitions that are ready to run: loaded by hash, translated once, linked on first use. A library is a cache: it holds
 * nothing that a run depends on, and machines share it.
 */
import { type Code, generate, generateTree, list } from "../../codegen/bytecode/index.ts";
import type { ContentHash, Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import type { Tree } from "../../optimise/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { type Implementation, implementations } from "../builtins/index.ts";
import type { Fiber, Machine } from "./Machine.ts";

export type LoadError =
  | { readonly kind: "UnknownHash"; readonly hash: ContentHash.ContentHash }
  | { readonly kind: "InvalidCode"; readonly hash: ContentHash.ContentHash; readonly reason: string }
  | {
      readonly kind: "IncompatibleFormat";
      readonly hash: ContentHash.ContentHash;
      readonly format: number;
      readonly formatMax: number;
    };

/** Where definitions come from. Whoever gives them has checked hash, format and canonical form. */
export interface CodeSource {
  loadDefinition(hash: ContentHash.ContentHash): Result<Core.Definition, LoadError>;
  loadProgram(hash: ContentHash.ContentHash): Result<Core.ProgramDefinition, LoadError>;
  loadType(hash: ContentHash.ContentHash): Result<Core.TypeDefinition, LoadError>;
}

/** A definition in the machine. */
export interface Loaded {
  /** Place in the library's table, by which frames name it while the machine is in memory. */
  readonly index: number;
  readonly hash: ContentHash.ContentHash;
  readonly name: string;
  readonly kind: Core.DefinitionKind;
  readonly code: Code;
  readonly ops: Int32Array;
  readonly registers: number;
  readonly parameters: number;
  readonly captured: number;
  readonly entryFuel: number;
  readonly frameBytes: number;
  readonly builtins: readonly Implementation[];
  /** Filled in on first use. */
  readonly links: (Loaded | undefined)[];
}

export interface Library {
  readonly source: CodeSource;
  readonly table: Loaded[];
  readonly byHash: Map<ContentHash.ContentHash, Loaded>;
  readonly programs: Map<ContentHash.ContentHash, Core.ProgramDefinition>;
  /** Is told of every call and return; the code of this library is generated for it. */
  readonly watcher: Watcher | undefined;
  /** What code is generated from, where that is not Core as it stands. */
  readonly optimise: Optimise | undefined;
}

export type Optimise = (hash: ContentHash.ContentHash, definition: Core.Definition) => Tree.Definition;

/** What sees a run from inside. Calls in tail position are entered at the depth of their caller. */
export interface Watcher {
  entered(machine: Machine, fiber: Fiber, definition: Loaded): void;
  returns(machine: Machine, fiber: Fiber, value: Value.Value): void;
  /** Frames above the fiber's depth were left without a return. */
  unwound(machine: Machine, fiber: Fiber): void;
}

export const newLibrary = (source: CodeSource, watcher?: Watcher, optimise?: Optimise): Library => ({
  source,
  watcher,
  optimise,
  table: [],
  byHash: new Map(),
  programs: new Map(),
});

export function load(library: Library, hash: ContentHash.ContentHash): Result<Loaded, LoadError> {
  const known = library.byHash.get(hash);
  if (known !== undefined) return ok(known);
  const definition = library.source.loadDefinition(hash);
  if (!definition.ok) return definition;
  const invalid = (reason: string) => err({ kind: "InvalidCode", hash, reason } as const);
  const code =
    library.optimise === undefined
      ? generate(definition.value, library.watcher !== undefined)
      : generateTree(library.optimise(hash, definition.value));
  if (!code.ok) return invalid(code.error.reason);
  const builtins: Implementation[] = [];
  for (const name of code.value.builtins) {
    const implementation = implementations.get(name);
    if (implementation === undefined) return invalid(`there is no builtin ${name}`);
    builtins.push(implementation);
  }
  const wrong = wrongArity(code.value, builtins);
  if (wrong !== undefined) return invalid(wrong);
  const { registers, parameters, captured, entryFuel, frameBytes } = code.value;
  const loaded: Loaded = {
    index: library.table.length,
    hash,
    name: definition.value.name,
    kind: definition.value.kind,
    code: code.value,
    ops: code.value.ops,
    registers,
    parameters,
    captured,
    entryFuel,
    frameBytes,
    builtins,
    links: code.value.links.map(() => undefined),
  };
  library.table.push(loaded);
  library.byHash.set(hash, loaded);
  return ok(loaded);
}

export function loadProgram(
  library: Library,
  hash: ContentHash.ContentHash,
): Result<Core.ProgramDefinition, LoadError> {
  const known = library.programs.get(hash);
  if (known !== undefined) return ok(known);
  const program = library.source.loadProgram(hash);
  if (program.ok) library.programs.set(hash, program.value);
  return program;
}

/** Builtins are applied to exactly their arguments; checked here once, so that the machine need not. */
function wrongArity(code: Code, builtins: readonly Implementation[]): string | undefined {
  for (const instruction of list(code)) {
    const operand = instruction.operands.find(([kind]) => kind === "b");
    if (operand === undefined) continue;
    const builtin = builtins[operand[1]]!;
    if (instruction.reads.length !== builtin.arity)
      return `${builtin.name} takes ${builtin.arity} arguments, not ${instruction.reads.length}`;
  }
  return undefined;
}
