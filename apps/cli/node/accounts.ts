/** The actions of `tb account`. */
import { Decimal, toJson } from "../../../src/content/index.ts";
import {
  type Account,
  accountStream,
  type Bandit,
  type BanditError,
  deposit,
  finerThan,
  finishInterrupted,
  loadAccount,
  openAccount,
  showBanditError,
  showLogEvent,
  showUndertaking,
  signMessage,
  submit,
  withdraw,
} from "../../../src/programs/index.ts";
import { type Fact, keyId } from "../../../src/protocol/index.ts";
import { err, type Result } from "../../../src/std/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { askPassphrase, checkName, createKeys, type Keys, keysExist, openKeys } from "../keystore.ts";
import { note, paint, print, printJson } from "../output.ts";
import { type CommonOptions, storeDirectory, withStore } from "../session.ts";
import { connectBandit, disconnect, NODE_KEYS, offlineBandit, openNodeKeys, withReader } from "./bandit.ts";
import { nodeSigner } from "./ed25519.ts";
import { addressText, assetsOf, networkExists, readNetwork } from "./networkFile.ts";
import { sentence } from "./tendedSentence.ts";

interface MoveOptions extends CommonOptions {
  readonly on: string;
  readonly to?: string;
}

/** A Bandit's refusal as the end of a command. */
export function take<T>(result: Result<T, BanditError>): T {
  if (result.ok) return result.value;
  const { error } = result;
  const exit =
    error.kind === "Refused" || error.kind === "NotTheOwner" || error.kind === "BadFact"
      ? Exit.refused
      : error.kind === "Timeline" || error.kind === "Damaged"
        ? Exit.store
        : error.kind === "AccountExists" || error.kind === "WrongArguments"
          ? Exit.usage
          : Exit.source;
  const hint =
    error.kind === "NoAccount"
      ? `make it with: tb account create ${error.account}`
      : error.kind === "Timeline"
        ? "is the network running? start it with: tb network start"
        : undefined;
  throw new CliFailure(exit, showBanditError(error), hint);
}

/** Keys first, then the account: a command that was cut off between them is finished by typing it again. */
export async function createAccount(name: string, options: CommonOptions): Promise<void> {
  if (name === NODE_KEYS)
    throw new CliFailure(Exit.usage, `the name ${name} is taken by this node itself`, "choose another name");
  checkName(name);
  const directory = storeDirectory(options);
  const passphrase = await askPassphrase(`protect the keys of ${name}`);
  if (passphrase === "") throw new CliFailure(Exit.usage, "the passphrase is empty", "give one with TB_PASSPHRASE");
  const node = openNodeKeys(directory, passphrase);
  const { keys, owner } = await withStore(options, async (store) => {
    if (store.logHead(accountStream(name)) !== undefined) take(err({ kind: "AccountExists", account: name }));
    const made = keysExist(directory, name)
      ? openKeys(directory, name, passphrase)
      : createKeys(directory, name, passphrase);
    const { publicKey } = nodeSigner(made.ed25519Seed);
    take(await openAccount(offlineBandit({ store, node, report: () => {} }), name, publicKey));
    return { keys: made, owner: publicKey };
  });
  const { evmKey } = await import("../../../src/timelines/evm/index.ts");
  const key = evmKey(keys.secp256k1);
  const address = key.ok ? addressText(key.value.address) : "";
  const funded = await fundOnDevelopmentChains(directory, address);
  if (options.json) return printJson({ ok: true, account: name, key: keyId(owner), address, funded });
  print(
    `${paint.green("✓")} account ${paint.bold(name)}\n  signs messages as  ${keyId(owner)}\n  on EVM timelines   ${address}`,
  );
  for (const timeline of funded) print(`  funded on ${timeline} (development chain): 1000 ETH, 1000000 USDC`);
}

/** On development chains a new Traveler gets play money; elsewhere nothing happens. */
async function fundOnDevelopmentChains(directory: string, address: string): Promise<readonly string[]> {
  let network: ReturnType<typeof readNetwork>;
  try {
    network = readNetwork(directory);
  } catch {
    return [];
  }
  const { CHAINS, fund } = await import("./chains.ts");
  const { addressBytes } = await import("./networkFile.ts");
  const funded: string[] = [];
  for (const [name, entry] of Object.entries(network.timelines)) {
    if (!CHAINS.some((chain) => chain.chainId === entry.chainId)) continue;
    try {
      await fund(entry, addressBytes(address), "1000", "1000000");
      funded.push(name);
    } catch {
      note(`${name} is not running: nothing was funded there`);
    }
  }
  return funded;
}

