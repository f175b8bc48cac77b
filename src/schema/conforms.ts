/** Whether a value is of a type: the check for values that did not come through the reader of this layer. */
import { Int, Value } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import { VALUE_DEPTH_LEVELS_MAX } from "./json/containers.ts";
import { showStep } from "./Path.ts";
import { printType } from "./printType.ts";
import { fitsDecimal, fitsFloat, intLimits } from "./Scalar.ts";
import * as T from "./Type.ts";

export interface Mismatch {
  /** Steps from the value that was checked to the part that differs. */
  readonly path: string;
  readonly what: string;
}

/** `undefined`: the value is of the type. */
export type Conforms = (value: Value.Value) => Mismatch | undefined;

type Check = (value: Value.Value, depth: number) => void;

/** Leaves the checks; never escapes this file. */
class Differs {
  readonly what: string;
  path = "";
  constructor(what: string) {
    this.what = what;
  }
}

/** The checks of one schema's types, each compiled once. */
export function conformsTo(types: T.Types): (type: T.Type) => Conforms {
  const known = new Map<T.Type, Check>();
  const compile = (type: T.Type): Check => {
    if (type.kind === "ref") {
      let target: Check | undefined;
      return (value, depth) => {
        target ??= compile(T.resolve(type, types));
        target(value, depth);
      };
    }
    let check = known.get(type);
    if (check === undefined) {
      check = compileCheck(type, compile);
      known.set(type, check);
    }
    return check;
  };
  return (type) => {
    const check = compile(type);
    return (value) => {
      try {
        check(value, 0);
        return undefined;
      } catch (error) {
        if (error instanceof Differs) return { path: error.path, what: error.what };
        throw error;
      }
    };
  };
}

