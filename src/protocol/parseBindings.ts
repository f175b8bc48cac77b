/**
 * The manifest's tables → Bindings. Takes what a TOML reader gives (plain objects; integers as number or bigint) and
 * reports everything that is wrong at once, each with its path.
 */
import * as v from "valibot";
import { Decimal, Int, type Value } from "../content/index.ts";
import { Bytes, err, ok, type Result } from "../std/index.ts";
import {
  type ActionBinding,
  type Bindings,
  type FactBinding,
  type InputBinding,
  parseAddress,
  type Source,
} from "./Bindings.ts";
import type { Asset } from "./parties.ts";
import { DECIMALS_MAX, type Reading } from "./Reading.ts";
import { isTimelineId } from "./Timeline.ts";

export interface BindingProblem {
  /** `facts.PriceOf.0.slots.base` */
  readonly path: string;
  readonly reason: string;
}

const GAS_MAX = 30_000_000;
const NATIVE_DECIMALS = 18;

const count = (max: number) =>
  v.pipe(
    v.union([v.number(), v.bigint()], "expected an integer"),
    v.transform(Number),
    v.integer("expected an integer"),
    v.minValue(0, "expected 0 or more"),
    v.maxValue(max, `expected at most ${max}`),
  );
const decimals = count(DECIMALS_MAX);
const constant = v.union([v.string(), v.number(), v.bigint(), v.boolean()], "expected a text, an integer or a bool");
/** Solidity identifiers and elementary types only: nothing that needs a dynamic encoding. */
const signature = v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*\([\w\s,]*\)$/, 'expected "name(type,…)"'));

const source = v.union(
  [
    v.pipe(
      v.string(),
      v.transform((path): Source => ({ kind: "Argument", path, decimals: undefined })),
    ),
    v.pipe(
      v.strictObject({ argument: v.string(), decimals: v.optional(decimals) }),
      v.transform((s): Source => ({ kind: "Argument", path: s.argument, decimals: s.decimals })),
    ),
    v.pipe(
      v.strictObject({ account: v.literal(true) }),
      v.transform((): Source => ({ kind: "Account" })),
    ),
    v.pipe(
      v.strictObject({ contract: v.string() }),
      v.transform((s): Source => ({ kind: "Contract", name: s.contract })),
    ),
    v.pipe(
      v.strictObject({ constant }),
      v.check((s) => constantValue(s.constant) !== undefined, "a constant number must be an integer"),
      v.transform((s): Source => ({ kind: "Constant", value: constantValue(s.constant)! })),
    ),
  ],
  "expected a path, { argument }, { account = true }, { contract } or { constant }",
);

const limit = v.pipe(
  v.strictObject({
    limit: signature,
    contract: v.string(),
    inputs: v.array(source),
    bound: v.picklist(["most", "least"], 'expected "most" or "least"'),
    slippage: v.pipe(
      v.string(),
      v.check((text) => basisPoints(text) !== undefined, 'expected a share below 1 in steps of 0.0001, as "0.01"'),
    ),
  }),
  v.transform(
    (l): InputBinding => ({
      kind: "Limit",
      contract: l.contract,
      view: l.limit,
      inputs: l.inputs,
      bound: l.bound,
      slippageBasisPoints: basisPoints(l.slippage)!,
    }),
  ),
);

const reading = v.union(
  [
    v.pipe(
      v.strictObject({ word: v.string(), decimals: v.optional(decimals) }),
      v.transform(
        (r): Reading =>
          r.decimals === undefined
            ? { kind: "Word", word: r.word }
            : { kind: "Scaled", word: r.word, decimals: r.decimals },
      ),
    ),
    v.pipe(
      v.strictObject({
        ratio: v.tuple([v.string(), v.string()]),
        decimals: v.tuple([decimals, decimals]),
        places: decimals,
        rounding: v.optional(v.picklist(["half-even", "half-up", "down", "up", "floor", "ceiling"]), "half-even"),
      }),
      v.transform(
        (r): Reading => ({
          kind: "Ratio",
          numerator: r.ratio[0],
          numeratorDecimals: r.decimals[0],
          denominator: r.ratio[1],
          denominatorDecimals: r.decimals[1],
          places: r.places,
          rounding: r.rounding,
        }),
      ),
    ),
    v.pipe(
      v.strictObject({ all: v.literal(true) }),
      v.transform((): Reading => ({ kind: "All" })),
    ),
  ],
  "expected { word, decimals? }, { ratio, decimals, places } or { all = true }",
);

