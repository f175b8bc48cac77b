/** From findings to changes: which class each has, whether it applies, and if not, why and what to paste. */
import type { Found } from "./diff.ts";
import type { Code, Place, Problem } from "./Problem.ts";
import { type Class, type Finding, isRule, type Rule } from "./Rule.ts";

export interface Change {
  readonly path: string;
  readonly rule: Rule | Finding;
  readonly class: Class;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** JSON of the value that existing states get. */
  readonly value: string | undefined;
  /** tombstoned: the old value is kept beside the state. possible: values could be lost or altered; refused. */
  readonly loss: "none" | "tombstoned" | "possible";
  /** Whether a rollback gives back exactly the old state. */
  readonly reversible: boolean;
  /** Present exactly when the change is refused. */
  readonly reason: string | undefined;
  readonly fix: string | undefined;
  readonly code: Code | undefined;
  /** How a removed field was shown to be unused. */
  readonly evidence: string | undefined;
  /** Of a `call`: the hash of the function that makes the new value. */
  readonly function: string | undefined;
  readonly oldAt: Place | undefined;
  readonly newAt: Place | undefined;
}

/** What the compiler, or a person, knows about readers of a field that is to be removed. */
export type UseAnswer =
  | { readonly kind: "unused"; readonly certificate: string }
  | { readonly kind: "assumed" }
  | { readonly kind: "used"; readonly witness: readonly string[] }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Asked once per removed field, with its path in the old schema. In a recursive type the path of the first occurrence
 * stands for all of them.
 */
export type Uses = (path: string) => UseAnswer;

export interface Terms {
  /** The old program's rules: they govern, else an upgrade could grant itself permission. */
  readonly allowed: ReadonlySet<Rule>;
  readonly uses: Uses;
}

export const nothingKnown: Uses = () => ({ kind: "unknown", reason: "no proof of non-use was given" });

export function judge(found: Found, terms: Terms): Change {
  if (found.migrated === true) {
    return change(found, "migration", { loss: keepsOld(found) ? "tombstoned" : "none" });
  }
  if (found.rule === "change-default") return change(found, "identical", {});
  if (!isRule(found.rule)) return refusedFinding(found);
  if (!terms.allowed.has(found.rule)) {
    const besides = found.rule === "remove-unused-field" ? whyUsed(found, terms.uses(found.path)) : undefined;
    return change(found, "allowed-rule-missing", {
      loss: lossOf(found.rule),
      code: "SCH0130",
      reason: `it is safe, but the version that runs does not allow \`${found.rule}\`${besides === undefined ? "" : `; besides, ${besides.reason}`}`,
      fix: allowToPaste(found.rule, terms.allowed),
    });
  }
  if (found.rule === "remove-unused-field") return removal(found, terms.uses(found.path));
  const coordinated =
    found.rule === "add-optional-parameter" || found.rule === "refine-return-type" || found.path.startsWith("effects.");
  return change(found, coordinated && found.rule !== "add-effect-type" ? "coordinated" : "auto", {
    loss: lossOf(found.rule),
  });
}

/** Whether an operation may have to keep what it replaces. A new field that a function fills replaces nothing. */
const keepsOld = (found: Found): boolean =>
  found.rule === "split" ||
  found.rule === "merge" ||
  found.rule === "fill" ||
  (found.rule === "call" && found.before !== undefined);

function change(found: Found, cls: Class, more: Partial<Change>): Change {
  return {
    path: found.path,
    rule: found.rule,
    class: cls,
    before: found.before,
    after: found.after,
    value: found.value,
    loss: more.loss ?? "none",
    reversible: more.reversible ?? more.reason === undefined,
    reason: more.reason,
    fix: more.fix,
    code: more.code,
    evidence: more.evidence,
    function: found.function,
    oldAt: found.oldAt,
    newAt: found.newAt,
  };
}

const lossOf = (rule: Rule): Change["loss"] => (rule === "remove-unused-field" ? "tombstoned" : "none");

function removal(found: Found, answer: UseAnswer): Change {
  const problem = whyUsed(found, answer);
  if (problem !== undefined) return change(found, "conditional", { loss: "tombstoned", ...problem });
  const evidence = answer.kind === "unused" ? answer.certificate : "assumed by the caller, not proven";
  return change(found, "conditional", { loss: "tombstoned", evidence });
}

function whyUsed(found: Found, answer: UseAnswer): Pick<Change, "reason" | "fix" | "code"> | undefined {
  switch (answer.kind) {
    case "unused":
    case "assumed":
      return undefined;
    case "used":
      return {
        code: "SCH0132",
        reason: `the field is still read: ${answer.witness.join(" → ")}`,
        fix: "remove that use first, or keep the field",
      };
    case "unknown":
      return {
        code: "SCH0131",
        reason: `nothing proves that the field is unused: ${answer.reason}`,
        fix: `compile the program, so that the compiler looks for readers of ${found.path}; without a program, --assume-unused takes it on your word`,
      };
  }
}

