/** What an import, push or pull did. */
import { Exit } from "../exit.ts";
import { note, paint, print, printJson } from "../output.ts";
import { count, shortHash } from "./codebase.ts";
import type { Exchanged } from "./exchange.ts";

export function showExchange(done: Exchanged, json: boolean): void {
  process.exitCode = done.conflicts.length === 0 ? Exit.ok : Exit.program;
  if (json) {
    printJson({ ok: done.conflicts.length === 0, ...done });
    return;
  }
  for (const name of done.names) print(`${paint.green("+")} ${name}`);
  print(`${count(done.definitions, "new definition")}, ${count(done.names.length, "name")}, ${done.bytes} bytes`);
  if (done.conflicts.length === 0) return;
  note(
    `${count(done.conflicts.length, "name")} ${done.conflicts.length === 1 ? "stands" : "stand"} for something else on both sides, and ${done.conflicts.length === 1 ? "was" : "were"} left alone:`,
  );
  for (const { name, candidates } of done.conflicts)
    note(`  ${name}: ${candidates.map((hash) => (hash === undefined ? "deleted" : shortHash(hash))).join(" or ")}`);
  note("tb diff shows them by hash; --theirs (of pull and import) or --ours (of push) says which to take");
}
