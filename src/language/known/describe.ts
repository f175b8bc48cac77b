/** Checked declarations → what others need to know of them. */
import type { Checked } from "../Checked.ts";
import { type Numbering, numbering, toCore, toCoreRow } from "../core/lower.ts";
import type * as Core from "../core/Tree.ts";
import { type Footprints, touchesOf } from "../effects/footprint.ts";
import { endings } from "../effects/total.ts";
import { share } from "../effects/validate.ts";
import type { FileScope } from "../names/Scope.ts";
import type { OperationSymbol, OutsideSymbol, TypeSymbol } from "../names/Tree.ts";
import type * as S from "../syntax/Tree.ts";
import { type Signature, signature, typeInfo } from "../types/Declarations.ts";
import type * as T from "../types/Type.ts";
import { defaultText } from "./defaults.ts";
import {
  type Known,
  type KnownField,
  type KnownFunction,
  type KnownTouch,
  type KnownType,
  ownerOf,
  wordOf,
} from "./Known.ts";

/**
 * Describes a declaration by its full name. Undefined for what is only understood with its text: programs and what is
 * in them, handlers, tests, whatever has defaults that are more than literals, and whatever does not stand in the
 * checked files.
 */
export function describer(checked: Checked): (name: string) => Known | undefined {
  let all: Footprints | undefined;
  const endless = endings(checked.resolved, checked.typed, checked.known);
  return (name) => {
    const d = checked.typed.declarations;
    const module = checked.resolved.modules.get(ownerOf(name));
    const symbol = module?.values.get(wordOf(name));
    const type = module?.types.get(wordOf(name));
    if (type !== undefined) return describeType(typeInfo(d, type), type, checked.resolved.scopes.get(type.file));
    if (symbol?.kind === "fn") {
      const own = signature(d, symbol);
      if (own.rows.length > 1) return undefined;
      const vars = numbering();
      const known = checked.known.find((one) => one.name === name);
      if (known !== undefined) return known;
      const parameters = describeParameters(own, vars, checked.resolved.scopes.get(symbol.file));
      if (parameters === undefined) return undefined;
      all ??= share(checked.resolved, checked.typed, checked.known).footprints;
      const result = toCore(own.result, vars);
      const described: KnownFunction = {
        kind: "function",
        name,
        parameters,
        result,
        row: toCoreRow(own.row, vars),
        constraints: [...(vars.types?.keys() ?? [])].map((variable) =>
          "constraint" in variable ? variable.constraint : 0,
        ),
        touches: touchesOf(all, name).map(
          ({ what, key }): KnownTouch => ({
            what,
            key: key.kind === "is" ? key.text : key.kind === "param" ? key.at : undefined,
          }),
        ),
        isTotal: endless([name]).length === 0,
        doc: symbol.decl.doc?.text,
      };
      return described;
    }
    if (symbol?.kind === "fact" || symbol?.kind === "action" || symbol?.kind === "event")
      return describeOutside(symbol, signature(d, symbol), checked.resolved.scopes.get(symbol.file));
    const effect = checked.resolved.modules.get(ownerOf(ownerOf(name)))?.effects.get(wordOf(ownerOf(name)));
    const operation = effect?.operations.find((one) => one.full === name);
    return operation === undefined
      ? undefined
      : describeOutside(operation, signature(d, operation), checked.resolved.scopes.get(operation.file));
  };
}

/** Undefined where a default is more than a literal. */
function describeParameters(
  of: Signature,
  vars: Numbering,
  scope: FileScope | undefined,
): readonly KnownField[] | undefined {
  const all = of.params.map(({ name, type, node }) => describeField(name, toCore(type, vars), node, scope));
  return all.includes(undefined) ? undefined : (all as readonly KnownField[]);
}

function describeField(
  name: string,
  type: Core.Type,
  node: S.Param | undefined,
  scope: FileScope | undefined,
): KnownField | undefined {
  if (node?.default === undefined) return { name, type };
  const text = defaultText(node.default, scope);
  return text === undefined ? undefined : { name, type, default: text };
}

function describeType(info: T.TypeInfo, symbol: TypeSymbol, scope: FileScope | undefined): Known | undefined {
  if (info.kind === "builtin") return undefined;
  const vars = numbering(info.rigids);
  const cases = info.constructors.map((each) => ({
    name: each.name,
    fields: each.fields.map(({ name, type, param }) => describeField(name, toCore(type, vars), param, scope)),
  }));
  if (cases.some((each) => each.fields.includes(undefined))) return undefined;
  return {
    kind: info.kind,
    name: symbol.full,
    parameters: info.parameters,
    cases: cases as KnownType["cases"],
    doc: info.doc,
  };
}

function describeOutside(
  symbol: OutsideSymbol | OperationSymbol,
  own: Signature,
  scope: FileScope | undefined,
): Known | undefined {
  const vars = numbering();
  const parameters = describeParameters(own, vars, scope);
  if (parameters === undefined) return undefined;
  const { result } = own;
  const wrapped = symbol.kind === "fact" || symbol.kind === "action";
  const given = wrapped && result.kind === "con" ? toCore(result.args[0]!, vars) : undefined;
  return {
    kind: symbol.kind,
    name: symbol.full,
    parameters,
    result:
      given ?? (symbol.kind === "event" ? { kind: "builtin", name: "Unit", arguments: [] } : toCore(result, vars)),
    doc: symbol.decl.doc?.text,
  };
}
