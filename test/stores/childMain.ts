import { writeSync } from "node:fs";
import { encodeValue } from "../../src/content/index.ts";
import { StoreFailure } from "../../src/execution/index.ts";
import { openLmdbStore } from "../../src/stores/lmdb/index.ts";

const [role, directory] = process.argv.slice(-2) as [string, string];
/** Written at once, so that a line that was printed is a write that was acknowledged before the process died. */
const say = (line: string) => writeSync(1, `${line}\n`);

const IN_FLIGHT = 8;
const FILL_CHARS = 20_000;

const store = await openLmdbStore(directory);
say("open");
if (role === "hold") setInterval(() => {}, 1000);
else {
  const filler = role === "fill" ? "x".repeat(FILL_CHARS) : "";
  const writer = async (): Promise<void> => {
    for (;;) {
      const sequence = await store.write((tx) => {
        const head = tx.logHead("s");
        const next = (head?.sequence ?? -1) + 1;
        const done = tx.append("s", head?.entry, encodeValue(`entry ${next} ${filler}`));
        if (!done.ok) throw new Error("the head moved inside a transaction");
        tx.setName("last", tx.name("last"), done.value.entry, { author: "child", time: next, reason: "test" });
        return done.value.sequence;
      });
      say(`${sequence}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  } catch (error) {
    say(error instanceof StoreFailure ? `kind:${error.detail.kind}` : `kind:${String(error)}`);
    await store.close();
    say("closed");
  }
}
