/** Arguments to parameters: by position, by label, by default. */
import { closest } from "../../std/index.ts";
import type * as S from "../syntax/Tree.ts";
import { agree, type Body, errorNode, report } from "./Body.ts";
import type { Parameter } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import * as Row from "./Row.ts";
import { show } from "./show.ts";
import type { Arg, Expr } from "./Tree.ts";
import type * as T from "./Type.ts";

export interface Called {
  /** As the source calls it. */
  readonly name: string;
  readonly params: readonly Parameter[];
  readonly types: readonly T.Type[];
  /** Where the defaults of `params` stand. */
  readonly file: string | undefined;
  readonly span: S.Span;
}

/** `first` is what stands left of `|>` or of the dot. Lambdas are checked last, when the rest has said what they take. */
export function matchArgs(b: Body, called: Called, args: readonly S.Arg[], first?: Expr): readonly Arg[] {
  const { params, types } = called;
  const given = args.length + (first === undefined ? 0 : 1);
  const isCommon = given === params.length && types.length === params.length && args.every(isUnlabelled);
  return isCommon ? byPosition(b, types, args, first) : byLabel(b, called, args, first);
}

/** The common call: every parameter gets its argument by position. */
function byPosition(
  b: Body,
  types: readonly T.Type[],
  args: readonly S.Arg[],
  first: Expr | undefined,
): readonly Arg[] {
  const before = first === undefined ? 0 : 1;
  if (first !== undefined) agree(b, first, types[0]!);
  const given = args.map(({ value }, i): { readonly at: number; value: Expr | undefined } => {
    const at = i + before;
    return { at, value: isLambda(value) ? undefined : check(b, value, types[at]!) };
  });
  for (const each of given) each.value ??= check(b, args[each.at - before]!.value, types[each.at]!);
  const all = given as readonly Arg[];
  return first === undefined ? all : [{ at: 0, value: first }, ...all];
}

function byLabel(b: Body, called: Called, args: readonly S.Arg[], first: Expr | undefined): readonly Arg[] {
  const { params, types } = called;
  const filled: (S.Span | undefined)[] = params.map(() => undefined);
  const made: { at: number; value: Expr | undefined; node: S.Expr | undefined }[] = [];
  let next = 0;
  let wrong = false;
  if (first !== undefined) {
    if (params.length > 0) filled[0] = first.span;
    made.push({ at: 0, value: first, node: undefined });
    next = 1;
  }
  for (const arg of args) {
    let at: number;
    if (arg.label === undefined) {
      while (next < params.length && filled[next] !== undefined) next++;
      at = next++;
    } else {
      at = params.findIndex((param) => param.name === arg.label!.text);
      if (at < 0) {
        wrong = true;
        unknownLabel(b, called, arg.label);
      } else if (filled[at] !== undefined) {
        wrong = true;
        report(b, "TEL0303", arg.span, `\`${arg.label.text}\` is given twice`, {
          labels: [{ span: filled[at]!, text: "first here" }],
        });
      }
    }
    if (at >= 0 && at < params.length) filled[at] = arg.span;
    made.push({ at, value: undefined, node: arg.value });
  }
  if (first !== undefined && types[0] !== undefined) agree(b, first, types[0]);
  const given = made.length;
  for (const pass of ["values", "lambdas"] as const) {
    for (const each of made) {
      if (each.node === undefined || (isLambda(each.node) ? "lambdas" : "values") !== pass) continue;
      const type = types[each.at];
      each.value = type === undefined ? infer(b, each.node) : check(b, each.node, type);
    }
  }
  const missing = params.filter(
    (param, i) => filled[i] === undefined && param.node?.default === undefined && !param.optional,
  );
  if (!wrong && (given > params.length || missing.length > 0)) wrongCount(b, called, given, missing);
  const result: Arg[] = made
    .filter((each) => each.at >= 0 && each.at < params.length)
    .map((each) => ({ at: each.at, value: each.value! }));
  params.forEach((param, at) => {
    const fallback = param.node?.default;
    if (filled[at] === undefined && fallback !== undefined) {
      result.push({ at, value: defaultValue(b, called.file ?? b.file, fallback, types[at]!) });
    }
  });
  return result;
}

const isUnlabelled = (arg: S.Arg): boolean => arg.label === undefined;

const isLambda = (node: S.Expr): boolean => (node.kind === "group" ? isLambda(node.inner) : node.kind === "lambda");

/** That one default may need, all in all. */
const DEFAULTS_MAX = 256;
/** One needed by the other. */
const DEFAULTS_DEPTH_MAX = 16;

/** Checked where it is declared; here only typed again, in silence. */
export function defaultValue(b: Body, file: string, node: S.Expr, type: T.Type): Expr {
  if (b.defaults.open.includes(node)) {
    b.defaults.refuse("itself");
    return errorNode(node.span, type);
  }
  // A default stands in the code of every call that needs it, and two calls in each would double that with every step. The
  // outermost is not counted: what its declaration is refused for, or not, holds for whoever calls.
  const isOutermost = b.defaults.open.length === 0;
  const needed = isOutermost ? { count: 0 } : b.defaults.needed;
  const isDeep = b.defaults.open.length > DEFAULTS_DEPTH_MAX;
  if (!isOutermost && (++needed.count > DEFAULTS_MAX || isDeep)) {
    b.defaults.refuse(isDeep ? `others more than ${DEFAULTS_DEPTH_MAX} deep` : `more than ${DEFAULTS_MAX} others`);
    return errorNode(node.span, type);
  }
  const inner: Body = {
    ...b,
    defaults: { ...b.defaults, open: [...b.defaults.open, node], needed },
    d: { ...b.d, problems: [] },
    file,
    scope: b.d.resolved.scopes.get(file) ?? b.scope,
    row: Row.open(),
    marks: [],
    result: undefined,
    abort: undefined,
    program: undefined,
  };
  return check(inner, node, type);
}

function unknownLabel(b: Body, called: Called, label: S.Name): void {
  const names = called.params.map((param) => param.name).filter((name) => name !== "");
  const near = closest(label.text, names);
  report(b, "TEL0303", label.span, `\`${called.name}\` takes no argument \`${label.text}\``, {
    hints:
      near !== undefined ? [`did you mean \`${near}\`?`] : names.length > 0 ? [`it takes: ${names.join(", ")}`] : [],
    ...(near !== undefined
      ? { fix: { title: `change it to \`${near}\``, edits: [{ span: label.span, text: near }] } }
      : {}),
  });
}

function wrongCount(b: Body, called: Called, given: number, missing: readonly Parameter[]): void {
  const takes = called.params.length;
  const names = missing.map((param) => param.name).filter((name) => name !== "");
  const types = called.params.map((param) => show(param.type)).join(", ");
  report(
    b,
    "TEL0302",
    called.span,
    `\`${called.name}\` takes ${takes} ${takes === 1 ? "argument" : "arguments"}, and ${given} ${given === 1 ? "is" : "are"} given`,
    { hints: [names.length > 0 ? `missing: ${names.map((name) => `\`${name}\``).join(", ")}` : `it takes (${types})`] },
  );
}
