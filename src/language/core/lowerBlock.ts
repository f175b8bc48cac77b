/** Steps of a block to `let`s. */
import { Value } from "../../content/index.ts";
import type { Expr, Place, Step } from "../types/Tree.ts";
import { atomOf, bind, builtin, fresh, type Lowering, nameAtom, place, record, scope } from "./Lowering.ts";
import { atom, expression } from "./lowerExpression.ts";
import { destructure, equality } from "./match.ts";
import { type Atom, type Expression, literal } from "./Tree.ts";

const value = (of: Value.Value): Expression => atomOf(literal(of));

export function block(l: Lowering, steps: readonly Step[]): Expression {
  let last: Expression = value(Value.unit);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const isLast = i === steps.length - 1;
    switch (step.kind) {
      case "let":
        letStep(l, step);
        break;
      case "expr": {
        const made = expression(l, step.value);
        if (isLast) last = made;
        else if (made.kind !== "atom") bind(l, made);
        break;
      }
      case "return":
        last = { kind: "return", value: atom(l, step.value) };
        return last;
      case "abort":
        last = { kind: "abort", value: atom(l, step.value) };
        return last;
      case "assert":
        bind(l, asserted(l, step.value));
        break;
      case "assign":
        assign(l, step);
        break;
    }
  }
  return last;
}

function letStep(l: Lowering, step: Step & { kind: "let" }): void {
  const { pattern } = step;
  const made = expression(l, step.value);
  if (pattern.kind === "any") {
    if (made.kind !== "atom") bind(l, made);
    return;
  }
  const subject = bind(l, made, pattern.kind === "bind" ? pattern.local.name : "");
  if (pattern.kind === "bind") {
    l.locals.set(pattern.local, subject);
    nameAtom(l, subject, pattern.local.name);
  } else destructure(l, subject, pattern);
}

/** A fault that says what was found, where the condition is a comparison. */
function asserted(l: Lowering, condition: Expr): Expression {
  let inner = condition;
  while (inner.kind === "block" && inner.steps.length === 1 && inner.steps[0]!.kind === "expr")
    inner = inner.steps[0]!.value;
  const fault = (message: Atom): Expression => {
    const made: Expression = { kind: "fault", code: "AssertionFailed", message };
    place(l, made, condition.span);
    return made;
  };
  if (inner.kind === "binary" && inner.op === "==") {
    const left = atom(l, inner.left);
    const right = atom(l, inner.right);
    const same = bind(l, builtin(equality(inner.left.type), left, right));
    const no = scope(l, () => {
      const texts = [bind(l, builtin("value.show", left)), literal(" is not "), bind(l, builtin("value.show", right))];
      const list = bind(l, { kind: "list", items: texts });
      return fault(bind(l, builtin("text.join", list, literal(""))));
    });
    return { kind: "if", condition: same, then: value(Value.unit), else: no };
  }
  const held = atom(l, inner);
  return { kind: "if", condition: held, then: value(Value.unit), else: fault(literal("the assertion does not hold")) };
}

function assign(l: Lowering, step: Step & { kind: "assign" }): void {
  const places = step.path.map((place): Place & { readonly at?: Atom } =>
    place.kind === "field" ? place : { ...place, at: atom(l, place.index) },
  );
  const made = atom(l, step.value);
  if (places.length === 0) {
    bind(l, { kind: "stateSet", field: step.field, value: made });
    return;
  }
  const before = bind(l, { kind: "stateGet", field: step.field });
  bind(l, { kind: "stateSet", field: step.field, value: replaced(l, before, places, made) });
}

/** `container` with `made` at the place inside it. */
function replaced(l: Lowering, container: Atom, places: readonly (Place & { readonly at?: Atom })[], made: Atom): Atom {
  const [place, ...rest] = places;
  if (place === undefined) return made;
  if (place.kind === "field") {
    const inner =
      rest.length === 0
        ? made
        : replaced(l, bind(l, { kind: "field", record: container, name: place.name }), rest, made);
    const fields = place.names.map((name): readonly [string, Atom] => [
      name,
      name === place.name ? inner : bind(l, { kind: "field", record: container, name }),
    ]);
    return bind(l, record(fields));
  }
  const at = place.at!;
  if (rest.length === 0) return bind(l, builtin(`${place.kind}.set`, container, at, made));
  const found = bind(l, builtin(`${place.kind}.get`, container, at));
  const local = fresh(l);
  const missing: Expression = { kind: "fault", code: "OutOfRange", message: literal("there is no entry to change") };
  const inside = bind(l, {
    kind: "switch",
    subject: found,
    cases: [{ case: "Some", local, body: atomOf({ kind: "local", index: local }) }],
    otherwise: missing,
  });
  return bind(l, builtin(`${place.kind}.set`, container, at, replaced(l, inside, rest, made)));
}
