/**
 * What every driver of the Store port must do, as a list of cases: a title that states the property, and a function
 * that throws where it does not hold. A test file of the driver runs them:
 *
 *     for (const { title, check } of storeConformance(open)) test(title, check);
 */
import { ContentHash, encode, encodeValue, link } from "../../content/index.ts";
import type { Store, StoreTransaction } from "../../execution/index.ts";
import { Bytes } from "../../std/index.ts";

export interface Suite {
  readonly title: string;
  readonly check: () => Promise<void>;
}

const block = (text: string): Uint8Array => encodeValue(text);
const note = { author: "ann", time: 1_000, reason: "test" };
const a = ContentHash.of(block("a"));
const b = ContentHash.of(block("b"));
const c = ContentHash.of(block("c"));

/** `open` gives a fresh, empty store each time. */
export function storeConformance(open: () => Promise<Store>): readonly Suite[] {
  const suite: Suite[] = [];
  const law = (title: string, check: (store: Store) => Promise<void>) =>
    suite.push({
      title,
      check: async () => {
        const store = await open();
        try {
          await check(store);
        } finally {
          await store.close();
        }
      },
    });

  law("an empty store has nothing", async (store) => {
    same(store.blocks.get(a), undefined);
    same(store.blocks.has(a), false);
    same(store.logHead("s"), undefined);
    same(store.logEntries("s"), []);
    same(store.logStreams(""), []);
    same(store.name("n"), undefined);
    same(store.nameAt("n", 10), undefined);
    same(store.names(""), []);
    same(store.nameHistory(), []);
    same(store.dependents(a), []);
    same(store.typing(a), undefined);
    same(store.namesEver(), []);
    same(store.replaced(), []);
    same(store.shapes(), []);
    same(store.ofShape("fn() -> Int"), []);
    same(store.blockSizes(undefined, 10), []);
  });

  law("a block comes back as it was put, and putting it again changes nothing", async (store) => {
    const bytes = block("hello");
    const first = await store.write((tx) => tx.put(bytes));
    same(first, ContentHash.of(bytes));
    bytes.fill(0);
    same(store.blocks.get(first), block("hello"));
    const got = store.blocks.get(first)!;
    got.fill(0);
    same(store.blocks.get(first), block("hello"));
    await store.write((tx) => tx.put(block("hello")));
    same(store.blockSizes(undefined, 10).length, 1);
  });

  law("blocks of every size up to a megabyte come back", async (store) => {
    const sizes = [0, 1, 35, 36, 255, 4_000, 4_096, 5_000, 65_536, 1_000_000];
    const blocks = sizes.map((size) => encodeValue("x".repeat(size)));
    const hashes = await store.write((tx) => blocks.map((bytes) => tx.put(bytes)));
    hashes.forEach((hash, i) => {
      same(store.blocks.get(hash), blocks[i]);
      same(store.blocks.has(hash), true);
    });
    const listed = new Map(store.blockSizes(undefined, 100));
    hashes.forEach((hash, i) => {
      same(listed.get(hash), blocks[i]!.length);
    });
  });

  law("blocks are listed by address, in pages", async (store) => {
    const hashes = await store.write((tx) => Array.from({ length: 25 }, (_, i) => tx.put(block(`${i}`))));
    const listed: ContentHash.ContentHash[] = [];
    let after: ContentHash.ContentHash | undefined;
    for (;;) {
      const page = store.blockSizes(after, 7);
      if (page.length === 0) break;
      listed.push(...page.map(([hash]) => hash));
      after = listed.at(-1);
    }
    same(
      listed,
      [...hashes].sort((x, y) => Bytes.compare(ContentHash.toBytes(x), ContentHash.toBytes(y))),
    );
  });

  law("a removed block is gone; removing what is absent is no error", async (store) => {
    await store.write((tx) => tx.put(block("a")));
    await store.write((tx) => {
      tx.remove(a);
      tx.remove(b);
      same(tx.blocks.has(a), false);
    });
    same(store.blocks.get(a), undefined);
  });

  law("a log grows by one entry whose predecessor the writer knew", async (store) => {
    same(await store.write((tx) => tx.append("s", undefined, block("a"))), {
      ok: true,
      value: { sequence: 0, entry: a },
    });
    same(await store.write((tx) => tx.append("s", a, block("b"))), { ok: true, value: { sequence: 1, entry: b } });
    same(store.logHead("s"), { sequence: 1, entry: b });
    same(store.blocks.get(a), block("a"));
    same(store.logEntries("s"), [
      { sequence: 0, entry: a },
      { sequence: 1, entry: b },
    ]);
  });

  law("an append that expects another head is refused with both heads, and writes nothing", async (store) => {
    await store.write((tx) => tx.append("s", undefined, block("a")));
    same(await store.write((tx) => tx.append("s", undefined, block("b"))), {
      ok: false,
      error: { kind: "HeadMoved", stream: "s", expected: undefined, got: a },
    });
    same(await store.write((tx) => tx.append("s", c, block("b"))), {
      ok: false,
      error: { kind: "HeadMoved", stream: "s", expected: c, got: a },
    });
    same(store.blocks.has(b), false);
    same(store.logHead("s"), { sequence: 0, entry: a });
  });

  law("of many concurrent appends with the same expectation exactly one wins", async (store) => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.write((tx) => tx.append("s", undefined, block(`${i}`)))),
    );
    same(results.filter((result) => result.ok).length, 1);
    same(store.logEntries("s").length, 1);
  });

  law("a long log is read in slices, and streams do not mix even when one name begins the other", async (store) => {
    await store.write((tx) => {
      for (const stream of ["s", "s1", "s\u00e9", "t"]) {
        let head: ContentHash.ContentHash | undefined;
        for (let i = 0; i < 300; i++) {
          const done = tx.append(stream, head, block(`${stream}${i}`));
          if (done.ok) head = done.value.entry;
        }
      }
    });
    same(store.logHead("s"), { sequence: 299, entry: ContentHash.of(block("s299")) });
    same(
      store.logEntries("s", 290, 5).map((entry) => entry.sequence),
      [290, 291, 292, 293, 294],
    );
    same(store.logEntries("s", 299).length, 1);
    same(store.logEntries("s", 300), []);
    same(store.logEntries("s", 0, 0), []);
    same(store.logStreams("s"), ["s", "s1", "s\u00e9"]);
    same(store.logStreams("s1"), ["s1"]);
  });

  law("a name is set where it stands as expected, and its history is kept", async (store) => {
    const set = (expected: ContentHash.ContentHash | undefined, next: ContentHash.ContentHash | undefined) =>
      store.write((tx) => tx.setName("m.f", expected, next, note));
    same(await set(undefined, a), {
      ok: true,
      value: { sequence: 0, name: "m.f", old: undefined, new: a, ...note },
    });
    await set(a, b);
    await set(b, undefined);
    same(store.name("m.f"), undefined);
    same(store.names(""), []);
    await set(undefined, c);
    same(store.name("m.f"), c);
    same(
      [-1, 0, 1, 2, 3, 99].map((at) => store.nameAt("m.f", at)),
      [undefined, a, b, undefined, c, c],
    );
    same(
      store.nameHistory("m.f").map((change) => [change.sequence, change.old, change.new]),
      [
        [0, undefined, a],
        [1, a, b],
        [2, b, undefined],
        [3, undefined, c],
      ],
    );
  });

  law("a name that moved is refused with both values", async (store) => {
    await store.write((tx) => tx.setName("n", undefined, a, note));
    same(await store.write((tx) => tx.setName("n", b, c, note)), {
      ok: false,
      error: { kind: "NameMoved", name: "n", expected: b, got: a },
    });
    same(store.name("n"), a);
    same(store.nameHistory().length, 1);
  });

  law("names are listed by prefix in order of code points, and changes count through all names", async (store) => {
    const all = ["a", "a.b", "a.c", "a\u{10000}", "a\uffff", "b", "a.b.c"];
    await store.write((tx) => {
      for (const name of all) tx.setName(name, undefined, a, note);
    });
    same(
      store.names("a").map(([name]) => name),
      ["a", "a.b", "a.b.c", "a.c", "a\uffff", "a\u{10000}"],
    );
    same(store.names("a.b"), [
      ["a.b", a],
      ["a.b.c", a],
    ]);
    same(
      store.nameHistory().map((change) => [change.sequence, change.name]),
      all.map((name, i) => [i, name]),
    );
    same(
      store.nameHistory(undefined, 2).map((change) => change.name),
      ["b", "a.b.c"],
    );
    same(store.nameHistory("a", 5).length, 1);
    same(store.nameHistory(undefined, 0), []);
  });

  law("dependents are those that link to a definition, each once, while they are here", async (store) => {
    await store.write((tx) => {
      tx.putDefinition(block("x"), [a, b]);
      tx.putDefinition(block("y"), [a]);
      tx.putDefinition(block("x"), [a, b]);
    });
    const [x, y] = [ContentHash.of(block("x")), ContentHash.of(block("y"))];
    same(new Set(store.dependents(a)), new Set([x, y]));
    same(store.dependents(a).length, 2);
    same(store.dependents(b), [x]);
    await store.write((tx) => tx.remove(y));
    same(store.dependents(a), [x]);
  });

  law("names of definitions are listed from their first value on, whatever becomes of them", async (store) => {
    const named = Array.from({ length: 300 }, (_, i) => `module.name${i}`);
    await store.write((tx) => {
      for (const name of named) tx.setName(name, undefined, a, note);
      tx.setName("meta:other", undefined, a, note);
      tx.setName("module.name7", a, undefined, note);
      tx.setName("module.name7", undefined, b, note);
    });
    const fails = store.write((tx) => {
      tx.setName("lost", undefined, a, note);
      throw new Error("on purpose");
    });
    await fails.catch(() => {});
    await store.write((tx) => tx.setName("module.test été", undefined, a, note));
    same([...store.namesEver()].sort(), [...named, "module.test été"].sort());
  });

  law("what a name of a definition no longer stands for is listed, each pair once", async (store) => {
    await store.write((tx) => {
      tx.setName("f", undefined, a, note);
      tx.setName("g", undefined, a, note);
      tx.setName("meta:f", undefined, a, note);
      tx.setName("meta:f", a, b, note);
      tx.setName("f", a, b, note);
      tx.setName("f", b, a, note);
      tx.setName("f", a, undefined, note);
      tx.setName("g", a, c, note);
    });
    const fails = store.write((tx) => {
      tx.setName("g", c, a, note);
      throw new Error("on purpose");
    });
    await fails.catch(() => {});
    const pairs = store.replaced().map(([hash, name]) => `${name} ${hash}`);
    same([...pairs].sort(), [`f ${a}`, `f ${b}`, `g ${a}`].sort());
  });

  law("definitions are found by their shapes, as long as they are there", async (store) => {
    const int = [0, "Int"];
    const definition = (body: number) =>
      encode([2, 1, [[0, 1, 0, [5, [int], [0, "List", [1, link(a)]], [], null], [0, [0, body]]]]]);
    const shape = "fn(Int) -> List<*>";
    const [x, y] = await store.write((tx) => [
      tx.putDefinition(definition(1), []),
      tx.putDefinition(definition(2), []),
      tx.putDefinition(block("no code"), []),
    ]);
    const fails = store.write((tx) => {
      tx.putDefinition(definition(3), []);
      throw new Error("on purpose");
    });
    await fails.catch(() => {});
    same(store.shapes(), [shape]);
    same([...store.ofShape(shape)].sort(), [x, y].sort());
    same(store.ofShape("fn(Int) -> List"), []);
    await store.write((tx) => tx.remove(x!));
    same(store.ofShape(shape), [y]);
  });

  law("a typing is the last that was set, and goes with its definition", async (store) => {
    const x = await store.write((tx) => tx.put(block("x")));
    await store.write((tx) => tx.setTyping(x, block("first")));
    await store.write((tx) => tx.setTyping(x, block("second")));
    same(store.typing(x), block("second"));
    const got = store.typing(x)!;
    got.fill(0);
    same(store.typing(x), block("second"));
    const fails = store.write((tx) => {
      tx.setTyping(x, block("lost"));
      tx.setTyping(a, block("lost"));
      tx.remove(x);
      throw new Error("on purpose");
    });
    await fails.catch(() => {});
    same([store.typing(x), store.typing(a)], [block("second"), undefined]);
    await store.write((tx) => tx.remove(x));
    same(store.typing(x), undefined);
    await store.write((tx) => tx.put(block("x")));
    same(store.typing(x), undefined);
  });

  law("a transaction sees its own writes, and others see them when it has been written", async (store) => {
    const pending = store.write((tx) => {
      tx.put(block("a"));
      tx.append("s", undefined, block("b"));
      tx.setName("n", undefined, c, note);
      tx.putDefinition(block("x"), [a]);
      same(tx.blocks.get(a), block("a"));
      same(tx.logHead("s"), { sequence: 0, entry: b });
      same(tx.logEntries("s").length, 1);
      same(tx.logStreams(""), ["s"]);
      same(tx.name("n"), c);
      same(tx.names("").length, 1);
      same(tx.nameAt("n", 0), c);
      same(tx.nameHistory("n").length, 1);
      same(tx.dependents(a), [ContentHash.of(block("x"))]);
    });
    await pending;
    same(store.blocks.has(a), true);
    same(store.logHead("s"), { sequence: 0, entry: b });
    same(store.name("n"), c);
  });

  law("work that throws leaves nothing behind, and the writes around it are kept", async (store) => {
    await store.write((tx) => {
      tx.append("s", undefined, block("before"));
      tx.setName("kept", undefined, a, note);
    });
    const everything = (tx: StoreTransaction) => {
      tx.put(block("lost"));
      tx.append("s", ContentHash.of(block("before")), block("lost entry"));
      tx.append("t", undefined, block("lost stream"));
      tx.setName("kept", a, b, note);
      tx.setName("lost", undefined, b, note);
      tx.putDefinition(block("lost definition"), [a]);
      tx.remove(ContentHash.of(block("before")));
      throw new Error("on purpose");
    };
    const [left, failed, right] = await Promise.allSettled([
      store.write((tx) => tx.put(block("left"))),
      store.write(everything),
      store.write((tx) => tx.put(block("right"))),
    ]);
    same([left.status, failed.status, right.status], ["fulfilled", "rejected", "fulfilled"]);
    same((failed as PromiseRejectedResult).reason.message, "on purpose");
    same(store.blockSizes(undefined, 100).length, 3);
    same(store.logEntries("s").length, 1);
    same(store.logStreams(""), ["s"]);
    same(store.names(""), [["kept", a]]);
    same(store.nameHistory().length, 1);
    same(store.dependents(a), []);
    await store.write((tx) => tx.setName("kept", a, b, note));
    same(
      store.nameHistory().map((change) => change.sequence),
      [0, 1],
    );
  });

  law("concurrent writes happen one after the other, in the order in which they were asked", async (store) => {
    const heads = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        store.write((tx) => {
          const done = tx.append("s", tx.logHead("s")?.entry, block(`${i}`));
          return done.ok ? done.value.sequence : -1;
        }),
      ),
    );
    same(
      heads,
      Array.from({ length: 64 }, (_, i) => i),
    );
    same(
      store.logEntries("s").map((entry) => entry.entry),
      heads.map((i) => ContentHash.of(block(`${i}`))),
    );
  });

  law("a transaction that is over cannot be written to", async (store) => {
    let leaked: StoreTransaction | undefined;
    await store.write((tx) => {
      leaked = tx;
    });
    throws(() => leaked!.put(block("late")));
    throws(() => leaked!.setName("n", undefined, a, note));
    throws(() => leaked!.append("s", undefined, block("late")));
    same(store.blocks.has(ContentHash.of(block("late"))), false);
  });

  law(
    "keys that no index could hold are a caller's bug: empty, with NUL, with lone surrogates, too long",
    async (store) => {
      for (const key of ["", "a\0b", "\ud800", "x".repeat(1025), "\u00e9".repeat(600)]) {
        await rejects(store.write((tx) => tx.setName(key, undefined, a, note)));
        await rejects(store.write((tx) => tx.append(key, undefined, block("a"))));
      }
      same(store.nameHistory(), []);
      same(store.blocks.has(a), false);
    },
  );

  law("reading under keys that cannot be finds nothing", async (store) => {
    await store.write((tx) => {
      tx.append("s", undefined, block("a"));
      tx.setName("n", undefined, a, note);
    });
    for (const key of ["a\0b", "\ud800", "x".repeat(5000), "\u00e9".repeat(600)]) {
      same([store.name(key), store.nameAt(key, 9), store.logHead(key)], [undefined, undefined, undefined]);
      same([store.nameHistory(key), store.logEntries(key), store.names(key), store.logStreams(key)], [[], [], [], []]);
    }
    same([store.name(""), store.nameAt("", 9), store.logHead("")], [undefined, undefined, undefined]);
    same([store.nameHistory(""), store.logEntries("")], [[], []]);
  });

  law("names that a host's objects treat in their own way are ordinary names", async (store) => {
    const odd = ["__proto__", "constructor", "toString", "0", "1e3", " ", "ẞ", "名前"];
    await store.write((tx) => {
      for (const name of odd) tx.setName(name, undefined, a, note);
    });
    same(new Set(store.names("").map(([name]) => name)), new Set(odd));
    for (const name of odd) same(store.name(name), a);
  });

  law("a closed store refuses to write", async (store) => {
    await store.close();
    await rejects(store.write((tx) => tx.put(block("a"))));
  });

  return suite;
}

/** Deep equality of plain data, bytes, Maps and Sets, so that the suite needs no test framework. */
function same(got: unknown, expected: unknown): void {
  const [left, right] = [show(got), show(expected)];
  if (left !== right) throw new Error(`expected ${right}\n     got ${left}`);
}

function show(data: unknown): string {
  if (data instanceof Uint8Array) return `bytes ${data.length > 64 ? ContentHash.of(data) : Bytes.toHex(data)}`;
  if (data instanceof Set) return `set ${show([...data].map(show).sort())}`;
  if (Array.isArray(data)) return `[${data.map(show).join(", ")}]`;
  if (typeof data === "object" && data !== null)
    return `{${Object.entries(data)
      .map(([key, value]) => `${key}: ${show(value)}`)
      .sort()
      .join(", ")}}`;
  return typeof data === "string" ? JSON.stringify(data) : String(data);
}

function throws(work: () => unknown): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Error("expected it to throw");
}

async function rejects(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    return;
  }
  throw new Error("expected it to be refused");
}
