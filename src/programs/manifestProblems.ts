/**
 * What a manifest says of the outside beside what the sources declare: all that can be known without a chain. Each fact and
 * action that is bound is declared, and its arguments, slots, calls and events fit (docs/spec/timelines.md §2).
 */
import type { Value } from "../content/index.ts";
import type { Checked, Core } from "../language/index.ts";
import { type Bindings, parseBindings, type Reading } from "../protocol/index.ts";
import { type Manifest, type Problem, placeOfPath } from "../schema/index.ts";
import { closest, type Result } from "../std/index.ts";

interface Told {
  readonly path: string;
  readonly what: string;
  readonly fix?: string | undefined;
}
type Tell = (path: string, what: string, fix?: string) => void;

/** The bindings, as far as they are well formed, and everything that is wrong with them. */
export function readBindings(
  manifest: Manifest.Manifest,
  checked: Checked,
): { readonly bindings: Bindings.Bindings | undefined; readonly problems: readonly Problem[] } {
  const parsed: Result<Bindings.Bindings, readonly { readonly path: string; readonly reason: string }[]> =
    parseBindings(manifest.tables);
  const told: Told[] = parsed.ok ? [] : parsed.error.map(({ path, reason }) => ({ path, what: `${path}: ${reason}` }));
  const tell: Tell = (path, what, fix) => told.push({ path, what: `${path}: ${what}`, fix });
  const hasErrors = checked.problems.some((problem) => problem.severity === "error");
  // What is declared in a file with errors may not be known.
  if (!hasErrors) {
    if (parsed.ok) {
      each(
        manifest,
        "facts",
        parsed.value.facts,
        (one) => one.fact,
        (one, path) => {
          if (!isCondition(manifest, checked, one.fact)) factBinding(checked, one, path, tell);
        },
      );
      each(
        manifest,
        "actions",
        parsed.value.actions,
        (one) => one.action,
        (one, path) => actionBinding(checked, one, path, tell),
      );
    }
    programs(manifest, checked, tell);
  }
  return {
    bindings: parsed.ok ? parsed.value : undefined,
    problems: told.map(({ path, what, fix }) => ({
      code: "SCH0109",
      what,
      at: placeOfPath(manifest.toml, path),
      ...(fix === undefined ? {} : { fix }),
    })),
  };
}

/** A fact that the activation waits for is the manifest's own: the sources need not know it. */
const isCondition = ({ activation }: Manifest.Manifest, { sound }: Checked, fact: string): boolean =>
  activation?.conditions.includes(fact) === true && !sound.outside.some((one) => lastWord(one.name) === fact);

/** Each binding with its path: `facts.PriceOf`, or `facts.PriceOf.1` of several. */
function each<B>(
  manifest: Manifest.Manifest,
  table: "facts" | "actions",
  bindings: readonly B[],
  nameOf: (binding: B) => string,
  look: (binding: B, path: string) => void,
): void {
  const written = manifest.tables[table] as { readonly [name: string]: unknown } | undefined;
  const seen = new Map<string, number>();
  for (const binding of bindings) {
    const name = nameOf(binding);
    const at = seen.get(name) ?? 0;
    seen.set(name, at + 1);
    look(binding, Array.isArray(written?.[name]) ? `${table}.${name}.${at}` : `${table}.${name}`);
  }
}

const meant = (name: string, all: readonly string[], none: string): string => {
  const near = closest(name, all);
  if (near !== undefined) return `did you mean ${near}?`;
  return all.length === 0 ? none : `there is ${all.join(", ")}`;
};

// ------------------------------------------------------------------------------------------------- programs

function programs({ bindings }: Manifest.Manifest, checked: Checked, tell: Tell): void {
  if (bindings.size === 0) return;
  // A library file is parsed when its tree is asked for.
  const interfaces = checked.files.flatMap((file) =>
    (file.library ? [] : file.tree.items).flatMap((item) => (item.kind === "interface" ? [item.name.text] : [])),
  );
  for (const name of bindings.keys()) {
    if (interfaces.includes(name)) continue;
    const fix = meant(name, interfaces, `declare it: interface ${name} = #hash { entry … }`);
    tell(`bindings.${name}`, `the sources have no interface ${name}`, fix);
  }
}

// -------------------------------------------------------------------------------------------- facts, actions

function factBinding(checked: Checked, binding: Bindings.FactBinding, path: string, tell: Tell): void {
  const declared = find(checked, "fact", binding.fact, path, tell);
  if (declared === undefined) return;
  const scope = { checked, declared, tell };
  conditions(scope, binding.when, path);
  const words = new Map<string, string>();
  for (const slot of binding.slots) {
    words.set(slot.name, slot.type === "uint" || slot.type === "int" ? "Int" : slot.type === "bool" ? "Bool" : "Bytes");
    for (const key of slot.keys) source(scope, key, `${path}.slots.${slot.name}.keys`);
  }
  reading(scope, binding.value, words, "slot", `${path}.value`, declared.result);
}

