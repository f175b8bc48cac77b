/** Known declarations as files for the names pass: heads without types or bodies, one file for each module. */
import type { SourceFile } from "../names/collect.ts";
import type * as S from "../syntax/Tree.ts";
import { defaultFrom } from "./defaults.ts";
import { type Known, type KnownField, type KnownOutside, ownerOf, wordOf } from "./Known.ts";

const nowhere: S.Span = { start: 0, end: 0 };
const name = (text: string): S.Name => ({ text, span: nowhere });
const doc = (text: string | undefined): S.Doc | undefined => (text === undefined ? undefined : { text, span: nowhere });
const param = (of: KnownField): S.Param => ({
  span: nowhere,
  name: name(of.name),
  type: undefined,
  default: of.default === undefined ? undefined : defaultFrom(of.default),
});
const params = (of: Pick<KnownOutside, "parameters">): readonly S.Param[] => of.parameters.map(param);
const missing: S.Type = { kind: "missing", span: nowhere };

/** How such files are called; no file of a user has a colon so early. */
export const KNOWN_PATH = "known:";

export function knownTrees(all: readonly Known[]): readonly SourceFile[] {
  const modules = new Map<string, S.Item[]>();
  const operations = new Map<string, S.Operation[]>();
  const itemsOf = (module: string): S.Item[] => {
    const items = modules.get(module) ?? [];
    modules.set(module, items);
    return items;
  };
  for (const one of all) {
    if (one.kind !== "operation") itemsOf(ownerOf(one.name)).push(itemOf(one));
    else {
      const effect = ownerOf(one.name);
      const known = operations.get(effect);
      const operation = operationOf(one);
      if (known !== undefined) known.push(operation);
      else {
        const list = [operation];
        operations.set(effect, list);
        const head = { kind: "effect", span: nowhere, doc: undefined, name: name(wordOf(effect)) } as const;
        itemsOf(ownerOf(effect)).push({ ...head, operations: list });
      }
    }
  }
  return [...modules].map(([module, items]) => ({
    path: `${KNOWN_PATH}${module}`,
    tree: {
      kind: "file",
      span: nowhere,
      doc: undefined,
      module: module === "" ? undefined : { text: module, parts: module.split(".").map(name), span: nowhere },
      items,
      comments: [],
    },
    library: false,
    known: true,
  }));
}

const operationOf = (of: KnownOutside): S.Operation => ({
  kind: "op",
  span: nowhere,
  doc: doc(of.doc),
  name: name(wordOf(of.name)),
  params: params(of),
  result: missing,
});

function itemOf(of: Known): S.Declaration {
  const head = { span: nowhere, doc: doc(of.doc), name: name(wordOf(of.name)) } as const;
  switch (of.kind) {
    case "function": {
      const body: S.Block = { kind: "block", span: nowhere, steps: [] };
      return { kind: "fn", ...head, params: params(of), result: undefined, row: undefined, body };
    }
    case "record":
    case "sum": {
      const constructors = of.cases.map((each) => ({
        span: nowhere,
        name: name(each.name),
        fields: each.fields.map(param),
      }));
      const shape: S.TypeShape =
        of.kind === "record"
          ? { kind: "record", span: nowhere, fields: constructors[0]!.fields }
          : { kind: "variants", span: nowhere, constructors };
      return { kind: "type", ...head, parameters: of.parameters.map(name), shape };
    }
    case "event":
      return { kind: "event", ...head, params: params(of) };
    case "fact":
    case "action":
    case "operation":
      return { kind: of.kind === "action" ? "action" : "fact", ...head, params: params(of), result: missing };
  }
}