const slotIndex = v.pipe(
  v.union([v.number(), v.bigint()], "expected a slot number"),
  v.check((n) => (typeof n === "bigint" ? n >= 0n : Number.isSafeInteger(n) && n >= 0), "expected a slot number"),
  v.transform((n) => Int.of(BigInt(n))),
);
const slot = v.union(
  [
    v.pipe(
      slotIndex,
      v.transform((slot) => ({ slot, keys: [] as Source[], offset: 0, bytes: 32, type: "uint" as const })),
    ),
    v.pipe(
      v.strictObject({
        slot: slotIndex,
        keys: v.optional(v.array(source), []),
        offset: v.optional(count(31), 0),
        bytes: v.optional(v.pipe(count(32), v.minValue(1)), 32),
        type: v.optional(v.picklist(["uint", "int", "bool", "bytes"]), "uint"),
      }),
      v.check((s) => s.offset + s.bytes <= 32, "offset + bytes must not pass 32"),
    ),
  ],
  "expected a slot number or { slot, keys?, offset?, bytes?, type? }",
);

const when = v.optional(v.record(v.string(), constant), {});

const fact = v.strictObject({ when, contract: v.string(), slots: v.record(v.string(), slot), value: reading });
const action = v.strictObject({
  when,
  contract: v.string(),
  call: signature,
  inputs: v.array(v.union([limit, source], "expected an input: see docs/spec/timelines.md §2")),
  payment: v.optional(source),
  gas: v.pipe(count(GAS_MAX), v.minValue(21_000, "expected at least 21000")),
  event: signature,
  where: v.optional(v.record(v.string(), source), {}),
  answer: reading,
  moves: v.optional(
    v.array(v.strictObject({ asset: v.string(), direction: v.picklist(["in", "out"]), amount: reading })),
    [],
  ),
});
/** `[facts.Name]`, or `[[facts.Name]]` for one binding per combination of arguments. */
const oneOrMore = <S extends v.GenericSchema>(schema: S) =>
  v.lazy(
    (input): v.GenericSchema<unknown, v.InferOutput<S>[]> =>
      Array.isArray(input)
        ? (v.array(schema) as unknown as v.GenericSchema<unknown, v.InferOutput<S>[]>)
        : (v.pipe(
            schema,
            v.transform((one): v.InferOutput<S>[] => [one]),
          ) as unknown as v.GenericSchema<unknown, v.InferOutput<S>[]>),
  );

const address = v.pipe(
  v.string(),
  v.check((text) => parseAddress(text) !== undefined, "expected an address: 0x and 40 hex digits"),
  v.transform((text) => parseAddress(text)!),
);
const asset = v.strictObject({
  timeline: v.string(),
  /** `native`, `erc20:0x…`, or `erc20:name` with the name from `[contracts.<timeline>]`. */
  id: v.pipe(v.string(), v.regex(/^(native|erc20:\w+)$/, 'expected "native" or "erc20:…"')),
  decimals: v.optional(decimals),
});

const tables = v.object({
  timelines: v.optional(
    v.record(v.string(), v.pipe(v.string(), v.check(isTimelineId, 'expected a CAIP-2 chain id, as "eip155:1"'))),
    {},
  ),
  assets: v.optional(v.record(v.string(), oneOrMore(asset)), {}),
  contracts: v.optional(v.record(v.string(), v.record(v.string(), address)), {}),
  facts: v.optional(v.record(v.string(), oneOrMore(fact)), {}),
  actions: v.optional(v.record(v.string(), oneOrMore(action)), {}),
});

