import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ended, linesOf, startChild } from "../../../test/stores/child.ts";
import { decodeValue } from "../../content/index.ts";
import { openLmdbStore } from "./lmdbStore.ts";

/** `npm run test:crash` asks for many more. */
const ROUNDS = Number(process.env["TB_CRASH_ROUNDS"] ?? 3);

test(
  `a process killed while it writes loses nothing that was acknowledged and leaves nothing half-written (${ROUNDS} kills)`,
  async () => {
    const where = join(mkdtempSync(join(tmpdir(), "tb-crash-")), "store");
    let acknowledged = -1;
    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild("append", where);
      const killAfter = 20 + ((round * 7919) % 400);
      let seen = 0;
      for await (const line of linesOf(child)) {
        if (line === "open") continue;
        acknowledged = Math.max(acknowledged, Number(line));
        if (++seen === killAfter) child.kill("SIGKILL");
      }
      await ended(child);
      const store = await openLmdbStore(where, { verify: true });
      const entries = store.logEntries("s");
      // What was committed but not yet acknowledged may be there too.
      expect(entries.length).toBeGreaterThan(acknowledged);
      entries.forEach(({ entry, sequence }, i) => {
        expect(sequence).toBe(i);
        expect(decodeValue(store.blocks.get(entry)!)).toEqual({ ok: true, value: `entry ${i} ` });
      });
      const last = entries.at(-1)!;
      expect(store.logHead("s")).toEqual(last);
      // The name is written in the same transaction as the entry.
      expect(store.name("last")).toBe(last.entry);
      expect(store.nameHistory("last").map((change) => change.new)).toEqual(entries.map(({ entry }) => entry));
      await store.close();
    }
    rmSync(join(where, ".."), { recursive: true, force: true });
  },
  30_000 + ROUNDS * 5_000,
);
