/** The stages of the compiler as text. */
import {
  type Checked,
  dagsOf,
  dagText,
  print,
  printEffects,
  printNames,
  printTypes,
  printUnit,
  type Source,
} from "../../../src/language/index.ts";

export function emit(stage: string, checked: Checked, sources: readonly Source[]): string {
  switch (stage) {
    case "tree":
      return checked.files
        .filter((file) => sources.some((source) => source.path === file.path))
        .map((file) => print(file.tree))
        .join("\n");
    case "names":
      return printNames(checked.resolved);
    case "types":
      return printTypes(checked.typed);
    case "effects":
      return printEffects(checked.typed);
    case "dag":
      return dagsOf(checked.typed).map(dagText).join("\n\n");
    default:
      return printUnit(checked.sound);
  }
}
