// Verifies, in a page of a real browser, a proof that `tb prove` made, and refuses a changed one. Needs Debian's
// chromium, or another one named by CHROMIUM; fails when there is none.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM to one`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "tb-browser-"));
let failed = false;
const check = (what, holds) => {
  console.log(`${holds ? "ok    " : "FAILED"} ${what}`);
  if (!holds) failed = true;
};

try {
  const { assemble, Elf } = await import(join(root, "dist/src/riscv/index.js"));
  const program = assemble(`_start:
  li a7, 1024
  ecall
  li a7, 1025
  ecall
  li a7, 93
  li a0, 7
  ecall
`);
  const elf = join(folder, "guest.elf");
  const proofPath = join(folder, "guest.proof");
  writeFileSync(elf, Elf.encode(program.value));
  execFileSync(process.execPath, [join(root, "bin/tb.js"), "prove", "--elf", elf, "-o", proofPath], {
    stdio: "inherit",
  });
  const proof = readFileSync(proofPath);
  const changed = Buffer.from(proof);
  changed[proof.length >> 1] ^= 1;
  const bundled = await build({
    stdin: { contents: 'export { verifyRun, showRefusal } from "time-bandits/verifier";', resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const pages = new Map([
    ["/", ["text/html", "<!doctype html><title>verifier</title>"]],
    ["/verifier.js", ["text/javascript", bundled.outputFiles[0].contents]],
    ["/guest.proof", ["application/octet-stream", proof]],
    ["/changed.proof", ["application/octet-stream", changed]],
  ]);
  const server = createServer((request, response) => {
    const page = pages.get(request.url);
    if (page === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": page[0] }).end(page[1]);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const verdict = (path) =>
      page.evaluate(async (from) => {
        const { verifyRun, showRefusal } = await import("/verifier.js");
        const bytes = new Uint8Array(await (await fetch(from)).arrayBuffer());
        const start = performance.now();
        const result = verifyRun(bytes);
        const ms = performance.now() - start;
        if (!result.ok) return { ok: false, reason: showRefusal(result.error), ms };
        const { statement, soundness } = result.value;
        return { ok: true, exitCode: statement.exitCode, output: [...statement.output], bits: soundness.bits, ms };
      }, path);
    const accepted = await verdict("/guest.proof");
    console.log(`${browser.version()}: ${JSON.stringify(accepted)}`);
    check("the proof is accepted", accepted.ok === true);
    check(
      "its statement is the run's",
      accepted.exitCode === 7 && accepted.output?.length === 1 && accepted.bits >= 100,
    );
    const refused = await verdict("/changed.proof");
    console.log(JSON.stringify(refused));
    check("a changed proof is refused with a reason", refused.ok === false && refused.reason.length > 0);
  } finally {
    await browser.close();
    server.close();
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