function actionBinding(checked: Checked, binding: Bindings.ActionBinding, path: string, tell: Tell): void {
  const declared = find(checked, "action", binding.action, path, tell);
  if (declared === undefined) return;
  const scope = { checked, declared, tell };
  conditions(scope, binding.when, path);
  call(scope, binding.function, binding.inputs, `${path}.call`);
  for (const input of binding.inputs) {
    if (input.kind !== "Limit") source(scope, input, `${path}.inputs`);
    else {
      call(scope, input.view, input.inputs, `${path}.inputs`);
      for (const one of input.inputs) source(scope, one, `${path}.inputs`);
    }
  }
  if (binding.payment !== undefined) source(scope, binding.payment, `${path}.payment`);
  const words = new Map<string, string>();
  for (const { type, name } of parametersOf(binding.event)) {
    const value = wordOf(type);
    if (value === undefined) tell(`${path}.event`, NOT_ELEMENTARY(type));
    if (name !== undefined) words.set(name, value ?? "Bytes");
  }
  for (const { name, input } of binding.where) {
    if (!words.has(name))
      tell(
        `${path}.where.${name}`,
        `the event has no parameter ${name}`,
        meant(name, [...words.keys()], "name its parameters: Bought(uint256 amount)"),
      );
    source(scope, input, `${path}.where.${name}`);
  }
  reading(scope, binding.answer, words, "parameter of the event", `${path}.answer`, declared.result);
  for (const move of binding.moves)
    reading(scope, move.amount, words, "parameter of the event", `${path}.moves`, undefined);
}

interface Scope {
  readonly checked: Checked;
  readonly declared: Core.OutsideDefinition;
  readonly tell: Tell;
}

const lastWord = (full: string): string => full.slice(full.lastIndexOf(".") + 1);

function find(
  { sound }: Checked,
  kind: "fact" | "action",
  name: string,
  path: string,
  tell: Tell,
): Core.OutsideDefinition | undefined {
  const all = sound.outside.filter((one) => one.kind === kind);
  const found = all.find((one) => one.name === name) ?? all.find((one) => lastWord(one.name) === name);
  if (found === undefined) {
    const names = all.map((one) => lastWord(one.name));
    tell(path, `the sources declare no ${kind} ${name}`, meant(name, names, `declare it: ${kind} ${name}(…) -> Type`));
  }
  return found;
}

/** The type at the end of `pair.base`, through records. */
function typeAt({ checked, declared }: Scope, path: string): Core.Type | undefined {
  let fields: readonly Core.Field[] = declared.parameters;
  let type: Core.Type | undefined;
  for (const word of path.split(".")) {
    type = fields.find((field) => field.name === word)?.type;
    if (type === undefined) return undefined;
    fields = fieldsOf(checked, type);
  }
  return type;
}

function fieldsOf(checked: Checked, type: Core.Type): readonly Core.Field[] {
  if (type.kind === "record") return type.names.map((name, i) => ({ name, type: type.types[i]! }));
  const definition = definitionOf(checked, type);
  return definition?.kind === "record" ? definition.fields : [];
}

function definitionOf({ sound }: Checked, type: Core.Type): Core.TypeDefinition | undefined {
  if (type.kind !== "declared" || type.reference.kind !== "symbol") return undefined;
  const { name } = type.reference;
  return sound.types.find((one) => one.name === name);
}

function noArgument({ declared, tell }: Scope, argument: string, path: string): void {
  const names = declared.parameters.map((field) => field.name);
  tell(path, `${lastWord(declared.name)} has no argument ${argument}`, meant(argument, names, "it takes none"));
}

const builtinName = (type: Core.Type): string | undefined => (type.kind === "builtin" ? type.name : undefined);

function conditions(scope: Scope, when: Bindings.FactBinding["when"], path: string): void {
  for (const { path: argument, value } of when) {
    // A dot in a quoted key: the place is that of the whole condition.
    const at = `${path}.when`;
    const type = typeAt(scope, argument);
    if (type === undefined) {
      noArgument(scope, argument, at);
      continue;
    }
    const definition = definitionOf(scope.checked, type);
    if (definition?.kind === "sum") {
      const cases = definition.cases.filter((one) => one.fields.length === 0).map((one) => one.name);
      if (typeof value !== "string" || !cases.includes(value))
        scope.tell(
          at,
          `${argument} is never ${shown(value)}`,
          meant(String(value), cases, "only cases without fields can be named"),
        );
      continue;
    }
    const name = builtinName(type);
    const is = kindOf(value);
    const fits: Readonly<Record<string, string>> = {
      Text: "Text",
      Asset: "Text",
      Timeline: "Text",
      Int: "Int",
      Bool: "Bool",
      Bytes: "Bytes",
    };
    if (name !== undefined && fits[name] !== undefined && fits[name] !== is)
      scope.tell(at, `${argument} is a value of type ${name}, and ${shown(value)} is none`);
  }
}

