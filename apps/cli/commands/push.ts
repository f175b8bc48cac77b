/** `tb push`: code and names to another codebase. */
import type { Command } from "commander";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly ours?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("push <where> [names...]")
      .description(
        "send what another codebase lacks (a store directory, or an http(s) URL of tb serve, or one that takes a CAR file by PUT)",
      )
      .option("--ours", "where both sides changed a name, give it our version there"),
  ).action(run);
}

async function run(where: string, names: readonly string[], options: Options): Promise<void> {
  const { isUrl, missingAt, putCar } = await import("../node/remote.ts");
  const { hashesOf, packCar, transfer } = await import("../node/exchange.ts");
  const { showExchange } = await import("../node/showExchange.ts");
  const { NameRegistry } = await import("../../../src/code/index.ts");
  const { targets } = await import("../node/codebase.ts");
  await withStore(options, async (store) => {
    if (isUrl(where)) {
      const entries =
        names.length > 0
          ? names.flatMap((name) => targets(store, name).map((one) => one.hash))
          : NameRegistry.list(store).map(([, hash]) => hash);
      const all = [...new Set(entries)];
      const whole = packCar(store, all, true);
      const blocks = hashesOf(whole);
      const missing = await missingAt(where, blocks);
      const present = new Set(missing === undefined ? [] : blocks.filter((hash) => !missing.has(hash)));
      const bytes = missing === undefined ? whole : packCar(store, all, true, (hash) => present.has(hash));
      const done = await putCar(`${where}${options.ours === true && missing !== undefined ? "?ours" : ""}`, bytes);
      showExchange(
        done ?? { definitions: all.length, bytes: bytes.length, names: [], conflicts: [] },
        options.json === true,
      );
      return;
    }
    await withStore({ store: where }, async (other) => {
      showExchange(
        await transfer(store, other, names, `push from ${process.cwd()}`, options.ours === true),
        options.json === true,
      );
    });
  });
}
