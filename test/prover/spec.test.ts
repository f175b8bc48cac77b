import { describe, expect, test } from "vitest";
import { BabyBear, Ext } from "../../src/field/index.ts";
import { Blake3, foldCoset, keyOf, machineText, RV32IM, Transcript, treeRoot } from "../../src/verifier/index.ts";

describe("the specification", () => {
  test("lists the tables that proofs are checked against", async () => {
    await expect(machineText(RV32IM.machine)).toMatchFileSnapshot("../../docs/spec/rv32im-tables.txt");
  });
  test.each([
    ["plain", false],
    ["hiding", true],
  ] as const)("the %s key of the constants is the root over their columns", (mode, hiding) => {
    expect(keyOf(RV32IM.machine, "constants", RV32IM.constants(), hiding)).toEqual(RV32IM.constantsKey[mode]);
  });
  test("has vectors of the field", () => {
    expect(BabyBear.rootOfUnity(27)).toBe(440564289);
    expect(Ext.mul([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toEqual([234, 231, 210, 170, 110]);
    expect(Ext.inv([1, 2, 3, 4, 5])).toEqual([1293071973, 992495801, 353196386, 138063449, 308536401]);
  });
  test("has vectors of the transcript", () => {
    const transcript = Transcript.start("time-bandits proof 1");
    transcript.absorb([1, 2, 3]);
    expect(transcript.ext()).toEqual([895696753, 965885472, 1476882546, 1913651800, 1542771599]);
    expect(transcript.index(10)).toBe(948);
    const state = transcript.workState();
    for (let nonce = 0; nonce < 8414; nonce++) expect(Transcript.hasWork(state, nonce, 12)).toBe(false);
    expect(transcript.checkWork(8414, 12)).toBe(true);
    expect(transcript.ext()).toEqual([1380723934, 932551451, 338945382, 15889604, 197387108]);
  });
  test("has vectors of trees and folds", () => {
    const tall = [(i: number) => i * i, (i: number) => 7 * i].map((f) =>
      Uint32Array.from({ length: 8 }, (_, i) => f(i)),
    );
    const root = treeRoot(
      new Map([
        [3, tall],
        [2, [Uint32Array.of(5, 6, 7, 8)]],
      ]),
    );
    expect(Blake3.show(root)).toBe("883fbfdaa3f3dc15ab9c8e6705cc6fc2fbf37c98bc7130458841e19f2c0e0382");
    const coset = Array.from({ length: 8 }, (_, i): Ext.Ext => [i, i + 1, i + 2, i + 3, i + 4]);
    expect(foldCoset(coset, 3, 6, [1, 2, 3, 4, 5])).toEqual([586165778, 1018648235, 1377408511, 338048833, 1149833824]);
  });
});
