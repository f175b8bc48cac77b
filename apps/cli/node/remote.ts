/** The other side of push and pull: a store directory, or a CAR file over HTTP. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Meta } from "../../../src/code/index.ts";
import { ContentHash } from "../../../src/content/index.ts";
import type { Store } from "../../../src/execution/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { withStore } from "../session.ts";
import type { Exchanged } from "./exchange.ts";

export const isUrl = (where: string): boolean => /^https?:\/\//.test(where);

const CAR_BYTES_MAX = 1024 * 1024 * 1024;
/** Of what a server says why it refuses. */
const REASON_BYTES_MAX = 2_000;
const TIMEOUT_MILLISECONDS = 60_000;

/** A store that must be there already: pulling from a mistyped path must not make an empty one. */
export function openOther<T>(where: string, work: (store: Store) => Promise<T>): Promise<T> {
  if (!existsSync(join(resolve(where), "store")))
    throw new CliFailure(
      Exit.source,
      `there is no codebase in ${where}`,
      "give the directory that --store names there",
    );
  return withStore({ store: where }, work);
}

/** The CAR file at an address; a codebase that answers there leaves out what is here already (`have`). */
export async function getCar(url: string, have: readonly ContentHash.ContentHash[]): Promise<Uint8Array> {
  const part = have.length === 0 ? undefined : await question(url, { asks: "pack", have });
  const isCar = part?.headers.get("content-type") === "application/vnd.ipld.car";
  if (!isCar) await part?.body?.cancel();
  const answer = isCar ? part! : await ask(url, {});
  return bytesOf(url, answer, CAR_BYTES_MAX);
}

/** What an answer holds, as long as it comes, up to a bound; what is beyond is refused, or left out. */
async function bytesOf(
  url: string,
  answer: Response,
  bytesMax: number,
  beyond: "refuse" | "cut" = "refuse",
): Promise<Uint8Array> {
  const reader = answer.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = await reader?.read().catch((error: unknown) => {
      throw lost(url, error);
    });
    if (part === undefined || part.done) break;
    size += part.value.length;
    chunks.push(part.value);
    if (size <= bytesMax) continue;
    await reader?.cancel();
    if (beyond === "refuse") throw new CliFailure(Exit.store, `${url} gives more than ${bytesMax} bytes`);
    break;
  }
  return new Uint8Array(Buffer.concat(chunks)).subarray(0, bytesMax);
}

/** Which of these blocks a codebase at an address lacks; undefined where there is only a place for files. */
export async function missingAt(
  url: string,
  hashes: readonly ContentHash.ContentHash[],
): Promise<ReadonlySet<string> | undefined> {
  const answer = await question(url, { asks: "missing", hashes });
  const document = answer === undefined ? undefined : await jsonOf(url, answer);
  const missing = (document as { readonly missing?: unknown } | undefined)?.missing;
  return Array.isArray(missing) ? new Set(missing.filter((one): one is string => typeof one === "string")) : undefined;
}

/** Sends a CAR file, and gives what a codebase did with it; undefined where there is only a place for files. */
export async function putCar(url: string, bytes: Uint8Array): Promise<Exchanged | undefined> {
  const answer = await ask(url, {
    method: "PUT",
    body: Buffer.from(bytes),
    headers: { "content-type": "application/vnd.ipld.car" },
  });
  const done = (await jsonOf(url, answer)) as Partial<Exchanged> | undefined;
  const { definitions, names, conflicts } = done ?? {};
  if (!isCount(definitions) || !areNames(names) || !areConflicts(conflicts)) return undefined;
  return {
    definitions,
    bytes: bytes.length,
    names,
    // JSON has no undefined.
    conflicts: conflicts.map(({ name, candidates }) => ({
      name,
      candidates: candidates.map((hash) => hash ?? undefined),
    })),
  };
}

const isCount = (one: unknown): one is number => Number.isSafeInteger(one) && (one as number) >= 0;

