/** What is checked, and what comes of it. */
import type * as Core from "./core/Tree.ts";
import type { Known } from "./known/Known.ts";
import type { SourceFile } from "./names/collect.ts";
import type { Resolved } from "./names/Tree.ts";
import type { Problem } from "./problems/Problem.ts";
import type { Span } from "./syntax/Tree.ts";
import type { Typed } from "./types/check.ts";
import type { Previous } from "./types/previous.ts";

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What the manifest and the codebase say. */
export interface Environment {
  /** Names under [timelines]; undefined: any name may be used. */
  readonly timelines?: readonly string[];
  /** Names under [assets]; undefined: any text may be an asset. */
  readonly assets?: readonly string[];
  /** [bindings]: interface → the program it stands for. */
  readonly bindings?: ReadonlyMap<string, string>;
  /** Labels that the manifest grants; undefined: all. */
  readonly granted?: readonly string[];
  /** The full name under which the files hold what `#hash` stands for; undefined where there is no codebase. */
  readonly nameOf?: (hash: string) => string | undefined;
  /** `[schema] previous`, where it is a hash. */
  readonly previous?: Previous;
  readonly safeState?: { readonly strategy: string; readonly handshake: string };
  /** Declarations of the codebase: they are in scope like those of the files, and are not checked again. */
  readonly known?: readonly Known[];
}

export interface Checked {
  /** All of them, by file and place. */
  readonly problems: readonly Problem[];
  /** Present when there are no errors. */
  readonly unit: Core.Unit | undefined;
  /** Every definition that is free of errors itself, whatever else is wrong. */
  readonly sound: Core.Unit;
  /** Where a call, request or fault of a definition stands, in the file of that definition. */
  readonly spanOf: (definition: string, node: Core.Expression) => Span | undefined;
  /** For the editor and for printers. */
  readonly resolved: Resolved;
  readonly typed: Typed;
  readonly files: readonly SourceFile[];
  /** What was known before: `environment.known`. */
  readonly known: readonly Known[];
}
