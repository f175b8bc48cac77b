/** The adapter laws on a real Ethereum node. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Decimal } from "../../content/index.ts";
import { memoryJournal, signerFromSeed } from "../../protocol/index.ts";
import { adapterConformance, FEE_BASIS_POINTS, GRANT_USDC, type Rig } from "../memory/index.ts";
import {
  type Anvil,
  connectEvm,
  DEVELOPMENT_KEYS,
  type DevelopmentChain,
  evmKey,
  setUpChain,
  startAnvil,
} from "./index.ts";

const CHAIN_ID = 31337;
const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.dispose();
});
afterAll(() => node?.anvil.stop());

describe("the EVM adapter keeps the laws of adapters", () => {
  for (const { law, run } of adapterConformance) {
    it(law, async () => {
      const rig = await evmRig();
      await run(rig);
      expect(rigs).toHaveLength(1);
    });
  }
});

interface StockedNode {
  readonly anvil: Anvil;
  readonly chain: DevelopmentChain;
  /** The node's name of the state to go back to; it is used up by going back. */
  snapshot: unknown;
}

const [provider, traveler] = DEVELOPMENT_KEYS.map((key) => good(evmKey(key)));
const base = Decimal.parse("1000")!;
const quote = Decimal.parse("2900000")!;
/** One node serves all laws, reset in between; the law that kills it costs a new one. */
let node: StockedNode | undefined;

async function control(anvil: Anvil, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const answer = (await response.json()) as { readonly result?: unknown };
  expect(answer).not.toHaveProperty("error");
  return answer.result;
}

async function stockedNode(): Promise<StockedNode> {
  if (node !== undefined) {
    expect(await control(node.anvil, "evm_revert", [node.snapshot])).toBe(true);
    node.snapshot = await control(node.anvil, "evm_snapshot", []);
    return node;
  }
  const anvil = good(await startAnvil({ chainId: CHAIN_ID }));
  const chain = good(
    await setUpChain({
      now: Date.now,
      chainId: CHAIN_ID,
      url: anvil.url,
      key: provider!,
      base,
      quote,
      feeBasisPoints: FEE_BASIS_POINTS,
      grants: [{ to: traveler!.address, amount: Decimal.parse(GRANT_USDC)! }],
    }),
  );
  node = { anvil, chain, snapshot: await control(anvil, "evm_snapshot", []) };
  return node;
}

async function evmRig(): Promise<Rig> {
  const { anvil, chain } = await stockedNode();
  const proxy = await startProxy(anvil.url);
  const adapter = good(
    await connectEvm({
      now: Date.now,
      chainId: CHAIN_ID,
      url: proxy.url,
      contracts: chain,
      key: traveler!,
      traveler: new Uint8Array(32).fill(7),
      journal: memoryJournal(),
      waitMilliseconds: 3000,
    }),
  );
  const rig: Rig = {
    adapter,
    signer: signerFromSeed(new Uint8Array(32).fill(9)),
    contracts: chain,
    base,
    quote,
    owner: traveler!.address,
    async mine(blocks) {
      await control(anvil, "anvil_mine", [`0x${blocks.toString(16)}`]);
    },
    async reorganise(blocks) {
      await control(anvil, "anvil_reorg", [blocks, []]);
    },
    garble: async (isOn) => proxy.garble(isOn),
    async kill() {
      node = undefined;
      await anvil.stop();
    },
    async dispose() {
      await adapter.close();
      await proxy.stop();
    },
  };
  rigs.push(rig);
  return rig;
}

const NONSENSE = [
  '{"jsonrpc":"2.0","id":ID,"result":"0xzz"}',
  '{"jsonrpc":"2.0","id":ID,"result":{}}',
  '{"jsonrpc":"2.0","id":ID,"result":[[[]]]}',
  '{"jsonrpc":"2.0","id":ID,"result":{"hash":"0x00","number":"-1"}}',
  "this is no JSON",
];

/** Stands between adapter and node, and can answer nonsense instead. */
async function startProxy(target: string) {
  let isGarbling = false;
  let turn = 0;
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    response.setHeader("content-type", "application/json");
    if (isGarbling) {
      const ids = (JSON.parse(body.toString()) as { id: number }[]).map((one) => String(one.id));
      const text = NONSENSE[turn++ % NONSENSE.length]!;
      response.end(text.includes("ID") ? `[${ids.map((id) => text.replace("ID", id)).join()}]` : text);
      return;
    }
    try {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(target, { method: "POST", headers, body });
      response.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    garble: (isOn: boolean) => {
      isGarbling = isOn;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function good<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
