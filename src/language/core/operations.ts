/**
 * The built-in operations: what a `perform` node of Core asks of the outside, and the forms that only tests have.
 *
 * How they look at run time (docs/spec/handlers.md has the whole of it):
 * - `perform` carries one argument per parameter, in this order. An optional parameter is `Some(x)` or `None`.
 * - A fact, action or event is a variant: case = its declared name, payload = the record of its arguments (no payload
 *   where it declares none). A timeline, an asset and a party (account or program) are Texts.
 * - A call is the record (arguments: record, entry: Text, program: Text); `program` is the bound program id, or the name.
 * - A handler value is a variant:
 *     World(list of items)       items: Seen(fact, timeline, value) · Answer(action, timeline, value) ·
 *                                Failing(action, error, timeline) · Reply(call, result) · Stalled(entry, program) ·
 *                                Advance(duration) · Started(instant) · Balance(amount, asset), each with a record
 *     Fixed(record)              full operation name → the value it always answers
 *     Handler(record)            effect: Text (the label), clauses: record of the operations' own names → closure
 */

/** The row labels of the built-in operations. `World` is closed by `with world(…)` and occurs only in tests. */
export const builtinLabels = [
  "Act",
  "Clock",
  "Deploy",
  "Deposit",
  "Emit",
  "Invoke",
  "Observe",
  "Random",
  "Transfer",
  "Withdraw",
  "World",
] as const;

export interface Operation {
  readonly name: string;
  readonly label: string;
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly optional: boolean }[];
  readonly result: string;
  /** Moves assets: its result may not be ignored, and `race` refuses it. */
  readonly moves: boolean;
  readonly doc: string;
}

type Row = readonly [name: string, label: string, parameters: string, result: string, moves: boolean, doc: string];

const rows: readonly Row[] = [
  [
    "deposit",
    "Deposit",
    "timeline: Timeline, asset: Asset, amount: Decimal",
    "Result<Receipt, AccountError>",
    true,
    "Brings assets of the Traveler on a timeline into the account.",
  ],
  [
    "withdraw",
    "Withdraw",
    "timeline: Timeline, asset: Asset, amount: Decimal, to?: Text",
    "Result<Receipt, AccountError>",
    true,
    "Sends assets from the account out to a timeline.",
  ],
  [
    "transfer",
    "Transfer",
    "to: Text, asset: Asset, amount: Decimal",
    "Result<Receipt, AccountError>",
    true,
    "Moves assets to a program or account.",
  ],
  [
    "reserve",
    "Transfer",
    "asset: Asset, amount: Decimal",
    "Result<Funds, AccountError>",
    true,
    "Takes an amount from the account's free balance into Funds, which every path must use exactly once.",
  ],
  ["send", "Transfer", "to: Text, funds: Funds", "Result<Receipt, AccountError>", true, "Transfers reserved funds."],
  [
    "pay",
    "Withdraw",
    "timeline: Timeline, funds: Funds, to?: Text",
    "Result<Receipt, AccountError>",
    true,
    "Withdraws reserved funds.",
  ],
  ["release", "Transfer", "funds: Funds", "Unit", true, "Gives reserved funds back to the account's free balance."],
  [
    "observe",
    "Observe",
    "timeline: Timeline, fact: Fact<a>",
    "Seen<a>",
    false,
    "Reads a fact from a timeline, with its proof.",
  ],
  [
    "act",
    "Act",
    "timeline: Timeline, action: Action<a>",
    "Result<Receipt<a>, ActError>",
    true,
    "Does something on a timeline.",
  ],
  ["emit", "Emit", "event: Event", "Unit", false, "Tells the outside that something happened."],
  [
    "invoke",
    "Invoke",
    "call: Call<a>, intent?: SafeStateIntent",
    "Result<a, CallError>",
    false,
    "Calls an entry of another program and waits for its answer.",
  ],
  [
    "query",
    "Invoke",
    "call: Call<a>",
    "Result<a, CallError>",
    false,
    "Asks what became of a call whose answer did not come in time.",
  ],
  ["deploy", "Deploy", "program: Hash", "Result<Hash, AccountError>", false, "Deploys a compiled program."],
  [
    "activate",
    "Deploy",
    "deployment: Hash",
    "Result<Receipt, AccountError>",
    false,
    "Activates the components of a deployment.",
  ],
  ["now", "Clock", "", "Instant", false, "The logged time of this moment."],
  ["random", "Random", "below: Int", "Int", false, "A logged random number from 0 up to, not including, `below`."],
  ["safety", "World", "program: Text", "Safety", false, "In a test: the safe state of a program under test."],
];

const parametersOf = (text: string): Operation["parameters"] =>
  text === ""
    ? []
    : text.split(/, (?=[a-z]+\??:)/).map((part) => {
        const [name = "", type = ""] = part.split(": ");
        return { name: name.replace("?", ""), type, optional: name.endsWith("?") };
      });

export const operations: ReadonlyMap<string, Operation> = new Map(
  rows.map(([name, label, parameters, result, moves, doc]) => [
    name,
    { name, label, parameters: parametersOf(parameters), result, moves, doc },
  ]),
);
