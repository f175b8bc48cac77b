import { expect, it } from "vitest";
import { decodeSchema, encodeSchema, parseManifest, plan, printType, renderPlan, type Schema } from "./index.ts";

const schemaOf = (fields: string, types = ""): Schema.Schema => {
  const text = `[schema]\nversion = "1.0.0"\n[schema.fields]\n${fields}\n[schema.types]\n${types}\n[schema.evolution]\nallowed = ["add-optional-field"]\n`;
  const manifest = parseManifest(text, "a.toml");
  if (!manifest.ok || manifest.value.schema === undefined) throw new Error("the manifest is wrong");
  const decoded = decodeSchema(encodeSchema(manifest.value.schema));
  if (!decoded.ok) throw new Error("the schema does not read back");
  return decoded.value;
};

const typesOf = (schema: Schema.Schema) =>
  Object.fromEntries(schema.state.fields.map((field) => [field.name, printType(field.type)]));

it("a type that several fields share is written out as people wrote it, unless it is large", () => {
  const shared =
    'a = "map<text, list<decimal>>"\nb = "map<text, list<decimal>>"\nc = "option<map<text, list<decimal>>>"';
  expect(typesOf(schemaOf(shared))).toEqual({
    a: "map<text, list<decimal>>",
    b: "map<text, list<decimal>>",
    c: "option<map<text, list<decimal>>>",
  });
});

it("a plan between stored schemas speaks of no invented names", () => {
  const before = schemaOf('a = "map<text, decimal>"\nb = "map<text, decimal>"');
  const after = schemaOf('a = "map<text, decimal>"\nb = "map<text, decimal>"\nc = "option<map<text, decimal>>"');
  expect(renderPlan(plan(before, after))).toContain("+ $.c  option<map<text, decimal>> = null");
});

it("a type that holds itself keeps a name", () => {
  const tree = schemaOf('t = "Tree"\nu = "Tree"', 'Tree = "record{value: int, left: option<Tree>}"');
  expect(typesOf(tree).t).toBe(typesOf(tree).u);
  expect([...tree.types.keys()]).toContain(typesOf(tree).t);
});
