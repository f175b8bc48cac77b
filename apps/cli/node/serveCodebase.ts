/**
 * A codebase over HTTP, at any path of one server:
 *
 *     GET                                        a CAR file of all that is named
 *     POST { "asks": "missing", "hashes": […] }  { "missing": […] }: which of these blocks are not here
 *     POST { "asks": "pack", "have": […] }       a CAR file of all that is named, without what the asker has
 *     PUT  a CAR file                            { "definitions", "bytes", "names", "conflicts" }: verified, then written
 *
 * Writing needs the token; reading needs it too, unless the server is told that everyone may read. Bodies are bounded,
 * and only a few are taken in at once.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { NameRegistry } from "../../../src/code/index.ts";
import { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import { CliFailure } from "../exit.ts";
import { importBundle, packCar, unpackCar } from "./exchange.ts";

export interface ServeOptions {
  readonly token: string;
  readonly isPublic: boolean;
  readonly bodyBytesMax?: number;
}

const BODY_BYTES_MAX = 256 * 1024 * 1024;
/** Bodies that may be in memory at once. */
const BODIES_MAX = 4;
const HASHES_MAX = 2_000_000;
const REQUEST_MILLISECONDS = 120_000;

/** Ends a request with a status and a reason. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

export function codebaseServer(store: Store, options: ServeOptions): Server {
  let bodies = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isRead = request.method === "GET" || request.method === "POST";
    if (!isRead && request.method !== "PUT") throw new Refused(405, "GET, POST and PUT are understood");
    if (!(isRead && options.isPublic) && !isAllowed(request.headers.authorization, options.token))
      throw new Refused(401, "a token is needed");
    if (request.method === "GET") return sendCar(response, packAll(store, new Set()));
    if (bodies >= BODIES_MAX) throw new Refused(503, "busy: try again in a moment");
    bodies++;
    try {
      const body = await bodyOf(request, options.bodyBytesMax ?? BODY_BYTES_MAX);
      if (request.method === "PUT") {
        const theirs = /[?&]ours\b/.test(request.url ?? "");
        const bundle = unpackCar(store, body, "the file");
        return sendJson(response, await importBundle(store, bundle, body.length, "a push over HTTP", theirs));
      }
      const asked = questionOf(body);
      if (asked.asks === "missing")
        return sendJson(response, { missing: asked.hashes.filter((hash) => !store.blocks.has(hash)) });
      return sendCar(response, packAll(store, new Set(asked.hashes)));
    } finally {
      bodies--;
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof Refused ? error.status : error instanceof CliFailure ? 422 : 500;
      const reason = status === 500 ? "something went wrong here" : (error as Error).message;
      // What is still coming is not wanted.
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
      response.end(`${reason}\n`, () => request.destroy());
    });
  });
  server.requestTimeout = REQUEST_MILLISECONDS;
  server.headersTimeout = REQUEST_MILLISECONDS / 4;
  server.maxConnections = 64;
  return server;
}

function packAll(store: Store, have: ReadonlySet<ContentHash.ContentHash>): Uint8Array {
  const entries = [...new Set(NameRegistry.list(store).map(([, hash]) => hash))];
  return packCar(store, entries, true, (hash) => have.has(hash));
}

/** Compared by their hashes, so that the time tells nothing of the token. */
function isAllowed(given: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(`Bearer ${token}`));
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () => new Refused(413, `more than ${bytesMax} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > bytesMax) throw tooLarge();
    parts.push(part as Buffer);
  }
  return new Uint8Array(Buffer.concat(parts));
}

interface Question {
  readonly asks: "missing" | "pack";
  readonly hashes: readonly ContentHash.ContentHash[];
}

function questionOf(body: Uint8Array): Question {
  let asked: unknown;
  try {
    asked = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refused(400, "the question is not JSON");
  }
  const { asks, hashes, have } = (asked ?? {}) as Readonly<Record<string, unknown>>;
  const list = asks === "missing" ? hashes : asks === "pack" ? have : undefined;
  if (!Array.isArray(list) || list.length > HASHES_MAX) throw new Refused(400, "the question is not understood");
  const parsed = list.map((one) => (typeof one === "string" ? ContentHash.parse(one) : undefined));
  if (parsed.includes(undefined)) throw new Refused(400, "the question names what is no hash");
  return { asks: asks as Question["asks"], hashes: parsed as ContentHash.ContentHash[] };
}

function sendCar(response: ServerResponse, bytes: Uint8Array): void {
  response.writeHead(200, { "content-type": "application/vnd.ipld.car", "content-length": bytes.length });
  response.end(bytes);
}

function sendJson(response: ServerResponse, document: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(document));
}
