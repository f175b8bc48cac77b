/** The name registry against a model of it: a map, and the maps that were before. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressUnit, applyAdd, NameRegistry, type Note, planAdd } from "../../src/code/index.ts";
import { ContentHash, Value } from "../../src/content/index.ts";
import type { Store } from "../../src/execution/index.ts";
import { check } from "../../src/language/index.ts";
import { openMemoryStore } from "../../src/stores/memory/index.ts";

type Hash = ContentHash.ContentHash;
type Names = ReadonlyMap<string, Hash>;

const FUNCTIONS = ["m.a", "m.b", "n.a", "n.o.a"];
const MODULES = ["m", "n", "n.o", "k"];
const VALUES = [0, 1, 2];

/** Each function with each body; the same body is the same definition, whatever it is called. */
const units = new Map(
  FUNCTIONS.flatMap((name) =>
    VALUES.map((value) => {
      const at = name.lastIndexOf(".");
      const text = `module ${name.slice(0, at)}\nfn ${name.slice(at + 1)}() -> Int { ${value} }\n`;
      return [`${name} ${value}`, addressUnit(check([{ path: "f.tel", text }]).unit!)] as const;
    }),
  ),
);

interface Model {
  names: Names;
  /** What was before each step that was not taken back, oldest first. */
  readonly before: Names[];
  time: number;
}

interface Real {
  readonly store: Store;
}

const sorted = (names: Names) => [...names].sort((a, b) => Value.compareText(a[0], b[0]));
const below = (parent: string, name: string) => name === parent || name.startsWith(`${parent}.`);

/** One kind of step: what the model makes of it, and what the registry does. */
abstract class Step implements fc.AsyncCommand<Model, Real> {
  check = () => true;

  abstract model(model: Model): { readonly names: Names; readonly isStep: boolean };
  abstract act(real: Real, note: Note, model: Model): Promise<void>;
  abstract toString(): string;

  async run(model: Model, real: Real): Promise<void> {
    model.time += 10;
    const { names, isStep } = this.model(model);
    await this.act(real, { author: "ann", time: model.time, reason: "step" }, model);
    if (isStep) model.before.push(model.names);
    model.names = names;
    agree(model, real.store);
  }
}

/** Everything that can be asked of the registry is what the model says. */
function agree(model: Model, store: Store): void {
  expect(NameRegistry.list(store)).toEqual(sorted(model.names));
  for (const name of FUNCTIONS) {
    const found = NameRegistry.get(store, name);
    expect(found.ok ? found.value : undefined).toBe(model.names.get(name));
  }
  for (const hash of new Set(model.names.values())) {
    const own = sorted(model.names).flatMap(([name, at]) => (at === hash ? [name] : []));
    expect(NameRegistry.namesOf(store, hash)).toEqual(own);
    expect(own).toContain(NameRegistry.withPrefix(store, hash.slice(0, 30)).get(hash));
  }
  // The history alone gives the names, now and at any time before.
  const replayed = new Map<string, Hash>();
  const changes = store.nameHistory();
  const wrong = changes.filter(({ sequence, name, old, new: next }, i) => {
    const isOther = sequence !== i || old !== replayed.get(name);
    if (next === undefined) replayed.delete(name);
    else replayed.set(name, next);
    return isOther || FUNCTIONS.some((one) => NameRegistry.at(store, one, i) !== replayed.get(one));
  });
  expect(wrong).toEqual([]);
  expect(new Map([...replayed].filter(([name]) => !name.startsWith("meta:")))).toEqual(model.names);
  // Who went on from an earlier state has nothing to choose between.
  for (const merged of NameRegistry.merge(changes.slice(0, changes.length >> 1), changes).values())
    expect(["same", "theirs"]).toContain(merged.kind);
}

class Add extends Step {
  readonly name: string;
  readonly value: number;
  constructor(name: string, value: number) {
    super();
    this.name = name;
    this.value = value;
  }
  get unit() {
    return units.get(`${this.name} ${this.value}`)!;
  }
  get hash(): Hash {
    return this.unit.definitions.get(this.name)!;
  }
  model({ names }: Model) {
    return { names: new Map(names).set(this.name, this.hash), isStep: names.get(this.name) !== this.hash };
  }
  async act({ store }: Real, note: Note) {
    await store.write((tx) => applyAdd(tx, this.unit, planAdd(tx, this.unit), note));
  }
  toString = () => `add ${this.name} = ${this.value}`;
}

