/**
 * From a hash or a name to code and all that it depends on: a flat list in dependency order, each definition once, so
 * that a diamond is two definitions and not four. A cycle of hashes cannot exist; members of one component may depend
 * on each other. Everything loaded is validated, and every mention is checked against what it mentions.
 */
import type { ContentHash } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { CodebaseReads } from "./Codebase.ts";
import { type CodeRepository, codeRepository } from "./CodeRepository.ts";
import { type Code, type CodeError, showCodeError } from "./decode.ts";
import { type Mention, mentionsOf } from "./mentions.ts";
import { get as getName, showNameError, type UnknownName } from "./NameRegistry.ts";

export interface Budget {
  /** How many definitions one resolution may load. */
  readonly definitionsMax: number;
  /** The longest chain of definitions that depend on each other. */
  readonly depthMax: number;
}

export const DEFAULT_BUDGET: Budget = { definitionsMax: 200_000, depthMax: 50_000 };

export interface OverBudget {
  readonly kind: "OverBudget";
  readonly what: "definitions" | "depth";
  readonly limit: number;
}

/** A definition mentions another as what it is not. */
export interface WrongMention {
  readonly kind: "WrongMention";
  readonly in: ContentHash.ContentHash;
  readonly of: ContentHash.ContentHash;
  readonly reason: string;
}

export type ResolutionError = CodeError | UnknownName | OverBudget | WrongMention;

export function showResolutionError(error: ResolutionError): string {
  switch (error.kind) {
    case "UnknownName":
      return showNameError(error);
    case "OverBudget":
      return error.what === "definitions"
        ? `it depends on more than ${error.limit} definitions`
        : `its dependencies are more than ${error.limit} deep`;
    case "WrongMention":
      return `invalid code: #${error.in} ${error.reason} (#${error.of})`;
    default:
      return showCodeError(error);
  }
}

export interface DependencyResolver {
  resolveByHash(hash: ContentHash.ContentHash): Result<Code, ResolutionError>;
  resolveByName(name: string): Result<Code, ResolutionError>;
  /** The definition and all that it depends on, dependencies first; the definition itself is last. */
  resolveTransitive(hash: ContentHash.ContentHash): Result<readonly Code[], ResolutionError>;
}

export function dependencyResolver(
  reads: CodebaseReads,
  repository: CodeRepository = codeRepository(reads),
  budget: Budget = DEFAULT_BUDGET,
): DependencyResolver {
  return {
    resolveByHash: (hash) => repository.get(hash),
    resolveByName(name) {
      const hash = getName(reads, name);
      return hash.ok ? repository.get(hash.value) : hash;
    },
    resolveTransitive: (hash) => resolveTransitive(hash, repository, budget),
  };
}

function resolveTransitive(
  root: ContentHash.ContentHash,
  repository: CodeRepository,
  budget: Budget,
): Result<readonly Code[], ResolutionError> {
  const loaded = new Map<ContentHash.ContentHash, Code>();
  const order: Code[] = [];
  const path: { readonly code: Code; next: number }[] = [];

  const enter = (
    hash: ContentHash.ContentHash,
    neededBy: ContentHash.ContentHash | undefined,
  ): ResolutionError | undefined => {
    if (loaded.size >= budget.definitionsMax)
      return { kind: "OverBudget", what: "definitions", limit: budget.definitionsMax };
    if (path.length >= budget.depthMax) return { kind: "OverBudget", what: "depth", limit: budget.depthMax };
    const code = repository.get(hash);
    if (!code.ok)
      return code.error.kind === "MissingBlock" && code.error.hash === hash ? { ...code.error, neededBy } : code.error;
    loaded.set(hash, code.value);
    path.push({ code: code.value, next: 0 });
    return undefined;
  };

  const failed = enter(root, undefined);
  if (failed !== undefined) return err(failed);
  for (let top = path[path.length - 1]; top !== undefined; top = path[path.length - 1]) {
    const link = top.code.links[top.next++];
    if (link === undefined) {
      order.push(top.code);
      path.pop();
    } else if (!loaded.has(link)) {
      const problem = enter(link, top.code.hash);
      if (problem !== undefined) return err(problem);
    }
  }
  for (const code of order) {
    for (const mention of mentionsOf(code)) {
      const reason = wrong(mention, loaded.get(mention.hash)!);
      if (reason !== undefined) return err({ kind: "WrongMention", in: code.hash, of: mention.hash, reason });
    }
  }
  return ok(order);
}

/** Why a definition cannot be mentioned like this; undefined when it can. */
function wrong(mention: Mention, target: Code): string | undefined {
  if (mention.as === "type") {
    if (target.form !== "type") return "uses as a type what is none";
    return target.item.parameters === mention.count
      ? undefined
      : `gives ${mention.count} arguments to a type of ${target.item.parameters}`;
  }
  if (mention.as === "entry") {
    if (target.form !== "program") return `calls entry ${mention.entry} of what is no program`;
    const entry = target.item.entries.find((one) => one.name === mention.entry);
    if (entry === undefined) return `calls entry ${mention.entry}, which the program lacks`;
    return entry.parameters.length === mention.count
      ? undefined
      : `calls entry ${mention.entry} with ${mention.count} arguments instead of ${entry.parameters.length}`;
  }
  if (target.form !== "definition") return "calls what is no function";
  const { kind, parameters, captured } = target.item;
  switch (mention.as) {
    case "call":
      return parameters === mention.count
        ? undefined
        : `calls with ${mention.count} arguments what takes ${parameters}`;
    case "closure":
      if (kind !== "lambda") return "makes a closure of what is no lambda";
      return captured === mention.count ? undefined : `captures ${mention.count} values for a lambda of ${captured}`;
    case "function":
      return captured === 0 ? undefined : "uses a capturing lambda as a plain function";
    case "part":
      return mention.count === undefined || parameters === mention.count
        ? undefined
        : `has as ${mention.part} a function of ${parameters} parameters instead of ${mention.count}`;
  }
}
