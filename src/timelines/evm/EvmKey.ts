/** A secp256k1 key of an EVM account. The secret stays behind it: not in a store, a log or a trace. */
import { privateKeyToAccount } from "viem/accounts";
import { Bytes, err, ok, type Result } from "../../std/index.ts";
import { toHex } from "./Rpc.ts";

export interface TransactionRequest {
  readonly chainId: number;
  readonly nonce: number;
  /** `undefined` creates a contract. */
  readonly to: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface EvmKey {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** The signed EIP-1559 transaction, ready to send. */
  signTransaction(request: TransactionRequest): Promise<Uint8Array>;
}

/** From 32 secret bytes, or `0x…`. The refusal does not repeat the secret. */
export function evmKey(secret: Uint8Array | string): Result<EvmKey, { readonly kind: "NotAKey" }> {
  const bytes = typeof secret === "string" ? Bytes.fromHex(secret) : secret;
  if (bytes === undefined || bytes.length !== 32) return err({ kind: "NotAKey" });
  try {
    const account = privateKeyToAccount(toHex(bytes));
    return ok({
      address: Bytes.fromHex(account.address)!,
      async signTransaction({ to, data, ...rest }) {
        const raw = await account.signTransaction({
          type: "eip1559",
          ...(to === undefined ? {} : { to: toHex(to) }),
          data: toHex(data),
          ...rest,
        });
        return Bytes.fromHex(raw)!;
      },
    });
  } catch {
    return err({ kind: "NotAKey" });
  }
}
