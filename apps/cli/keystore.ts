/**
 * Keys at rest: one encrypted file per Traveler, Bandit or TimeKeeper. A key never stands in a store, log or trace.
 *
 * scrypt (N = 2^15, r = 8, p = 1) of the passphrase gives an AES-256-GCM key; the public part is authenticated with it.
 * The passphrase comes from $TB_PASSPHRASE or, on a terminal, from a prompt.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signerFromSeed } from "../../src/protocol/index.ts";
import { Bytes } from "../../src/std/index.ts";
import { CliFailure, Exit } from "./exit.ts";

export interface Keys {
  readonly name: string;
  /** Ed25519: signs messages to the account program, log entries and facts. 32 bytes. */
  readonly ed25519Seed: Uint8Array;
  /** secp256k1: signs transactions on EVM timelines. 32 bytes. */
  readonly secp256k1: Uint8Array;
}

interface KeyFile {
  readonly version: 1;
  readonly name: string;
  /** Of the Ed25519 key, hex: who may read a log needs no passphrase. */
  readonly publicKey: string;
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
  readonly tag: string;
}

const SCRYPT = { N: 1 << 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new CliFailure(
      Exit.usage,
      `"${name}" cannot be a name`,
      "use lower-case letters, digits and dashes, starting with a letter",
    );
  }
}

const fileOf = (directory: string, name: string) => join(directory, "keys", `${name}.json`);

export const keysExist = (directory: string, name: string): boolean => existsSync(fileOf(directory, name));

export function keyNames(directory: string): readonly string[] {
  const folder = join(directory, "keys");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/** Makes new keys and stores them encrypted; refuses to replace existing ones. */
export function createKeys(directory: string, name: string, passphrase: string): Keys {
  checkName(name);
  if (keysExist(directory, name))
    throw new CliFailure(Exit.usage, `keys named ${name} exist already`, "choose another name");
  const keys: Keys = { name, ed25519Seed: new Uint8Array(randomBytes(32)), secp256k1: new Uint8Array(randomBytes(32)) };
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const publicKey = Bytes.toHex(signerFromSeed(keys.ed25519Seed).publicKey);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, SCRYPT), nonce);
  cipher.setAAD(Buffer.from(`${name}/${publicKey}`));
  const sealed = Buffer.concat([cipher.update(Buffer.concat([keys.ed25519Seed, keys.secp256k1])), cipher.final()]);
  const file: KeyFile = {
    version: 1,
    name,
    publicKey,
    salt: salt.toString("hex"),
    nonce: nonce.toString("hex"),
    sealed: sealed.toString("hex"),
    tag: cipher.getAuthTag().toString("hex"),
  };
  mkdirSync(join(directory, "keys"), { recursive: true, mode: 0o700 });
  const path = fileOf(directory, name);
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return keys;
}

/** Opens stored keys; a wrong passphrase or a changed file is exit 3. */
export function openKeys(directory: string, name: string, passphrase: string): Keys {
  checkName(name);
  const path = fileOf(directory, name);
  if (!existsSync(path)) {
    const known = keyNames(directory);
    throw new CliFailure(
      Exit.source,
      `there are no keys named ${name} in ${directory}`,
      known.length > 0 ? `known: ${known.join(", ")}` : `make them with: tb account create ${name}`,
    );
  }
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as KeyFile;
    if (file.version !== 1) throw new Error("unknown version");
    const hex = (text: string) => Buffer.from(text, "hex");
    const decipher = createDecipheriv(
      "aes-256-gcm",
      scryptSync(passphrase, hex(file.salt), 32, SCRYPT),
      hex(file.nonce),
      { authTagLength: 16 },
    );
    decipher.setAAD(Buffer.from(`${name}/${file.publicKey}`));
    decipher.setAuthTag(hex(file.tag));
    const open = Buffer.concat([decipher.update(hex(file.sealed)), decipher.final()]);
    if (open.length !== 64) throw new Error("wrong length");
    return { name, ed25519Seed: new Uint8Array(open.subarray(0, 32)), secp256k1: new Uint8Array(open.subarray(32)) };
  } catch {
    throw new CliFailure(
      Exit.source,
      `the keys of ${name} cannot be opened`,
      "the passphrase is wrong, or the file was changed",
    );
  }
}

/** The Ed25519 public key of stored keys, without a passphrase; `undefined` when there are none of that name. */
export function publicKeyOf(directory: string, name: string): Uint8Array | undefined {
  const path = fileOf(directory, name);
  if (!existsSync(path)) return undefined;
  try {
    const key = Bytes.fromHex((JSON.parse(readFileSync(path, "utf8")) as KeyFile).publicKey);
    if (key?.length === 32) return key;
  } catch {
    // Not JSON: reported below.
  }
  throw new CliFailure(Exit.source, `the key file ${path} is damaged`);
}

/** $TB_PASSPHRASE, else a prompt on a terminal, else a refusal that says what to do. */
export async function askPassphrase(purpose: string): Promise<string> {
  const given = process.env["TB_PASSPHRASE"];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliFailure(
      Exit.usage,
      `a passphrase is needed to ${purpose}`,
      "set TB_PASSPHRASE, or run this on a terminal",
    );
  }
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message: `Passphrase to ${purpose}`, output: process.stderr });
  if (isCancel(answer)) throw new CliFailure(Exit.interrupted, "cancelled");
  return answer;
}
