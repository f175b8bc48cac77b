/** The clauses of a program that have no symbol of their own: state, triggers, handshake, migrations. */
import type { ProgramSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import { matchArgs } from "./args.ts";
import { type Body, binding, report, warn } from "./Body.ts";
import { bindParams, body, define, finish, type State, signatureOf, variablesOf, writtenIn } from "./Checking.ts";
import { preludeType, signature, stateInfo, toRow, variables } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import { previousState } from "./previous.ts";
import type { Expr, TypedFunction } from "./Tree.ts";
import * as T from "./Type.ts";
import type { Checked, TypedTrigger } from "./Typed.ts";

export function program(s: State, symbol: ProgramSymbol): void {
  const state = stateInfo(s.d, symbol);
  const initial = new Map<string, string>();
  const triggers: TypedTrigger[] = [];
  const migrations: { from: string; to: string; name: string }[] = [];
  let handshake: string | undefined;
  const defineClause = (
    name: string,
    kind: Checked["kind"],
    span: S.Span,
    b: Body,
    params: TypedFunction["params"],
    result: T.Type,
    made: Expr,
    row: S.Row | undefined,
    rowAt: S.Span | undefined,
    doc: string | undefined,
  ): void => {
    finish(b);
    define(s, {
      name,
      kind,
      file: symbol.file,
      span,
      nameSpan: span,
      params,
      result,
      declared: toRow(s.d, symbol.file, row, b.variables),
      inferred: b.row,
      body: made,
      doc,
      program: symbol,
      marks: b.marks,
      noted: b.noted,
      rowAt,
      written: writtenIn(s.d, symbol.file, row),
    });
  };
  for (const clause of symbol.decl.clauses) {
    switch (clause.kind) {
      case "state":
        for (const field of clause.fields) {
          const own = state.constructors[0]!.fields.find((each) => each.name === field.name.text);
          if (field.default === undefined || own === undefined) continue;
          const name = `${symbol.full}.state/${field.name.text}`;
          const b = body(s, symbol.file, variables(true), undefined, undefined, "a first value");
          const made = check(b, field.default, own.type);
          defineClause(name, "value", field.span, b, [], own.type, made, undefined, undefined, field.doc?.text);
          initial.set(field.name.text, name);
        }
        break;
      case "on": {
        const b = body(s, symbol.file, variables(true), undefined, undefined, "a trigger");
        const fact = T.tuple([T.Timeline, T.con(T.builtinTypes.Fact, [T.unknown()])]);
        const wanted = clause.trigger === "every" ? T.Duration : clause.trigger === "at" ? T.Instant : fact;
        const subject = check(b, clause.subject, wanted);
        const entry = binding(b, clause.entry);
        if (entry?.kind === "entry") {
          const own = signature(s.d, entry);
          const types = own.params.map((param) => param.type);
          const called = { name: entry.name, params: own.params, types, file: own.file, span: clause.span };
          triggers.push({
            kind: clause.trigger,
            span: clause.span,
            subject,
            entry,
            args: matchArgs(b, called, clause.args),
          });
        } else for (const arg of clause.args) infer(b, arg.value);
        finish(b);
        break;
      }
      case "handshake": {
        const given = [preludeType(s.d, "SafeStateIntent"), T.Text];
        const own = signatureOf(s, symbol.file, clause.params, given);
        const result = preludeType(s.d, "HandshakeAnswer");
        const b: Body = {
          ...body(s, symbol.file, variablesOf(own), symbol, result, "a handshake"),
          readOnlyState: true,
        };
        const params = bindParams(
          b,
          clause.params,
          own.params.map((param) => param.type),
        );
        if (params.length !== 2) {
          report(
            b,
            "TEL0302",
            clause.span,
            `\`handshake\` takes the intent and the caller, and names ${params.length}`,
            {
              hints: ["write `handshake (intent, caller) { … }`"],
            },
          );
        }
        const made = check(b, clause.body, result);
        handshake = `${symbol.full}.handshake`;
        const at = clause.body.span.start;
        defineClause(
          handshake,
          "function",
          clause.span,
          b,
          params,
          result,
          made,
          clause.row,
          clause.row?.span ?? { start: at, end: at },
          clause.doc?.text,
        );
        break;
      }
      case "migration": {
        const result = T.con(state);
        const { previous } = s.d;
        const found = previous?.program === symbol.full ? previous.found : undefined;
        const read = readOf(clause);
        // Of several migrations one starts from the version that the manifest names.
        const known = found?.version === clause.from.text ? previousState(s.d, found) : undefined;
        const old = known ?? T.rec(read.fields.map((name) => [name, T.unknown()] as const));
        const own = signatureOf(s, symbol.file, clause.params, [old]);
        const b: Body = { ...body(s, symbol.file, variablesOf(own), symbol, result), noState: true };
        const bound = bindParams(
          b,
          clause.params,
          own.params.map((param) => param.type),
        );
        if (previous?.program === symbol.full && previous.found === undefined) unknownVersion(b, clause, previous.hash);
        const made = check(b, clause.body, result);
        const isNarrowed = known !== undefined && !read.isWhole;
        const params = isNarrowed ? bound.map((one) => ({ ...one, type: narrowed(one.type, read.fields) })) : bound;
        const name = `${symbol.full}.migration/${clause.from.text}->${clause.to.text}`;
        if (migrations.some((each) => each.from === clause.from.text && each.to === clause.to.text)) {
          report(b, "TEL0509", clause.span, `there are two migrations ${clause.from.text} -> ${clause.to.text}`, {
            hints: ["keep one"],
          });
        }
        migrations.push({ from: clause.from.text, to: clause.to.text, name });
        defineClause(name, "function", clause.span, b, params, result, made, undefined, undefined, clause.doc?.text);
        break;
      }
      case "entry":
      case "fn":
        break;
    }
  }
  const made = { symbol, state, initial, triggers, handshake, migrations };
  const known = s.programs.get(symbol.file);
  if (known === undefined) s.programs.set(symbol.file, [made]);
  else known.push(made);
}

interface Read {
  /** What is read of `old` by name, each once. */
  readonly fields: readonly string[];
  /** `old` also stands somewhere by itself. */
  readonly isWhole: boolean;
}

/**
 * What a migration reads of its parameter. Without the version before at hand `old` has exactly these fields; with it too,
 * as far as Core and so the migration's hash go, unless the whole is used.
 */
function readOf(clause: S.MigrationClause): Read {
  const name = clause.params[0]?.name.text;
  const fields = new Set<string>();
  let isWhole = false;
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      for (const each of node) visit(each);
      return;
    }
    const member = node as Partial<S.MemberExpr>;
    if (member.kind === "member" && member.target?.kind === "name" && member.target.name.text === name) {
      fields.add(member.name!.text);
      return;
    }
    const whole = node as Partial<S.NameExpr>;
    if (whole.kind === "name" && whole.name?.text === name) isWhole = true;
    for (const key in node) if (key !== "span") visit((node as Readonly<Record<string, unknown>>)[key]);
  };
  visit(clause.body);
  return { fields: [...fields], isWhole };
}

function narrowed(type: T.Type, fields: readonly string[]): T.Type {
  const all = T.shallow(type);
  if (all.kind !== "rec") return type;
  return T.rec(all.names.flatMap((name, i) => (fields.includes(name) ? [[name, all.types[i]!] as const] : [])));
}

function unknownVersion(b: Body, clause: S.MigrationClause, hash: string): void {
  const at = clause.params[0]?.name.span ?? clause.span;
  warn(
    b,
    "TEL0510",
    at,
    `the codebase does not have version ${clause.from.text}, which the manifest names by \`#${hash}\``,
    {
      hints: [
        "what is read here is taken to be there, with the types that its use gives it",
        `have the version before in the codebase: \`tb pull\` it, or \`tb deploy\` its folder with the same \`--store\``,
      ],
    },
  );
}
