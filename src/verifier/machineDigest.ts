import { Bytes } from "../std/index.ts";
import { type Machine, show } from "./air.ts";
import * as Blake3 from "./Blake3.ts";

/** Machines are values that never change, so each is hashed once. */
const known = new WeakMap<Machine, Blake3.Digest>();

/** The hash of `machineText`; a proof for other constraints has another one. */
export function machineDigest(machine: Machine): Blake3.Digest {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const digest = Blake3.ofBytes(Bytes.fromText(machineText(machine)));
  known.set(machine, digest);
  return digest;
}

/** All that the tables of a machine say, as text: the normative form of its constraints. Lines end with a newline. */
export function machineText(machine: Machine): string {
  const lines: string[] = [`machine ${machine.name}`];
  for (const bus of machine.buses) lines.push(`bus ${bus.name} (${bus.fields.join(", ")})`);
  for (const name of machine.publics) lines.push(`public ${name}`);
  for (const table of machine.tables) {
    lines.push(`table ${table.name} ${table.fixedGroup ?? "-"} ${table.logHeight ?? "-"}`);
    lines.push(`main ${table.main.join(" ")}`, `fixed ${table.fixed.join(" ")}`);
    for (const { when, expr } of table.constraints) lines.push(`${when} ${show(expr)}`);
    for (const { bus, sign, multiplicity, tuple } of table.interactions) {
      lines.push(
        `${sign === 1 ? "send" : "receive"} ${bus.name} ${show(multiplicity)} (${tuple.map(show).join(", ")})`,
      );
    }
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}
