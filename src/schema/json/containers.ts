/** What readers of lists, maps and records share: the bound on nesting, the path of a refusal, the order of keys. */
import { Value } from "../../content/index.ts";
import { JsonRefusal, type Scanner } from "./Scanner.ts";

/** Nested values in a state. Three block levels each stay inside the nesting bound of blocks. */
export const VALUE_DEPTH_LEVELS_MAX = 300;

export function deeper(json: Scanner, depth: number): number {
  if (depth >= VALUE_DEPTH_LEVELS_MAX) {
    throw new JsonRefusal("bound", `nested deeper than ${VALUE_DEPTH_LEVELS_MAX} levels`, json.at);
  }
  return depth + 1;
}

/** Names the step on the way out of a refusal; free when nothing is refused. */
export function step<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonRefusal) error.path.unshift(name);
    throw error;
  }
}

const isBefore = (a: Value.Value, b: Value.Value): boolean =>
  typeof a === "string" ? Value.compareText(a, b as string) < 0 : Value.compare(a, b) < 0;

/** Entries in canonical order; a key that stands twice is refused. */
export function sortEntries(entries: (readonly [Value.Value, Value.Value])[], start: number) {
  let sorted = true;
  for (let i = 1; i < entries.length && sorted; i++) sorted = isBefore(entries[i - 1]![0], entries[i]![0]);
  if (sorted) return entries;
  entries.sort((a, b) => Value.compare(a[0], b[0]));
  for (let i = 1; i < entries.length; i++) {
    if (Value.compare(entries[i - 1]![0], entries[i]![0]) === 0) {
      throw new JsonRefusal("value", "a key stands twice in the map", start);
    }
  }
  return entries;
}
