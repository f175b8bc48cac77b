/**
 * Code on its way between codebases: one root block that names what is in it, and blocks in one fixed order, so that the
 * same export has the same bytes wherever it is made. What comes in is verified as a whole before anything is written.
 *
 *     [18, 1, [entry…], [[name, link]…], [META link…]]        root; names ascending
 *     then code depth-first in order of mention, each block once, then META blocks in the order of the root
 */
import {
  ContentHash,
  decode,
  encode,
  isLink,
  isList,
  Kind,
  link,
  type Node,
  showDecodeError,
  Value,
} from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { CodeBlock } from "./address.ts";
import { type CodebaseReads, type CodebaseTransaction, isDefinitionName, metaName, type Note } from "./Codebase.ts";
import { codeRepository, putMeta } from "./CodeRepository.ts";
import { type Code, type CodeError, type DecodeOptions, decodeDefinition, showCodeError } from "./decode.ts";
import * as Meta from "./Meta.ts";
import { isName, namesOf } from "./NameRegistry.ts";

const VERSION = 1;

export interface Bundle {
  readonly root: CodeBlock;
  /** Without the root. */
  readonly blocks: readonly CodeBlock[];
}

export interface BundleRequest {
  readonly entries: readonly ContentHash.ContentHash[];
  /** Names and words to take along; without, a bundle depends on nothing but the code. */
  readonly withNames: boolean;
  /** Blocks that the receiver already has: they are left out, code together with what only it needs. */
  readonly present?: (hash: ContentHash.ContentHash) => boolean;
}

/** Collects entries and all that they depend on. */
export function pack(reads: CodebaseReads, request: BundleRequest): Result<Bundle, CodeError> {
  const repository = codeRepository(reads);
  const blocks: CodeBlock[] = [];
  const taken = new Set<ContentHash.ContentHash>();
  const definitions: ContentHash.ContentHash[] = [];
  const take = (hash: ContentHash.ContentHash): Uint8Array => {
    const bytes = reads.blocks.get(hash)!;
    if (!taken.has(hash)) blocks.push({ hash, bytes });
    taken.add(hash);
    return bytes;
  };
  // Depth-first, in order of mention; a stack, since chains may be long.
  const todo = [...request.entries].reverse();
  for (let hash = todo.pop(); hash !== undefined; hash = todo.pop()) {
    if (taken.has(hash) || request.present?.(hash) === true) continue;
    const code = repository.get(hash);
    if (!code.ok) return code;
    const component = componentOf(take(hash));
    if (component !== undefined) take(component);
    definitions.push(hash);
    const told = request.withNames ? mentioned(reads, hash) : [];
    pushAll(todo, [...code.value.links, ...told]);
  }
  const names: (readonly [string, ContentHash.ContentHash])[] = [];
  const metas: CodeBlock[] = [];
  if (request.withNames) {
    for (const hash of [...new Set([...definitions, ...request.entries])]) {
      const at = reads.name(metaName(hash));
      const bytes = at === undefined ? undefined : reads.blocks.get(at);
      const meta = bytes === undefined ? undefined : Meta.decode(bytes);
      if (at === undefined || bytes === undefined || meta?.ok !== true) continue;
      if (request.present?.(at) !== true) metas.push({ hash: at, bytes });
      for (const entry of meta.value.entries) if (reads.name(entry.name) === hash) names.push([entry.name, hash]);
    }
    names.sort((a, b) => Value.compareText(a[0], b[0]));
  }
  const root = encode([
    Kind.export,
    VERSION,
    request.entries.map(link),
    names.map(([name, hash]): Node => [name, link(hash)]),
    metas.map((meta) => link(meta.hash)),
  ]);
  return ok({ root: { hash: ContentHash.of(root), bytes: root }, blocks: [...blocks, ...metas] });
}

/** Onto a stack, so that the first is taken first. One by one: a call takes only so many arguments, code may link more. */
function pushAll<T>(stack: T[], items: readonly T[]): void {
  for (let i = items.length - 1; i >= 0; i--) stack.push(items[i]!);
}

