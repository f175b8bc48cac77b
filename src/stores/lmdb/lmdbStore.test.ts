import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { afterAll, describe, expect, test } from "vitest";
import { ended, linesOf, startChild } from "../../../test/stores/child.ts";
import { encode, encodeValue } from "../../content/index.ts";
import { type Store, StoreFailure } from "../../execution/index.ts";
import { storeConformance } from "../memory/index.ts";
import { FORMAT } from "./indexes.ts";
import { keyOfSequence, textKey } from "./keys.ts";
import { openLmdbStore } from "./lmdbStore.ts";
import { holderOf } from "./ProcessLock.ts";
import { openTables } from "./tables.ts";

const root = mkdtempSync(join(tmpdir(), "tb-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, `${count++}`);

const failureOf = async (work: Promise<unknown>): Promise<StoreFailure> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreFailure)) throw new Error(`expected a StoreFailure, got ${String(error)}`);
  return error;
};

describe("the LMDB store", () => {
  for (const { title, check } of storeConformance(() => openLmdbStore(fresh()))) test(title, check);

  test("keeps everything from one opening to the next", async () => {
    const where = fresh();
    const first = await openLmdbStore(where);
    const hash = await first.write((tx) => {
      const done = tx.append("s", undefined, encodeValue("entry"));
      if (!done.ok) throw new Error("refused");
      tx.setName("n", undefined, done.value.entry, { author: "ann", time: 5, reason: "why" });
      tx.putDefinition(encodeValue("user"), [done.value.entry]);
      return done.value.entry;
    });
    await first.close();
    const second = await openLmdbStore(where, { verify: true });
    expect(second.blocks.get(hash)).toEqual(encodeValue("entry"));
    expect(second.logHead("s")).toEqual({ sequence: 0, entry: hash });
    expect(second.nameHistory("n")).toEqual([
      { sequence: 0, name: "n", old: undefined, new: hash, author: "ann", time: 5, reason: "why" },
    ]);
    expect(second.dependents(hash)).toHaveLength(1);
    await second.close();
  });

  test("writes asked for together share one commit", async () => {
    const commits: number[] = [];
    const store = await openLmdbStore(fresh(), { onCommit: (writes) => commits.push(writes) });
    await Promise.all(Array.from({ length: 64 }, (_, i) => store.write((tx) => tx.put(encodeValue(i)))));
    await store.write((tx) => tx.put(encodeValue("alone")));
    expect(commits).toEqual([64, 1]);
    await store.close();
  });

  test("closing writes what was asked for before", async () => {
    const where = fresh();
    const store = await openLmdbStore(where);
    const pending = store.write((tx) => tx.put(encodeValue("last")));
    await store.close();
    const hash = await pending;
    const again = await openLmdbStore(where);
    expect(again.blocks.has(hash)).toBe(true);
    await again.close();
  });
});

describe("a store that is in use", () => {
  test("is refused to another process, by name, and free again when that one is killed", async () => {
    const where = fresh();
    const holder = startChild("hold", where);
    for await (const line of linesOf(holder)) if (line === "open") break;
    const failure = await failureOf(openLmdbStore(where));
    expect(failure.detail).toEqual({ kind: "Locked", where: `${where} (process ${holder.pid})` });
    expect(failure.message).toBe(`the store ${where} (process ${holder.pid}) is in use by another process`);
    holder.kill("SIGKILL");
    await ended(holder);
    const store = await openLmdbStore(where);
    await store.close();
  });

  test("is refused to the same process too, until it is closed", async () => {
    const where = fresh();
    const store = await openLmdbStore(where);
    expect((await failureOf(openLmdbStore(where))).detail.kind).toBe("Locked");
    await store.close();
    await (await openLmdbStore(where)).close();
  });

  test("names the process that has it to whoever asks", async () => {
    const where = fresh();
    expect(holderOf(join(where, "owner"))).toBeUndefined();
    const store = await openLmdbStore(where);
    expect(holderOf(join(where, "owner"))).toBe(process.pid);
    await store.close();
    expect(holderOf(join(where, "owner"))).toBeUndefined();
  });

  test("by a process that has ended long ago is not in use", async () => {
    const where = fresh();
    await (await openLmdbStore(where)).close();
    writeFileSync(join(where, "owner"), "1 999999999999");
    expect(holderOf(join(where, "owner"))).toBeUndefined();
    await (await openLmdbStore(where)).close();
    writeFileSync(join(where, "owner"), "");
    await (await openLmdbStore(where)).close();
  });
});

