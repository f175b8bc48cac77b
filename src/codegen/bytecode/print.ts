/** Bytecode as people read it: one instruction a line, positions at the left, names instead of numbers. */
import { type ContentHash, show } from "../../content/index.ts";
import { type Code, list } from "./Tree.ts";

/** `nameOf` gives the known name of a definition. */
export function print(
  code: Code,
  nameOf: (hash: ContentHash.ContentHash) => string | undefined = () => undefined,
): string {
  const link = (index: number) => {
    const hash = code.links[index]!;
    return nameOf(hash) ?? `#${hash.slice(0, 19)}`;
  };
  const shown = (kind: string, value: number): string | undefined => {
    switch (kind) {
      case "d":
        return undefined;
      case "r":
        return `r${value}`;
      case "k":
        return show(code.constants[value]!);
      case "t":
        return value < 0 ? "→ nowhere" : `→ ${value}`;
      case "c":
        return `fuel ${value}`;
      case "l":
        return link(value);
      case "b":
        return code.builtins[value]!;
      case "n":
        return code.names[value]!;
      case "s":
        return `(${code.shapes[value]!.join(" ")})`;
      case "x":
        return undefined;
      default:
        return String(value);
    }
  };
  const lines = list(code).map((instruction) => {
    const fixed = instruction.operands.flatMap(([kind, value]) => shown(kind, value) ?? []);
    const fixedReads = instruction.operands.filter(([kind]) => kind === "r").length;
    const rest = instruction.reads.slice(fixedReads).map((register) => `r${register}`);
    const cases = instruction.cases.map((one) => {
      const payload = one.register < 0 ? "" : ` r${one.register}`;
      return `${code.names[one.name]!}${payload} → ${one.target} fuel ${one.fuel}`;
    });
    const to = instruction.writes.map((register) => `r${register} = `).join("");
    const parts = [...fixed, ...rest, ...cases].join(" ");
    return `${String(instruction.at).padStart(4)}  ${to}${instruction.name}${parts === "" ? "" : ` ${parts}`}`;
  });
  return [`registers ${code.registers}  entry fuel ${code.entryFuel}  frame ${code.frameBytes} bytes`, ...lines].join(
    "\n",
  );
}
