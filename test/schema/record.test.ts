import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashValue } from "../../src/content/index.ts";
import {
  compilePlan,
  EvolutionRecord,
  fuse,
  plan,
  RULES,
  recordText,
  stateForm,
  tombstonesFromText,
  tombstonesToText,
  verifyRecordText,
} from "../../src/schema/index.ts";
import { assumed, schemaFrom } from "./build.ts";
import { choices, chooseFrom } from "./choose.ts";
import { safeEdit } from "./edits.ts";
import { randomSchema, randomState } from "./generate.ts";

const ALLOWED = `[schema.evolution]\nallowed = ${JSON.stringify(RULES)}\n`;
const before = schemaFrom(
  `[schema.types]\nLeg = "record{qty: int, old: text, next: option<Leg>}"\n[schema.fields]\nlegs = "list<Leg>"\ngone = "decimal"\n${ALLOWED}`,
);
const after = schemaFrom(
  `[schema]\nreserved = ["gone"]\n[schema.types]\nLeg = "record{qty: decimal, next: option<Leg>, note: option<text>}"\n[schema.fields]\nlegs = "list<Leg>"\nmore = { type = "nat", default = 7 }\nnot_gone = { type = "text", default = "x" }\n${ALLOWED}`,
);
const state = (() => {
  const read = stateForm(before).read(
    '{"gone":1.25,"legs":[{"next":{"next":null,"old":"b","qty":2},"old":"a","qty":1}]}',
  );
  if (!read.ok) throw new Error(read.error.what);
  return read.value;
})();

const inputs: EvolutionRecord.EvolutionInputs = {
  before,
  after,
  evidence: new Map([
    ["$.gone", "bafycertificate"],
    ["$.legs[].old", EvolutionRecord.ASSUMED],
  ]),
  retired: ["$.longAgo"],
  state,
  program: undefined,
  safeState: { strategy: "no-pending-returns", pending: "bafyempty", height: 12 },
};

const text = (() => {
  const made = recordText(inputs);
  if (!made.ok) throw new Error(made.error.map((p) => p.what).join("; "));
  return made.value;
})();

describe("an evolution record", () => {
  it("is recomputed by another party, byte for byte", () => {
    const record = EvolutionRecord.of(inputs);
    if (!record.ok) throw new Error("refused");
    expect(verifyRecordText(text)).toEqual({ ok: true, value: EvolutionRecord.hash(record.value) });
    expect(EvolutionRecord.verify(record.value, inputs).ok).toBe(true);
    expect(record.value.preState).toBe(hashValue(state));
    expect(record.value.tombstones.length).toBe(3);
    expect(record.value.retired).toEqual(["$.gone", "$.legs[].old", "$.longAgo"]);
  });

  it("is rejected when any one letter of its text is changed", () => {
    for (let i = 0; i < text.length; i += 5 + (i % 19)) {
      const letter = text[i] === "a" ? "b" : text[i] === "1" ? "2" : "a";
      expect(verifyRecordText(text.slice(0, i) + letter + text.slice(i + 1)).ok, `at ${i}`).toBe(false);
      expect(verifyRecordText(text.slice(0, i) + text.slice(i + 1)).ok, `without ${i}`).toBe(false);
    }
  });

  it("is rejected when any value in it is replaced, removed or added, with the place that differs", () => {
    const paths: (readonly (string | number)[])[] = [];
    const walk = (json: unknown, path: readonly (string | number)[]): void => {
      paths.push(path);
      if (Array.isArray(json)) for (const [i, item] of json.entries()) walk(item, [...path, i]);
      else if (typeof json === "object" && json !== null)
        for (const [key, item] of Object.entries(json)) walk(item, [...path, key]);
    };
    walk(JSON.parse(text), []);
    for (const path of paths.slice(1)) {
      for (const other of [null, 99, {}]) {
        const copy = JSON.parse(text);
        const parent = path.slice(0, -1).reduce((at, key) => at[key], copy);
        if (JSON.stringify(parent[path.at(-1)!]) === JSON.stringify(other)) continue;
        parent[path.at(-1)!] = other;
        const verdict = verifyRecordText(`${JSON.stringify(copy, null, 2)}\n`);
        expect(verdict.ok, `${path.join(".")} = ${JSON.stringify(other)}`).toBe(false);
      }
    }
  });

  it("names the field that a forged record differs in", () => {
    const record = EvolutionRecord.of(inputs);
    if (!record.ok) throw new Error("refused");
    const forged = { ...record.value, postState: record.value.preState };
    const verdict = EvolutionRecord.verify(forged, inputs);
    expect(!verdict.ok && verdict.error.map((p) => p.what)).toEqual([
      "the record's `postState` is not what its inputs give",
    ]);
  });

  it("does not exist for a refused plan", () => {
    expect(EvolutionRecord.of({ ...inputs, evidence: new Map() }).ok).toBe(false);
  });

  it("holds for every chain of allowed edits, whatever its types are called", () => {
    fc.assert(
      fc.property(choices(), (choose) => {
        const old = randomSchema(choose, { allowed: RULES }, 2);
        const edited = safeEdit(choose, old, new Set());
        fc.pre(edited !== undefined);
        const upgrade = plan(old, edited!.schema, { uses: assumed });
        fc.pre(upgrade.verdict !== "refused");
        const evidence = new Map(
          upgrade.changes.filter((c) => c.evidence !== undefined).map((c) => [c.path, EvolutionRecord.ASSUMED]),
        );
        const made = recordText({
          before: old,
          after: edited!.schema,
          evidence,
          retired: [],
          state: randomState(choose, old),
          program: undefined,
          safeState: undefined,
        });
        expect(made.ok && verifyRecordText(made.value).ok).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    "",
    "null",
    "{}",
    "[]",
    '{"inputs":{}}',
    '{"inputs":{"before":[7,1,[],[],null]}}',
    `{"inputs":{"before":${"[".repeat(5000)}${"]".repeat(5000)}}}`,
  ])("is not made of %s", (hostile) => {
    expect(verifyRecordText(hostile).ok).toBe(false);
  });
});

describe("a file of tombstones", () => {
  it("gives back what was written, and refuses what was changed", () => {
    const upgrade = plan(before, after, { uses: assumed });
    const fused = fuse([upgrade]);
    if (!fused.ok) throw new Error(fused.error.kind);
    const applied = compilePlan(fused.value).apply(state);
    if (!applied.ok) throw new Error(applied.error.what);
    const file = tombstonesToText({ plan: upgrade.hash, tombstones: applied.value.tombstones });
    const again = tombstonesFromText(file, "t.json");
    expect(again).toEqual({ ok: true, value: { plan: upgrade.hash, tombstones: applied.value.tombstones } });
    expect(tombstonesFromText(file.replace("legs[0]", "legs[1]"), "t.json").ok).toBe(false);
    expect(tombstonesFromText(file.replace('"step": 0', '"step": 1'), "t.json").ok).toBe(false);
    const choose = chooseFrom(7);
    for (let i = 0; i < 50; i++) {
      const at = choose.int(file.length);
      const broken = tombstonesFromText(file.slice(0, at), "t.json");
      expect(broken.ok).toBe(false);
    }
  });
});
