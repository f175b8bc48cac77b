/** The forms of tests: worlds, what happens in them, and fixed answers. */
import { builtinLabels, operations } from "../core/operations.ts";
import type { EffectSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import { type Body, binding, errorNode, instantiate, report } from "./Body.ts";
import { invoke, superfluousBang } from "./call.ts";
import { builtinSignature, signature } from "./Declarations.ts";
import { check, infer } from "./expression.ts";
import * as Row from "./Row.ts";
import { show, withArticle } from "./show.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

export function form(b: Body, node: S.CallExpr, name: string, expected: T.Type | undefined): Expr {
  const { span } = node;
  superfluousBang(b, node, name);
  if (name === "fixed") return fixed(b, node);
  if (name === "world") {
    const items = T.list(T.con(T.builtinTypes.WorldItem));
    const made = node.args.length === 1 ? check(b, node.args[0]!.value, items) : undefined;
    if (made === undefined) {
      report(b, "TEL0302", span, "`world` takes one argument, a list of what the outside does", {
        hints: ["for example `world([seen(ethereum, Price(), 2900)])`"],
      });
      return errorNode(span);
    }
    const type: T.Type = { kind: "handler", handles: builtinLabels, row: Row.empty, abort: T.unknown() };
    return { kind: "world", items: made, span, type };
  }
  if (name === "stalled") return stalled(b, node);
  const own = builtinSignature(b.d, name)!;
  const item = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const { args, type } = invoke(b, { ...node, bang: false }, name, own, expected, undefined);
  const fields = args.map((arg): readonly [string, Expr] => [own.params[arg.at]!.name, arg.value]);
  return { kind: "worldItem", case: item, fields, span, type };
}

/** `stalled(P.entry)`: calls of it are never answered; `stalled(chain, Price())`: neither is that fact or action there. */
function stalled(b: Body, node: S.CallExpr): Expr {
  const { span } = node;
  const type = T.con(T.builtinTypes.WorldItem);
  if (node.args.length === 2 && node.args.every((arg) => arg.label === undefined)) return silent(b, node);
  const target = node.args[0]?.value;
  const bound = target === undefined ? undefined : binding(b, target);
  if (bound?.kind === "unknown") return errorNode(span, type);
  if (node.args.length !== 1 || (bound?.kind !== "entry" && bound?.kind !== "interfaceEntry")) {
    report(b, "TEL0302", span, "`stalled` takes an entry of a program, or a timeline and a fact or action", {
      hints: ["for example `stalled(RiskDesk.doRiskCheck)` or `stalled(ethereum, Price())`"],
    });
    return errorNode(span, type);
  }
  const program = bound.kind === "entry" ? bound.program.full : bound.interface;
  const text = (value: string): Expr => ({ kind: "constant", value, span, type: T.Text });
  const fields = [["program", text(program)] as const, ["entry", text(bound.name)] as const];
  return { kind: "worldItem", case: "Stalled", fields, span, type };
}

function silent(b: Body, node: S.CallExpr): Expr {
  const { span } = node;
  const type = T.con(T.builtinTypes.WorldItem);
  const timeline = check(b, node.args[0]!.value, T.Timeline);
  const asked = infer(b, node.args[1]!.value);
  const of = T.shallow(asked.type);
  if (asked.kind === "error") return errorNode(span, type);
  if (of.kind !== "con" || (of.info !== T.builtinTypes.Fact && of.info !== T.builtinTypes.Action)) {
    report(b, "TEL0301", asked.span, `expected a fact or an action, found ${withArticle(show(of))}`, {
      hints: ["an entry of a program is named alone: `stalled(RiskDesk.doRiskCheck)`"],
    });
    return errorNode(span, type);
  }
  return {
    kind: "worldItem",
    case: "Silent",
    fields: [
      ["timeline", timeline],
      ["asked", asked],
    ],
    span,
    type,
  };
}

function fixed(b: Body, node: S.CallExpr): Expr {
  const { span } = node;
  const answers: (readonly [string, Expr])[] = [];
  const handled = new Map<string, Set<string>>();
  for (const arg of node.args) {
    const bound = arg.label === undefined ? undefined : binding(b, arg.label);
    if (bound?.kind === "operation") {
      const own = instantiate(b, signature(b.d, bound), arg.span);
      answers.push([bound.full, check(b, arg.value, own.result)]);
      handled.set(bound.effect, (handled.get(bound.effect) ?? new Set()).add(bound.name));
    } else if (bound?.kind === "outside") {
      const own = instantiate(b, builtinSignature(b.d, bound.name)!, arg.span);
      answers.push([bound.name, check(b, arg.value, own.result)]);
      handled.set(operations.get(bound.name)!.label, new Set());
    } else {
      if (bound?.kind !== "unknown") {
        report(b, "TEL0303", arg.span, "`fixed` takes operations by name, each with its answer", {
          hints: ["for example `fixed(oraclePrice: Ok(2900))`"],
        });
      }
      infer(b, arg.value);
    }
  }
  for (const effect of effectsNamed(b, handled.keys())) {
    const given = handled.get(effect.full)!;
    const missing = effect.operations.filter((operation) => !given.has(operation.name));
    if (missing.length === 0) continue;
    report(
      b,
      "TEL0337",
      span,
      `\`fixed\` leaves \`${missing[0]!.name}\` of effect \`${effect.name}\` without an answer`,
      {
        hints: [`add \`${missing[0]!.name}: …\``],
      },
    );
  }
  const type: T.Type = { kind: "handler", handles: [...handled.keys()].sort(), row: Row.empty, abort: T.unknown() };
  return { kind: "fixed", operations: answers, span, type };
}

/** In the order of files and text. Labels of the language are no declared effects. */
function effectsNamed(b: Body, labels: Iterable<string>): readonly EffectSymbol[] {
  const found: EffectSymbol[] = [];
  for (const label of labels) {
    const dot = label.lastIndexOf(".");
    const effect = b.d.resolved.modules.get(dot < 0 ? "" : label.slice(0, dot))?.effects.get(label.slice(dot + 1));
    if (effect !== undefined) found.push(effect);
  }
  return found.sort((a, b) => (a.file === b.file ? a.span.start - b.span.start : a.file < b.file ? -1 : 1));
}
