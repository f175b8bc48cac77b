/** Checked declarations → what others need to know of them. */
import type { Checked } from "../Checked.ts";
import { numbering, toCore, toCoreRow } from "../core/lower.ts";
import { type Footprints, touchesOf } from "../effects/footprint.ts";
import { endings } from "../effects/total.ts";
import { share } from "../effects/validate.ts";
import type { OperationSymbol, OutsideSymbol, TypeSymbol } from "../names/Tree.ts";
import { type Signature, signature, typeInfo } from "../types/Declarations.ts";
import type * as T from "../types/Type.ts";
import { type Known, type KnownFunction, type KnownTouch, ownerOf, wordOf } from "./Known.ts";

/**
 * Describes a declaration by its full name. Undefined for what is only understood with its text: programs and what is
 * in them, handlers, tests, whatever has defaults, and whatever does not stand in the checked files.
 */
export function describer(checked: Checked): (name: string) => Known | undefined {
  let all: Footprints | undefined;
  const endless = endings(checked.resolved, checked.typed, checked.known);
  return (name) => {
    const d = checked.typed.declarations;
    const module = checked.resolved.modules.get(ownerOf(name));
    const symbol = module?.values.get(wordOf(name));
    const type = module?.types.get(wordOf(name));
    if (type !== undefined) return describeType(typeInfo(d, type), type);
    if (symbol?.kind === "fn") {
      const own = signature(d, symbol);
      if (hasDefaults(own) || own.rows.length > 1) return undefined;
      const vars = numbering();
      const known = checked.known.find((one) => one.name === name);
      if (known !== undefined) return known;
      all ??= share(checked.resolved, checked.typed, checked.known).footprints;
      const parameters = own.params.map((param) => ({ name: param.name, type: toCore(param.type, vars) }));
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
      return describeOutside(symbol, signature(d, symbol));
    const effect = checked.resolved.modules.get(ownerOf(ownerOf(name)))?.effects.get(wordOf(ownerOf(name)));
    const operation = effect?.operations.find((one) => one.full === name);
    return operation === undefined ? undefined : describeOutside(operation, signature(d, operation));
  };
}

const hasDefaults = (of: Signature): boolean => of.params.some((param) => param.node?.default !== undefined);

function describeType(info: T.TypeInfo, symbol: TypeSymbol): Known | undefined {
  if (info.kind === "builtin") return undefined;
  if (info.constructors.some((each) => each.fields.some((field) => field.param?.default !== undefined)))
    return undefined;
  const vars = numbering(info.rigids);
  return {
    kind: info.kind,
    name: symbol.full,
    parameters: info.parameters,
    cases: info.constructors.map((each) => ({
      name: each.name,
      fields: each.fields.map((field) => ({ name: field.name, type: toCore(field.type, vars) })),
    })),
    doc: info.doc,
  };
}

function describeOutside(symbol: OutsideSymbol | OperationSymbol, own: Signature): Known | undefined {
  if (hasDefaults(own)) return undefined;
  const vars = numbering();
  const parameters = own.params.map((param) => ({ name: param.name, type: toCore(param.type, vars) }));
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
