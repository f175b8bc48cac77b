/** `tb export`: definitions and all they need, as one CAR file. */
import type { Command } from "commander";
import { print, printJson } from "../output.ts";
import { type CommonOptions, withCommonOptions, withStore } from "../session.ts";

interface Options extends CommonOptions {
  readonly output: string;
  readonly codeOnly?: boolean;
}

export function register(program: Command): void {
  withCommonOptions(
    program
      .command("export <definitions...>")
      .description("write definitions by NAME, #HASH or module, with all they depend on, to a CAR file")
      .requiredOption("-o, --output <file>", "the file to write")
      .option("--code-only", "without names, docs and texts: the same bytes from every codebase that has the code"),
  ).action(run);
}

async function run(asked: readonly string[], options: Options): Promise<void> {
  const { count, targets } = await import("../node/codebase.ts");
  const { replaceFile } = await import("../node/replaceFile.ts");
  const { packCar } = await import("../node/exchange.ts");
  const { decodeCar } = await import("../../../src/code/index.ts");
  await withStore(options, (store) => {
    const entries = [...new Set(asked.flatMap((text) => targets(store, text).map((one) => one.hash)))];
    const bytes = packCar(store, entries, options.codeOnly !== true);
    replaceFile(options.output, bytes);
    const car = decodeCar(bytes);
    const [root, blocks] = car.ok ? [car.value.root, car.value.blocks.length] : ["", 0];
    if (options.json === true) printJson({ ok: true, file: options.output, root, blocks, bytes: bytes.length });
    else print(`${options.output}: ${count(blocks, "block")}, ${bytes.length} bytes, root ${root}`);
  });
}
