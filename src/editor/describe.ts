/** What a name stands for, as TEL text and in words: the content of hovers and completion lists. */
import {
  builtins,
  type Core,
  Inspect,
  KNOWN_PATH,
  Known,
  operations,
  printType,
  showType,
  type Tree,
} from "../language/index.ts";
import type { Analysis } from "./Analysis.ts";
import type { Target } from "./Target.ts";

export type Description = {
  /** TEL text: a signature or a type. */
  readonly code: string;
  /** Markdown. */
  readonly doc: string | undefined;
  /** Full name, when it is a definition with a hash. */
  readonly full: string | undefined;
};

const told = (code: string, doc?: string | undefined, full?: string | undefined): Description => ({ code, doc, full });

/** `near` is the file in which it is named: a local is most likely of that file. */
export function describe(analysis: Analysis, target: Target, near: string): Description {
  switch (target.kind) {
    case "symbol":
      return describeSymbol(analysis, target.symbol);
    case "local": {
      const type = analysis.localTypesIn(near).get(target.local) ?? analysis.localTypes().get(target.local);
      return told(type === undefined ? target.local.name : `${target.local.name}: ${Inspect.showInferred(type)}`);
    }
    case "field":
      return told(`${target.owner}.${parameter(target.field)}`);
    case "module":
      return told(`module ${target.module.name}`, moduleDoc(analysis, target.module));
    case "timeline":
      return told(`${target.name}: Timeline`, "A timeline that the manifest names.");
    case "builtinType":
      return told(`type ${target.name}`, "A type of the language.");
    case "builtinConstructor":
      return told(target.name, "A constructor of the language.");
    case "label":
      return told(`uses ${target.name}`, labelDocs.get(target.name));
    case "builtin":
    case "outside":
    case "form": {
      const signature = Inspect.builtinSignature(analysis.checked.typed.declarations, target.name);
      const code = signature === undefined ? target.name : inferredHeader(target.name, signature);
      return told(code, operations.get(target.name)?.doc ?? builtinDoc(target.name));
    }
  }
}

const builtinDoc = (name: string): string | undefined => {
  const builtin = builtins.get(name) as { readonly doc?: string } | undefined;
  return builtin?.doc;
};

const labelDocs: ReadonlyMap<string, string> = new Map([
  ["Act", "May act on a timeline."],
  ["Clock", "May look at the clock, wait, or set a deadline."],
  ["Deploy", "May deploy and activate programs."],
  ["Deposit", "May bring assets into the account."],
  ["Emit", "May emit events."],
  ["Invoke", "May call other programs."],
  ["Observe", "May read facts from timelines."],
  ["Random", "May draw random numbers."],
  ["Transfer", "May move assets to other accounts and programs."],
  ["Withdraw", "May send assets out of the account."],
  ["World", "Acts on the simulated world of a test."],
]);

const moduleDoc = (analysis: Analysis, module: Inspect.Module): string | undefined =>
  analysis.checked.files.find(({ tree }) => tree.module?.text === module.name)?.tree.doc?.text;

function inferredHeader(name: string, signature: Inspect.Signature): string {
  const params = signature.params.map(({ name: label, type, optional }) => {
    const shown = Inspect.showInferred(type);
    return label === "" ? shown : `${label}${optional ? "?" : ""}: ${shown}`;
  });
  return `${name}(${params.join(", ")}) -> ${Inspect.showInferred(signature.result)}${Inspect.Row.show(signature.row)}`;
}

function describeSymbol(analysis: Analysis, symbol: Inspect.AnySymbol): Description {
  const known = symbol.file.startsWith(KNOWN_PATH) ? knownOf(analysis, symbol) : undefined;
  if (known !== undefined) return describeKnown(known, symbol);
  switch (symbol.kind) {
    case "fn":
      return told(header("fn", symbol.decl), symbol.decl.doc?.text, symbol.full);
    case "entry":
      return told(
        header(symbol.decl.exclusive ? "exclusive entry" : "entry", symbol.decl),
        symbol.decl.doc?.text,
        symbol.full,
      );
    case "interfaceEntry":
      return told(header("entry", symbol.decl), symbol.decl.doc?.text);
    case "operation":
      return told(`${header("op", symbol.decl)} uses ${short(symbol.effect)}`, symbol.decl.doc?.text, symbol.full);
    case "fact":
    case "action":
    case "event":
      return told(header(symbol.kind, symbol.decl), symbol.decl.doc?.text, symbol.full);
    case "type":
      return told(typeHeader(symbol.decl), symbol.decl.doc?.text, symbol.full);
    case "constructor": {
      const { shape } = symbol.owner.decl;
      const own =
        shape.kind === "variants" ? shape.constructors.find((one) => one.name.text === symbol.name) : undefined;
      const fields = own === undefined || own.fields.length === 0 ? "" : parameters(own.fields);
      return told(`${symbol.name}${fields} -> ${symbol.owner.name}`, symbol.owner.decl.doc?.text, symbol.owner.full);
    }
    case "effect": {
      const lines = symbol.decl.operations.map((operation) => `  ${header("op", operation)}`);
      return told([`effect ${symbol.name} {`, ...lines, "}"].join("\n"), symbol.decl.doc?.text);
    }
    case "interface": {
      const lines = symbol.decl.entries.map((entry) => `  ${header("entry", entry)}`);
      const code = [`interface ${symbol.name} = #${symbol.decl.hash.text} {`, ...lines, "}"].join("\n");
      return told(code, symbol.decl.doc?.text);
    }
    case "handler": {
      const { decl } = symbol;
      const params = decl.params === undefined ? "" : parameters(decl.params);
      return told(
        `handler ${symbol.name}${params} for ${decl.effect.text}${row(decl.row)}`,
        decl.doc?.text,
        symbol.full,
      );
    }
    case "program": {
      const entries = symbol.decl.clauses.flatMap((clause) => (clause.kind === "entry" ? [clause] : []));
      const lines = entries.map((entry) => `  ${header("entry", entry)}`);
      return told([`program ${symbol.name} {`, ...lines, "}"].join("\n"), symbol.decl.doc?.text, symbol.full);
    }
    case "external":
      return told(`${symbol.name}#${symbol.hash}`);
  }
}