const kindOf = (value: Value.Value): string =>
  typeof value === "string"
    ? "Text"
    : typeof value === "boolean"
      ? "Bool"
      : typeof value === "number" || typeof value === "bigint"
        ? "Int"
        : "Bytes";
const shown = (value: Value.Value): string =>
  typeof value === "object" ? "what is given" : typeof value === "string" ? `"${value}"` : String(value);

function source(scope: Scope, of: Bindings.Source, path: string): void {
  if (of.kind !== "Argument") return;
  const type = typeAt(scope, of.path);
  if (type === undefined) {
    noArgument(scope, of.path, path);
    return;
  }
  const allowed = of.decimals === undefined ? ["Int", "Bool", "Bytes", "Text"] : ["Int", "Decimal"];
  const name = builtinName(type);
  if (name !== undefined && allowed.includes(name)) return;
  const fix =
    of.decimals === undefined && name === "Decimal"
      ? `say how fine it is: { argument = "${of.path}", decimals = 18 }`
      : undefined;
  scope.tell(
    path,
    `${of.path} is ${name === undefined ? "no simple value" : `of type ${name}`}; it takes ${allowed.join(", ")}`,
    fix,
  );
}

// ---------------------------------------------------------------------------------------- calls and readings

/** `Bought(bytes32 indexed account, uint256 base)`: types, with names where they are given. */
function parametersOf(signature: string): readonly { readonly type: string; readonly name: string | undefined }[] {
  const inside = signature.slice(signature.indexOf("(") + 1, -1).trim();
  return inside === ""
    ? []
    : inside.split(",").map((text) => {
        const words = text
          .trim()
          .split(/\s+/)
          .filter((word) => word !== "indexed");
        return { type: words[0] ?? "", name: words[1] };
      });
}

/** What a word of an elementary type is in TEL; undefined for a type that is not elementary. */
function wordOf(type: string): string | undefined {
  if (type === "bool") return "Bool";
  if (type === "address") return "Bytes";
  const [, kind, digits] = /^(uint|int|bytes)([1-9]\d*)$/.exec(type) ?? [];
  const size = Number(digits);
  if (kind === "bytes") return size <= 32 ? "Bytes" : undefined;
  return kind !== undefined && size % 8 === 0 && size <= 256 ? "Int" : undefined;
}

const NOT_ELEMENTARY = (type: string): string =>
  `"${type}" is no type of fixed size: uintN, intN, address, bool or bytesN`;

function call(
  { tell }: Scope,
  signature: string,
  inputs: readonly (Bindings.InputBinding | Bindings.Source)[],
  path: string,
): void {
  const parameters = parametersOf(signature);
  for (const { type } of parameters) if (wordOf(type) === undefined) tell(path, NOT_ELEMENTARY(type));
  if (parameters.length !== inputs.length)
    tell(
      path,
      `${signature} takes ${parameters.length} value(s), and inputs gives ${inputs.length}`,
      "give one input for each parameter",
    );
}

function reading(
  { declared, tell }: Scope,
  of: Reading.Reading,
  words: ReadonlyMap<string, string>,
  what: string,
  path: string,
  result: Core.Type | undefined,
): void {
  const named = of.kind === "All" ? [] : of.kind === "Ratio" ? [of.numerator, of.denominator] : [of.word];
  const unknown = named.filter((name) => !words.has(name));
  for (const name of unknown) tell(path, `there is no ${what} ${name}`, meant(name, [...words.keys()], `name one`));
  if (unknown.length > 0 || of.kind === "All") return;
  if (of.kind !== "Word") {
    const whole = named.filter((name) => words.get(name) !== "Int");
    for (const name of whole) tell(path, `${name} is no number`);
  }
  const gives = of.kind === "Word" ? words.get(of.word)! : "Decimal";
  const wanted = result === undefined ? undefined : builtinName(result);
  if (result === undefined || wanted === gives) return;
  const fix = wanted === "Decimal" && gives === "Int" ? 'say how fine it is: { word = "…", decimals = 0 }' : undefined;
  tell(
    path,
    `it gives a value of type ${gives}, and ${lastWord(declared.name)} is ${wanted === undefined ? "of a declared type" : `of type ${wanted}`}`,
    fix,
  );
}