/** `manifest`: the whole file or the five tables; other tables are other readers' business. */
export function parseBindings(manifest: unknown): Result<Bindings, readonly BindingProblem[]> {
  const parsed = v.safeParse(tables, manifest);
  if (!parsed.success) return err(parsed.issues.flatMap((issue) => problemsOf(issue, "")));
  const problems: BindingProblem[] = [];
  const { output } = parsed;
  const timelines = new Map(Object.entries(output.timelines));
  const isTimeline = (name: string, path: string) => {
    if (!timelines.has(name)) problems.push({ path, reason: `the timeline ${name} is not in [timelines]` });
  };
  const contracts = new Map<string, ReadonlyMap<string, Uint8Array>>();
  for (const [timeline, addresses] of Object.entries(output.contracts)) {
    isTimeline(timeline, `contracts.${timeline}`);
    contracts.set(timeline, new Map(Object.entries(addresses)));
  }
  const assets: Asset[] = [];
  for (const [name, entries] of Object.entries(output.assets)) {
    for (const entry of entries) {
      isTimeline(entry.timeline, `assets.${name}.timeline`);
      const isNative = entry.id === "native";
      const given = entry.id.slice("erc20:".length);
      const contract = isNative ? undefined : (parseAddress(given) ?? contracts.get(entry.timeline)?.get(given));
      if (!isNative && contract === undefined) continue; // Named by the network later: `withAsset`.
      if (!isNative && entry.decimals === undefined)
        problems.push({ path: `assets.${name}.decimals`, reason: "a token needs its decimals" });
      assets.push({ name, timeline: entry.timeline, contract, decimals: entry.decimals ?? NATIVE_DECIMALS });
    }
  }
  const facts = Object.entries(output.facts).flatMap(([name, all]) =>
    all.map(
      (one): FactBinding => ({
        fact: name,
        when: whenOf(one.when),
        contract: one.contract,
        slots: Object.entries(one.slots).map(([slotName, s]) => ({
          name: slotName,
          index: s.slot,
          keys: s.keys,
          offset: s.offset,
          bytes: s.bytes,
          type: s.type,
        })),
        value: one.value,
      }),
    ),
  );
  const actions = Object.entries(output.actions).flatMap(([name, all]) =>
    all.map((one, i): ActionBinding => {
      for (const move of one.moves) {
        if (!Object.hasOwn(output.assets, move.asset))
          problems.push({ path: `actions.${name}.${i}.moves`, reason: `the asset ${move.asset} is not in [assets]` });
      }
      return {
        action: name,
        when: whenOf(one.when),
        contract: one.contract,
        function: one.call,
        inputs: one.inputs,
        payment: one.payment,
        gasMax: one.gas,
        event: one.event,
        where: Object.entries(one.where).map(([field, input]) => ({ name: field, input })),
        answer: one.answer,
        moves: one.moves,
      };
    }),
  );
  return problems.length > 0 ? err(problems) : ok({ timelines, assets, contracts, facts, actions });
}

/** Of a choice that failed: what is wrong inside the form that got furthest, else what the forms are. */
function problemsOf(issue: v.BaseIssue<unknown>, base: string): BindingProblem[] {
  const path = [base, v.getDotPath(issue) ?? ""].filter((part) => part !== "").join(".");
  const inside = issue.type === "union" ? (issue.issues ?? []) : [];
  const depth = (i: v.BaseIssue<unknown>) => (i.type === "strict_object" ? 0 : (i.path?.length ?? 0));
  const deepest = inside.reduce<v.BaseIssue<unknown> | undefined>(
    (best, i) => (depth(i) > (best === undefined ? 0 : depth(best)) ? i : best),
    undefined,
  );
  if (deepest !== undefined) return problemsOf(deepest, path);
  if (issue.type === "strict_object" && issue.path !== undefined)
    return [{ path, reason: issue.expected === "never" ? "there is no such key" : "the key is missing" }];
  return [{ path, reason: issue.message }];
}

const whenOf = (table: { readonly [path: string]: string | number | bigint | boolean }) =>
  Object.entries(table).map(([path, value]) => ({ path, value: constantValue(value) ?? String(value) }));

/** Hex texts are bytes; other texts stay texts; `undefined` for a number that is no integer. */
function constantValue(value: string | number | bigint | boolean): Value.Value | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value + 0 : undefined;
  if (typeof value === "bigint") return Int.of(value);
  if (typeof value !== "string") return value;
  const bytes = value.startsWith("0x") ? Bytes.fromHex(value) : undefined;
  return bytes === undefined ? value : { tag: "bytes", bytes };
}

/** `"0.01"` → 100. */
function basisPoints(text: string): number | undefined {
  const share = Decimal.parse(text);
  if (share === undefined) return undefined;
  const points = Decimal.multiply(share, Decimal.fromInt(10_000));
  if (!Decimal.isInteger(points) || points.coefficient < 0n) return undefined;
  const value = Number(Decimal.truncate(points));
  return value < 10_000 ? value : undefined;
}
