/** The front door of the EVM timeline: the adapter, its pure verifier, and real nodes for development. */
export {
  type Anvil,
  type AnvilError,
  type AnvilOptions,
  DEVELOPMENT_KEYS,
  showAnvilError,
  startAnvil,
} from "./anvil.ts";
export { connectEvm, type EvmConfig } from "./connectEvm.ts";
export { type ChainSetUp, type DevelopmentChain, ETH_DECIMALS, setUpChain, USDC_DECIMALS } from "./developmentChain.ts";
export { type EvmKey, evmKey } from "./EvmKey.ts";
export { verify } from "./verify.ts";
