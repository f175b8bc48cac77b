/** The language server: the protocol on one side, the pure language service on the other, and nothing in between. */
import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  type Location,
  MessageType,
  ResponseError,
  SemanticTokensBuilder,
  ShowMessageNotification,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import * as Editor from "../../../src/editor/index.ts";
import { applyFixes } from "../../../src/language/index.ts";
import { version } from "../version.generated.ts";
import { definitionFile } from "./codebase.ts";
import * as convert from "./convert.ts";
import { libraryFile } from "./library.ts";
import * as Tests from "./tests.ts";
import * as Workspace from "./Workspace.ts";

/** Typing goes on for a moment before all is checked again. */
const CHECK_DELAY_MILLISECONDS = 100;

/** Error code of the protocol for a request that makes no sense at its place. */
const REQUEST_FAILED = -32803;

/** Serves until the client says `exit` or goes away. */
export function serve(connection: Connection): void {
  const workspace = Workspace.workspace();
  const documents = new TextDocuments(TextDocument);
  const results: Tests.Results = new Map();
  const waiting = new Map<Workspace.Project, NodeJS.Timeout>();
  let watchesFiles = false;
  let refreshesLenses = false;

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
    const byFile = grouped(analysis);
    const files = new Set([
      ...project.told,
      ...byFile.keys(),
      ...[...workspace.open.keys()].filter((path) => analysis.sources.has(path)),
    ]);
    for (const file of files) {
      const document = documentOf(file);
      const problems = byFile.get(file) ?? [];
      const diagnostics =
        document === undefined ? [] : problems.map((problem) => convert.diagnostic(problem, document, documentOf));
      const open = workspace.open.get(file);
      void connection.sendDiagnostics({
        uri: Workspace.uriOf(file),
        diagnostics,
        ...(open === undefined ? {} : { version: open.version }),
      });
    }
    project.told = new Set(byFile.keys());
  };

  const tellSoon = (project: Workspace.Project): void => {
    clearTimeout(waiting.get(project));
    const timer = setTimeout(() => {
      waiting.delete(project);
      tell(project);
      void Workspace.lookUpPrevious(workspace, project).then((isNew) => {
        if (isNew) tell(project);
      });
    }, CHECK_DELAY_MILLISECONDS);
    waiting.set(project, timer);
  };

  documents.onDidChangeContent(({ document }) => tellSoon(Workspace.opened(workspace, document)));
  documents.onDidClose(({ document }) => tellSoon(Workspace.closed(workspace, document.uri)));
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const touched = new Set(changes.map(({ uri }) => Workspace.changed(workspace, Workspace.pathOf(uri), true)));
    for (const project of touched) tellSoon(project);
  });

  // -------------------------------------------------------------------------------------------- life cycle

  connection.onInitialize(({ workspaceFolders, rootUri, capabilities }): InitializeResult => {
    const folders = workspaceFolders ?? (rootUri === null || rootUri === undefined ? [] : [{ uri: rootUri }]);
    workspace.folders = folders.map(({ uri }) => Workspace.pathOf(uri));
    watchesFiles = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
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
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });

  connection.onInitialized(async () => {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => Workspace.pathOf(uri)));
      const kept = workspace.folders.filter((folder) => !gone.has(folder));
      workspace.folders = [...kept, ...added.map(({ uri }) => Workspace.pathOf(uri))];
      workspace.projects.clear();
      for (const path of workspace.open.keys()) tellSoon(Workspace.projectOf(workspace, path));
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

  connection.onCodeAction(({ textDocument, range, context }) => {
    const at = asked(textDocument);
    if (at === undefined) return [];
    const wanted = context.only ?? [];
    const isWanted = (kind: string): boolean => wanted.length === 0 || wanted.some((one) => kind.startsWith(one));
    const found = Editor.actions(at.analysis, at.path, convert.span(at.document, range))
      .map((action) => convert.codeAction(action, at.document, documentOf))
      .filter(({ kind }) => isWanted(kind!));
    if (!wanted.some((one) => CodeActionKind.SourceFixAll.startsWith(one))) return found;
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
    const found = Editor.inlays(at.analysis, at.path, convert.span(at.document, range));
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
