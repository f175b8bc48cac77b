/** Where two values differ: paths into them, with what stands on either side. */
import { Value } from "../../content/index.ts";

type V = Value.Value;

export interface Difference {
  /** `$.quotes[1].price`; `$` is the whole. */
  readonly path: string;
  /** `undefined` where there is nothing on that side. */
  readonly recorded: V | undefined;
  readonly attempted: V | undefined;
}

/** More are not listed: the first ones tell. */
export const DIFFERENCES_MAX = 20;

export function diff(recorded: V, attempted: V): readonly Difference[] {
  const found: Difference[] = [];
  compare(recorded, attempted, "$", found);
  return found;
}

function compare(a: V | undefined, b: V | undefined, path: string, found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX) return;
  if (a !== undefined && b !== undefined) {
    if (Value.equal(a, b)) return;
    if (inside(a, b, path, found)) return;
  }
  found.push({ path, recorded: a, attempted: b });
}

/** Looks into two values of one shape; false when the difference is at their own place. */
function inside(a: V, b: V, path: string, found: Difference[]): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a.tag !== b.tag) return false;
  switch (a.tag) {
    case "list":
    case "tuple": {
      const other = b as Value.List;
      for (let i = 0; i < Math.max(a.items.length, other.items.length); i++)
        compare(a.items[i], other.items[i], `${path}[${i}]`, found);
      return true;
    }
    case "record": {
      const other = b as Value.Record;
      for (const name of new Set([...a.names, ...other.names]))
        compare(Value.field(a, name), Value.field(other, name), `${path}.${name}`, found);
      return true;
    }
    case "map": {
      const other = b as Value.MapValue;
      for (const [key] of Value.map([...a.entries, ...other.entries]).entries)
        compare(Value.mapGet(a, key), Value.mapGet(other, key), `${path}[${keyText(key)}]`, found);
      return true;
    }
    case "variant": {
      const other = b as Value.Variant;
      if (a.case !== other.case || a.payload === undefined || other.payload === undefined) return false;
      compare(a.payload, other.payload, `${path}#${a.case}`, found);
      return true;
    }
    default:
      return false;
  }
}

const keyText = (key: V): string => (typeof key === "object" ? key.tag : JSON.stringify(String(key)));
