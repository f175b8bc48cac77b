/**
 * Changed definitions and those that depend on them. The modules of the dependents are printed from the codebase, where
 * mentions already stand for the names and not for old versions, and checked together with the changed files: what
 * passes gets its new address, what does not keeps its old one and is told to the user.
 */
import { addressUnit, applyAdd, moduleOf, type NamePlan, namedDefinitions, namedDependents, outdated, planAdd, written } from "../../../src/code/index.ts";
import type { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import type { Checked, Source } from "../../../src/language/index.ts";
import { err, ok, type Result } from "../../../src/std/index.ts";
import { belongs, checkBeside, checkSources, declared, noteOf } from "./codebase.ts";
import { readSources } from "./checkFiles.ts";

export interface Updated {
  /** What the files declare. */
  readonly plan: readonly NamePlan[];
  /** What followed. */
  readonly followed: readonly NamePlan[];
  readonly byHand: readonly { readonly name: string; readonly dependents: number; readonly reason: string }[];
}
