/** Types as TEL writes them. Unknowns are named `_a`, `_b` … by first occurrence. */
import * as Row from "./Row.ts";
import { builtinTypes, Constraint, shallow, type Type } from "./Type.ts";

export function show(type: Type): string {
  return write(type, new Map());
}

/** "a `Text`", "an `Int`". */
export const withArticle = (name: string): string => `${/^[AEIO]/.test(name) ? "an" : "a"} \`${name}\``;

/** Two types in one message: the same unknown has the same name in both. */
export function showPair(a: Type, b: Type): readonly [string, string] {
  const names = new Map<Type, string>();
  return [write(a, names), write(b, names)];
}

function write(type: Type, names: Map<Type, string>): string {
  const at = shallow(type);
  switch (at.kind) {
    case "con": {
      if (at.info.name === "Receipt" && isUnit(at.args[0])) return "Receipt";
      const short = at.info.name.slice(at.info.name.lastIndexOf(".") + 1);
      return at.args.length === 0 ? short : `${short}<${at.args.map((arg) => write(arg, names)).join(", ")}>`;
    }
    case "var": {
      if ((at.constraint & Constraint.IntLiteral) !== 0) return "Int";
      if ((at.constraint & Constraint.TextLiteral) !== 0) return "Text";
      let name = names.get(at);
      if (name === undefined) {
        name = `_${letter(names.size)}`;
        names.set(at, name);
      }
      return name;
    }
    case "rigid":
      return at.name;
    case "tuple":
      return `(${at.items.map((item) => write(item, names)).join(", ")})`;
    case "rec":
      return `(${at.names.map((name, i) => `${name}: ${write(at.types[i]!, names)}`).join(", ")})`;
    case "fn":
      return `fn(${at.params.map((param) => write(param, names)).join(", ")}) -> ${write(at.result, names)}${Row.show(at.row)}`;
    case "handler":
      return `a handler for ${at.handles.join(", ")}`;
  }
}

const isUnit = (type: Type | undefined): boolean => {
  const at = type === undefined ? undefined : shallow(type);
  return at?.kind === "con" && at.info === builtinTypes.Unit;
};

const letter = (index: number): string =>
  index < 26 ? String.fromCharCode(97 + index) : `${letter(Math.floor(index / 26) - 1)}${letter(index % 26)}`;
