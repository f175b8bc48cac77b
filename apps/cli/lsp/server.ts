/** The language server: the protocol on one side, the pure language service on the other, and nothing in between. */
import { join } from "node:path";
import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileOperationRegistrationOptions,
  type InitializeResult,
  type Location,
  MessageType,
  type Range,
  ResponseError,
  SemanticTokensBuilder,
  ShowMessageNotification,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import * as Editor from "../../../src/editor/index.ts";
import { applyFixes } from "../../../src/language/index.ts";
import { version } from "../version.generated.ts";
import { definitionFile } from "./codebase.ts";
import * as convert from "./convert.ts";
import { earlierVersion, hasEarlier } from "./earlier.ts";
import { libraryFile } from "./library.ts";
import * as Tests from "./tests.ts";
import * as Workspace from "./Workspace.ts";
import { watcher } from "./watches.ts";

/** Typing goes on for a moment before all is checked again. */
const CHECK_DELAY_MILLISECONDS = 100;

/** Error code of the protocol for a request that makes no sense at its place. */
const REQUEST_FAILED = -32803;

/** A folder that is moved or deleted takes its files along, and no watcher of files tells. */
const folders: FileOperationRegistrationOptions = {
  filters: [{ scheme: "file", pattern: { glob: "**", matches: "folder" } }],
};

