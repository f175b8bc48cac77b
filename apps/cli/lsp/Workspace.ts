/**
 * The files an editor works on, as projects: a folder with `program.toml` and the TEL files in and under it, else a
 * workspace folder, else the folder of a file that stands alone. What is open in the editor hides what is on disk.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { KnownCode } from "../../../src/code/index.ts";
import { type Analysis, analyser } from "../../../src/editor/index.ts";
import { type Environment, FILE_LENGTH_MAX } from "../../../src/language/index.ts";
import { type Manifest, type Problem, parseManifest } from "../../../src/schema/index.ts";
import { CliFailure } from "../exit.ts";
import { environmentOf, isUnknownName } from "../node/checkFiles.ts";
import { isLeftOut, telFiles } from "../telFiles.ts";
import { knownBeside, previousIn } from "./codebase.ts";

/** `program.toml` of a project; without `manifest` where it has problems. */
export type ManifestFile = {
  readonly path: string;
  readonly manifest: Manifest.Manifest | undefined;
  readonly problems: readonly Problem[];
};

export type Project = {
  /** A folder, or the URI of a document that has none. */
  readonly root: string;
  /** Undefined until first needed; `null` where there is none. */
  manifest: ManifestFile | null | undefined;
  /** On disk, by path; undefined until first needed. */
  disk: Map<string, string> | undefined;
  analysis: Analysis | undefined;
  /** What the codebase beside it knows of the names that its files do not declare. */
  codebase: KnownCode | undefined;
  /** What `[schema] previous` of the manifest names, once it has been looked up. */
  previous: Environment["previous"];
  /** Checks again only what an edit reaches. */
  readonly analyse: ReturnType<typeof analyser>;
  /** Files for which problems were told last. */
  told: ReadonlySet<string>;
  /** Whether the manifest had problems then. */
  toldManifest: boolean;
};

const MANIFEST = "program.toml";

export type Workspace = {
  folders: string[];
  /** Open documents, by path. */
  readonly open: Map<string, TextDocument>;
  readonly projects: Map<string, Project>;
};

export const workspace = (): Workspace => ({ folders: [], open: new Map(), projects: new Map() });

/** A path for `file:` URIs of this machine; other documents are known by their URI. */
export function pathOf(uri: string): string {
  if (!uri.startsWith("file:")) return uri;
  try {
    return fileURLToPath(uri);
  } catch {
    return uri;
  }
}

export const uriOf = (path: string): string => (/^[a-z][a-z0-9+.-]+:/i.test(path) ? path : pathToFileURL(path).href);

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** The folder that a file is checked with. */
function rootOf(of: Workspace, path: string): string {
  if (!path.startsWith(sep) && !/^[A-Za-z]:\\/.test(path)) return path;
  const top = of.folders.filter((folder) => isInside(path, folder)).sort((a, b) => b.length - a.length)[0];
  let folder = dirname(path);
  for (;;) {
    if (existsSync(join(folder, MANIFEST))) return folder;
    const up = dirname(folder);
    if (folder === top || up === folder) break;
    folder = up;
  }
  return top ?? dirname(path);
}

export function projectOf(of: Workspace, path: string): Project {
  const root = rootOf(of, path);
  let project = of.projects.get(root);
  if (project === undefined) {
    project = {
      root,
      manifest: undefined,
      disk: undefined,
      analysis: undefined,
      codebase: undefined,
      previous: undefined,
      analyse: analyser(),
      told: new Set(),
      toldManifest: false,
    };
    of.projects.set(root, project);
  }
  return project;
}

/** Checks the project if anything has changed. */
export function analysisOf(of: Workspace, project: Project): Analysis {
  if (project.analysis !== undefined) return project.analysis;
  project.disk ??= readDisk(of, project.root);
  const texts = new Map(project.disk);
  for (const [path, document] of of.open) {
    if (projectOf(of, path) === project) texts.set(path, document.getText());
  }
  const sources = [...texts].map(([path, text]) => ({ path, text }));
  const { known = [], addresses } = project.codebase ?? {};
  project.analysis = project.analyse(sources, { ...environmentAt(of, project), known }, addresses);
  return project.analysis;
}

export function manifestOf(of: Workspace, project: Project): ManifestFile | undefined {
  if (project.manifest === undefined) project.manifest = readManifest(of, project.root) ?? null;
  return project.manifest ?? undefined;
}

function readManifest(of: Workspace, root: string): ManifestFile | undefined {
  const path = join(root, MANIFEST);
  const text = of.open.get(path)?.getText() ?? (existsSync(path) ? readUtf8(path) : undefined);
  if (text === undefined) return undefined;
  const parsed = parseManifest(text, path);
  return parsed.ok
    ? { path, manifest: parsed.value, problems: [] }
    : { path, manifest: undefined, problems: parsed.error };
}

