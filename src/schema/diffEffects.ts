/**
 * How a program's effects may change under those who send and receive them: parameters are contravariant (what callers
 * send today must still do), results covariant (what they expect must still come). Everything else is a new effect.
 */
import { diff, type Found } from "./diff.ts";
import { printName, printType } from "./printType.ts";
import type { Rule } from "./Rule.ts";
import type { EffectShape, Schema } from "./Schema.ts";
import * as T from "./Type.ts";

const NEW_EFFECT = 'give the new form a name of its own and keep this one: see the guide, "When to make a new effect"';

export function diffEffects(before: Schema, after: Schema): readonly Found[] {
  const found: Found[] = [];
  const names = [...new Set([...before.effects.keys(), ...after.effects.keys()])].sort(T.compareNames);
  for (const name of names) {
    const old = before.effects.get(name);
    const next = after.effects.get(name);
    const path = `effects.${printName(name)}`;
    if (old === undefined && next !== undefined) {
      found.push({
        path,
        rule: "add-effect-type",
        before: undefined,
        after: signature(next),
        oldAt: undefined,
        newAt: next.at,
      });
    } else if (old !== undefined && next === undefined) {
      found.push({
        path,
        rule: "remove-effect-type",
        before: signature(old),
        after: undefined,
        oldAt: old.at,
        newAt: after.at,
        why: "other programs and Bandits may still send it, and logs hold it",
        fix: "keep it declared; a handler may refuse it",
      });
    } else if (old !== undefined && next !== undefined) {
      found.push(...parameters(path, old, next, before, after), ...result(path, old, next, before, after));
    }
  }
  return found;
}

const signature = (effect: EffectShape): string => `${printType(effect.parameters)} → ${printType(effect.result)}`;

function* parameters(
  path: string,
  old: EffectShape,
  next: EffectShape,
  before: Schema,
  after: Schema,
): Iterable<Found> {
  for (const field of next.parameters.fields) {
    const match = old.parameters.fields.find((f) => f.name === field.name);
    const spot = {
      path: `${path}.parameters.${printName(field.name)}`,
      before: match === undefined ? undefined : printType(match.type),
      after: printType(field.type),
      oldAt: match?.at ?? old.at,
      newAt: field.at ?? next.at,
    };
    if (match === undefined) {
      const optional = T.resolve(field.type, after.types).kind === "option" || field.default !== undefined;
      if (optional) yield { ...spot, rule: "add-optional-parameter" };
      else {
        yield {
          ...spot,
          rule: "change-effect-parameter",
          why: "callers that do not know the parameter do not send it",
          fix: `make it optional: ${printName(field.name)}: option<${printType(field.type)}>, or give it a default; or ${NEW_EFFECT}`,
        };
      }
    } else if (!T.same(match.type, before.types, field.type, after.types)) {
      if (accepts(match.type, before.types, field.type, after.types)) yield { ...spot, rule: "coerce-lossless" };
      else {
        yield {
          ...spot,
          rule: "change-effect-parameter",
          why: "what callers send today is not always a value of the new type",
          fix: NEW_EFFECT,
        };
      }
    }
  }
  for (const field of old.parameters.fields) {
    if (next.parameters.fields.some((f) => f.name === field.name)) continue;
    yield {
      path: `${path}.parameters.${printName(field.name)}`,
      rule: "change-effect-parameter",
      before: printType(field.type),
      after: undefined,
      oldAt: field.at ?? old.at,
      newAt: next.at,
      why: "callers still send the parameter and rely on what it does",
      fix: NEW_EFFECT,
    };
  }
}

function* result(path: string, old: EffectShape, next: EffectShape, before: Schema, after: Schema): Iterable<Found> {
  if (T.same(old.result, before.types, next.result, after.types)) return;
  const spot = {
    path: `${path}.result`,
    before: printType(old.result),
    after: printType(next.result),
    oldAt: old.at,
    newAt: next.at,
  };
  if (accepts(next.result, after.types, old.result, before.types, true)) yield { ...spot, rule: "refine-return-type" };
  else {
    yield {
      ...spot,
      rule: "change-return-type",
      why: "callers may get a result that is not a value of the type they know",
      fix: NEW_EFFECT,
    };
  }
}

const WIDENING: ReadonlySet<string> = new Set<Rule>([
  "coerce-lossless",
  "add-optional-field",
  "add-default-field",
  "add-variant-case",
]);

/** Whether every value of the first type does where the second is expected; `extra`: unknown fields are ignored there. */
function accepts(sent: T.Type, sentTypes: T.Types, expected: T.Type, expectedTypes: T.Types, extra = false): boolean {
  const { found, exceeded } = diff(sent, sentTypes, expected, expectedTypes);
  return (
    !exceeded &&
    found.every(
      (f) => WIDENING.has(f.rule) || f.rule === "change-default" || (extra && f.rule === "remove-unused-field"),
    )
  );
}
