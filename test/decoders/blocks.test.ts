/** Blocks that come from outside are read strictly: as they were written, refused otherwise, and never with a throw. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Meta } from "../../src/code/index.ts";
import {
  type Codec,
  ContentHash,
  decodeValue,
  encode as encodeNode,
  encodeValue,
  Kind,
  link,
  type Node,
  Value,
} from "../../src/content/index.ts";
import { TraceEvent } from "../../src/execution/index.ts";
import { encodeCompiled } from "../../src/programs/CompiledProgram.ts";
import { Account, type CompiledProgram, Deployment, decodeCompiled } from "../../src/programs/index.ts";
import { LogEntry, signerFromSeed } from "../../src/protocol/index.ts";
import { Bytes, type Result } from "../../src/std/index.ts";
import * as any from "./arbitrary.ts";
import { checkStrict, isReason, isTagged } from "./mutate.ts";

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });

// ------------------------------------------------------------------------------------------------ META

const showable = any.text.filter(Meta.isShowable);
const part: fc.Arbitrary<Meta.Part> = fc.oneof(showable, fc.record({ hash: any.hash, name: showable }));
const source: fc.Arbitrary<Meta.Source> = fc.record({
  file: showable,
  start: any.count,
  parts: few(part),
  timelines: few(showable),
  companions: few(few(part)),
});
const meta: fc.Arbitrary<Meta.Meta> = fc.record({
  definition: any.hash,
  entries: fc
    .uniqueArray(
      fc.record({ name: showable, localNames: few(showable), doc: maybe(showable), source: maybe(source) }),
      { maxLength: 3, selector: (entry) => entry.name },
    )
    .map((entries) => entries.sort((a, b) => Value.compareText(a.name, b.name))),
});

describe("a META block", () => {
  test("has one form", () => {
    checkStrict({ any: meta, encode: Meta.encode, decode: Meta.decode, isRefusal: isTagged("InvalidMeta") });
  });

  const target = link(ContentHash.of(Bytes.empty));
  test.each<readonly [string, Node]>([
    ["of another version", [Kind.meta, 2, target, []]],
    ["of another kind", [Kind.value, 1, target, []]],
    ["with a part too many", [Kind.meta, 1, target, [], null]],
    ["of no definition", [Kind.meta, 1, null, []]],
    ["without entries", [Kind.meta, 1, target, null]],
    ["with a name twice", [Kind.meta, 1, target, [entry("a"), entry("a")]]],
    ["with names in another order", [Kind.meta, 1, target, [entry("b"), entry("a")]]],
    ["with a name that moves the cursor", [Kind.meta, 1, target, [entry("\u001b[2J")]]],
    ["with a doc that turns the text around", [Kind.meta, 1, target, [["a", [], "\u202e", null]]]],
    ["with a local that is no text", [Kind.meta, 1, target, [["a", [1], null, null]]]],
    ["with a source before the file", [Kind.meta, 1, target, [["a", [], null, ["f", -1, [], [], []]]]]],
    ["with a companion that is no list", [Kind.meta, 1, target, [["a", [], null, ["f", 0, [], [], [null]]]]]],
    ["with a mention of nothing", [Kind.meta, 1, target, [["a", [], null, ["f", 0, [[null, "x"]], [], []]]]]],
  ])("%s is refused", (_, node) => {
    expect(Meta.decode(encodeNode(node))).toMatchObject({ ok: false, error: { kind: "InvalidMeta" } });
  });
});

function entry(name: string): Node {
  return [name, [], null, null];
}

// ------------------------------------------------------------------------------------------------ trace events

const asked: fc.Arbitrary<TraceEvent.Asked> = fc.record({
  label: any.text,
  operation: any.text,
  arguments: few(any.value),
  fuel: any.count,
});
const end: fc.Arbitrary<TraceEvent.EndFigures> = fc.record({
  fuel: any.count,
  memoryBytes: any.count,
  requests: any.count,
  state: maybe(any.hash),
});
const state = fc
  .uniqueArray(fc.tuple(any.text, any.value), { maxLength: 3, selector: ([name]) => name })
  .map(Value.record);
const kind = <K extends string>(name: K) => fc.constant(name);
const started: fc.Arbitrary<TraceEvent.Linked> = fc
  .record({
    kind: kind("RunStarted"),
    definition: any.hash,
    name: maybe(any.text),
    arguments: few(any.value),
    state: maybe(state),
    fuel: any.count,
    memoryBytes: any.count,
    executor: any.text,
    salt: any.text,
  })
  .map((event) => ({ previous: undefined, event }));
const later: fc.Arbitrary<TraceEvent.Event> = fc.oneof(
  fc.record({ kind: kind("EffectIntent"), index: any.count, asked }),
  fc.record({ kind: kind("EffectApplication"), index: any.count, asked: maybe(asked), answer: any.value }),
  fc.record({ kind: kind("ExternalDependencyCall"), index: any.count, asked: maybe(asked), answer: any.value }),
  fc.record({ kind: kind("EffectDenied"), index: any.count, asked: maybe(asked), reason: any.text }),
  fc.record({ kind: kind("DeadlineFired"), scope: any.count, at: any.int }),
  fc.record({ kind: kind("LateReturn"), index: any.count, answer: any.value }),
  fc.record({ kind: kind("SnapshotTaken"), snapshot: any.hash }),
  fc.record({ kind: kind("ExecutionError"), code: any.text, message: any.text, end }),
  fc.record({ kind: kind("RunEnded"), value: any.value, end }),
);

describe("a trace event", () => {
  test("has one form", () => {
    checkStrict<TraceEvent.Linked>({
      any: fc.oneof(started, fc.record({ previous: any.hash, event: later })),
      encode: TraceEvent.encode,
      decode: TraceEvent.decode,
      isRefusal: isTagged("InvalidEvent"),
      numRuns: 500,
    });
  });
});

describe("a trace event that is canonical", () => {
  const before = link(ContentHash.of(Bytes.empty));
  const figures: Node = [0, 0, 0, null];
  test.each<readonly [string, Node, RegExp]>([
    ["and of another version", [Kind.traceEvent, 2, before, 7, before], /no event/],
    ["and of no known kind", [Kind.traceEvent, 1, before, 10], /unknown kind/],
    ["and of a kind that is no number", [Kind.traceEvent, 1, before, "RunEnded", 1, figures], /unknown kind/],
    ["and has a part too many", [Kind.traceEvent, 1, before, 7, before, null], /list of 1 parts/],
    ["and begins no run without a run", [Kind.traceEvent, 1, null, 7, before], /begins with RunStarted/],
    ["and begins within a run", [Kind.traceEvent, 1, before, 0, before, null, [], null, 0, 0, "", ""], /only there/],
    ["and counts below zero", [Kind.traceEvent, 1, before, 6, -1, [0]], /a count/],
    ["and used less than no fuel", [Kind.traceEvent, 1, before, 9, [0], [-1, 0, 0, null]], /a count/],
    ["and intends nothing", [Kind.traceEvent, 1, before, 1, 0, null], /an intent says/],
    [
      "and has a state that is no record",
      [Kind.traceEvent, 1, null, 0, before, null, [], [0], 0, 0, "", ""],
      /a record/,
    ],
  ])("%s is refused", (_, node, reason) => {
    const read = TraceEvent.decode(encodeNode(node));
    expect(read).toEqual({ ok: false, error: { kind: "InvalidEvent", reason: expect.stringMatching(reason) } });
  });
});

// ------------------------------------------------------------------------------------------------ blocks of programs

/** A codec's value blocks, read as programs read them. */
const valueBlock = <T>(codec: Codec.Codec<T>) => ({
  encode: (data: T) => encodeValue(codec.toValue(data)),
  decode: (block: Uint8Array): Result<T, unknown> => {
    const value = decodeValue(block);
    return value.ok ? codec.fromValue(value.value) : value;
  },
  isRefusal: isTagged("NotCanonical", "TooLarge", "WrongShape"),
});

