/** `tb pull`: code and names from another codebase. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly theirs?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("pull <where> [names...]")
      .description(
        "fetch what this codebase lacks from another (a store directory, or an http(s) URL of a CAR file or of tb serve)",
      )
      .option("--theirs", "where a name stands for something else here, take theirs"),
  ).action(run);
}

async function run(where: string, names: readonly string[], options: Options): Promise<void> {
  const { getCar, isUrl, openOther } = await import("../node/remote.ts");
  const { importBundle, transfer, unpackCar } = await import("../node/exchange.ts");
  const { showExchange } = await import("../node/showExchange.ts");
  await withStore(options, async (store) => {
    if (isUrl(where)) {
      const bytes = await getCar(
        where,
        store.names("").map(([, hash]) => hash),
      );
      const bundle = unpackCar(store, bytes, where);
      const wanted =
        names.length === 0
          ? bundle
          : {
              ...bundle,
              names: bundle.names.filter(([name]) => names.some((one) => name === one || name.startsWith(`${one}.`))),
            };
      showExchange(
        await importBundle(store, wanted, bytes.length, where, options.theirs === true),
        options.json === true,
      );
      return;
    }
    await openOther(where, async (other) => {
      showExchange(
        await transfer(other, store, names, `pull ${where}`, options.theirs === true),
        options.json === true,
      );
    });
  });
}
