/** The other side of push and pull: a store directory, or a CAR file over HTTP. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Store } from "../../../src/execution/index.ts";
import { CliFailure, Exit } from "../exit.ts";
import { withStore } from "../session.ts";

export const isUrl = (where: string): boolean => /^https?:\/\//.test(where);

const CAR_BYTES_MAX = 1024 * 1024 * 1024;
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

export async function getCar(url: string): Promise<Uint8Array> {
  const answer = await ask(url, {});
  const reader = answer.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = await reader?.read().catch((error: unknown) => {
      throw lost(url, error);
    });
    if (part === undefined || part.done) break;
    size += part.value.length;
    if (size > CAR_BYTES_MAX) throw new CliFailure(Exit.store, `${url} gives more than ${CAR_BYTES_MAX} bytes`);
    chunks.push(part.value);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

export async function putCar(url: string, bytes: Uint8Array): Promise<void> {
  await ask(url, { method: "PUT", body: Buffer.from(bytes), headers: { "content-type": "application/vnd.ipld.car" } });
}

async function ask(url: string, request: RequestInit): Promise<Response> {
  if (!URL.canParse(url)) throw new CliFailure(Exit.usage, `${url} is not an address`);
  const headers = { ...request.headers, ...credentials(url) };
  // A token goes to the host that it was meant for, and nowhere else.
  const redirect = "authorization" in headers ? "error" : "follow";
  let answer: Response;
  try {
    answer = await fetch(url, { ...request, headers, redirect, signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
  } catch (error) {
    throw lost(url, error);
  }
  if (answer.status === 401 || answer.status === 403)
    throw new CliFailure(
      Exit.store,
      `${url} answered ${answer.status} ${answer.statusText}`,
      "set TB_TOKEN to the token that it asks for",
    );
  if (!answer.ok) throw new CliFailure(Exit.store, `${url} answered ${answer.status} ${answer.statusText}`);
  return answer;
}

/** The token in TB_TOKEN, which is not shown to those on the way. */
function credentials(url: string): Readonly<Record<string, string>> {
  const token = process.env["TB_TOKEN"];
  if (token === undefined || token === "") return {};
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname))
    throw new CliFailure(Exit.usage, `TB_TOKEN is not sent to ${url}: everyone on the way could read it`, "use https");
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new CliFailure(Exit.usage, "TB_TOKEN has characters that no token has", "spaces and line ends, perhaps");
  return { authorization: `Bearer ${token}` };
}

function lost(url: string, error: unknown): CliFailure {
  const cause =
    (error as { readonly cause?: { readonly message?: string } }).cause?.message ?? (error as Error).message;
  return new CliFailure(Exit.store, `${url} cannot be reached: ${cause}`, "check the address and the network");
}
