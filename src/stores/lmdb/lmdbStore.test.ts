import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { storeConformance } from "../memory/index.ts";
import { openLmdbStore } from "./lmdbStore.ts";

const root = mkdtempSync(join(tmpdir(), "tb-store-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(root, `${count++}`);

describe("the LMDB store", () => {
  for (const { title, check } of storeConformance(() => openLmdbStore(fresh()))) test(title, check);
});