describe("a store that is damaged", () => {
  const filled = async (): Promise<string> => {
    const where = fresh();
    const store = await openLmdbStore(where);
    await store.write((tx) => {
      for (let i = 0; i < 20_000; i++) tx.put(encodeValue(`block ${i} ${"x".repeat(300)}`));
    });
    await store.close();
    return where;
  };

  test("because its file is something else", async () => {
    const where = fresh();
    mkdirSync(where, { recursive: true });
    for (const content of ["hello", "x".repeat(10_000)]) {
      writeFileSync(join(where, "data.mdb"), content);
      expect((await failureOf(openLmdbStore(where))).detail).toMatchObject({
        kind: "Damaged",
        where,
        reason: "data.mdb is not an LMDB file",
      });
    }
  });

  test("because its file was cut short", async () => {
    const where = await filled();
    for (const size of [4_000_000, 100_000, 9_000]) {
      truncateSync(join(where, "data.mdb"), size);
      const { detail } = await failureOf(openLmdbStore(where));
      expect(detail).toMatchObject({ kind: "Damaged", where });
      expect((detail as { reason: string }).reason).toContain("was cut short");
    }
  });

  test("because a block has other bytes: found when blocks are verified", async () => {
    const where = fresh();
    const marker = "a text that is in the file only once";
    const store = await openLmdbStore(where);
    const hash = await store.write((tx) => tx.put(encodeValue(marker)));
    await store.close();
    const path = join(where, "data.mdb");
    const at = readFileSync(path).indexOf(marker);
    const file = openSync(path, "r+");
    writeSync(file, "A", at);
    closeSync(file);
    const again = await openLmdbStore(where, { verify: true });
    expect(() => again.blocks.get(hash)).toThrow(
      /is damaged: the block #bafy\w+ has other bytes than its address says/,
    );
    await again.close();
  });

  test("because it may not be made there", async () => {
    const file = join(root, "a-file");
    writeFileSync(file, "");
    for (const where of [join(file, "store"), join(file, "deep", "store"), file])
      expect((await failureOf(openLmdbStore(where))).detail).toEqual({
        kind: "Unusable",
        where,
        reason: "a file stands in its way",
      });
    const nowhere = await failureOf(openLmdbStore("/proc/no/store"));
    expect(nowhere.detail.kind).toBe("Unusable");
  });
});

describe("a store that may only be read", () => {
  /** The root user may write everywhere, so the work is done as another. */
  const asReader = async <T>(work: () => Promise<T>): Promise<T> => {
    if (process.getuid?.() !== 0) return work();
    process.seteuid!(65_534);
    try {
      return await work();
    } finally {
      process.seteuid!(0);
    }
  };
  const readable = (where: string, folder: number, files: number) => {
    for (const name of readdirSync(where)) chmodSync(join(where, name), files);
    chmodSync(where, folder);
  };

  test("is read, and its writes are refused", async () => {
    chmodSync(root, 0o755);
    const where = fresh();
    const store = await openLmdbStore(where);
    const hash = await store.write((tx) => tx.put(encodeValue("kept")));
    await store.close();
    readable(where, 0o555, 0o444);
    await asReader(async () => {
      const reader = await openLmdbStore(where);
      expect(reader.blocks.get(hash)).toEqual(encodeValue("kept"));
      expect(reader.namesEver()).toEqual([]);
      const failure = await failureOf(reader.write((tx) => tx.put(encodeValue("more"))));
      expect(failure.detail).toEqual({ kind: "ReadOnly", where });
      await reader.close();
    });
    readable(where, 0o755, 0o644);
    await (await openLmdbStore(where)).close();
  });

  test("is not opened while another process writes, nor made where none is", async () => {
    const where = fresh();
    await (await openLmdbStore(where)).close();
    writeFileSync(join(where, "owner"), String(process.ppid));
    readable(where, 0o555, 0o444);
    const empty = fresh();
    mkdirSync(empty);
    chmodSync(empty, 0o555);
    await asReader(async () => {
      expect((await failureOf(openLmdbStore(where))).detail.kind).toBe("Locked");
      expect((await failureOf(openLmdbStore(empty))).detail.kind).toBe("Unusable");
    });
    readable(where, 0o755, 0o644);
  });
});