export async function withAccount<T>(
  name: string,
  options: CommonOptions,
  work: (bandit: Bandit, keys: Keys) => Promise<T>,
): Promise<T> {
  const directory = storeDirectory(options);
  const network = readNetwork(directory);
  const passphrase = await askPassphrase(`open the keys of ${name}`);
  const keys = openKeys(directory, name, passphrase);
  const node = openNodeKeys(directory, passphrase);
  return withStore(options, async (store) => {
    const bandit = await connectBandit({ store, node, report: (event) => reportProgress(event) }, network, keys);
    try {
      await finishWhatWasCutOff(bandit, name);
      return await work(bandit, keys);
    } finally {
      await disconnect(bandit);
    }
  });
}

/** What reorganisations undid, and what an interrupted command left open, before anything new begins. */
async function finishWhatWasCutOff(bandit: Bandit, name: string): Promise<void> {
  // Whoever has no account yet is told so by the command itself.
  if (loadAccount(bandit, name).ok) take(await finishInterrupted(bandit, name, (event) => note(sentence(event))));
}

function reportProgress(event: Parameters<Bandit["report"]>[0]): void {
  if (event.kind === "fact")
    note(
      `  ${paint.dim(`${event.timeline} block ${event.block}:`)} ${event.what} ${paint.dim(`seen, proven, signed (fact ${event.fact.slice(0, 15)}…)`)}`,
    );
  else if (event.kind === "component")
    note(`  ${paint.dim(`${event.component}:`)} ${event.status}${event.reason === "" ? "" : ` — ${event.reason}`}`);
  else if (event.kind === "effect") note(`  ${paint.dim(`effect ${event.index}:`)} ${event.what}`);
}

export function amountOf(text: string): Decimal.Decimal {
  const amount = Decimal.parse(text);
  if (amount === undefined || amount.coefficient <= 0n)
    throw new CliFailure(Exit.usage, `"${text}" is not an amount`, "write it like 12 or 0.5, above 0");
  return amount;
}

export async function showAccount(name: string, options: CommonOptions): Promise<void> {
  await withReader(options, (bandit) => {
    const view = take(loadAccount(bandit, name));
    const { account, deployments } = view;
    const balances = [...account.balances].filter(([, amount]) => amount.coefficient !== 0n);
    if (options.json) {
      return printJson({
        ok: true,
        account: name,
        owner: keyId(account.owner),
        nonce: account.nonce,
        balances: Object.fromEntries(balances.map(([key, amount]) => [key, Decimal.print(amount)])),
        reserved: Object.fromEntries(
          [...account.reserved].filter(([, a]) => a.coefficient !== 0n).map(([key, a]) => [key, Decimal.print(a)]),
        ),
        retracted: [...account.retracted.values()].map(({ timeline, asset, amount, transaction }) => ({
          timeline,
          asset,
          amount: Decimal.print(amount),
          transaction,
        })),
        outstanding: [...account.outstanding].map(([effect, undertaking]) => ({
          effect,
          what: showUndertaking(undertaking),
        })),
        deployments: [...deployments.values()].map((d) => ({
          id: d.id,
          instance: d.instance,
          components: d.components.map((c) => ({ name: c.name, status: c.status })),
        })),
      });
    }
    print(`${paint.bold(name)}  ${paint.dim(keyId(account.owner))}  nonce ${account.nonce}`);
    if (balances.length === 0) print("  no balances");
    for (const [key, amount] of balances) {
      const debt =
        amount.coefficient < 0n
          ? paint.yellow(
              "  owed: it was spent before a reorganisation took it back; nothing is paid out until it is in",
            )
          : "";
      print(`  ${key.padEnd(18)} ${Decimal.print(amount)}${debt}`);
    }
    for (const { amount, asset, timeline, transaction } of account.retracted.values())
      print(
        `  ${paint.yellow("taken back:")} ${Decimal.print(amount)} ${asset} on ${timeline}: a reorganisation undid the payment; it counts again once it is on the chain again ${paint.dim(transaction)}`,
      );
    for (const [key, amount] of account.reserved)
      if (amount.coefficient !== 0n) print(`  ${key.padEnd(18)} ${Decimal.print(amount)} held back`);
    for (const undertaking of account.outstanding.values())
      print(`  ${paint.yellow("open:")} the ${showUndertaking(undertaking)}; the next command of ${name} finishes it`);
    for (const d of deployments.values())
      print(`  ${d.instance}  ${d.components.map((c) => `${c.name} ${c.status}`).join(", ")}`);
  });
}