const mapOf = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<string, T>> =>
  fc
    .uniqueArray(fc.tuple(any.text, item), { maxLength: 3, selector: ([key]) => key })
    // As a codec gives it: sorted by key.
    .map((entries) => new Map(entries.sort((a, b) => Value.compareText(a[0], b[0]))));

const activation: fc.Arbitrary<Deployment.ActivationStrategy> = fc.oneof(
  fc.record({ kind: kind("ManualStepwise") }),
  fc.record({ kind: kind("FloodActivation") }),
  fc.record({ kind: kind("ChainedActivation"), order: few(any.text) }),
  fc.record({ kind: kind("ConditionBased"), conditions: few(any.text), deadline: any.count }),
);
const config: fc.Arbitrary<Deployment.DeploymentConfig> = fc.record({
  components: mapOf(any.text),
  activation,
  onFailure: fc.constantFrom("hold" as const, "compensate" as const, "forward-fix" as const),
  upgradePolicy: fc.constantFrom("auto" as const, "ask" as const, "pinned" as const),
  safeStateStrategy: fc.constantFrom(
    "always" as const,
    "no-pending-returns" as const,
    "strict" as const,
    "manual" as const,
  ),
  bindings: any.value,
});

describe("a deployment's configuration", () => {
  test("has one form", () => {
    checkStrict({ any: config, ...valueBlock(Deployment.DeploymentConfig) });
  });

  test.each<readonly [string, (fields: Map<string, Value.Value>) => void, string]>([
    ["a field too many", (fields) => fields.set("__proto__", Value.unit), "$.__proto__"],
    ["a field too few", (fields) => fields.delete("bindings"), "$.bindings"],
    [
      "a strategy of an object's own words",
      (fields) => fields.set("activation", Value.variant("toString", Value.record([]))),
      "$.activation",
    ],
    [
      "a strategy without its record",
      (fields) => fields.set("activation", Value.variant("FloodActivation")),
      "$.activation",
    ],
    [
      "a deadline before the beginning of time",
      (fields) =>
        fields.set(
          "activation",
          Value.variant(
            "ConditionBased",
            Value.record([
              ["conditions", Value.list([])],
              ["deadline", -1],
            ]),
          ),
        ),
      "$.activation#ConditionBased.deadline",
    ],
    ["a word that is none", (fields) => fields.set("onFailure", "constructor"), "$.onFailure"],
    ["a component that is no text", (fields) => fields.set("components", Value.map([["a", 1]])), '$.components["a"]'],
    ["a component named by a number", (fields) => fields.set("components", Value.map([[1, "a"]])), "$.components{key}"],
  ])("with %s is refused at its place", (_, change, path) => {
    const good = Deployment.DeploymentConfig.toValue(fc.sample(config, { numRuns: 1, seed: 1 })[0]!) as Value.Record;
    const fields = new Map(good.names.map((name, i) => [name, good.values[i]!]));
    change(fields);
    const read = Deployment.DeploymentConfig.fromValue(Value.record(fields));
    expect(read).toMatchObject({ ok: false, error: { kind: "WrongShape", path } });
  });
});

