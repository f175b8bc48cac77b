/**
 * Values of a type, for `prop`: drawn from a seed, so that a prop says the same on every machine. Small and special values
 * come often, because that is where programs are wrong.
 */
import { type ContentHash, Decimal, encode, ContentHash as Hash, Int, Kind, link, Value } from "../../content/index.ts";
import type { Core } from "../../language/index.ts";
import { err, ok, type Result } from "../../std/index.ts";
import { substitute } from "../conforms.ts";
import type { CodeSource } from "../machine/Library.ts";

type V = Value.Value;

/** A stream of 32-bit numbers; each call gives the next. */
export type Draw = () => number;

/** The draws of one case: SHA-256 of the definition, the case's number and a counter. */
export function drawsOf(definition: ContentHash.ContentHash, number: number): Draw {
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let block = 0;
  return () => {
    if (at + 4 > bytes.length) {
      bytes = Hash.toBytes(Hash.of(encode([Kind.value, 0, link(definition), number, block++]))).slice(4);
      at = 0;
    }
    const drawn = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
    at += 4;
    return drawn;
  };
}

/** A type of which no value can be drawn: a function, or what only the machine makes. */
export interface NoValues {
  readonly kind: "NoValues";
  readonly type: string;
}

/** Leaves the generator; never escapes `generate`. */
class Unsupported {
  readonly type: string;
  constructor(type: string) {
    this.type = type;
  }
}

/** `size` from 0 to 100 bounds lengths and magnitudes; cases grow with their number. */
export function generate(source: CodeSource, type: Core.Type, draw: Draw, size: number): Result<V, NoValues> {
  try {
    return ok(of({ source, draw, size }, type, [], 0));
  } catch (error) {
    if (error instanceof Unsupported) return err({ kind: "NoValues", type: error.type });
    throw error;
  }
}

interface State {
  readonly source: CodeSource;
  readonly draw: Draw;
  readonly size: number;
}

/** Values nest at most so deep: a recursive type takes its smallest case below. */
const DEPTH_MAX = 6;

const below = (state: State, bound: number): number => state.draw() % bound;
const pick = <T>(state: State, all: readonly T[]): T => all[below(state, all.length)]!;
const INT: Core.Type = { kind: "builtin", name: "Int", arguments: [] };

function of(state: State, type: Core.Type, variables: readonly Core.Type[], depth: number): V {
  const part = (one: Core.Type) => of(state, one, variables, depth + 1);
  switch (type.kind) {
    case "variable":
      return of(state, variables[type.index] ?? INT, [], depth);
    case "function":
      throw new Unsupported("a function");
    case "tuple":
      return type.items.length === 0 ? Value.unit : Value.tuple(type.items.map(part));
    case "record":
      return Value.record(type.names.map((name, i) => [name, part(type.types[i]!)]));
    case "declared":
      return declared(state, type, variables, depth);
    case "builtin":
      return builtin(state, type, part, depth);
  }
}

function declared(
  state: State,
  type: Extract<Core.Type, { kind: "declared" }>,
  variables: readonly Core.Type[],
  depth: number,
): V {
  if (type.reference.kind !== "hash") throw new Unsupported(type.reference.name);
  const found = state.source.loadType(type.reference.hash);
  if (!found.ok) throw new Unsupported(`#${type.reference.hash}`);
  const args = type.arguments.map((one) => substitute(one, variables));
  const fields = (all: readonly Core.Field[]) =>
    Value.record(all.map((field) => [field.name, of(state, field.type, args, depth + 1)]));
  if (found.value.kind === "record") return fields(found.value.fields);
  const { cases } = found.value;
  const small = cases.filter((one) => one.fields.length === 0);
  const chosen = pick(state, depth >= DEPTH_MAX && small.length > 0 ? small : cases);
  if (depth > 8 * DEPTH_MAX) throw new Unsupported(`a type that has no small value (${found.value.name})`);
  return Value.variant(chosen.name, chosen.fields.length === 0 ? undefined : fields(chosen.fields));
}

const SPECIAL_INTS: readonly Int.Int[] = [0, 1, -1, 2, 10, -10, 255, 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 64n];
const SPECIAL_FLOATS = [0, -0, 1, -1, 0.1, 1e308, 5e-324, Number.POSITIVE_INFINITY, Number.NaN];
const CHARS = [...'abcxyz ABC019_-.,:"\\\n\té߀漢😀'];

function int(state: State): Int.Int {
  if (below(state, 8) === 0) return pick(state, SPECIAL_INTS);
  const bound = 2 * state.size * state.size + 3;
  return below(state, bound) - Math.floor(bound / 2);
}

function length(state: State, depth: number): number {
  return depth >= DEPTH_MAX ? 0 : below(state, Math.min(2 + Math.floor(state.size / 4), 20 >> Math.min(depth, 4)) + 1);
}

function text(state: State): string {
  return Array.from({ length: below(state, 2 + Math.floor(state.size / 5)) }, () => pick(state, CHARS)).join("");
}

function builtin(
  state: State,
  type: Extract<Core.Type, { kind: "builtin" }>,
  part: (one: Core.Type) => V,
  depth: number,
): V {
  const [first, second] = type.arguments;
  const many = (item: () => V): V[] => Array.from({ length: length(state, depth) }, item);
  switch (type.name) {
    case "Unit":
      return Value.unit;
    case "Bool":
      return below(state, 2) === 1;
    case "Int":
      return int(state);
    case "Decimal":
      return Decimal.of(BigInt(int(state)), -below(state, 5));
    case "Float":
      return Value.float(
        below(state, 4) === 0 ? pick(state, SPECIAL_FLOATS) : (below(state, 2 ** 31) - 2 ** 30) / 2 ** below(state, 31),
      );
    case "Text":
    case "Timeline":
    case "Asset":
      return text(state);
    case "Bytes":
      return Value.bytes(Uint8Array.from({ length: below(state, 2 + state.size) }, () => below(state, 256)));
    case "Duration":
      return Value.duration(Int.multiply(int(state), pick(state, [1, 1000, 60_000])));
    case "Instant":
      return Value.instant(1_735_689_600_000 + Number(BigInt.asIntN(32, BigInt(int(state)))) * 1000);
    case "Hash":
      return Value.hash(Hash.of(encode([Kind.value, 0, state.draw()])));
    case "Option":
      return below(state, 4) === 0 ? Value.none : Value.some(part(first!));
    case "Result":
      return below(state, 3) === 0 ? Value.errValue(part(second!)) : Value.okValue(part(first!));
    case "List":
      return Value.list(many(() => part(first!)));
    case "Set":
      return Value.set(many(() => part(first!)));
    case "Map":
      return Value.map(many(() => part(first!)).map((key) => [key, part(second!)] as const));
    default:
      throw new Unsupported(type.name);
  }
}