const allowToPaste = (rule: Rule, allowed: ReadonlySet<Rule>): string => {
  const words = [...allowed, rule].map((word) => JSON.stringify(word)).join(", ");
  return `in the version that runs, which governs:\n[schema.evolution]\nallowed = [${words}]\n(publish that change of rules by itself first; a new version cannot grant itself permission)`;
};

const CODE_OF: { readonly [F in Finding]?: Code } = {
  rename: "SCH0133",
  "add-required-field": "SCH0134",
  "change-type": "SCH0135",
  "reuse-retired-name": "SCH0136",
  "change-key-type": "SCH0137",
  "remove-variant-case": "SCH0138",
  "change-meaning": "SCH0139",
  "remove-effect-type": "SCH0140",
  "change-effect-parameter": "SCH0140",
  "change-return-type": "SCH0140",
  "unreserve-name": "SCH0141",
  call: "SCH0151",
};

const COORDINATED: ReadonlySet<string> = new Set([
  "remove-effect-type",
  "change-effect-parameter",
  "change-return-type",
]);

function refusedFinding(found: Found): Change {
  const cls = found.forbidden === true ? "forbidden" : COORDINATED.has(found.rule) ? "coordinated" : "migration";
  return change(found, cls, {
    loss: found.rule === "add-required-field" || found.rule === "unreserve-name" ? "none" : "possible",
    code: CODE_OF[found.rule as Finding] ?? "SCH0135",
    reason: found.why ?? "no rule covers it",
    fix: found.fix ?? (found.rule === "change-meaning" ? callToPaste(found.path) : keepOrAdd(found)),
  });
}

const keepOrAdd = (found: Found): string =>
  `keep ${found.before ?? "it"}, or add a field of another name with the type around ${found.after ?? "it"}`;

const callToPaste = (path: string): string => {
  const name = JSON.stringify(path.startsWith("$.") ? path.slice(2) : path);
  return `[[schema.migrations]]\nop = "call"\nfunction = "bafyrei…"\nreads = [${name}]\nwrites = [${name}]`;
};

/** A refused change as a problem with both places; the new file's place leads, as that is the one to edit. */
export function problemOf(refused: Change): Problem {
  return {
    code: refused.code ?? "SCH0135",
    what: sentence(refused),
    path: refused.path,
    ...(refused.before === undefined ? {} : { before: refused.before }),
    ...(refused.after === undefined ? {} : { after: refused.after }),
    ...(refused.newAt === undefined ? {} : { at: refused.newAt }),
    ...(refused.oldAt === undefined ? {} : { other: refused.oldAt }),
    ...(refused.reason === undefined ? {} : { why: refused.reason }),
    ...(refused.fix === undefined ? {} : { fix: refused.fix }),
  };
}

/** What a change does, in words. */
export function sentence(c: Change): string {
  const at = c.path;
  switch (c.rule) {
    case "add-optional-field":
    case "add-default-field":
      return `${at} is added`;
    case "add-required-field":
      return `${at} is added without a value for existing states`;
    case "remove-unused-field":
      return `${at} is removed`;
    case "coerce-lossless":
    case "change-type":
      return `${at} changes its type`;
    case "change-key-type":
      return `${at} changes the type of a key`;
    case "rename":
      return c.reason === undefined
        ? `${at} gets a new name`
        : `${at} looks like a rename of ${c.before?.split(":")[0] ?? "a removed field"}`;
    case "change-meaning":
      return `${at} changes its meaning`;
    case "change-default":
      return `${at} changes its default; stored values stay`;
    case "add-variant-case":
      return `${at} is a new case`;
    case "remove-variant-case":
      return `${at} is removed`;
    case "reuse-retired-name":
      return `${at} takes a retired name`;
    case "unreserve-name":
      return `${at} is no longer reserved`;
    case "add-effect-type":
      return `${at} is a new effect`;
    case "remove-effect-type":
      return `${at} is removed`;
    case "add-optional-parameter":
      return `${at} is a new parameter`;
    case "refine-return-type":
      return `${at} is refined`;
    case "change-effect-parameter":
    case "change-return-type":
      return `${at} changes in a way that callers cannot follow`;
    case "split":
    case "merge":
    case "hoist":
    case "plunge":
    case "fill":
    case "call":
      return `${at} is migrated by ${c.rule}`;
  }
}

/** By path, then rule: the order in which changes stand in plans and records. */
export function byPath(a: Change, b: Change): number {
  return compareUnits(a.path, b.path) || compareUnits(a.rule, b.rule) || compareUnits(a.before ?? "", b.before ?? "");
}

const compareUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