const effectNode = fc.record({ id: any.count, label: any.text, operation: any.text, after: few(any.count) });
const program: fc.Arbitrary<CompiledProgram> = fc.record({
  name: any.text,
  version: any.text,
  definition: any.hash,
  entries: few(
    fc.record({
      name: any.text,
      function: any.hash,
      parameters: few(fc.record({ name: any.text, type: any.text })),
      result: any.text,
      row: few(any.text),
      exclusive: fc.boolean(),
    }),
  ),
  effectDAG: mapOf(few(effectNode)),
  dependencies: few(any.hash),
  schema: any.bytes,
  schemaHash: any.hash,
  schemaEvolutionRules: few(any.text),
  compatibleProtocolVersions: few(any.text),
  components: mapOf(any.text),
  bindings: any.value,
  programs: mapOf(any.text),
  initialState: any.value,
  safeStateStrategy: any.text,
  upgradePolicy: any.text,
  codeFormat: any.count,
  compilerVersion: any.text,
});

describe("a compiled program", () => {
  test("has one form", () => {
    checkStrict({ any: program, encode: encodeCompiled, decode: decodeCompiled, isRefusal: isReason, numRuns: 200 });
  });
});

// ------------------------------------------------------------------------------------------------ log entries

const amount = { timeline: any.text, asset: any.text, amount: any.decimal };
const undertaking: fc.Arbitrary<Account.Undertaking> = fc.oneof(
  fc.record({ kind: kind("Act"), timeline: any.text, action: any.hash }),
  fc.record({ kind: kind("Deposit"), ...amount }),
  fc.record({ kind: kind("Withdraw"), ...amount, to: any.bytes, by: any.hash }),
);
const action: fc.Arbitrary<Account.Action> = fc.oneof(
  fc.record({ kind: kind("Withdraw"), ...amount, to: any.text }),
  fc.record({ kind: kind("Transfer"), ...amount, to: any.text }),
  fc.record({ kind: kind("Invoke"), program: any.text, entry: any.text, arguments: few(any.value) }),
  fc.record({ kind: kind("DeployProgram"), program: any.hash, config: any.hash }),
  fc.record({ kind: kind("ActivateProgram"), deployment: any.hash, component: maybe(any.text) }),
  fc.record({ kind: kind("UpgradeProgram"), program: any.text, to: any.hash, config: any.hash }),
  fc.record({ kind: kind("UpgradeThrough"), program: any.text, versions: few(any.hash), config: any.hash }),
);
const settled = { ...amount, transaction: any.text, fact: any.hash };
const accountEvent: fc.Arbitrary<Account.AccountEvent> = fc.oneof(
  fc.record({ kind: kind("Opened"), traveler: any.text, owner: any.bytes }),
  fc.record({ kind: kind("Accepted"), message: any.hash, nonce: any.count, action }),
  fc.record({ kind: kind("Refused"), message: any.hash, reason: any.text }),
  fc.record({ kind: kind("Credited"), ...settled }),
  fc.record({ kind: kind("Debited"), ...settled }),
  fc.record({ kind: kind("Retracted"), ...settled, retraction: any.hash }),
  fc.record({ kind: kind("Restored"), ...settled, retraction: any.hash }),
  fc.record({ kind: kind("Final"), facts: few(any.hash) }),
  fc.record({ kind: kind("Reserved"), ...amount, by: any.hash }),
  fc.record({ kind: kind("Released"), ...amount, by: any.hash }),
  fc.record({ kind: kind("Sent"), ...amount, to: any.text, transfer: any.hash }),
  fc.record({ kind: kind("Received"), ...amount, from: any.text, transfer: any.hash }),
  fc.record({ kind: kind("Begun"), effect: any.text, undertaking }),
  fc.record({
    kind: kind("Ended"),
    effect: any.text,
    outcome: fc.constantFrom("done" as const, "nothing-done" as const),
    reason: any.text,
  }),
  fc.record({ kind: kind("Performed"), run: any.hash, request: any.hash, answer: any.value }),
  fc.record({ kind: kind("RunClosed"), run: any.hash }),
);
const deploymentEvent: fc.Arbitrary<Deployment.DeploymentEvent> = fc.oneof(
  fc.record({
    kind: kind("DeploymentOpened"),
    deployment: any.hash,
    program: any.hash,
    config: any.hash,
    instance: any.text,
  }),
  fc.record({
    kind: kind("ComponentMoved"),
    deployment: any.hash,
    component: any.text,
    status: fc.constantFrom<Deployment.Status>("planned", "verified", "failed", "withdrawn"),
    evidence: maybe(any.hash),
    reason: any.text,
  }),
  fc.record({ kind: kind("ActivationApproved"), deployment: any.hash, component: maybe(any.text) }),
  fc.record({ kind: kind("ConditionMet"), deployment: any.hash, condition: any.text, evidence: any.hash }),
);

