// The packaged extension in a real VS Code: the server build that npm has as part of code-server, driven in a browser. The
// first run fetches it and what packages the extension (about 150 MB, kept in node_modules/.cache/vscode). Needs Debian's
// chromium, or another one named by CHROMIUM. `SHOTS=DIR` keeps pictures of each step.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** VS Code 1.96. Newer ones do not start on Node 20. */
const CODE_SERVER = "code-server@4.96.4";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM to one`);
  process.exit(1);
}
const cache = join(root, "node_modules/.cache/vscode");
const npm = (cwd, ...args) =>
  execFileSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });

/** The folder of VS Code's server. Its native parts (terminal, keyring) are left out: nothing here needs them. */
function vscode() {
  const home = join(cache, "server");
  const found = join(home, "node_modules/code-server/lib/vscode");
  if (existsSync(join(home, "complete"))) return found;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), "{}");
  npm(home, "install", CODE_SERVER);
  // One package comes from a git host there; the registry has it too.
  const lock = join(found, "npm-shrinkwrap.json");
  const locked = JSON.parse(readFileSync(lock, "utf8"));
  const proxy = locked.packages["node_modules/@vscode/proxy-agent"];
  proxy.version = "0.27.0";
  delete proxy.resolved;
  delete proxy.integrity;
  writeFileSync(lock, JSON.stringify(locked));
  npm(found, "install", "--omit=dev");
  npm(join(found, "extensions"), "install", "--omit=dev");
  writeFileSync(join(home, "complete"), "");
  return found;
}

/** The path of the packaged extension. */
function extension() {
  const folder = join(cache, "extension");
  const source = join(root, "apps/vscode");
  cpSync(source, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  npm(folder, "ci");
  execFileSync("npm", ["run", "package"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return join(folder, "tel.vsix");
}

const math = "module arb.math\n\n/// Twice the number.\nfn twice(x: Int) -> Int { x * 2 }\n";
const arb = `use arb.math (twice)
use timelines (ethereum)

type Quote(price: Decimal, at: Instant)
fact PriceOf(base: Text) -> Decimal

fn soon() -> Instant { now!() + 10m }
fn four() -> Int { twice(2) }
fn   quote(base: Text)->Quote uses Observe {
  let seen = observe!(ethereum, PriceOf(base))
  Quote(price: seen.value, at: seen.observedAt)
}
test "four is four" { assert four() == 4 }
`;

const folder = mkdtempSync(join(tmpdir(), "tb-vscode-"));
const workspace = join(folder, "workspace");
mkdirSync(workspace);
writeFileSync(join(workspace, "program.toml"), '[timelines]\nethereum = "eip155:31337"\n');
writeFileSync(join(workspace, "math.tel"), math);
writeFileSync(join(workspace, "arb.tel"), arb);
const tb = join(folder, "tb");
writeFileSync(tb, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "bin/tb.js")}" "$@"\n`);
chmodSync(tb, 0o755);
const settings = join(folder, "data/Machine/settings.json");
mkdirSync(dirname(settings), { recursive: true });
const set = (command) =>
  writeFileSync(settings, JSON.stringify({ "tel.server.command": command, "workbench.startupEditor": "none" }));
set(tb);

const home = vscode();
const options = ["--server-data-dir", folder, "--extensions-dir", join(folder, "extensions")];
const main = join(home, "out/server-main.js");
const vsix = extension();
execFileSync(process.execPath, [main, ...options, "--install-extension", vsix], {
  stdio: ["ignore", "ignore", "ignore"],
});
const server = spawn(
  process.execPath,
  [main, ...options, "--port", "0", "--without-connection-token", "--accept-server-license-terms"],
  { stdio: ["ignore", "pipe", "ignore"] },
);
const port = await new Promise((done, fail) => {
  server.stdout.on("data", (text) => {
    const found = /listening on (\d+)/.exec(text)?.[1];
    if (found !== undefined) done(found);
  });
  server.once("exit", () => fail(new Error("VS Code did not start")));
});

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
let failed = false;
let steps = 0;