function compileCheck(type: Exclude<T.Type, T.Ref>, compile: (type: T.Type) => Check): Check {
  const differs = (value: Value.Value): never => {
    throw new Differs(`expected ${printType(type)}, found ${Value.kindOf(value)}`);
  };
  switch (type.kind) {
    case "bool":
      return (value) => (typeof value === "boolean" ? undefined : differs(value));
    case "text":
    case "asset":
      return (value) => {
        if (typeof value !== "string") differs(value);
        else if (!Bytes.isWellFormed(value)) throw new Differs("a text has a lone surrogate");
      };
    case "int":
    case "nat": {
      const { min, max } = intLimits(type);
      return (value) => {
        if (!isInt(value)) differs(value);
        else if (value < min || value > max) throw new Differs(`expected ${printType(type)}, found ${value}`);
      };
    }
    case "decimal":
      return (value) => {
        if (typeof value !== "object" || value.tag !== "decimal") return differs(value);
        if (!fitsDecimal(value, type)) throw new Differs(`the decimal does not fit ${printType(type)}`);
      };
    case "float":
      return (value) => {
        if (typeof value !== "object" || value.tag !== "float") return differs(value);
        if (!fitsFloat(value.value, type)) throw new Differs(`${value.value} is not a ${printType(type)} of a state`);
      };
    case "bytes":
      return (value) => {
        if (typeof value !== "object" || value.tag !== "bytes") return differs(value);
        if (type.length !== undefined && value.bytes.length !== type.length) {
          throw new Differs(`expected ${printType(type)}, found ${value.bytes.length} bytes`);
        }
      };
    case "duration":
    case "instant":
    case "hash":
    case "unit":
      return (value) => (typeof value === "object" && value.tag === type.kind ? undefined : differs(value));
    case "untyped":
      return checkUntyped;
    case "option": {
      const item = compile(type.item);
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== "variant") return differs(value);
        if (value.case === "None" && value.payload === undefined) return;
        if (value.case !== "Some" || value.payload === undefined) return differs(value);
        within("?", () => item(value.payload!, deeper(depth)));
      };
    }
    case "list":
    case "set": {
      const item = compile(type.item);
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== type.kind) return differs(value);
        if (type.kind === "list" && type.length !== undefined && value.items.length !== type.length) {
          throw new Differs(`expected ${printType(type)}, found ${value.items.length} items`);
        }
        const inner = deeper(depth);
        value.items.forEach((v, i) => {
          if (type.kind === "set" && i > 0 && Value.compare(value.items[i - 1]!, v) >= 0) {
            throw new Differs("the items of a set are not in order, each once");
          }
          within(`[${i}]`, () => item(v, inner));
        });
      };
    }
    case "tuple": {
      const parts = type.items.map(compile);
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== "tuple" || value.items.length !== parts.length) differs(value);
        else for (const [i, part] of parts.entries()) within(`.${i}`, () => part(value.items[i]!, deeper(depth)));
      };
    }
    case "map": {
      const key = compile(type.key);
      const item = compile(type.item);
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== "map") return differs(value);
        const inner = deeper(depth);
        value.entries.forEach(([k, v], i) => {
          if (i > 0 && Value.compare(value.entries[i - 1]![0], k) >= 0) {
            throw new Differs("the keys of a map are not in order, each once");
          }
          within("{key}", () => key(k, inner));
          within(`{${i}}`, () => item(v, inner));
        });
      };
    }
    case "record": {
      const checks = type.fields.map((f) => compile(f.type));
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== "record") return differs(value);
        for (const [i, field] of type.fields.entries()) {
          if (value.names[i] !== field.name || value.values[i] === undefined) {
            throw new Differs(`expected field \`${field.name}\`, found ${value.names[i] ?? "no more fields"}`);
          }
        }
        if (value.names.length !== checks.length) throw new Differs(`unknown field \`${value.names[checks.length]}\``);
        checks.forEach((check, i) => {
          within(showStep({ kind: "field", name: type.fields[i]!.name }), () => check(value.values[i]!, deeper(depth)));
        });
      };
    }
    case "variant": {
      const cases = new Map(
        type.cases.map((c) => [c.name, c.payload === undefined ? undefined : compile(c.payload)] as const),
      );
      return (value, depth) => {
        if (typeof value !== "object" || value.tag !== "variant") return differs(value);
        const payload = cases.get(value.case);
        if (!cases.has(value.case)) throw new Differs(`unknown case \`${value.case}\``);
        if ((payload === undefined) !== (value.payload === undefined)) {
          throw new Differs(`case \`${value.case}\` ${payload === undefined ? "has no" : "needs its"} payload`);
        }
        if (payload !== undefined) within(`#${value.case}`, () => payload(value.payload!, deeper(depth)));
      };
    }
  }
}

/** A number that is safe, not −0; or a bigint that no number holds. */
function isInt(value: Value.Value): value is Int.Int {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  return typeof value === "bigint" && typeof Int.of(value) === "bigint";
}

/** What any JSON becomes: Bool, Int, Decimal, Text, unit, List, Map of Text. */
function checkUntyped(value: Value.Value, depth: number): void {
  if (typeof value !== "object") return;
  const inner = deeper(depth);
  if (value.tag === "list") {
    for (const [i, item] of value.items.entries()) within(`[${i}]`, () => checkUntyped(item, inner));
  } else if (value.tag === "map") {
    for (const [key, item] of value.entries) {
      if (typeof key !== "string") throw new Differs("a key of a field without a type is not a Text");
      within(`{${JSON.stringify(key)}}`, () => checkUntyped(item, inner));
    }
  } else if (value.tag !== "unit" && value.tag !== "decimal") {
    throw new Differs(`a ${value.tag} in a field without a type`);
  }
}

function deeper(depth: number): number {
  if (depth >= VALUE_DEPTH_LEVELS_MAX) throw new Differs(`nested deeper than ${VALUE_DEPTH_LEVELS_MAX} levels`);
  return depth + 1;
}

function within(step: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof Differs) error.path = step + error.path;
    throw error;
  }
}
