/**
 * What has been said in one `tb repl`: declarations and names that hold, and the last run. An input is an expression, a
 * declaration (which replaces one of the same name), a `let`, or a `:command`; its outcome is text, and nothing is printed
 * here.
 */
import { addressUnit } from "../../../src/code/index.ts";
import {
  codeSource,
  newExecutor,
  newLibrary,
  type Run,
  readTrace,
  runTest,
  type Store,
  showExecutionError,
} from "../../../src/execution/index.ts";
import {
  type CheckedExpression,
  type Checker,
  check,
  checkExpression,
  checker,
  type Environment,
  EXPRESSION_FILE,
  Inspect,
  lex,
  type Problem,
  parse,
  render,
  type Source,
  Token,
} from "../../../src/language/index.ts";
import { closest } from "../../../src/std/index.ts";
import { breathe as giveWay, systemClock } from "../node/bandit.ts";
import { argumentOf, keep, shownAs } from "../node/evaluate.ts";
import { eventLine } from "../node/eventLine.ts";

export type Session = {
  readonly files: readonly Source[];
  readonly environment: Environment;
  readonly store: Store;
  readonly colour: boolean;
  /** Columns for problems; asked each time, as a terminal changes its size. */
  readonly width: () => number | undefined;
  /** Of expressions beside the files: the files are checked once. */
  readonly checker: Checker;
  /** In the order in which they were said; names are unique. */
  declarations: readonly { readonly name: string; readonly text: string }[];
  /** `let` steps, each by its first word; a later one may hide an earlier one. */
  lets: readonly string[];
  last: Run | undefined;
  /** Set to leave what is being worked out. */
  isInterrupted: boolean;
};

class Interrupted extends Error {}

/** The name that problems in declarations carry. */
const SESSION_FILE = "<session>";

export type Outcome = {
  readonly ok: boolean;
  readonly text: string;
  readonly quit?: boolean;
};

const good = (text: string): Outcome => ({ ok: true, text });
const bad = (text: string): Outcome => ({ ok: false, text });

export function session(
  files: readonly Source[],
  environment: Environment,
  store: Store,
  colour: boolean,
  width: Session["width"] = () => undefined,
): Session {
  return {
    files,
    environment,
    store,
    colour,
    width,
    checker: checker(),
    declarations: [],
    lets: [],
    last: undefined,
    isInterrupted: false,
  };
}

/** An input goes on while a bracket, or a line that ends with an operator, is open. */
export function isComplete(input: string): boolean {
  const { T } = Token;
  const { count, kinds } = lex(input, SESSION_FILE, []);
  let open = 0;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    if (kind === T.parenOpen || kind === T.bracketOpen || kind === T.braceOpen) open++;
    else if (kind === T.parenClose || kind === T.bracketClose || kind === T.braceClose) open--;
  }
  const last = kinds[count - 2];
  const goesOn = last !== undefined && (last === T.equals || last === T.fatArrow || last === T.comma || isInfix(last));
  return open <= 0 && (input.trimStart().startsWith(":") || !goesOn);
}

const isInfix = (kind: number): boolean => kind >= Token.T.sequence && kind <= Token.T.remainder;