/** What is known of the definition in the codebase that a name stands for; of a case, of its type. */
function knownOf(analysis: Analysis, symbol: Inspect.AnySymbol): Known.Known | undefined {
  const full = fullNameOf(symbol);
  return analysis.checked.known.find((one) => one.name === full);
}

/** The full name of the definition that a name stands for. */
export const fullNameOf = (symbol: Inspect.AnySymbol): string | undefined =>
  symbol.kind === "constructor" ? symbol.owner.full : "full" in symbol ? symbol.full : undefined;

function describeKnown(known: Known.Known, symbol: Inspect.AnySymbol): Description {
  const type = (of: Core.Type) => printType(of).replace(/(?:[\p{L}_][\p{L}\p{N}_]*\.)+(?=[\p{L}_])/gu, "");
  const fallback = (of: Known.KnownField) => (of.default === undefined ? "" : ` = ${of.default}`);
  const fields = (all: readonly Known.KnownField[]) =>
    `(${all.map((field) => `${field.name}: ${type(field.type)}${fallback(field)}`).join(", ")})`;
  const word = Known.wordOf(known.name);
  switch (known.kind) {
    case "function": {
      const { parameters, result, row: of } = known;
      const header = type({ kind: "function", parameters: [], result, row: of }).replace(/^fn\(\)/, "");
      return told(`fn ${word}${fields(parameters)}${header}`, known.doc, known.name);
    }
    case "record":
    case "sum": {
      const one = symbol.kind === "constructor" ? known.cases.find((each) => each.name === symbol.name) : undefined;
      if (one !== undefined && known.kind === "sum")
        return told(
          `${one.name}${one.fields.length === 0 ? "" : fields(one.fields)} -> ${word}`,
          known.doc,
          known.name,
        );
      const parameters = known.parameters.length === 0 ? "" : `<${known.parameters.join(", ")}>`;
      const cases = known.cases.map((each) => `${each.name}${each.fields.length === 0 ? "" : fields(each.fields)}`);
      const shape = known.kind === "record" ? fields(known.cases[0]?.fields ?? []) : ` = ${cases.join(" | ")}`;
      return told(`type ${word}${parameters}${shape}`, known.doc, known.name);
    }
    default: {
      const keyword = known.kind === "operation" ? "op" : known.kind;
      const result = known.kind === "event" ? "" : ` -> ${type(known.result)}`;
      return told(`${keyword} ${word}${fields(known.parameters)}${result}`, known.doc, known.name);
    }
  }
}

const short = (full: string): string => full.slice(full.lastIndexOf(".") + 1);

type Headed = {
  readonly name: Tree.Name;
  readonly params: readonly Tree.Param[];
  readonly result?: Tree.Type | undefined;
  readonly row?: Tree.Row | undefined;
};

export function header(keyword: string, { name, params, result, row: labels }: Headed): string {
  const answer = result === undefined ? "" : ` -> ${showType(result)}`;
  return `${keyword} ${name.text}${parameters(params)}${answer}${row(labels)}`;
}

const parameters = (all: readonly Tree.Param[]): string => `(${all.map(parameter).join(", ")})`;

export const parameter = ({
  name,
  type,
}: {
  readonly name: Tree.Name;
  readonly type: Tree.Type | undefined;
}): string => (type === undefined ? name.text : `${name.text}: ${showType(type)}`);

const row = (labels: Tree.Row | undefined): string =>
  labels === undefined ? "" : ` uses ${labels.labels.map((label) => label.text).join(", ")}`;

function typeHeader({ name, parameters: generics, shape }: Tree.TypeDecl): string {
  const head = `type ${name.text}${generics.length === 0 ? "" : `<${generics.map((one) => one.text).join(", ")}>`}`;
  if (shape.kind === "record") return head + parameters(shape.fields);
  const cases = shape.constructors.map(
    (one) => one.name.text + (one.fields.length === 0 ? "" : parameters(one.fields)),
  );
  return `${head} = ${cases.join(" | ")}`;
}
