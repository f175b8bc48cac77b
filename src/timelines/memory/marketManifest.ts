/**
 * The manifest tables of a program that trades ETH against USDC through the vault: the example of
 * docs/spec/timelines.md, and what the conformance suite resolves its questions and actions with.
 */
export const marketManifest = {
  assets: {
    ETH: [{ timeline: "here", id: "native" }],
    USDC: [{ timeline: "here", id: "erc20:usdc", decimals: 6 }],
  },
  facts: {
    PriceOf: {
      when: { "pair.base": "ETH", "pair.quote": "USDC" },
      contract: "market",
      slots: { base: 0, quote: 1 },
      value: { ratio: ["quote", "base"], decimals: [6, 18], places: 18 },
    },
    Holding: {
      contract: "vault",
      slots: { amount: { slot: 1, keys: [{ account: true }, "token"] } },
      value: { word: "amount", decimals: 6 },
    },
  },
  actions: {
    Trade: [
      {
        when: { side: "Buy", "pair.base": "ETH", "pair.quote": "USDC" },
        contract: "vault",
        call: "buy(bytes32,address,uint256,uint256)",
        inputs: [
          { account: true },
          { contract: "market" },
          { argument: "amount", decimals: 18 },
          {
            limit: "quoteBuy(uint256)",
            contract: "market",
            inputs: [{ argument: "amount", decimals: 18 }],
            bound: "most",
            slippage: "0.01",
          },
        ],
        gas: 400_000,
        event: "Bought(bytes32 indexed account, address indexed market, uint256 base, uint256 quote)",
        where: { account: { account: true }, market: { contract: "market" } },
        answer: { word: "quote", decimals: 6 },
        moves: [
          { asset: "USDC", direction: "out", amount: { word: "quote", decimals: 6 } },
          { asset: "ETH", direction: "in", amount: { word: "base", decimals: 18 } },
        ],
      },
      {
        when: { side: "Sell", "pair.base": "ETH", "pair.quote": "USDC" },
        contract: "vault",
        call: "sell(bytes32,address,uint256,uint256)",
        inputs: [
          { account: true },
          { contract: "market" },
          { argument: "amount", decimals: 18 },
          {
            limit: "quoteSell(uint256)",
            contract: "market",
            inputs: [{ argument: "amount", decimals: 18 }],
            bound: "least",
            slippage: "0.01",
          },
        ],
        gas: 400_000,
        event: "Sold(bytes32 indexed account, address indexed market, uint256 base, uint256 quote)",
        where: { account: { account: true }, market: { contract: "market" } },
        answer: { word: "quote", decimals: 6 },
        moves: [
          { asset: "ETH", direction: "out", amount: { word: "base", decimals: 18 } },
          { asset: "USDC", direction: "in", amount: { word: "quote", decimals: 6 } },
        ],
      },
    ],
  },
} as const;