/** Serves until the client says `exit` or goes away; problems are told `checkDelay` milliseconds after the last change. */
export function serve(connection: Connection, checkDelay = CHECK_DELAY_MILLISECONDS): void {
  const workspace = Workspace.workspace();
  const documents = new TextDocuments(TextDocument);
  const results: Tests.Results = new Map();
  const watches = watcher();
  const waiting = new Map<Workspace.Project, NodeJS.Timeout>();
  let watchesFiles = false;
  let refreshesLenses = false;
  let resolvesEdits = false;

  const documentOf: convert.Documents = (path) => {
    const known = Workspace.documentOf(workspace, path);
    if (known !== undefined) return known;
    const library = path.startsWith("library:") ? libraryFile(path) : undefined;
    return library === undefined ? undefined : Workspace.documentOf(workspace, library);
  };

  /** What a request is about; undefined for documents that are not there (any more). */
  type Asked = { readonly analysis: Editor.Analysis; readonly document: TextDocument; readonly path: string };
  const asked = ({ uri }: { readonly uri: string }): Asked | undefined => {
    const path = Workspace.pathOf(uri);
    const document = workspace.open.get(path);
    if (document === undefined) return undefined;
    return { analysis: Workspace.analysisOf(workspace, Workspace.projectOf(workspace, path)), document, path };
  };

  const locations = (places: readonly Editor.Place[]): Location[] =>
    places.flatMap(({ file, span }) => {
      const document = documentOf(file);
      return document === undefined ? [] : [{ uri: document.uri, range: convert.range(document, span) }];
    });

  // ------------------------------------------------------------------------------------------- diagnostics

  const tell = (project: Workspace.Project): void => {
    const analysis = Workspace.analysisOf(workspace, project);
    const manifest = Workspace.manifestOf(workspace, project);
    const byFile = grouped(analysis);
    const files = new Set([
      ...project.told,
      ...byFile.keys(),
      ...[...workspace.open.keys()].filter((path) => analysis.sources.has(path)),
    ]);
    for (const file of files) {
      const document = documentOf(file);
      const diagnostics =
        document === undefined ? [] : convert.diagnostics(byFile.get(file) ?? [], document, documentOf);
      const open = workspace.open.get(file);
      void connection.sendDiagnostics({
        uri: Workspace.uriOf(file),
        diagnostics,
        ...(open === undefined ? {} : { version: open.version }),
      });
    }
    project.told = new Set(byFile.keys());
    if (manifest === undefined) return;
    const found = manifest.problems.map(convert.manifestDiagnostic);
    if (found.length > 0 || project.toldManifest)
      void connection.sendDiagnostics({ uri: Workspace.uriOf(manifest.path), diagnostics: found });
    project.toldManifest = found.length > 0;
  };

  /** Names that the files do not declare may be of the codebase: only then is it looked into, and all told again. */
  const tellAndLearn = async (project: Workspace.Project): Promise<void> => {
    tell(project);
    const knowsPrevious = await Workspace.lookUpPrevious(workspace, project);
    if ((await Workspace.learn(workspace, project)) || knowsPrevious) tell(project);
  };

  const tellSoon = (project: Workspace.Project): void => {
    clearTimeout(waiting.get(project));
    const timer = setTimeout(() => {
      waiting.delete(project);
      // Outside of a request, nobody else would catch it.
      tellAndLearn(project).catch((error: unknown) => {
        connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      });
    }, checkDelay);
    waiting.set(project, timer);
  };

  documents.onDidChangeContent(({ document }) => tellSoon(Workspace.opened(workspace, document)));
  documents.onDidClose(({ document }) => tellSoon(Workspace.closed(workspace, document.uri)));
  /** Which project a file belongs to may be another one now: what was told about it is taken back, and all is told anew. */
  const startOver = (): void => {
    for (const [project, timer] of waiting) {
      clearTimeout(timer);
      waiting.delete(project);
    }
    for (const project of workspace.projects.values()) {
      const manifest = project.toldManifest ? [join(project.root, "program.toml")] : [];
      for (const file of [...project.told, ...manifest])
        void connection.sendDiagnostics({ uri: Workspace.uriOf(file), diagnostics: [] });
    }
    workspace.projects.clear();
    for (const path of workspace.open.keys()) tellSoon(Workspace.projectOf(workspace, path));
  };
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const moves = changes.some(({ uri, type }) => uri.endsWith("/program.toml") && type !== FileChangeType.Changed);
    if (moves) return startOver();
    const touched = new Set(changes.map(({ uri }) => Workspace.changed(workspace, Workspace.pathOf(uri), true)));
    for (const project of touched) tellSoon(project);
  });

  const foldersMoved = (): void => {
    Workspace.forget(workspace);
    for (const project of workspace.projects.values()) tellSoon(project);
  };
  connection.workspace.onDidRenameFiles(foldersMoved);
  connection.workspace.onDidDeleteFiles(foldersMoved);

  // -------------------------------------------------------------------------------------------- life cycle

  connection.onInitialize(({ workspaceFolders, rootUri, capabilities }): InitializeResult => {
    const opened = workspaceFolders ?? (rootUri === null || rootUri === undefined ? [] : [{ uri: rootUri }]);
    workspace.folders = opened.map(({ uri }) => Workspace.pathOf(uri));
    watchesFiles = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    const resolvable = capabilities.textDocument?.codeAction?.resolveSupport?.properties ?? [];
    resolvesEdits = resolvable.includes("edit") && capabilities.textDocument?.codeAction?.dataSupport === true;
    return {
      serverInfo: { name: "tb lsp", version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        hoverProvider: true,
        completionProvider: { triggerCharacters: ["."] },
        signatureHelpProvider: { triggerCharacters: ["(", ","] },
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        documentSymbolProvider: true,
        renameProvider: { prepareProvider: true },
        codeActionProvider: {
          codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, CodeActionKind.SourceFixAll],
          resolveProvider: true,
        },
        codeLensProvider: {},
        foldingRangeProvider: true,
        documentFormattingProvider: true,
        inlayHintProvider: true,
        semanticTokensProvider: {
          legend: { tokenTypes: [...Editor.tokenTypes], tokenModifiers: [...Editor.tokenModifiers] },
          full: true,
        },
        executeCommandProvider: { commands: ["tb.runTest"] },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: true },
          fileOperations: { didRename: folders, didDelete: folders },
        },
      },
    };
  });

  connection.onInitialized(async () => {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => Workspace.pathOf(uri)));
      const kept = workspace.folders.filter((folder) => !gone.has(folder));
      workspace.folders = [...kept, ...added.map(({ uri }) => Workspace.pathOf(uri))];
      startOver();
    });
    if (!watchesFiles) return;
    const watchers = [{ globPattern: "**/*.tel" }, { globPattern: "**/program.toml" }];
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });

  // ---------------------------------------------------------------------------------------------- requests

  connection.onHover(({ textDocument, position }) => {
    const at = asked(textDocument);
    const found = at && Editor.hover(at.analysis, at.path, at.document.offsetAt(position));
    return found === undefined ? null : convert.hover(found, at!.document);
  });

  connection.onCompletion(({ textDocument, position }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const offset = at.document.offsetAt(position);
    return Editor.complete(at.analysis, at.path, offset).map((item) => convert.completion(item, at.document));
  });

  connection.onSignatureHelp(({ textDocument, position }) => {
    const at = asked(textDocument);
    const found = at && Editor.signatureHelp(at.analysis, at.path, at.document.offsetAt(position));
    if (found === undefined) return null;
    const parameters = found.parameters.map((label) => ({ label }));
    const documentation =
      found.doc === undefined ? {} : { documentation: { kind: "markdown" as const, value: found.doc } };
    return {
      signatures: [{ label: found.code, parameters, ...documentation }],
      activeSignature: 0,
      activeParameter: found.active,
    };
  });

  connection.onDefinition(async ({ textDocument, position }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const offset = at.document.offsetAt(position);
    const hash = Editor.hashAt(at.analysis, at.path, offset);
    if (hash === undefined) return locations(Editor.definition(at.analysis, at.path, offset));
    const path = await definitionFile(Workspace.projectOf(workspace, at.path).root, hash);
    return path === undefined ? [] : locations([{ file: path, span: { start: 0, end: 0 } }]);
  });

  connection.onReferences(({ textDocument, position, context }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const offset = at.document.offsetAt(position);
    return locations(Editor.references(at.analysis, at.path, offset, context.includeDeclaration));
  });

  connection.onDocumentHighlight(({ textDocument, position }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const found = Editor.highlights(at.analysis, at.path, at.document.offsetAt(position));
    return found.map(({ span }) => ({ range: convert.range(at.document, span) }));
  });

  connection.onPrepareRename(({ textDocument, position }) => {
    const at = asked(textDocument);
    if (at === undefined) return null;
    const found = Editor.renameTarget(at.analysis, at.path, at.document.offsetAt(position));
    if (found.ok) return convert.range(at.document, found.value.span);
    throw new ResponseError(REQUEST_FAILED, Editor.showRefusal(found.error));
  });

  connection.onRenameRequest(({ textDocument, position, newName }) => {
    const at = asked(textDocument);
    if (at === undefined) return null;
    const found = Editor.rename(at.analysis, at.path, at.document.offsetAt(position), newName);
    if (found.ok) return convert.workspaceEdit(found.value, documentOf);
    throw new ResponseError(REQUEST_FAILED, Editor.showRefusal(found.error));
  });

  connection.onDocumentSymbol(({ textDocument }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    return Editor.outline(at.analysis, at.path).map((item) => convert.documentSymbol(item, at.document));
  });

  connection.onFoldingRanges(({ textDocument }) => {
    const at = asked(textDocument);
    return at === undefined ? [] : Editor.folds(at.analysis, at.path).map((fold) => convert.fold(fold, at.document));
  });

  connection.onDocumentFormatting(({ textDocument }) => {
    const at = asked(textDocument);
    const text = at && Editor.formatted(at.analysis, at.path);
    if (at === undefined || text === undefined || text === at.document.getText()) return [];
    return [{ range: convert.range(at.document, { start: 0, end: at.document.getText().length }), newText: text }];
  });

  /** The edit that a migration is; looking up the earlier version may mean to open the codebase. */
  const migrationEdit = async (uri: string, program: string): Promise<WorkspaceEdit | undefined> => {
    const before = asked({ uri });
    const project = before && Workspace.projectOf(workspace, before.path);
    const manifest = project && Workspace.manifestOf(workspace, project)?.manifest;
    if (project === undefined || manifest?.program?.version === undefined) return undefined;
    const earlier = await earlierVersion(project.root, manifest);
    // The text may have changed meanwhile.
    const at = asked({ uri });
    if (at === undefined || earlier === undefined) return undefined;
    const { version, sources } = earlier;
    const analysis = sources === undefined ? undefined : Editor.analyse(sources, at.analysis.environment);
    const edit = Editor.migration(at.analysis, at.path, program, manifest.program.version, { version, analysis });
    return edit === undefined ? undefined : convert.workspaceEdit([edit], documentOf);
  };

  const migrationAction = async (at: Asked, range: Range): Promise<CodeAction | undefined> => {
    const project = Workspace.projectOf(workspace, at.path);
    const manifest = Workspace.manifestOf(workspace, project)?.manifest;
    const version = manifest?.program?.version;
    if (manifest === undefined || version === undefined || !hasEarlier(manifest)) return undefined;
    const program = Editor.migrationOffer(at.analysis, at.path, convert.span(at.document, range), version);
    if (program === undefined || program !== manifest.program?.name) return undefined;
    const action = { title: `write the migration to ${version}`, kind: CodeActionKind.RefactorRewrite };
    const { uri } = at.document;
    if (resolvesEdits) return { ...action, data: { uri, program } };
    const edit = await migrationEdit(uri, program);
    return edit === undefined ? undefined : { ...action, edit };
  };

  connection.onCodeActionResolve(async (action) => {
    const { uri, program } = (action.data ?? {}) as { readonly uri?: unknown; readonly program?: unknown };
    if (typeof uri !== "string" || typeof program !== "string") return action;
    const edit = await migrationEdit(uri, program);
    if (edit === undefined)
      throw new ResponseError(
        REQUEST_FAILED,
        "no earlier version of this program is known; say it in [schema] previous",
      );
    return { ...action, edit };
  });

  connection.onCodeAction(async ({ textDocument, range, context }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const wanted = context.only ?? [];
    const isWanted = (kind: string): boolean =>
      wanted.length === 0 || wanted.some((one) => kind === one || kind.startsWith(`${one}.`));
    const found: CodeAction[] = [];
    if (isWanted(CodeActionKind.QuickFix))
      for (const action of Editor.actions(at.analysis, at.path, convert.span(at.document, range)))
        found.push(convert.quickFix(action, at.document, documentOf));
    const migration = isWanted(CodeActionKind.RefactorRewrite) ? await migrationAction(at, range) : undefined;
    if (migration !== undefined) found.push(migration);
    if (wanted.length === 0 || !isWanted(CodeActionKind.SourceFixAll)) return found;
    const fixed = applyFixes(at.document.getText(), at.analysis.checked.problems, at.path);
    const whole = convert.range(at.document, { start: 0, end: at.document.getText().length });
    const edit = { changes: { [at.document.uri]: [{ range: whole, newText: fixed.text }] } };
    if (fixed.applied.length > 0)
      found.push({ title: `fix all (${fixed.applied.length})`, kind: CodeActionKind.SourceFixAll, edit });
    return found;
  });

  connection.onCodeLens(({ textDocument }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    return Editor.lenses(at.analysis, at.path, Tests.resultsOf(results)).map(({ span, title, command }) => {
      const range = convert.range(at.document, span);
      const { uri } = at.document;
      if (command?.kind === "run-test")
        return { range, command: { title, command: "tb.runTest", arguments: [uri, command.test] } };
      const places = command === undefined ? [] : Editor.references(at.analysis, at.path, command.offset, false);
      const args = [uri, range.start, locations(places)];
      return { range, command: { title, command: "tb.showReferences", arguments: args } };
    });
  });

  connection.languages.inlayHint.on(({ textDocument, range }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const span = convert.span(at.document, range);
    const found = [...Editor.inlays(at.analysis, at.path, span), ...watches(at.analysis, at.path, span)];
    return found.map((one) => convert.inlay(one, at.document));
  });

  connection.languages.semanticTokens.on(({ textDocument }) => {
    const at = asked(textDocument);
    const builder = new SemanticTokensBuilder();
    for (const { span, type, modifiers } of at === undefined ? [] : Editor.semanticTokens(at.analysis, at.path)) {
      const { line, character } = at!.document.positionAt(span.start);
      const bits = modifiers.reduce((sum, one) => sum | (1 << Editor.tokenModifiers.indexOf(one)), 0);
      builder.push(line, character, span.end - span.start, Editor.tokenTypes.indexOf(type), bits);
    }
    return builder.build();
  });

  connection.onExecuteCommand(({ command, arguments: args }) => {
    const [uri, title] = args ?? [];
    if (command !== "tb.runTest" || typeof uri !== "string" || typeof title !== "string")
      throw new ResponseError(REQUEST_FAILED, `there is no command ${command} with these arguments`);
    const at = asked({ uri });
    if (at === undefined) throw new ResponseError(REQUEST_FAILED, `${uri} is not open`);
    const run = Tests.run(at.analysis, at.path, title, results);
    const type = run.passed ? MessageType.Info : MessageType.Error;
    void connection.sendNotification(ShowMessageNotification.type, { type, message: run.message });
    if (refreshesLenses) connection.sendRequest("workspace/codeLens/refresh").catch(() => {});
    return run;
  });

  documents.listen(connection);
  connection.listen();
}

function grouped(analysis: Editor.Analysis): Map<string, Editor.Analysis["checked"]["problems"][number][]> {
  const byFile = new Map<string, Editor.Analysis["checked"]["problems"][number][]>();
  for (const problem of analysis.checked.problems) {
    const known = byFile.get(problem.file);
    if (known === undefined) byFile.set(problem.file, [problem]);
    else known.push(problem);
  }
  return byFile;
}
