/**
 * Code from one codebase to another: what is missing there, as CAR bytes, verified as a whole on arrival, then written
 * in one transaction. Names follow their histories: where both sides went on, neither is chosen.
 */
import {
  CAR_BLOCK_BYTES_MAX,
  type CodebaseReads,
  decodeCar,
  encodeCar,
  NameRegistry,
  pack,
  putBundle,
  showCodeError,
  type Unpacked,
  unpack,
} from "../../../src/code/index.ts";
import type { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { noteOf } from "./codebase.ts";

export interface Conflict {
  readonly name: string;
  /** What the name stands for here and there; undefined = deleted. */
  readonly candidates: readonly (ContentHash.ContentHash | undefined)[];
}

export interface Exchanged {
  readonly definitions: number;
  readonly bytes: number;
  readonly names: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/** Packs definitions (all that are named, unless given) as CAR bytes. */
export function packCar(
  reads: CodebaseReads,
  entries: readonly ContentHash.ContentHash[],
  withNames: boolean,
  present?: (hash: ContentHash.ContentHash) => boolean,
): Uint8Array {
  const bundle = pack(reads, { entries, withNames, ...(present === undefined ? {} : { present }) });
  if (!bundle.ok) throw new CliFailure(Exit.source, showCodeError(bundle.error), "tb pull brings missing code in");
  const { root, blocks } = bundle.value;
  if (root.bytes.length > CAR_BLOCK_BYTES_MAX)
    throw new CliFailure(Exit.source, `these are too many definitions for one file`, "export one module at a time");
  return encodeCar(root, blocks);
}

/** The addresses of the blocks of CAR bytes that were packed here, without the root. */
export function hashesOf(bytes: Uint8Array): readonly ContentHash.ContentHash[] {
  const car = decodeCar(bytes);
  return car.ok ? car.value.blocks.slice(1).map((block) => block.hash) : [];
}

/** Verifies CAR bytes against what the store has already. `where` is what problems call them. */
export function unpackCar(store: CodebaseReads, bytes: Uint8Array, where: string): Unpacked {
  const refuse = (reason: string) =>
    new CliFailure(
      Exit.source,
      `${where} cannot be imported: ${reason}`,
      "nothing was written; ask for the file again",
    );
  const car = decodeCar(bytes);
  if (!car.ok) throw refuse(`it is not a CAR file: ${car.error}`);
  const bundle = unpack(car.value.root, car.value.blocks, (hash) => store.blocks.get(hash));
  if (!bundle.ok) throw refuse(bundle.error.reason);
  return bundle.value;
}

/**
 * Writes a verified bundle. Free names are taken; a name that stands for something else here is a conflict, unless the
 * user said that theirs is wanted.
 */
export async function importBundle(
  store: Store,
  bundle: Unpacked,
  bytes: number,
  from: string,
  theirs: boolean,
): Promise<Exchanged> {
  const conflicts: Conflict[] = [];
  const names: string[] = [];
  const fresh = bundle.code.filter((code) => !store.blocks.has(code.hash)).length;
  await store.write((tx) => {
    const note = NameRegistry.freshNote(tx, noteOf(`import ${from}`));
    putBundle(tx, bundle, note);
    for (const [name, hash] of bundle.names) {
      const now = tx.name(name);
      if (now === hash) continue;
      if (now !== undefined && !theirs) conflicts.push({ name, candidates: [now, hash] });
      else {
        tx.setName(name, now, hash, note);
        names.push(name);
      }
    }
  });
  return { definitions: fresh, bytes, names, conflicts };
}

/** Brings the names (all, or these) and their code from one open codebase to another. */
export async function transfer(
  from: CodebaseReads,
  to: Store,
  only: readonly string[],
  label: string,
  theirs: boolean,
): Promise<Exchanged> {
  const merged = NameRegistry.merge(to.nameHistory(), from.nameHistory());
  const wanted = [...merged].filter(
    ([name]) => only.length === 0 || only.some((one) => name === one || name.startsWith(`${one}.`)),
  );
  if (only.length > 0 && wanted.length === 0)
    throw new CliFailure(Exit.source, `there is no definition named ${only.join(", ")} to send`);
  // The code of candidates comes too, so that a person can look at both.
  const entries = [...new Set(wanted.flatMap(([name]) => from.name(name) ?? []))];
  const bytes = packCar(from, entries, true, (hash) => to.blocks.has(hash));
  const bundle = unpackCar(to, bytes, label);
  const fresh = bundle.code.filter((code) => !to.blocks.has(code.hash)).length;
  const names: string[] = [];
  const conflicts: Conflict[] = [];
  await to.write((tx) => {
    const note = NameRegistry.freshNote(tx, noteOf(label));
    putBundle(tx, bundle, note);
    for (const [name, outcome] of wanted) {
      if (outcome.kind === "conflict" && !theirs) conflicts.push({ name, candidates: outcome.candidates });
      if (outcome.kind !== "theirs" && !(outcome.kind === "conflict" && theirs)) continue;
      const done = tx.setName(name, tx.name(name), from.name(name), note);
      if (done.ok) names.push(name);
    }
  });
  return { definitions: fresh, bytes: bytes.length, names, conflicts };
}
