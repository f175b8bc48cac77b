/**
 * Typed data ↔ Values. A codec is built from parts, and its TypeScript type follows from them, so that what is hashed,
 * signed and logged has one definition:
 *
 *     const Transfer = Codec.record({ to: Codec.text, amount: Codec.decimal });
 *     type Transfer = Codec.Of<typeof Transfer>;             // { readonly to: string; readonly amount: Decimal }
 *
 * `fromValue` takes hostile data: it says which field is wrong and never throws.
 */
import { err, ok, type Result } from "../std/index.ts";
import type * as ContentHash from "./ContentHash.ts";
import type * as Decimal from "./Decimal.ts";
import type * as Int from "./Int.ts";
import * as V from "./Value.ts";

/** Where the data differs from its shape, and how. */
export interface ShapeError {
  readonly kind: "WrongShape";
  /** `$.amount`, `$[2].to`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

export const showShapeError = (error: ShapeError): string =>
  `${error.path}: expected ${error.expected}, got ${error.got}`;

export interface Codec<T> {
  readonly toValue: (data: T) => V.Value;
  readonly fromValue: (value: V.Value, path?: string) => Result<T, ShapeError>;
}

export type Of<C> = C extends Codec<infer T> ? T : never;

const wrong = (path: string, expected: string, value: V.Value | undefined) =>
  err({ kind: "WrongShape", path, expected, got: value === undefined ? "nothing" : V.kindOf(value) } as const);

export const text: Codec<string> = {
  toValue: (data) => data,
  fromValue: (value, path = "$") => (typeof value === "string" ? ok(value) : wrong(path, "text", value)),
};

export const bool: Codec<boolean> = {
  toValue: (data) => data,
  fromValue: (value, path = "$") => (typeof value === "boolean" ? ok(value) : wrong(path, "bool", value)),
};

export const int: Codec<Int.Int> = {
  toValue: (data) => data,
  fromValue: (value, path = "$") =>
    typeof value === "number" || typeof value === "bigint" ? ok(value) : wrong(path, "int", value),
};

/** A non-negative safe integer: counters, nonces, milliseconds. */
export const count: Codec<number> = {
  toValue: (data) => data,
  fromValue: (value, path = "$") =>
    typeof value === "number" && value >= 0 ? ok(value) : wrong(path, "a count from 0 to 2^53−1", value),
};

export const decimal: Codec<Decimal.Decimal> = {
  toValue: (data) => data,
  fromValue: (value, path = "$") =>
    typeof value === "object" && value.tag === "decimal" ? ok(value) : wrong(path, "decimal", value),
};

export const bytes: Codec<Uint8Array> = {
  toValue: V.bytes,
  fromValue: (value, path = "$") =>
    typeof value === "object" && value.tag === "bytes" ? ok(value.bytes) : wrong(path, "bytes", value),
};

export const hash: Codec<ContentHash.ContentHash> = {
  toValue: V.hash,
  fromValue: (value, path = "$") =>
    typeof value === "object" && value.tag === "hash" ? ok(value.hash) : wrong(path, "hash", value),
};

/** Any value, unchecked. */
export const value: Codec<V.Value> = { toValue: (data) => data, fromValue: (data) => ok(data) };

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    toValue: (data) => V.list(data.map(item.toValue)),
    fromValue: (data, path = "$") => {
      if (typeof data !== "object" || data.tag !== "list") return wrong(path, "list", data);
      const items: T[] = [];
      for (let i = 0; i < data.items.length; i++) {
        const read = item.fromValue(data.items[i]!, `${path}[${i}]`);
        if (!read.ok) return read;
        items.push(read.value);
      }
      return ok(items);
    },
  };
}

/** A map with Text keys, sorted by key in both forms. */
export function map<T>(item: Codec<T>): Codec<ReadonlyMap<string, T>> {
  return {
    toValue: (data) => V.map([...data].map(([key, entry]) => [key, item.toValue(entry)])),
    fromValue: (data, path = "$") => {
      if (typeof data !== "object" || data.tag !== "map") return wrong(path, "map", data);
      const entries = new Map<string, T>();
      for (const [key, entry] of data.entries) {
        if (typeof key !== "string") return wrong(`${path}{key}`, "text", key);
        const read = item.fromValue(entry, `${path}[${JSON.stringify(key)}]`);
        if (!read.ok) return read;
        entries.set(key, read.value);
      }
      return ok(entries);
    },
  };
}

/** `undefined` is None. */
export function option<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    toValue: (data) => (data === undefined ? V.none : V.some(item.toValue(data))),
    fromValue: (data, path = "$") => {
      if (typeof data === "object" && data.tag === "variant") {
        if (data.case === "None" && data.payload === undefined) return ok(undefined);
        if (data.case === "Some" && data.payload !== undefined) return item.fromValue(data.payload, path);
      }
      return wrong(path, "option", data);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a table of codecs of different types has no better common type
type Fields = { readonly [name: string]: Codec<any> };
type RecordOf<F> = { readonly [K in keyof F]: F[K] extends Codec<infer T> ? T : never };

/** Exactly these fields. */
export function record<const F extends Fields>(fields: F): Codec<RecordOf<F>> {
  const names = Object.keys(fields).sort(V.compareText);
  return {
    toValue: (data) => V.record(names.map((name) => [name, fields[name]!.toValue(data[name as keyof F])])),
    fromValue: (value, path = "$") => {
      if (typeof value !== "object" || value.tag !== "record")
        return wrong(path, `record of ${names.join(", ")}`, value);
      const extra = value.names.find((name) => !names.includes(name));
      if (extra !== undefined) return wrong(`${path}.${extra}`, "no such field", V.field(value, extra));
      const data: { [name: string]: unknown } = {};
      for (const name of names) {
        const item = V.field(value, name);
        if (item === undefined) return wrong(`${path}.${name}`, "a field", undefined);
        const read = fields[name]!.fromValue(item, `${path}.${name}`);
        if (!read.ok) return read;
        data[name] = read.value;
      }
      return ok(data as RecordOf<F>);
    },
  };
}

type VariantOf<C extends Fields> = { readonly [K in keyof C]: { readonly kind: K } & RecordPart<C[K]> }[keyof C];
type RecordPart<C> = C extends Codec<infer T> ? T : never;

/** A tagged union: `kind` is the case, the other fields are the case's record. */
export function variant<const C extends Fields>(cases: C): Codec<VariantOf<C>> {
  const names = Object.keys(cases);
  return {
    toValue: (data) => {
      const { kind, ...rest } = data as { kind: string };
      return V.variant(kind, cases[kind]!.toValue(rest));
    },
    fromValue: (value, path = "$") => {
      if (
        typeof value !== "object" ||
        value.tag !== "variant" ||
        value.payload === undefined ||
        !Object.hasOwn(cases, value.case)
      ) {
        return wrong(path, `one of ${names.join(", ")}`, value);
      }
      const read = cases[value.case]!.fromValue(value.payload, `${path}#${value.case}`);
      return read.ok ? ok({ kind: value.case, ...(read.value as object) } as VariantOf<C>) : read;
    },
  };
}

/** A text out of a closed list. */
export function word<const W extends string>(...words: readonly W[]): Codec<W> {
  return {
    toValue: (data) => data,
    fromValue: (data, path = "$") =>
      typeof data === "string" && (words as readonly string[]).includes(data)
        ? ok(data as W)
        : wrong(path, words.join(" or "), data),
  };
}