const areNames = (names: unknown): names is readonly string[] =>
  Array.isArray(names) && names.every((name) => Meta.isShowable(name));

const areConflicts = (all: unknown): all is Exchanged["conflicts"] =>
  Array.isArray(all) &&
  all.every((one) => {
    const { name, candidates } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const isHash = (hash: unknown) =>
      hash === null || (typeof hash === "string" && ContentHash.parse(hash) !== undefined);
    return Meta.isShowable(name) && Array.isArray(candidates) && candidates.every(isHash);
  });

/** Asks a codebase; undefined where something else answers. */
async function question(url: string, asked: object): Promise<Response | undefined> {
  const body = JSON.stringify(asked);
  const answer = await send(url, { method: "POST", body, headers: { "content-type": "application/json" } });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  return undefined;
}

const JSON_BYTES_MAX = 256 * 1024 * 1024;

/** The document of an answer; undefined where it holds none. */
async function jsonOf(url: string, answer: Response): Promise<unknown> {
  if (answer.headers.get("content-type")?.startsWith("application/json") !== true) {
    await answer.body?.cancel();
    return undefined;
  }
  try {
    return JSON.parse(new TextDecoder().decode(await bytesOf(url, answer, JSON_BYTES_MAX)));
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    return undefined;
  }
}

async function send(url: string, request: RequestInit): Promise<Response> {
  if (!URL.canParse(url)) throw new CliFailure(Exit.usage, `${url} is not an address`);
  const headers = { ...request.headers, ...credentials(url) };
  // A token goes to the host that it was meant for, and nowhere else.
  const redirect = "authorization" in headers ? "error" : "follow";
  try {
    return await fetch(url, { ...request, headers, redirect, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  } catch (error) {
    throw lost(url, error);
  }
}

async function ask(url: string, request: RequestInit): Promise<Response> {
  const answer = await send(url, request);
  if (answer.status === 401 || answer.status === 403)
    throw new CliFailure(
      Exit.store,
      `${url} answered ${answer.status} ${shown(answer.statusText)}`,
      "set TB_TOKEN to the token that it asks for",
    );
  if (answer.status === 422) throw new CliFailure(Exit.source, `${url} refused it: ${await reasonOf(url, answer)}`);
  if (!answer.ok) throw new CliFailure(Exit.store, `${url} answered ${answer.status} ${shown(answer.statusText)}`);
  return answer;
}

export const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

/** Why a server refuses, in its own words. */
async function reasonOf(url: string, answer: Response): Promise<string> {
  const bytes = await bytesOf(url, answer, REASON_BYTES_MAX, "cut");
  return shown(new TextDecoder().decode(bytes));
}

/** Words from elsewhere, as far as a terminal can show them. */
const shown = (text: string): string => text.replace(/[^\x20-\x7e…]/g, " ").trim();

/** The token in TB_TOKEN, for the one host in TB_TOKEN_HOST where that is set; never shown to those on the way. */
function credentials(url: string): Readonly<Record<string, string>> {
  const token = process.env["TB_TOKEN"];
  if (token === undefined || token === "") return {};
  const { protocol, hostname, host } = new URL(url);
  if ((process.env["TB_TOKEN_HOST"] ?? host) !== host) return {};
  if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname))
    throw new CliFailure(Exit.usage, `TB_TOKEN is not sent to ${url}: everyone on the way could read it`, "use https");
  if (!isToken(token))
    throw new CliFailure(Exit.usage, "TB_TOKEN has characters that no token has", "spaces and line ends, perhaps");
  return { authorization: `Bearer ${token}` };
}

function lost(url: string, error: unknown): CliFailure {
  const cause =
    (error as { readonly cause?: { readonly message?: string } }).cause?.message ?? (error as Error).message;
  return new CliFailure(Exit.store, `${url} cannot be reached: ${shown(cause)}`, "check the address and the network");
}
