/**
 * A migration's plan splits its work: fields that it takes over go by the rules, the rest through its function. Whatever
 * the migration, the state that comes out is the one that the function alone would give, and rolling back undoes it.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { CompiledFolder } from "../../apps/cli/node/compile.ts";
import { type ContentHash, show, Value } from "../../src/content/index.ts";
import { codeSource, evaluate, newLibrary } from "../../src/execution/index.ts";
import { MIGRATION_LIMITS, migrationFunctions, schemaOf } from "../../src/programs/index.ts";
import { callOf, withCall } from "../../src/programs/planning.ts";
import { compilePlan, plan } from "../../src/schema/index.ts";
import { take } from "./memoryWorld.ts";
import { compile } from "./upgrading.ts";

const FIELDS = ["a", "b", "c", "d"] as const;
const stateClause = (names: readonly string[]) => `state { ${names.map((name) => `${name}: Int = 0`).join("; ")} }`;

/** Expressions over the old state, from a plain copy to what may read any field. */
const expression = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...FIELDS).map((name) => `old.${name}`) },
  fc.integer({ min: -9, max: 9 }).map((n) => (n < 0 ? `(0 - ${-n})` : String(n))),
  fc.tuple(fc.constantFrom(...FIELDS), fc.constantFrom(...FIELDS)).map(([x, y]) => `old.${x} + old.${y}`),
  fc
    .tuple(fc.constantFrom(...FIELDS), fc.constantFrom(...FIELDS), fc.constantFrom(...FIELDS))
    .map(([x, y, z]) => `(if old.${x} > 0 { old.${y} } else { old.${z} })`),
  fc.constantFrom(...FIELDS).map((name) => `int.max(old.${name}, 1)`),
);

/** New fields, each with what it becomes; some under old names, some new. */
const result = fc.uniqueArray(fc.tuple(fc.constantFrom(...FIELDS, "e", "f"), expression), {
  minLength: 1,
  maxLength: 6,
  selector: ([name]) => name,
});

const body = fc.oneof(
  result.map((fields) => ({ names: fields.map(([name]) => name), text: `State(${texts(fields)})` })),
  // Two ends, which take over different fields.
  fc
    .tuple(fc.constantFrom(...FIELDS), result, fc.array(expression, { minLength: 6, maxLength: 6 }))
    .map(([on, fields, others]) => ({
      names: fields.map(([name]) => name),
      text: `if old.${on} > 2 { State(${texts(fields)}) } else { State(${texts(fields.map(([name], i) => [name, others[i]!]))}) }`,
    })),
  result.map((fields) => ({
    names: fields.map(([name]) => name),
    text: `if old.a == 3 { return State(${texts(fields.map(([name]) => [name, "old.d"]))}) }\n State(${texts(fields)})`,
  })),
);

function texts(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, text]) => `${name}: ${text}`).join(", ");
}

const values = fc.tuple(...FIELDS.map(() => fc.integer({ min: -5, max: 5 })));

describe("whatever a migration does with its fields", () => {
  let first: CompiledFolder;
  beforeAll(async () => {
    first = await compile({ version: "1.0.0", program: `${stateClause(FIELDS)}\nentry sum() -> Int { state.a }` });
  });

  it("its plan gives what its function gives, and the way back gives the old state", async () => {
    let migrated = 0;
    await fc.assert(
      fc.asyncProperty(body, values, async ({ names, text }, numbers) => {
        const second = await compile({
          version: "1.1.0",
          program: `${stateClause(names)}\nentry one() -> Int { 1 }\nmigration 1.0.0 -> 1.1.0 (old) { ${text} }`,
        });
        const blocks = new Map(second.addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
        const source = codeSource({ get: (hash: ContentHash.ContentHash) => blocks.get(hash) });
        const definition = second.unit.programs[0]!.migrations[0]!.function;
        const hash = second.addressed.definitions.get(definition.kind === "symbol" ? definition.name : "")!;
        const before = take(schemaOf(first.program));
        const after = take(schemaOf(second.program));
        const call = callOf(source, hash, before, after);
        const upgrade = plan(before, call === undefined ? after : withCall(after, call), {
          uses: () => ({ kind: "assumed" }),
          functions: migrationFunctions({ blocks: { get: (one) => blocks.get(one) } }),
        });
        // Names of one type that go and come in one step are told apart by the author, not guessed.
        if (upgrade.problems.some((p) => p.code === "SCH0133")) return;
        expect(upgrade.problems).toEqual([]);
        const state = Value.record(FIELDS.map((name, i) => [name, numbers[i]!]));
        const signature = source.loadDefinition(hash);
        const [given] = signature.ok ? (signature.value.signature?.parameters ?? []) : [];
        const old = Value.record(
          FIELDS.flatMap((name, i) =>
            given?.kind === "record" && given.names.includes(name) ? [[name, numbers[i]!] as const] : [],
          ),
        );
        const alone = evaluate(
          newLibrary(source),
          hash,
          [given?.kind === "tuple" ? Value.unit : old],
          MIGRATION_LIMITS,
        );
        const applied = compilePlan(upgrade).apply(state);
        if (!alone.ok || !applied.ok) throw new Error("a total migration faulted");
        expect(show(applied.value.value)).toBe(show(alone.value.value));
        if (call !== undefined) migrated++;
        const back = compilePlan(upgrade).rollback(applied.value.value, applied.value.tombstones);
        expect(back.ok && show(back.value.value)).toBe(show(state));
      }),
      { numRuns: 60 },
    );
    expect(migrated).toBeGreaterThan(20);
  });

  it("a field that it takes over is its work where the field's meaning changes", async () => {
    const second = await compile({
      version: "1.1.0",
      program: `${stateClause(FIELDS)}\nentry one() -> Int { 1 }\nmigration 1.0.0 -> 1.1.0 (old) { State(a: old.a, b: old.b, c: old.c, d: old.d) }`,
    });
    const blocks = new Map(second.addressed.blocks.map(({ hash, bytes }) => [hash, bytes]));
    const source = codeSource({ get: (hash: ContentHash.ContentHash) => blocks.get(hash) });
    const hash = [...second.addressed.definitions].find(([name]) => name.includes("migration"))![1];
    const before = take(schemaOf(first.program));
    const same = take(schemaOf(second.program));
    expect(callOf(source, hash, before, same)).toBeUndefined();
    const fields = same.state.fields.map((field) => (field.name === "b" ? { ...field, meaning: "in percent" } : field));
    const other = { ...same, state: { ...same.state, fields } };
    const call = callOf(source, hash, before, other)!;
    expect([call.reads, call.writes]).toEqual([["b"], ["b"]]);
    const functions = migrationFunctions({ blocks: { get: (one) => blocks.get(one) } });
    expect(plan(before, withCall(other, call), { functions }).changes.map((c) => [c.path, c.rule])).toEqual([
      ["$.b", "call"],
    ]);
  });
});
