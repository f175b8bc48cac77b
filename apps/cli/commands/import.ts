/** `tb import`: a CAR file's code into the codebase, verified as a whole before anything is written. */
import type { Command } from "commander";
import { type CommonOptions, readBytes, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly theirs?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("import <file>")
      .description("add the code of a CAR file that tb export wrote; names that are taken here are left alone")
      .option("--theirs", "where a name stands for something else here, take theirs"),
  ).action(run);
}

/** Larger files are refused before they are read. */
const CAR_BYTES_MAX = 1024 * 1024 * 1024;

async function run(file: string, options: Options): Promise<void> {
  const { importBundle, unpackCar } = await import("../node/exchange.ts");
  const { showExchange } = await import("../node/showExchange.ts");
  const bytes = readBytes(file, CAR_BYTES_MAX);
  await withStore(options, async (store) => {
    const bundle = unpackCar(store, bytes, file);
    showExchange(await importBundle(store, bundle, bytes.length, file, options.theirs === true), options.json === true);
  });
}
