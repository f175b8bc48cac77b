/** The rules that a program may allow for its own evolution: a closed list (design: programs, "Rule names"). */

export const RULES = [
  "add-optional-field",
  "add-default-field",
  "remove-unused-field",
  "coerce-lossless",
  "add-variant-case",
  "add-effect-type",
  "add-optional-parameter",
  "refine-return-type",
] as const;

export type Rule = (typeof RULES)[number];

/** What a change is when no rule covers it. These cannot be allowed. */
export type Finding =
  | "rename"
  | "split"
  | "merge"
  | "hoist"
  | "plunge"
  | "fill"
  | "call"
  | "change-default"
  | "change-meaning"
  | "add-required-field"
  | "change-type"
  | "change-key-type"
  | "remove-variant-case"
  | "reuse-retired-name"
  | "unreserve-name"
  | "remove-effect-type"
  | "change-effect-parameter"
  | "change-return-type";

export const isRule = (word: string): word is Rule => (RULES as readonly string[]).includes(word);

/**
 * identical: no stored value changes. auto: a rule covers it and is allowed. allowed-rule-missing: a rule covers it, the
 * old program does not allow it. conditional: needs a proof. coordinated: others depend on it. migration: needs a
 * declared one. forbidden: no migration of this field makes it safe.
 */
export const CLASSES = [
  "identical",
  "auto",
  "allowed-rule-missing",
  "conditional",
  "coordinated",
  "migration",
  "forbidden",
] as const;

export type Class = (typeof CLASSES)[number];

/** Raised when the meaning of a rule changes, so that a record says by which rules it was judged. */
export const RULES_VERSION = 1;
