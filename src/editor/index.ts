/** The front door of the language service: plain data in, plain data out. */

export { type Analysis, analyse, analyser, type Place } from "./Analysis.ts";
export { type Action, actions } from "./actions.ts";
export { type Completion, type CompletionKind, complete } from "./complete.ts";
export { type Hover, hover } from "./hover.ts";
export { type Inlay, inlays } from "./inlays.ts";
export { type Lens, lenses, type TestResults } from "./lenses.ts";
export { type EarlierVersion, migration, migrationOffer } from "./migration.ts";
export {
  definition,
  type FileEdit,
  hashAt,
  highlights,
  type RenameRefusal,
  references,
  rename,
  renameTarget,
  showRefusal,
} from "./navigate.ts";
export { type Fold, folds, formatted, type OutlineItem, type OutlineKind, outline } from "./outline.ts";
export { type SignatureHelp, signatureHelp } from "./signatureHelp.ts";
export { textMateGrammar } from "./textMate.ts";
export { type SemanticToken, semanticTokens, tokenModifiers, tokenTypes } from "./tokens.ts";