const DECLARATION =
  /^(?:\/\/.*\n\s*)*(?:(?:use|fn|handler)\s+[a-z_]|(?:type|fact|action|event|effect|interface|program)\s+[A-Z]|(?:test|prop)\s*")/;

/** What one input does and says. */
export async function say(of: Session, input: string): Promise<Outcome> {
  const text = input.trim();
  if (lex(text, SESSION_FILE, []).count <= 1) return good("");
  if (text.startsWith(":")) return command(of, text);
  if (/^module\s+[a-z]/.test(text))
    return bad("what is said here is in no module; `tb repl FILE` has those of its files in scope");
  if (DECLARATION.test(text)) return declare(of, text);
  if (/^let\s/.test(text)) return bind(of, text);
  // As in a file, a line after `>` is one to evaluate.
  return evaluate(of, text.replace(/^>\s+/, ""));
}

// ------------------------------------------------------------------------------------------------ sources

/** The files and, without a module, everything that was declared here; it sees what the modules declare. */
export function sourcesOf(of: Session, declarations = of.declarations): Source[] {
  const uses = of.files.flatMap((file) => {
    const { tree } = parse(file.text, file.path);
    if (tree.module === undefined) return [];
    const names = tree.items.flatMap((item) => ("name" in item ? [item.name.text] : []));
    const own = names.filter((name) => !declarations.some((one) => one.name === name));
    return own.length === 0 ? [] : [`use ${tree.module.text} (${[...new Set(own)].join(", ")})`];
  });
  const timelines = of.environment.timelines ?? [];
  const wanted = timelines.length > 0 ? [`use timelines (${timelines.join(", ")})`] : [];
  const text = [...wanted, ...uses, ...declarations.map((one) => one.text)].join("\n");
  return [...of.files, { path: SESSION_FILE, text: `${text}\n` }];
}

function problems(
  of: Session,
  found: readonly Problem.Problem[],
  expression: string,
  sources: readonly Source[],
): string {
  const texts = new Map(sources.map((source) => [source.path, source.text]));
  const width = of.width();
  const options = { colour: of.colour, ...(width === undefined ? {} : { width }) };
  return found
    .map((one) =>
      render(one, (file) => texts.get(file) ?? (file === EXPRESSION_FILE ? expression : undefined), options),
    )
    .join("\n\n");
}

type Understood =
  | { readonly ok: true; readonly checked: CheckedExpression }
  | { readonly ok: false; readonly outcome: Outcome };

/** `steps` stand after the `let`s that hold and before the expression. */
function understand(of: Session, expression: string, steps = ""): Understood {
  const sources = sourcesOf(of);
  const lines = steps === "" ? of.lets : [...of.lets, steps];
  const text = lines.length === 0 ? expression : `{\n${lines.join("\n")}\n${expression}\n}`;
  const checked = checkExpression(text, sources, of.environment, of.checker.checkTrees);
  if (checked.unit !== undefined) return { ok: true, checked };
  const typed = steps === "" ? expression : steps;
  const before = lines.length === 0 ? 0 : text.indexOf("\n") + 1 + of.lets.map((one) => one.length + 1).reduce(add, 0);
  const own = checked.problems.filter((one) => one.severity === "error").map((one) => earlier(one, before));
  return { ok: false, outcome: bad(problems(of, own, typed, sources)) };
}

const add = (a: number, b: number): number => a + b;

/** Where the problem stands in what was typed, without the `let`s before it. */
function earlier(problem: Problem.Problem, by: number): Problem.Problem {
  if (problem.file !== EXPRESSION_FILE) return problem;
  const at = ({ start, end }: Problem.Problem["span"]) => ({
    start: Math.max(0, start - by),
    end: Math.max(0, end - by),
  });
  const labels = problem.labels.map((label) =>
    label.file === undefined || label.file === EXPRESSION_FILE ? { ...label, span: at(label.span) } : label,
  );
  return { ...problem, span: at(problem.span), labels };
}

const typeOf = ({ typed, definition }: CheckedExpression): string => {
  const of = typed.functions.get(definition);
  return of === undefined ? "?" : Inspect.showInferred(of.result);
};

// ----------------------------------------------------------------------------------------------- the forms

async function evaluate(of: Session, expression: string): Promise<Outcome> {
  of.isInterrupted = false;
  const understood = understand(of, expression);
  if (!understood.ok)
    return commands.has(expression) || expression === "exit" ? aCommand(expression) : understood.outcome;
  const { checked } = understood;
  const addressed = addressUnit(checked.unit!);
  await keep(of.store, addressed);
  const definition = addressed.definitions.get(checked.definition);
  if (definition === undefined) throw new Error("internal error: a checked expression has an address");
  const names = new Map([...addressed.definitions].map(([name, hash]) => [hash, name]));
  const source = codeSource(of.store.blocks, (hash) => names.get(hash));
  const breathe = async (): Promise<void> => {
    await giveWay();
    if (of.isInterrupted) throw new Interrupted();
  };
  const executor = newExecutor({ store: of.store, clock: systemClock, source, breathe });
  const context = executor.createContext();
  if (!context.ok) throw new Error("internal error: the default grant is refused");
  try {
    of.last = await executor.execute({ definition, arguments: [], salt: "" }, context.value);
  } catch (error) {
    if (error instanceof Interrupted) return bad("interrupted");
    throw error;
  }
  const { result } = of.last;
  return result.ok
    ? good(`${shownAs(checked)(result.value)} : ${typeOf(checked)}`)
    : bad(showExecutionError(result.error));
}

const aCommand = (word: string): Outcome =>
  bad(`there is no \`${word}\`; commands start with a colon: :${word === "exit" ? "quit" : word}`);

function bind(of: Session, text: string): Outcome {
  const understood = understand(of, "()", text);
  if (!understood.ok) return understood.outcome;
  of.lets = [...of.lets, text];
  return good("");
}

/** Keeps the declarations if everything still checks with them; tests among them are run. */
function declare(of: Session, text: string): Outcome {
  const { tree, problems: found } = parse(text, SESSION_FILE);
  if (found.length > 0) return bad(problems(of, found, text, [{ path: SESSION_FILE, text }]));
  const added = tree.items.map((item) => ({ name: nameOf(item), text: text.slice(item.span.start, item.span.end) }));
  const replaced = new Set(added.map((one) => one.name));
  const declarations = [...of.declarations.filter((one) => !replaced.has(one.name)), ...added];
  const sources = sourcesOf(of, declarations);
  const checked = check(sources, of.environment);
  const wrong = checked.problems.filter((one) => one.severity === "error" && one.file === SESSION_FILE);
  if (wrong.length > 0) return bad(problems(of, wrong, text, sources));
  of.declarations = declarations;
  const forgotten = forgetLets(of);
  const lines = tree.items.flatMap((item) => (item.kind === "test" || item.kind === "prop" ? [] : [nameOf(item)]));
  const tests = tree.items.flatMap((item) => (item.kind === "test" || item.kind === "prop" ? [item.title.value] : []));
  const results = checked.unit === undefined ? [] : tests.map((title) => runOne(checked, title));
  return { ok: results.every((one) => one.startsWith("✓")), text: [...lines, ...forgotten, ...results].join("\n") };
}

/** A `let` that does not hold with what was declared since would be told at each input: it is dropped, and that is said. */
function forgetLets(of: Session): string[] {
  const said: string[] = [];
  const { lets } = of;
  of.lets = [];
  for (const text of lets) {
    if (understand(of, "()", text).ok) of.lets = [...of.lets, text];
    else said.push(`forgotten, as it does not fit any more: ${text}`);
  }
  return said;
}

type Named = ReturnType<typeof parse>["tree"]["items"][number];

const nameOf = (item: Named): string =>
  item.kind === "use"
    ? `use ${item.path.text}`
    : item.kind === "watch"
      ? ">"
      : "title" in item
        ? `${item.kind} ${item.title.value}`
        : item.name.text;

function runOne(checked: ReturnType<typeof check>, title: string): string {
  const addressed = addressUnit(checked.unit!);
  const blocks = new Map(addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
  const library = newLibrary(codeSource({ get: (hash) => blocks.get(hash) }));
  const name = addressed.definitions.has(`test ${title}`) ? `test ${title}` : `prop ${title}`;
  const hash = addressed.definitions.get(name);
  if (hash === undefined) throw new Error("internal error: a checked test has an address");
  const outcome = runTest(library, hash);
  if (outcome.kind === "passed") return `✓ ${title}`;
  const { failure, counterexample } = outcome;
  const shown = counterexample.map(argumentOf(checked, name));
  const values = shown.length === 0 ? "" : ` with ${shown.join(", ")}`;
  return `✗ ${title}: ${failure.message === "" ? failure.code : failure.message}${values}`;
}

// ---------------------------------------------------------------------------------------------- commands

type Command = {
  readonly takes: string;
  readonly help: string;
  readonly run: (of: Session, argument: string) => Outcome;
};

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["type", { takes: "EXPR", help: "the type of an expression", run: ofType }],
  ["hash", { takes: "NAME", help: "the content hash of a definition", run: ofHash }],
  ["effects", { takes: "NAME", help: "what a function does", run: ofEffects }],
  ["trace", { takes: "", help: "the events of the last run", run: ofTrace }],
  ["show", { takes: "", help: "what has been declared here", run: ofShow }],
  ["reset", { takes: "", help: "forget what has been declared here", run: ofReset }],
  ["help", { takes: "", help: "this", run: ofHelp }],
  ["quit", { takes: "", help: "leave; so does Ctrl-D", run: () => ({ ok: true, text: "", quit: true }) }],
]);

