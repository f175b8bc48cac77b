/** Building records and cases. */
import type * as S from "../syntax/Tree.ts";
import { matchArgs } from "./args.ts";
import { type Body, equate } from "./Body.ts";
import { fieldTypes } from "./patterns.ts";
import type { Expr } from "./Tree.ts";
import * as T from "./Type.ts";

export function constructed(
  b: Body,
  of: T.ConstructorInfo,
  args: readonly S.Arg[],
  span: S.Span,
  expected: T.Type | undefined,
  first?: Expr,
): Expr {
  const owner = T.con(
    of.owner,
    of.owner.parameters.map(() => T.unknown()),
  );
  const known = expected === undefined ? undefined : T.shallow(expected);
  // What is expected tells the fields what they are, before they are looked at.
  if (known?.kind === "con" && known.info === of.owner) {
    owner.args.forEach((arg, i) => {
      equate(b, arg, known.args[i]!, span);
    });
  }
  const types = fieldTypes(of, owner.args);
  const params = of.fields.map((field) => ({ name: field.name, type: field.type, node: field.param, optional: false }));
  const made = matchArgs(b, { name: of.name, params, types, file: of.owner.file, span }, args, first);
  return { kind: "construct", of, args: made, span, type: owner };
}
