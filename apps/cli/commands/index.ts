/** Every command of `tb`, in the order in which `tb --help` lists them. */
import type { Command } from "commander";

export function registerAll(program: Command): void {
  void program;
}
