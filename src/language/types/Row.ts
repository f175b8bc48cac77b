/**
 * Effect rows: a set of labels and at most one variable. Inside the checker a row variable of a written signature is
 * just one more label, spelt `'e`; an unknown row is a set that only grows. "Pure fits where effectful is expected"
 * is set inclusion, so `flow(from, to)` says `from ⊆ to` and keeps it true while unknowns grow.
 */
import { appended } from "../../std/index.ts";
import type { Span } from "../syntax/Tree.ts";

export interface Row {
  /** Sorted. */
  readonly labels: readonly string[];
  /** What else there may be; undefined = nothing else. */
  readonly rest: RowVar | undefined;
}

/** Most functions are pure, so most rows have neither. */
export interface RowVar {
  labels: Set<string> | undefined;
  flows: Flow[] | undefined;
}

interface Flow {
  readonly to: Row;
  readonly except: ReadonlySet<string> | undefined;
  readonly refuse: Refuse;
}

/** Told once for each label that does not fit. */
export type Refuse = (label: string) => void;

export const empty: Row = { labels: [], rest: undefined };

export const closed = (labels: readonly string[]): Row =>
  labels.length === 0 ? empty : { labels: [...new Set(labels)].sort(), rest: undefined };

export const open = (labels: readonly string[] = []): Row => ({
  labels: labels.length < 2 ? labels : [...new Set(labels)].sort(),
  rest: { labels: undefined, flows: undefined },
});

const none: readonly Flow[] = [];

/** What is known of a row now. Sorted. */
export function labels(row: Row): readonly string[] {
  if (row.rest?.labels === undefined) return row.labels;
  return [...new Set([...row.labels, ...row.rest.labels])].sort();
}

export const isEmpty = (row: Row): boolean => row.labels.length === 0 && row.rest?.labels === undefined;

/** Every label of `from`, now and later, but for `except`, is in `to`; `refuse` is told of each that cannot be. */
export function flow(from: Row, to: Row, refuse: Refuse, except?: ReadonlySet<string>): void {
  for (const label of from.labels) if (except?.has(label) !== true) add(to, label, refuse);
  const rest = from.rest;
  if (rest === undefined || rest === to.rest) return;
  rest.flows = appended(rest.flows ?? [], { to, except, refuse });
  if (rest.labels === undefined) return;
  for (const label of [...rest.labels]) if (except?.has(label) !== true) add(to, label, refuse);
}

export function add(row: Row, label: string, refuse: Refuse): void {
  if (row.labels.includes(label)) return;
  const rest = row.rest;
  if (rest === undefined) {
    refuse(label);
    return;
  }
  rest.labels ??= new Set();
  if (rest.labels.has(label)) return;
  rest.labels.add(label);
  for (const next of rest.flows ?? none) if (next.except?.has(label) !== true) add(next.to, label, next.refuse);
}

/** `'e` is the variable that the source calls `e`. */
export const isVariable = (label: string): boolean => label.startsWith("'");
export const variable = (name: string): string => `'${name}`;

export const show = (row: Row): string => {
  const all = labels(row);
  return all.length === 0 ? "" : ` uses ${showLabels(all)}`;
};

/** Variables last, as they are written. */
export const showLabels = (all: readonly string[]): string =>
  [...all.filter((l) => !isVariable(l)), ...all.filter(isVariable).map((l) => l.slice(1))].join(", ");

/** A place and the label that came there: for messages. */
export interface Use {
  readonly label: string;
  readonly span: Span;
}