/** Files that cannot be read are left out: the editor tells about those that it opens. */
function readDisk(of: Workspace, root: string): Map<string, string> {
  const texts = new Map<string, string>();
  if (!belongs(of, root)) return texts;
  for (const path of filesUnder(root)) {
    const absolute = resolve(path);
    if (rootOf(of, absolute) !== root) continue;
    const text = readUtf8(absolute);
    if (text !== undefined) texts.set(absolute, text);
  }
  return texts;
}

/** A folder that cannot be read hides what is in it; the rest is checked all the same. */
function filesUnder(root: string): readonly string[] {
  try {
    return telFiles([root], () => {});
  } catch (error) {
    // The folder is gone, or holds more files than any program.
    if (error instanceof CliFailure) return [];
    throw error;
  }
}

/** Whether the files on disk at `root` are checked together; else only those that are open. */
const belongs = (of: Workspace, root: string): boolean =>
  of.folders.some((folder) => isInside(root, folder)) || existsSync(join(root, MANIFEST));

function readUtf8(path: string): string | undefined {
  try {
    if (statSync(path).size > 4 * FILE_LENGTH_MAX) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
}

function environmentAt(of: Workspace, project: Project): Environment {
  const manifest = manifestOf(of, project)?.manifest;
  const { previous } = project;
  const isSame = previous !== undefined && previous.hash === manifest?.schema.previous;
  return { ...environmentOf(manifest), ...(isSame ? { previous } : {}) };
}

/**
 * Looks up the version before that the manifest names, where it names another one than last time. True: what is known
 * of the project has changed, and it is to be checked again.
 */
export async function lookUpPrevious(of: Workspace, project: Project): Promise<boolean> {
  const manifest = manifestOf(of, project)?.manifest;
  const named = manifest?.schema.previous;
  if (named === project.previous?.hash) return false;
  const found = await previousIn(project.root, manifest);
  if (found === undefined && project.previous === undefined) return false;
  project.previous = found;
  project.analysis = undefined;
  return true;
}

/** The text of any file, as a document that knows its lines. */
export function documentOf(of: Workspace, path: string): TextDocument | undefined {
  const open = of.open.get(path);
  if (open !== undefined) return open;
  const text = projectOf(of, path).disk?.get(path) ?? readUtf8(path);
  return text === undefined ? undefined : TextDocument.create(uriOf(path), "tel", 0, text);
}

export function opened(of: Workspace, document: TextDocument): Project {
  const path = pathOf(document.uri);
  of.open.set(path, document);
  return changed(of, path);
}

export function closed(of: Workspace, uri: string): Project {
  const path = pathOf(uri);
  of.open.delete(path);
  // What was saved meanwhile is on disk; not every client tells.
  return changed(of, path, true);
}

/** A file is new, gone or different: on disk, or in the editor. */
export function changed(of: Workspace, path: string, onDisk = false): Project {
  const isManifest = basename(path) === MANIFEST;
  // Which files belong together may have changed.
  if (isManifest && onDisk) forget(of);
  const project = projectOf(of, path);
  if (isManifest) project.manifest = undefined;
  else if (onDisk && project.disk !== undefined) readAgain(of, project, path);
  // Files change on disk when people add them, too.
  if (onDisk) project.codebase = undefined;
  project.analysis = undefined;
  return project;
}

/** Looks into the codebase beside a project where its files name what they do not declare; gives whether it found more. */
export async function learn(of: Workspace, project: Project): Promise<boolean> {
  const { checked, sources } = analysisOf(of, project);
  const puzzled = new Set(checked.problems.filter(isUnknownName).map((problem) => problem.file));
  if (puzzled.size === 0) return false;
  const found = await knownBeside(project.root, [...sources.values()], project.codebase);
  if (found === undefined) return false;
  project.codebase = found;
  project.analysis = undefined;
  return true;
}

function readAgain(of: Workspace, project: Project, path: string): void {
  const folders = relative(project.root, dirname(path)).split(sep);
  const isOne = belongs(of, project.root) && !folders.some(isLeftOut) && existsSync(path);
  const text = isOne ? readUtf8(path) : undefined;
  if (text === undefined) project.disk!.delete(path);
  else project.disk!.set(path, text);
}

/** Everything on disk may be different. */
export function forget(of: Workspace): void {
  for (const project of of.projects.values()) {
    project.disk = undefined;
    project.manifest = undefined;
    project.codebase = undefined;
    project.analysis = undefined;
  }
}
