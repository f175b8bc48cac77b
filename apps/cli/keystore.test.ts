import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signerFromSeed, verifySignature } from "../../src/protocol/index.ts";
import { CliFailure } from "./exit.ts";
import { createKeys, keyNames, openKeys, publicKeyOf } from "./keystore.ts";
import { nodeSigner, nodeVerify } from "./node/ed25519.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "tb-keys-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const fileOf = (name: string) => join(directory, "keys", `${name}.json`);
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof CliFailure) return { exit: error.exit, message: error.message };
    throw error;
  }
  return undefined;
};

describe("keys at rest", () => {
  it("come back with the passphrase, and stand in a file of their owner alone", () => {
    const keys = createKeys(directory, "alice", "secret");
    expect(openKeys(directory, "alice", "secret")).toEqual(keys);
    expect(statSync(fileOf("alice")).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "keys")).mode & 0o777).toBe(0o700);
    expect(publicKeyOf(directory, "alice")).toEqual(signerFromSeed(keys.ed25519Seed).publicKey);
    const file = readFileSync(fileOf("alice"), "utf8");
    for (const secret of [keys.ed25519Seed, keys.secp256k1])
      expect(file).not.toContain(Buffer.from(secret).toString("hex"));
    expect(keyNames(directory)).toEqual(["alice"]);
  });

  it("are not replaced, and are not opened by another passphrase or under another name", () => {
    expect(refusal(() => createKeys(directory, "alice", "other"))).toMatchObject({ exit: 2 });
    expect(refusal(() => openKeys(directory, "alice", "Secret"))).toMatchObject({ exit: 3 });
    expect(refusal(() => openKeys(directory, "bob", "secret"))).toMatchObject({ exit: 3 });
    writeFileSync(fileOf("mallory"), readFileSync(fileOf("alice")));
    expect(refusal(() => openKeys(directory, "mallory", "secret"))).toMatchObject({ exit: 3 });
    expect(existsSync(fileOf("bob"))).toBe(false);
  });

  it.each(["version", "publicKey", "salt", "nonce", "sealed", "tag"])("are refused when %s was changed", (field) => {
    const whole = readFileSync(fileOf("alice"), "utf8");
    const file = JSON.parse(whole) as { [field: string]: string | number };
    for (const changed of [flip(String(file[field])), "", "zz", null]) {
      writeFileSync(fileOf("alice"), JSON.stringify({ ...file, [field]: changed }));
      expect(refusal(() => openKeys(directory, "alice", "secret"))).toMatchObject({ exit: 3 });
    }
    writeFileSync(fileOf("alice"), whole);
    expect(refusal(() => openKeys(directory, "alice", "secret"))).toBeUndefined();
  });
});

const flip = (hex: string) => (hex[0] === "0" ? "1" : "0") + hex.slice(1);

describe("Node's Ed25519", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

  it("signs as protocol does and agrees on every verdict", () => {
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 200 }), fc.nat(63), (seed, message, at) => {
        const [own, plain] = [nodeSigner(seed), signerFromSeed(seed)];
        const signature = own.sign(message);
        expect([own.publicKey, signature]).toEqual([plain.publicKey, plain.sign(message)]);
        const changed = signature.slice();
        changed[at]! ^= 1;
        for (const given of [signature, changed, signature.slice(1), new Uint8Array(64)])
          expect(nodeVerify(own.publicKey, message, given)).toBe(verifySignature(own.publicKey, message, given));
      }),
      { numRuns: 30 },
    );
  });

  it("refuses keys of small order and keys that are not canonical", () => {
    const identity = new Uint8Array(32).fill(0).with(0, 1);
    const zero = new Uint8Array(32);
    const large = new Uint8Array(32).fill(0xff);
    for (const key of [identity, zero, large, new Uint8Array(31)]) {
      // R = the identity and S = 0 satisfy the equation for a key of small order.
      const forged = new Uint8Array(64).with(0, 1);
      expect(nodeVerify(key, new Uint8Array(3), forged)).toBe(false);
      expect(verifySignature(key, new Uint8Array(3), forged)).toBe(false);
    }
  });
});