/**
 * Named definitions that only the text of a definition mentions: a fact, say, which code knows by its word. Without them
 * the text could not be checked again.
 */
function mentioned(reads: CodebaseReads, hash: ContentHash.ContentHash): readonly ContentHash.ContentHash[] {
  const entries = codeRepository(reads).meta(hash)?.entries ?? [];
  const parts = entries.flatMap((entry) => [entry.source?.parts ?? [], ...(entry.source?.companions ?? [])]).flat();
  const found = new Set(parts.flatMap((part) => (typeof part === "string" ? [] : [part.hash])));
  return [...found].filter((one) => namesOf(reads, one).length > 0);
}

/** The component that a member block links; undefined for any other block. */
function componentOf(bytes: Uint8Array): ContentHash.ContentHash | undefined {
  const node = decode(bytes);
  if (!node.ok || !isList(node.value) || node.value[0] !== Kind.member) return undefined;
  const target = node.value[2];
  return target !== undefined && isLink(target) ? target.link : undefined;
}

export interface Unpacked {
  readonly entries: readonly ContentHash.ContentHash[];
  readonly names: readonly (readonly [string, ContentHash.ContentHash])[];
  readonly code: readonly Code[];
  /** Every block but the root and META. */
  readonly blocks: readonly CodeBlock[];
  readonly metas: readonly Meta.Meta[];
}

export interface InvalidBundle {
  readonly kind: "InvalidBundle";
  readonly reason: string;
}

/**
 * Verifies a bundle: every address, canonical form, all code valid, nothing that the root does not lead to, nothing that
 * is needed missing. `present` says what the receiver has already.
 */
export function unpack(
  root: ContentHash.ContentHash,
  given: Iterable<CodeBlock>,
  present: (hash: ContentHash.ContentHash) => Uint8Array | undefined,
): Result<Unpacked, InvalidBundle> {
  const blocks = new Map<ContentHash.ContentHash, Uint8Array>();
  for (const { hash, bytes } of given) {
    if (ContentHash.of(bytes) !== hash) return invalid(`block #${hash} has other bytes than its address says`);
    if (blocks.has(hash)) return invalid(`block #${hash} is there twice`);
    blocks.set(hash, bytes);
  }
  const head = readRoot(blocks.get(root));
  if (!head.ok) return head;
  const reached = new Set([root]);
  const options: DecodeOptions = { load: (hash) => blocks.get(hash) ?? present(hash), components: new Map() };

  const code: Code[] = [];
  const codeBlocks: CodeBlock[] = [];
  const seen = new Set<ContentHash.ContentHash>();
  const todo = [...head.value.entries, ...head.value.names.map(([, hash]) => hash)].reverse();
  for (let hash = todo.pop(); hash !== undefined; hash = todo.pop()) {
    if (seen.has(hash)) continue;
    seen.add(hash);
    const bytes = blocks.get(hash);
    if (bytes === undefined) {
      const known = present(hash);
      if (known === undefined) return invalid(`block #${hash} is needed and missing`);
      // What the receiver has, it has with all that it needs; but not everything that it has is code.
      const read = decodeDefinition(known, hash, options);
      if (!read.ok) return invalid(`block #${hash}: ${showCodeError(read.error)}`);
      continue;
    }
    const read = decodeDefinition(bytes, hash, options);
    if (!read.ok) return invalid(`block #${hash}: ${showCodeError(read.error)}`);
    reached.add(hash);
    const component = componentOf(bytes);
    const componentBytes = component === undefined ? undefined : blocks.get(component);
    if (component !== undefined && componentBytes !== undefined && !reached.has(component)) {
      reached.add(component);
      codeBlocks.push({ hash: component, bytes: componentBytes });
    }
    codeBlocks.push({ hash, bytes });
    code.push(read.value);
    pushAll(todo, read.value.links);
  }
  const metas: Meta.Meta[] = [];
  for (const hash of head.value.metas) {
    const bytes = blocks.get(hash);
    if (bytes === undefined) return invalid(`block #${hash} is needed and missing`);
    const meta = Meta.decode(bytes);
    if (!meta.ok) return invalid(`block #${hash}: ${meta.error.reason}`);
    if (!seen.has(meta.value.definition)) return invalid(`block #${hash} tells of code that is not in the bundle`);
    reached.add(hash);
    metas.push(meta.value);
  }
  for (const [name, hash] of head.value.names)
    if (!seen.has(hash)) return invalid(`${name} names code that is not in the bundle`);
  for (const hash of blocks.keys()) if (!reached.has(hash)) return invalid(`nothing leads to block #${hash}`);
  return ok({ entries: head.value.entries, names: head.value.names, code, blocks: codeBlocks, metas });
}

