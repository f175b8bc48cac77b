/**
 * The files an editor works on, as projects: a folder with `program.toml` and the TEL files in and under it, else a
 * workspace folder, else the folder of a file that stands alone. What is open in the editor hides what is on disk.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type Analysis, analyser } from "../../../src/editor/index.ts";
import { type Environment, FILE_LENGTH_MAX } from "../../../src/language/index.ts";
import { type Manifest, parseManifest } from "../../../src/schema/index.ts";
import { environmentOf } from "../node/checkFiles.ts";
import { telFiles } from "../telFiles.ts";
import { previousIn } from "./codebase.ts";

export type Project = {
  /** A folder, or the URI of a document that has none. */
  readonly root: string;
  /** On disk, by path; undefined until first needed. */
  disk: Map<string, string> | undefined;
  analysis: Analysis | undefined;
  /** What `[schema] previous` of the manifest names, once it has been looked up. */
  previous: Environment["previous"];
  /** Checks again only what an edit reaches. */
  readonly analyse: ReturnType<typeof analyser>;
  /** Files for which problems were told last. */
  told: ReadonlySet<string>;
};

export type Workspace = {
  folders: string[];
  /** Open documents, by path. */
  readonly open: Map<string, TextDocument>;
  readonly projects: Map<string, Project>;
};

export const workspace = (): Workspace => ({ folders: [], open: new Map(), projects: new Map() });

/** A path for `file:` URIs; other documents are known by their URI. */
export const pathOf = (uri: string): string => (uri.startsWith("file:") ? fileURLToPath(uri) : uri);

export const uriOf = (path: string): string => (/^[a-z][a-z0-9+.-]+:/i.test(path) ? path : pathToFileURL(path).href);

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** The folder that a file is checked with. */
function rootOf(of: Workspace, path: string): string {
  if (!path.startsWith(sep) && !/^[A-Za-z]:\\/.test(path)) return path;
  const top = of.folders.filter((folder) => isInside(path, folder)).sort((a, b) => b.length - a.length)[0];
  let folder = dirname(path);
  for (;;) {
    if (existsSync(join(folder, "program.toml"))) return folder;
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
    project = { root, disk: undefined, analysis: undefined, previous: undefined, analyse: analyser(), told: new Set() };
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
  project.analysis = project.analyse(sources, environmentAt(of, project));
  return project.analysis;
}

/** Files that cannot be read are left out: the editor tells about those that it opens. */
function readDisk(of: Workspace, root: string): Map<string, string> {
  const texts = new Map<string, string>();
  if (!of.folders.some((folder) => isInside(root, folder)) && !existsSync(join(root, "program.toml"))) return texts;
  for (const path of telFiles([root])) {
    const absolute = resolve(path);
    if (rootOf(of, absolute) !== root) continue;
    const text = readUtf8(absolute);
    if (text !== undefined) texts.set(absolute, text);
  }
  return texts;
}

function readUtf8(path: string): string | undefined {
  try {
    if (statSync(path).size > 4 * FILE_LENGTH_MAX) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
}

function environmentAt(of: Workspace, { root, previous }: Project): Environment {
  const manifest = manifestAt(of, root);
  const isSame = previous !== undefined && previous.hash === manifest?.schema.previous;
  return { ...environmentOf(manifest), ...(isSame ? { previous } : {}) };
}

/**
 * Looks up the version before that the manifest names, where it names another one than last time. True: what is known
 * of the project has changed, and it is to be checked again.
 */
export async function lookUpPrevious(of: Workspace, project: Project): Promise<boolean> {
  const manifest = manifestAt(of, project.root);
  const named = manifest?.schema.previous;
  if (named === project.previous?.hash) return false;
  const found = await previousIn(project.root, manifest);
  if (found === undefined && project.previous === undefined) return false;
  project.previous = found;
  project.analysis = undefined;
  return true;
}

function manifestAt(of: Workspace, root: string): Manifest.Manifest | undefined {
  const path = join(root, "program.toml");
  const text = of.open.get(path)?.getText() ?? (existsSync(path) ? readUtf8(path) : undefined);
  const manifest = text === undefined ? undefined : parseManifest(text, path);
  return manifest?.ok === true ? manifest.value : undefined;
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
  return changed(of, path);
}

/** A file is new, gone or different: on disk, where the editor says so, or in the editor. */
export function changed(of: Workspace, path: string, onDisk = false): Project {
  if (onDisk && path.endsWith("program.toml")) {
    // Which files belong together may have changed.
    for (const project of of.projects.values()) forget(project);
  }
  const project = projectOf(of, path);
  if (onDisk) forget(project);
  project.analysis = undefined;
  return project;
}

function forget(project: Project): void {
  project.disk = undefined;
  project.analysis = undefined;
}
