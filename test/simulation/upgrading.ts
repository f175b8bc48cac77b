/** A program with one chain that lives through versions, in memory: what tests of its upgrades share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompiledFolder, compileFolder, storeCompiled } from "../../apps/cli/node/compile.ts";
import { configOf } from "../../apps/cli/node/deployments.ts";
import type { ContentHash, Value } from "../../src/content/index.ts";
import {
  advance,
  approveActivation,
  type Bandit,
  Deployment,
  invoke,
  loadAccount,
  loadInstance,
  loadState,
  openAccount,
  planUpgrade,
  putData,
  stepsTo,
  type UpgradePlan,
  upgrade,
} from "../../src/programs/index.ts";
import { deploy, sign } from "./life.ts";
import { aliceSigner, take } from "./memoryWorld.ts";

export const DESK = "alice/Desk";

export interface Version {
  /** Desk, if it is not said. */
  readonly name?: string;
  readonly version: string;
  /** Clauses of `program Desk`. */
  readonly program: string;
  /** Declarations before it. */
  readonly before?: string;
  /** More tables of the manifest. */
  readonly schema?: string;
  readonly allowed?: readonly string[];
  readonly upgradePolicy?: string;
}

export const EVERY_RULE = ["add-optional-field", "add-default-field", "remove-unused-field", "coerce-lossless"];

const fieldsOf = (program: string): readonly string[] => {
  const state = /state \{([^}]*)\}/.exec(program)?.[1] ?? "";
  return [...state.matchAll(/(\w+):/g)].map((found) => found[1]!);
};

const manifestOf = (one: Version): string => `[program]
name = "${one.name ?? "Desk"}"
version = "${one.version}"
upgradePolicy = "${one.upgradePolicy ?? "auto"}"

[timelines]
ethereum = "eip155:31337"

[activation]
strategy = "flood"

[schema]
version = "${one.version}"
fields = ${JSON.stringify(fieldsOf(one.program))}

[schema.evolution]
allowed = ${JSON.stringify(one.allowed ?? EVERY_RULE)}

${one.schema ?? ""}
`;

const sourceOf = ({ name = "Desk", before = "", program }: Version): string =>
  `use timelines (ethereum)\nevent Noted(price: Decimal)\n${before}\nprogram ${name} {\n${program}\n}\n`;

export async function compile(version: Version): Promise<CompiledFolder> {
  const directory = mkdtempSync(join(tmpdir(), "tb-version-"));
  try {
    writeFileSync(join(directory, "program.toml"), manifestOf(version));
    writeFileSync(join(directory, "desk.tel"), sourceOf(version));
    return await compileFolder(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export async function deployDesk(bandit: Bandit, compiled: CompiledFolder): Promise<void> {
  if (!loadAccount(bandit, "alice").ok) take(await openAccount(bandit, "alice", aliceSigner.publicKey));
  const { id } = await deploy(bandit, compiled);
  take(
    await approveActivation(bandit, sign(bandit, { kind: "ActivateProgram", deployment: id, component: undefined })),
  );
  take(await advance(bandit, "alice", id));
}

export const call = async (bandit: Bandit, entry: string, ...args: readonly Value.Value[]) =>
  take(await invoke(bandit, sign(bandit, { kind: "Invoke", program: DESK, entry, arguments: args })));

/** Plans the way to a version, as the command does, and takes it. */
export async function upgradeTo(bandit: Bandit, compiled: CompiledFolder) {
  const to = await storeCompiled(bandit.store, compiled);
  const versions = take(stepsTo(bandit, DESK, to));
  const planned: UpgradePlan = take(planUpgrade(bandit, DESK, ...versions));
  return { planned, versions, done: await upgrade(bandit, await asked(bandit, compiled, versions)) };
}

export async function asked(bandit: Bandit, compiled: CompiledFolder, versions: readonly ContentHash.ContentHash[]) {
  const config = await putData(bandit, Deployment.DeploymentConfig, configOf(compiled, bandit.clock.now()));
  return sign(
    bandit,
    versions.length === 1
      ? { kind: "UpgradeProgram", program: DESK, to: versions[0]!, config }
      : { kind: "UpgradeThrough", program: DESK, versions, config },
  );
}

export const stateOf = (bandit: Bandit): Value.Value =>
  take(loadState(bandit, take(loadInstance(bandit, DESK)).instance.state));