/** A writer who saw something else than what is there. */
class Stale extends Step {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  model({ names }: Model) {
    return { names, isStep: false };
  }
  async act({ store }: Real, note: Note, model: Model) {
    const wrong = ContentHash.of(Uint8Array.of(1));
    const done = await store.write((tx) => NameRegistry.set(tx, this.name, wrong, wrong, note));
    const got = model.names.get(this.name);
    expect(done).toEqual({ ok: false, error: { kind: "NameMoved", name: this.name, expected: wrong, got } });
  }
  toString = () => `set ${this.name} as if it were something else`;
}

class Rename extends Step {
  readonly from: string;
  readonly to: string;
  readonly isCut: boolean;
  constructor(from: string, to: string, isCut: boolean) {
    super();
    this.from = from;
    this.to = to;
    this.isCut = isCut;
  }
  moves(names: Names) {
    return sorted(names).flatMap(([name, hash]) =>
      below(this.from, name) ? [[name, this.to + name.slice(this.from.length), hash] as const] : [],
    );
  }
  /** The refusal that is due, if any. */
  refusal(names: Names): string | undefined {
    const moves = this.moves(names);
    if (moves.length === 0) return "UnknownName";
    const leaving = new Set(moves.map(([name]) => name));
    const isTaken = moves.some(([, to, hash]) => names.has(to) && names.get(to) !== hash && !leaving.has(to));
    return isTaken ? "NameTaken" : undefined;
  }
  model({ names }: Model) {
    if (this.isCut || this.refusal(names) !== undefined) return { names, isStep: false };
    const next = new Map(names);
    for (const [name] of this.moves(names)) next.delete(name);
    for (const [, to, hash] of this.moves(names)) next.set(to, hash);
    return { names: next, isStep: true };
  }
  async act({ store }: Real, note: Note, { names }: Model) {
    const done = store.write((tx) => {
      const renamed = NameRegistry.rename(tx, this.from, this.to, note);
      if (this.isCut) throw new Error("cut off");
      return renamed;
    });
    if (this.isCut) return expect(done).rejects.toThrow("cut off");
    const refusal = this.refusal(names);
    const moved = this.moves(names).map(([name, to]) => [name, to]);
    expect(await done).toMatchObject(refusal === undefined ? { ok: true, value: moved } : { error: { kind: refusal } });
  }
  toString = () => `rename ${this.from} to ${this.to}${this.isCut ? ", and the host dies" : ""}`;
}

class Remove extends Step {
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  model({ names }: Model) {
    const next = new Map([...names].filter(([name]) => !below(this.name, name)));
    return { names: next, isStep: next.size < names.size };
  }
  async act({ store }: Real, note: Note, { names }: Model) {
    const done = await store.write((tx) => NameRegistry.remove(tx, this.name, note));
    const gone = sorted(names).flatMap(([name]) => (below(this.name, name) ? [name] : []));
    expect(done).toMatchObject(gone.length > 0 ? { ok: true, value: gone } : { error: { kind: "UnknownName" } });
  }
  toString = () => `remove ${this.name}`;
}

class Undo extends Step {
  model(model: Model) {
    return { names: model.before.at(-1) ?? model.names, isStep: false };
  }
  async act({ store }: Real, note: Note, model: Model) {
    const done = await store.write((tx) => NameRegistry.undo(tx, note));
    expect(done.ok ? "undone" : done.error.kind).toBe(model.before.pop() === undefined ? "NothingToUndo" : "undone");
  }
  toString = () => "undo";
}

const name = fc.constantFrom(...FUNCTIONS);
const module = fc.constantFrom(...MODULES);
const isCut = fc.nat(9).map((n) => n === 0);
const commands = fc.commands(
  [
    fc.tuple(name, fc.constantFrom(...VALUES)).map(([one, value]) => new Add(one, value)),
    fc.tuple(name, fc.constantFrom(...VALUES)).map(([one, value]) => new Add(one, value)),
    fc.tuple(name, name, isCut).map(([from, to, cut]) => new Rename(from, to, cut)),
    fc.tuple(module, module, isCut).map(([from, to, cut]) => new Rename(from, to, cut)),
    fc.oneof(name, module).map((one) => new Remove(one)),
    name.map((one) => new Stale(one)),
    fc.constant(new Undo()),
  ],
  { maxCommands: 30, size: "max" },
);

test("names are what a map with its past would say, after any steps", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      await fc.asyncModelRun(
        () => ({ model: { names: new Map(), before: [], time: 0 }, real: { store: openMemoryStore() } }),
        steps,
      );
    }),
    { numRuns: 40, seed: 20_261_126 },
  );
});
