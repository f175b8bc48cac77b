/**
 * Calls of this project's own contracts (contracts/src: Registry, Vault), as actions like any other, so that every
 * driver of the timeline port deposits, withdraws and registers in the same words.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { ContentHash, type Int, Value } from "../content/index.ts";
import { Bytes } from "../std/index.ts";
import type { ActionCall } from "./Action.ts";
import type { Asset } from "./parties.ts";
import type { Reading } from "./Reading.ts";

/** Where the house stands on one timeline, and who calls. */
export interface House {
  readonly timeline: string;
  readonly registry: Uint8Array;
  readonly vault: Uint8Array;
  /** Who owns the account: 32 bytes. */
  readonly traveler: Uint8Array;
  /** The address of the key that signs: 20 bytes. */
  readonly sender: Uint8Array;
}

const GAS_MAX = 400_000;
/** How contracts write the timeline's own coin. */
const NATIVE = new Uint8Array(20);
const DIGEST_BYTES = 32;

/** The vault's name of the account: keccak-256(traveler, first key), as in Vault.accountOf. */
export const vaultAccount = (traveler: Uint8Array, sender: Uint8Array): Uint8Array =>
  keccak_256(Bytes.concat(traveler, new Uint8Array(12), sender));

/** The registry's names: the digest of the deployment's content hash, and keccak-256 of the component's name. */
export const registrationIds = (deployment: ContentHash.ContentHash, component: string) => ({
  deployment: ContentHash.toBytes(deployment).slice(-DIGEST_BYTES),
  component: keccak_256(Bytes.fromText(component)),
});

const accountOf = (house: House) => Value.bytes(vaultAccount(house.traveler, house.sender));

export const open = (house: House): ActionCall =>
  call(house, "Open", house.vault, "open(bytes32)", [Value.bytes(house.traveler)], {
    event: "Opened(bytes32 indexed account, bytes32 indexed traveler, address indexed key)",
    where: [{ name: "account", value: accountOf(house) }],
  });

/** `amount` in the smallest unit, here and below. */
export function deposit(house: House, asset: Asset, amount: Int.Int): ActionCall {
  const account = accountOf(house);
  const event = "Deposited(bytes32 indexed account, address indexed asset, uint256 amount)";
  const where = [
    { name: "account", value: account },
    { name: "asset", value: assetValue(asset) },
  ];
  const moved = { event, where, ...movesOf(asset, "in") };
  return asset.contract === undefined
    ? call(house, "Deposit", house.vault, "deposit(bytes32)", [account], { ...moved, payment: amount })
    : call(
        house,
        "Deposit",
        house.vault,
        "depositToken(bytes32,address,uint256)",
        [account, assetValue(asset), amount],
        moved,
      );
}

/** Lets the vault take a deposit of a token. */
export const approve = (house: House, token: Uint8Array, amount: Int.Int): ActionCall =>
  call(house, "Approve", token, "approve(address,uint256)", [Value.bytes(house.vault), amount], {
    event: "Approval(address indexed owner, address indexed spender, uint256 amount)",
    where: [
      { name: "owner", value: Value.bytes(house.sender) },
      { name: "spender", value: Value.bytes(house.vault) },
    ],
  });

export const withdraw = (house: House, asset: Asset, amount: Int.Int, to: Uint8Array): ActionCall =>
  call(
    house,
    "Withdraw",
    house.vault,
    "withdraw(bytes32,address,uint256,address)",
    [accountOf(house), assetValue(asset), amount, Value.bytes(to)],
    {
      event: "Withdrawn(bytes32 indexed account, address indexed asset, uint256 amount, address to)",
      where: [
        { name: "account", value: accountOf(house) },
        { name: "asset", value: assetValue(asset) },
      ],
      ...movesOf(asset, "out"),
    },
  );

export const register = (house: House, deployment: ContentHash.ContentHash, component: string): ActionCall =>
  registration(house, "Register", "register", "Registered", deployment, component);

export const unregister = (house: House, deployment: ContentHash.ContentHash, component: string): ActionCall =>
  registration(house, "Unregister", "withdraw", "Withdrawn", deployment, component);

function registration(
  house: House,
  action: string,
  method: string,
  event: string,
  deployment: ContentHash.ContentHash,
  component: string,
): ActionCall {
  const ids = registrationIds(deployment, component);
  const values = [Value.bytes(ids.deployment), Value.bytes(ids.component)] as const;
  return call(house, action, house.registry, `${method}(bytes32,bytes32)`, values, {
    event: `${event}(bytes32 indexed deployment, bytes32 indexed component, address indexed by)`,
    where: [
      { name: "deployment", value: values[0] },
      { name: "component", value: values[1] },
      { name: "by", value: Value.bytes(house.sender) },
    ],
  });
}

const assetValue = (asset: Asset) => Value.bytes(asset.contract ?? NATIVE);

function movesOf(asset: Asset, direction: "in" | "out") {
  const amount: Reading = { kind: "Scaled", word: "amount", decimals: asset.decimals };
  return { answer: amount, moves: [{ asset: asset.name, direction, amount }] } as const;
}

const call = (
  house: House,
  action: string,
  contract: Uint8Array,
  signature: string,
  values: readonly Value.Value[],
  rest: Pick<ActionCall, "event" | "where"> & Partial<Pick<ActionCall, "payment" | "answer" | "moves">>,
): ActionCall => ({
  timeline: house.timeline,
  action,
  arguments: Value.list(values),
  contract,
  function: signature,
  inputs: values.map((value) => ({ kind: "Given", value })),
  payment: 0,
  gasMax: GAS_MAX,
  answer: { kind: "All" },
  moves: [],
  ...rest,
});