/** Waits for `holds` to give something, says how it went, and keeps a picture. */
async function check(what, holds) {
  let found;
  for (let waited = 0; waited < 20_000 && !found; waited += 250) {
    found = await holds().catch(() => undefined);
    if (!found) await page.waitForTimeout(250);
  }
  console.log(`${found ? "ok    " : "FAILED"} ${what}`);
  if (!found) failed = true;
  const shots = process.env.SHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${String(++steps).padStart(2, "0")}.png`) });
}

const texts = (selector) => page.locator(selector).allInnerTexts();
/** VS Code writes spaces that do not break. */
const plain = (text) => text.replaceAll("\u00a0", " ");
const shown = async () => plain((await texts(".monaco-editor .view-lines")).join("\n"));
const has = (selector, part) => async () => (await texts(selector)).some((text) => plain(text).includes(part));
const lacks = (selector) => async () => (await page.locator(selector).count()) === 0;
const seen = (selector) => async () => (await page.locator(selector).count()) > 0;
const press = async (key) => {
  await page.keyboard.press(key);
  await page.waitForTimeout(400);
};
const type = async (text) => {
  await page.keyboard.type(text, { delay: 30 });
  await page.waitForTimeout(400);
};
async function command(name) {
  await press("F1");
  await type(name);
  await press("Enter");
}
/** The caret on `part`, `after` characters on. */
async function go(text, part, after = 1) {
  const before = text.slice(0, text.indexOf(part) + after).split("\n");
  await press("Control+G");
  await type(`${before.length}:${before.at(-1).length + 1}`);
  await press("Enter");
}
/** What the editor holds, by way of the disk: what is on the screen has hints in it. */
async function saved() {
  await press("Control+S");
  await page.waitForTimeout(1_000);
  return readFileSync(join(workspace, "arb.tel"), "utf8");
}
const load = async (trusts) => {
  await page.goto(`http://localhost:${port}/?folder=${workspace}`);
  const answer = page.getByText(trusts ? "Yes, I trust the authors" : "No, I don't trust the authors");
  if (trusts !== undefined) await answer.click({ timeout: 60_000 });
  const file = page.locator('.explorer-folders-view .monaco-list-row[aria-label*="arb.tel"]');
  await file.dblclick({ timeout: 60_000 });
  await page.waitForSelector(".view-lines .view-line");
};
const colours = () =>
  page.evaluate(() => {
    const spans = [...document.querySelectorAll(".view-lines .view-line span span")];
    return new Set(spans.map((span) => getComputedStyle(span).color)).size;
  });

try {
  await load(false);
  await check("a folder that is not trusted has colours", async () => (await colours()) >= 4);
  await check("and no server", lacks(".squiggly-error"));
  await page.evaluate(async () => {
    localStorage.clear();
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
  });

  await load(true);
  await check("a problem is underlined", seen(".squiggly-error"));
  await check("types that are not written are shown", has(".view-lines", "seen: Seen<Decimal> ="));
  await check("a lens counts uses", has(".codelens-decoration", "1 use"));
  await check("names have the colours of what they are", async () => (await colours()) >= 6);
  await go(arb, "twice(2)");
  await command("Show or Focus Hover");
  await check("hover tells signature, doc and hash", has(".monaco-hover", "fn twice(x: Int) -> Int"));
  await check("hover tells that it is pure", has(".monaco-hover", "pure · #bafyrei"));
  await press("Escape");
  await go(arb, "now!()");
  await press("Control+.");
  await check("the light bulb offers the fix", has(".action-widget", "declare `uses Clock`"));
  await press("Enter");
  await check("the fix repairs", lacks(".squiggly-error"));
  await page.locator(".codelens-decoration a", { hasText: "run test" }).first().click();
  await check("a lens runs the test and remembers", has(".codelens-decoration", "✓ cached · run test"));
  await command("Format Document");
  await check("formatting lays out", async () =>
    (await shown()).includes("fn quote(base: Text) -> Quote uses Observe {"),
  );
  await go(await saved(), "twice(2)");
  await press("F2");
  await page.waitForSelector(".rename-box input:visible");
  await press("Control+A");
  await type("double");
  await press("Enter");
  await check("rename writes the new name", async () => (await shown()).includes("fn four() -> Int { double(2) }"));
  await check("and leaves no problem", lacks(".squiggly-error"));
  await press("Control+End");
  await type("\nfn cheap(q: Quote) -> Decimal { q.");
  await check("a dot offers the fields", has(".suggest-widget", "price"));
  await press("Escape");
  await go(await saved(), "double(2)");
  await press("F12");
  await check("definition leads to the other file, renamed", async () =>
    (await shown()).includes("fn double(x: Int) -> Int"),
  );

  set(join(folder, "nothing"));
  await check("a tb that is not there is told in one message", async () => {
    const found = await texts(".notification-list-item");
    return found.length === 1 && found[0].includes("cannot start") && found[0].includes("Open Settings");
  });
  set(tb);
  await check("and starts when the setting is right", seen(".squiggly-error, .codelens-decoration"));
} finally {
  await browser.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
