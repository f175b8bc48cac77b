import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Blake3, showRefusal, verifyRun } from "../../src/verifier/index.ts";

const folder = resolve(import.meta.dirname, "../frozen");
const index: readonly {
  readonly file: string;
  readonly format: number;
  readonly profile: string;
  readonly hiding: boolean;
  readonly imageId: string;
  readonly input: number[];
  readonly output: number[];
  readonly marks: number[];
  readonly exitCode: number;
  readonly cycles: number;
}[] = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));

describe("proofs of released formats", () => {
  test("there are some of each profile", () => {
    expect(index.map(({ profile }) => profile).sort()).toEqual(["compact100", "std100", "std128"]);
  });
  test.each(index)("$file is still accepted for its statement", (frozen) => {
    const proof = new Uint8Array(readFileSync(join(folder, frozen.file)));
    expect(proof[7]).toBe(frozen.format);
    const result = verifyRun(proof);
    if (!result.ok) throw new Error(showRefusal(result.error));
    const { statement, imageId, profile, hiding } = result.value;
    expect({
      imageId: Blake3.show(imageId),
      profile: profile.name,
      hiding,
      input: [...statement.input],
      output: [...statement.output],
      marks: [...statement.marks],
      exitCode: statement.exitCode,
      cycles: statement.cycles,
    }).toEqual({
      imageId: frozen.imageId,
      profile: frozen.profile,
      hiding: frozen.hiding,
      input: frozen.input,
      output: frozen.output,
      marks: frozen.marks,
      exitCode: frozen.exitCode,
      cycles: frozen.cycles,
    });
  });
});