interface Root {
  readonly entries: readonly ContentHash.ContentHash[];
  readonly names: readonly (readonly [string, ContentHash.ContentHash])[];
  readonly metas: readonly ContentHash.ContentHash[];
}

function readRoot(bytes: Uint8Array | undefined): Result<Root, InvalidBundle> {
  if (bytes === undefined) return invalid("the root block is missing");
  const node = decode(bytes);
  if (!node.ok) return invalid(showDecodeError(node.error));
  const block = node.value;
  if (!isList(block) || block.length !== 5 || block[0] !== Kind.export)
    return invalid("the root is not an export of a codebase");
  if (block[1] !== VERSION) return invalid(`the export has version ${String(block[1])}, known is ${VERSION}`);
  const entries = links(block[2]);
  const metas = links(block[4]);
  if (entries === undefined || metas === undefined || !isList(block[3]!))
    return invalid("the root has the wrong shape");
  const names: (readonly [string, ContentHash.ContentHash])[] = [];
  for (const pair of block[3]) {
    const [name, target] = isList(pair) && pair.length === 2 ? pair : [];
    if (typeof name !== "string" || target === undefined || !isLink(target))
      return invalid("the root has the wrong shape");
    if (!isName(name) && !isTitled(name) && !isMigration(name))
      return invalid(`${JSON.stringify(name.slice(0, 80))} is not a name`);
    const before = names[names.length - 1];
    if (before !== undefined && Value.compareText(before[0], name) >= 0)
      return invalid("names must be sorted, each once");
    names.push([name, target.link]);
  }
  return ok({ entries, names, metas });
}

/** The names of tests and properties end in their title. */
const TITLED_CHARS_MAX = 300;
const isTitled = (name: string): boolean =>
  name.length <= TITLED_CHARS_MAX &&
  isDefinitionName(name) &&
  Meta.isShowable(name) &&
  !/[\n\t\r]/.test(name) &&
  /^([\w.]+\.)?(test|prop) /u.test(name);

/** `arb.Counter.migration/1.0.0->1.1.0`: a program's migrations stand under their versions. */
function isMigration(name: string): boolean {
  const at = name.indexOf(".migration/");
  return at > 0 && name.length <= TITLED_CHARS_MAX && isName(name.slice(0, at)) && VERSIONS.test(name.slice(at));
}

const VERSIONS = /^\.migration\/\d+\.\d+\.\d+->\d+\.\d+\.\d+$/;

function links(node: Node | undefined): readonly ContentHash.ContentHash[] | undefined {
  if (node === undefined || !isList(node)) return undefined;
  const found = node.flatMap((part) => (part !== null && isLink(part) ? [part.link] : []));
  return found.length === node.length ? found : undefined;
}

const invalid = (reason: string) => err({ kind: "InvalidBundle", reason } as const);

/** Writes verified code and what is told beside it. Names are the caller's decision. */
export function putBundle(tx: CodebaseTransaction, bundle: Unpacked, note: Note): void {
  const byHash = new Map(bundle.code.map((code) => [code.hash, code]));
  for (const { hash, bytes } of bundle.blocks) {
    const code = byHash.get(hash);
    if (code === undefined) tx.put(bytes);
    else tx.putDefinition(bytes, code.links);
  }
  for (const meta of bundle.metas) putMeta(tx, meta, note);
}
