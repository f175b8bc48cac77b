/** Why a contract refuses, in its own words: custom errors of this project's contracts, and Solidity's own. */
import { decodeErrorResult } from "viem";
import { Market, Registry, TestToken, Vault } from "./contracts.generated.ts";

const ERRORS = [...Market.abi, ...Registry.abi, ...TestToken.abi, ...Vault.abi].filter((item) => item.type === "error");

/** `TooDear(29500000000, 29000000000)`; `undefined` when the data is no error that is known. */
export function showRevert(data: unknown): string | undefined {
  if (typeof data !== "string" || !/^0x[0-9a-f]{8,}$/i.test(data)) return undefined;
  try {
    const { errorName, args } = decodeErrorResult({ abi: ERRORS, data: data as `0x${string}` });
    return `the contract says ${errorName}(${(args ?? []).map(String).join(", ")})`;
  } catch {
    return undefined;
  }
}