export const commandNames: readonly string[] = [...commands.keys()].map((name) => `:${name}`);

function command(of: Session, text: string): Outcome {
  const [, name = "", argument = ""] = /^:(\S*)\s*([\s\S]*)$/.exec(text)!;
  const exact = commands.get(name) ?? beginning(name);
  if (exact === undefined) {
    const meant = closest(name, commands.keys());
    return bad(`there is no :${name}; ${meant === undefined ? ":help lists the commands" : `did you mean :${meant}?`}`);
  }
  if (exact.takes !== "" && argument === "") return bad(`:${name} takes ${exact.takes}`);
  return exact.run(of, argument);
}

/** `:t` for `:type`: the first command that begins so. */
const beginning = (start: string): Command | undefined =>
  start === "" ? undefined : [...commands].find(([name]) => name.startsWith(start))?.[1];

function ofType(of: Session, expression: string): Outcome {
  const understood = understand(of, expression);
  return understood.ok ? good(typeOf(understood.checked)) : understood.outcome;
}

/** The full name of what is called `name` at its end. */
function definitionNamed(names: Iterable<string>, name: string): string | undefined {
  const all = [...names];
  return all.find((one) => one === name) ?? all.find((one) => one.endsWith(`.${name}`));
}

function ofHash(of: Session, name: string): Outcome {
  const { unit, problems: found } = check(sourcesOf(of), of.environment);
  if (unit === undefined) return bad(problems(of, found, "", sourcesOf(of)));
  const { definitions } = addressUnit(unit);
  const full = definitionNamed(definitions.keys(), name);
  if (full !== undefined) return good(`#${definitions.get(full)}`);
  const understood = understand(of, name);
  return understood.ok ? inLibrary(understood.checked, name) : bad(`there is no definition \`${name}\``);
}