describe("a store of another format", () => {
  const note = { author: "ann", time: 5, reason: "why" };
  const tablesOf = (where: string) => {
    const env = open({ path: where, noSubdir: false, maxDbs: 16, encoding: "binary", keyEncoding: "binary" });
    return { env, tables: openTables(env) };
  };
  const listed = (store: Store) => ({
    names: [...store.namesEver()].sort(),
    replaced: store.replaced(),
    shapes: store.shapes(),
    alike: store.shapes().map((shape) => store.ofShape(shape)),
  });
  const filled = async (where: string) => {
    const store = await openLmdbStore(where);
    await store.write((tx) => {
      const form = encode([2, 1, [[5, 0, ["x", [0, "Int"]]]]]);
      const hash = tx.putDefinition(form, []);
      const other = tx.put(encodeValue("other"));
      for (let i = 0; i < 200; i++) tx.setName(`m.name${i}`, undefined, hash, note);
      tx.setName("m.name3", hash, other, note);
      tx.setName("meta:x", undefined, other, note);
    });
    const found = listed(store);
    await store.close();
    return found;
  };

  test("that is earlier gets what it lacks when it is opened, once", async () => {
    const where = fresh();
    const before = await filled(where);
    expect(before.shapes).toEqual(["type(Int)"]);
    expect(before.names).toHaveLength(200);
    const { env, tables } = tablesOf(where);
    for (const table of [tables.format, tables.catalogue, tables.replaced, tables.shapes, tables.shaped])
      await table.clearAsync();
    await env.close();
    let upgrades = 0;
    for (let round = 0; round < 2; round++) {
      const store = await openLmdbStore(where, { onUpgrade: () => upgrades++ });
      expect(listed(store)).toEqual(before);
      await store.close();
    }
    expect(upgrades).toBe(1);
  });

  test("that is later is refused with both numbers, and left as it is", async () => {
    const where = fresh();
    await filled(where);
    const { env, tables } = tablesOf(where);
    await tables.format.put(textKey("format"), keyOfSequence(FORMAT + 1));
    await env.close();
    for (let round = 0; round < 2; round++) {
      const failure = await failureOf(openLmdbStore(where));
      expect(failure.detail).toEqual({ kind: "TooNew", where, format: FORMAT + 1, known: FORMAT });
      expect(failure.message).toMatch(/has format 3; this version reads formats up to 2$/);
    }
  });
});

describe("a disk that is full", () => {
  test("refuses the write, keeps what was acknowledged, and the store opens again", async () => {
    const where = fresh();
    const child = startChild("fill", where, 3000);
    const lines: string[] = [];
    for await (const line of linesOf(child)) lines.push(line);
    expect(lines.at(-2)).toBe("kind:DiskFull");
    expect(lines.at(-1)).toBe("closed");
    const acknowledged = lines.map(Number).filter((sequence) => !Number.isNaN(sequence));
    expect(acknowledged.length).toBeGreaterThan(10);
    const store = await openLmdbStore(where, { verify: true });
    const entries = store.logEntries("s");
    expect(entries.length).toBe(acknowledged.at(-1)! + 1);
    for (const { entry } of entries) expect(store.blocks.get(entry)).toBeDefined();
    await store.write((tx) => tx.put(encodeValue("room again")));
    await store.close();
  });
});
