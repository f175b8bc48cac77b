// with-install.mjs [build] -- COMMAND ARGS…
// Installs what is missing from the lockfile, builds when asked, then runs the command. Plain Node: it must work on an
// empty checkout, so it may import nothing that npm brings.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: this needs Node 20.19 or newer.`);
  process.exit(1);
}

const split = process.argv.indexOf("--");
const steps = process.argv.slice(2, split);
const command = process.argv.slice(split + 1);

const stamp = join(root, "node_modules", ".time-bandits-installed");
const wanted = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex") + process.versions.modules;
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.error("Installing dependencies from the lockfile (the first time takes a minute) …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
}
if (steps.includes("build")) run(process.execPath, ["scripts/build.mjs"]);
if (command.length > 0) run(command[0], command.slice(1));

function run(program, args) {
  const path = `${join(root, "node_modules", ".bin")}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`;
  const result = spawnSync(program, args, {
    stdio: "inherit",
    env: { ...process.env, PATH: path },
    shell: process.platform === "win32",
  });
  if (result.error) {
    console.error(`cannot run ${program}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 130);
}