describe("a log entry", () => {
  const signer = signerFromSeed(new Uint8Array(32).fill(7));
  const body = fc.record({
    stream: any.text,
    sequence: any.count,
    previous: maybe(any.hash),
    event: any.value,
    at: any.count,
  });

  test("has one form", () => {
    checkStrict({
      // The signature is not the decoder's matter: signing is what costs time.
      any: body.map((one) => ({ body: one, signer: signer.publicKey, signature: new Uint8Array(64).fill(1) })),
      encode: LogEntry.encode,
      decode: LogEntry.decode,
      isRefusal: isTagged("NotCanonical", "TooLarge", "WrongShape", "WrongBlock"),
    });
  });

  test("is its signer's, and no bent one is", () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.nat(7), (one, at, bit) => {
        const block = LogEntry.encode(LogEntry.sign(one, signer));
        expect(LogEntry.open(block)).toMatchObject({ ok: true, value: { body: one } });
        const place = at % block.length;
        expect(LogEntry.open(block.with(place, block[place]! ^ (1 << bit))).ok).toBe(false);
      }),
      { numRuns: 25, seed: 20_261_126 },
    );
  });

  test("of an account holds an event that has one form", () => {
    checkStrict({ any: accountEvent, ...valueBlock(Account.AccountEvent) });
  });

  test("of a deployment holds an event that has one form", () => {
    checkStrict({ any: deploymentEvent, ...valueBlock(Deployment.DeploymentEvent) });
  });

  test("of one kind is never read as the other", () => {
    fc.assert(
      fc.property(accountEvent, deploymentEvent, (a, d) => {
        expect(Deployment.DeploymentEvent.fromValue(Account.AccountEvent.toValue(a)).ok).toBe(false);
        expect(Account.AccountEvent.fromValue(Deployment.DeploymentEvent.toValue(d)).ok).toBe(false);
      }),
    );
  });
});
