/** What a program keeps must be data: state, arguments and results of entries are stored, hashed and sent. */
import { error, type Problem } from "../problems/Problem.ts";
import type { Span } from "../syntax/Tree.ts";
import type { Checked, Typed, TypedProgram } from "../types/check.ts";
import { signature } from "../types/Declarations.ts";
import { show, withArticle } from "../types/show.ts";
import * as T from "../types/Type.ts";

export function checkProgram(typed: Typed, program: TypedProgram, problems: Problem[]): void {
  const { symbol } = program;
  const tell = (span: Span, what: string, type: T.Type): void => {
    problems.push(
      error(
        "TEL0508",
        symbol.file,
        span,
        `${what} cannot be ${withArticle(show(type))}: it is stored, and only data can be`,
        {
          hints: ["keep numbers, texts, records, variants, lists, maps and sets of data"],
        },
      ),
    );
  };
  for (const field of program.state.constructors[0]!.fields) {
    if (!isData(field.type)) tell(field.param?.span ?? symbol.span, `state field \`${field.name}\``, field.type);
  }
  for (const entry of symbol.entries.values()) {
    const own = signature(typed.declarations, entry);
    for (const param of own.params) {
      if (!isData(param.type))
        tell(param.node?.span ?? entry.span, `parameter \`${param.name}\` of an entry`, param.type);
    }
    if (!isData(own.result)) tell(entry.decl.result?.span ?? entry.span, "the result of an entry", own.result);
  }
  const clauses = symbol.decl.clauses;
  const second = (kind: "state" | "handshake") => clauses.filter((clause) => clause.kind === kind)[1];
  for (const kind of ["state", "handshake"] as const) {
    const again = second(kind);
    if (again === undefined) continue;
    problems.push(
      error("TEL0501", symbol.file, again.span, `program \`${symbol.name}\` has two \`${kind}\` clauses`, {
        hints: ["put them together"],
      }),
    );
  }
}

/** Values of the parameters are made up by the test runner. */
export function checkGenerated(of: Checked, problems: Problem[]): void {
  for (const { local, type } of of.params) {
    if (T.shallow(type).kind === "rigid" || isData(type)) continue;
    problems.push(
      error("TEL0507", of.file, local.span, `no values of \`${show(type)}\` can be made up to try this with`, {
        hints: ["take data as parameters"],
      }),
    );
  }
}

const notData: ReadonlySet<T.TypeInfo> = new Set<T.TypeInfo>([T.builtinTypes.Funds, T.builtinTypes.WorldItem]);

/** Numbers, texts, records, variants and collections of them, through all types that it mentions. */
export function isData(type: T.Type): boolean {
  const seen = new Set<T.TypeInfo>();
  if (!holdsData(type, seen, false)) return false;
  for (const info of seen) {
    for (const each of info.constructors) {
      for (const field of each.fields) if (!holdsData(field.type, seen, true)) return false;
    }
  }
  return true;
}

/** Type parameters of declared types stand for what their arguments are, which are looked at by themselves. */
function holdsData(type: T.Type, seen: Set<T.TypeInfo>, declared: boolean): boolean {
  const at = T.shallow(type);
  switch (at.kind) {
    case "con":
      if (notData.has(at.info)) return false;
      seen.add(at.info);
      return at.args.every((arg) => holdsData(arg, seen, declared));
    case "tuple":
      return at.items.every((item) => holdsData(item, seen, declared));
    case "rec":
      return at.types.every((item) => holdsData(item, seen, declared));
    case "rigid":
      return declared;
    case "fn":
    case "handler":
      return false;
    case "var":
      return true;
  }
}
