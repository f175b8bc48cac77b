// Completes package-lock.json: npm leaves out optional platform packages that the registry at hand does not carry, and then
// `npm ci` refuses the file as incomplete. Adds an entry for each, so that the lockfile is the same whoever writes it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const file = join(dirname(fileURLToPath(import.meta.url)), "..", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = {
  x64: "x64",
  amd64: "x64",
  arm64: "arm64",
  arm: "arm",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
};

let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] !== undefined) continue;
    const words = name.split(/[/-]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = Object.entries(processors).flatMap(([word, processor]) => (words.includes(word) ? [processor] : []));
    if (os.length === 0 && cpu.length === 0) continue;
    lock.packages[path] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      ...(os.length > 0 ? { os } : {}),
      ...(words.includes("musl") ? { libc: ["musl"] } : {}),
    };
    added++;
  }
}
if (added > 0) {
  const sorted = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  lock.packages = Object.fromEntries(sorted.map((path) => [path, lock.packages[path]]));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`${added} platform packages added`);