/** A name of the library is only in a unit that uses it. */
function inLibrary(checked: CheckedExpression, name: string): Outcome {
  const { definitions } = addressUnit(checked.unit!);
  const full = definitionNamed(definitions.keys(), name);
  return full === undefined ? bad(`\`${name}\` is no definition`) : good(`#${definitions.get(full)}`);
}

function ofEffects(of: Session, name: string): Outcome {
  const understood = understand(of, "()");
  const { typed } = understood.ok ? understood.checked : check(sourcesOf(of), of.environment);
  const full = definitionNamed(typed.functions.keys(), name);
  const definition = full === undefined ? undefined : typed.functions.get(full);
  const labels = definition === undefined ? labelsOf(of, name) : Inspect.Row.labels(definition.inferred);
  if (labels === undefined) return bad(`there is no function \`${name}\``);
  return good(labels.length === 0 ? "pure" : Inspect.Row.showLabels(labels));
}

/** What a function that is written as an expression does: one of the library, or an anonymous one. */
function labelsOf(of: Session, expression: string): readonly string[] | undefined {
  const understood = understand(of, expression);
  if (!understood.ok) return undefined;
  const { typed, definition } = understood.checked;
  const result = typed.functions.get(definition)?.result;
  const type = result === undefined ? undefined : Inspect.shallow(result);
  return type?.kind === "fn" ? Inspect.Row.labels(type.row) : undefined;
}

function ofTrace(of: Session): Outcome {
  const trace = of.last?.trace;
  if (of.last === undefined || trace === undefined) return bad("nothing has run yet");
  const read = readTrace(of.store.blocks, trace);
  if (!read.ok) throw new Error("internal error: a run that was just made has a trace");
  const lines = read.value.entries.map((entry, i) => `${String(i).padStart(3)}  ${eventLine(entry.event)}`);
  return good([`trace ${trace}, fuel ${of.last.fuel}`, ...lines].join("\n"));
}

function ofShow(of: Session): Outcome {
  return good([...of.declarations.map((one) => one.text), ...of.lets].join("\n"));
}

function ofReset(of: Session): Outcome {
  of.declarations = [];
  of.lets = [];
  of.last = undefined;
  return good("");
}

function ofHelp(): Outcome {
  const lines = [...commands].map(([name, { takes, help }]) => `:${`${name} ${takes}`.padEnd(14)} ${help}`);
  const forms = "Type an expression for its value, a declaration to keep it, `let x = …` to name a value.";
  return good(
    [forms, "An open bracket, or an operator at the end, goes on to the next line.", "", ...lines].join("\n"),
  );
}
