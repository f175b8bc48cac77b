/** Definitions from a block store: checked on the way in, so that the machine runs nothing that the compiler would not write. */
import { type CodeError, type DecodeOptions, decodeDefinition } from "../code/index.ts";
import type { BlockStore, ContentHash } from "../content/index.ts";
import type { Core } from "../language/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import type { CodeSource, LoadError } from "./machine/Library.ts";

/** `nameOf` gives the name under which people know a definition, for call stacks. */
export function codeSource(
  blocks: Pick<BlockStore, "get">,
  nameOf: (hash: ContentHash.ContentHash) => string | undefined = () => undefined,
): CodeSource {
  const options: DecodeOptions = { load: (component) => blocks.get(component), components: new Map() };
  const read = (hash: ContentHash.ContentHash) => {
    const bytes = blocks.get(hash);
    if (bytes === undefined) return err({ kind: "UnknownHash", hash } as const);
    const code = decodeDefinition(bytes, hash, options);
    return code.ok ? code : err(loadError(hash, code.error));
  };
  const wrong = (hash: ContentHash.ContentHash, what: string) =>
    err({ kind: "InvalidCode", hash, reason: `it is no ${what}` } as const);
  return {
    loadDefinition(hash): Result<Core.Definition, LoadError> {
      const code = read(hash);
      if (!code.ok) return code;
      if (code.value.form !== "definition") return wrong(hash, "function");
      return ok({ ...code.value.item, name: nameOf(hash) ?? code.value.item.name });
    },
    loadProgram(hash): Result<Core.ProgramDefinition, LoadError> {
      const code = read(hash);
      if (!code.ok) return code;
      if (code.value.form !== "program") return wrong(hash, "program");
      return ok({ ...code.value.item, name: nameOf(hash) ?? code.value.item.name });
    },
    loadType(hash): Result<Core.TypeDefinition, LoadError> {
      const code = read(hash);
      if (!code.ok) return code;
      return code.value.form === "type" ? ok(code.value.item) : wrong(hash, "type");
    },
  };
}

function loadError(hash: ContentHash.ContentHash, error: CodeError): LoadError {
  switch (error.kind) {
    case "MissingBlock":
      return { kind: "UnknownHash", hash: error.hash };
    case "IncompatibleFormat":
      return { kind: "IncompatibleFormat", hash, format: error.format, formatMax: error.formatMax };
    case "InvalidCode":
      return { kind: "InvalidCode", hash, reason: `${error.reason} (at ${error.at})` };
  }
}