export async function showAccountLog(name: string, options: CommonOptions): Promise<void> {
  await withReader(options, (bandit) => {
    const view = take(loadAccount(bandit, name));
    if (options.json) {
      return printJson({
        ok: true,
        account: name,
        entries: view.entries.map((e) => ({ sequence: e.sequence, at: e.at, entry: e.hash, event: toJson(e.event) })),
      });
    }
    for (const entry of view.entries)
      print(
        `${String(entry.sequence).padStart(4)}  ${paint.dim(`${entry.hash.slice(0, 15)}…`)}  ${showLogEvent(entry.event)}`,
      );
  });
}

/** Said before anything is signed; where the timeline or the asset is not known, whoever knows better says so. */
function checkDigits(directory: string, timeline: string, asset: string, amount: Decimal.Decimal): void {
  if (!networkExists(directory)) return;
  const entry = readNetwork(directory).timelines[timeline];
  const tooFine = finerThan(entry && { name: timeline, assets: assetsOf(timeline, entry) }, asset, amount);
  if (tooFine !== undefined) throw new CliFailure(Exit.usage, tooFine);
}

export async function depositTo(name: string, amountText: string, asset: string, options: MoveOptions): Promise<void> {
  const amount = amountOf(amountText);
  checkDigits(storeDirectory(options), options.on, asset, amount);
  await withAccount(name, options, async (bandit) => {
    const view = take(loadAccount(bandit, name));
    // What was cut off is finished by now, and each deposit lengthens the log before it is sent: the name is new.
    const effect = `${name}/deposit/${view.entries.length}`;
    const fact = take(await deposit(bandit, name, options.on, asset, amount, effect));
    done(options, `${Decimal.print(amount)} ${asset} on ${options.on} deposited to ${name}`, fact);
  });
}

export async function withdrawFrom(
  name: string,
  amountText: string,
  asset: string,
  options: MoveOptions,
): Promise<void> {
  const amount = amountOf(amountText);
  const to = options.to ?? "";
  if (!/^0x[0-9a-fA-F]{40}$/.test(to))
    throw new CliFailure(Exit.usage, `"${to}" is not an address`, "an address is 0x and 40 hex digits");
  checkDigits(storeDirectory(options), options.on, asset, amount);
  await withAccount(name, options, async (bandit, keys) => {
    const action: Account.Action = { kind: "Withdraw", timeline: options.on, asset, amount, to };
    const message = take(signMessage(bandit, name, nodeSigner(keys.ed25519Seed), action));
    const fact = take(await withdraw(bandit, message));
    done(options, `${Decimal.print(amount)} ${asset} on ${options.on} sent to ${to}`, fact);
  });
}

export async function transferFrom(
  name: string,
  amountText: string,
  asset: string,
  options: MoveOptions,
): Promise<void> {
  const amount = amountOf(amountText);
  const to = options.to ?? "";
  const directory = storeDirectory(options);
  checkDigits(directory, options.on, asset, amount);
  const passphrase = await askPassphrase(`open the keys of ${name}`);
  const keys = openKeys(directory, name, passphrase);
  const node = openNodeKeys(directory, passphrase);
  await withStore(options, async (store) => {
    const bandit = offlineBandit({ store, node, report: () => {} });
    const action: Account.Action = { kind: "Transfer", timeline: options.on, asset, amount, to };
    take(await submit(bandit, take(signMessage(bandit, name, nodeSigner(keys.ed25519Seed), action))));
    if (options.json)
      return printJson({ ok: true, from: name, to, amount: Decimal.print(amount), asset, timeline: options.on });
    print(
      `${paint.green("✓")} ${Decimal.print(amount)} ${asset} on ${options.on} are now a claim of ${to}; the coins stay in the vault of ${name}`,
    );
  });
}

function done(options: CommonOptions, text: string, fact: Fact): void {
  const block = fact.body.block.number;
  if (options.json) printJson({ ok: true, message: text, block });
  else print(`${paint.green("✓")} ${text} ${paint.dim(`(block ${block}, receipt proven)`)}`);
}
