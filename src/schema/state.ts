/** States of a schema: JSON text at the edge, canonical values inside. Compiled once per schema. */
import type { Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { type Conforms, conformsTo } from "./conforms.ts";
import { readerOf } from "./json/readValue.ts";
import { JsonRefusal, Scanner } from "./json/Scanner.ts";
import { writerOf } from "./json/writeValue.ts";
import type { Code, Place, Problem } from "./Problem.ts";
import type { Schema } from "./Schema.ts";
import type * as T from "./Type.ts";

/** Longer state texts are refused unread. */
export const STATE_CHARS_MAX = 64 * 1024 * 1024;

export interface StateForm {
  /** Reads a state; a refusal says where in the text and where in the state. `file` names the text in it. */
  readonly read: (text: string, file?: string) => Result<Value.Record, Problem>;
  /** Canonical JSON: sorted, no white space. The value must be a state of the schema. */
  readonly write: (value: Value.Value) => string;
  /** `undefined` when the value is a state of the schema. For values that `read` did not make. */
  readonly check: Conforms;
}

const forms = new WeakMap<Schema, StateForm>();

/** The compiled forms of a schema's states; the same schema object gives the same ones. */
export function stateForm(schema: Schema): StateForm {
  let form = forms.get(schema);
  if (form === undefined) {
    form = formOf(schema.state, schema.types);
    forms.set(schema, form);
  }
  return form;
}

/** The compiled forms of any type. */
export function formOf(type: T.Type, types: T.Types): StateForm {
  const read = readerOf(types)(type);
  return {
    read: (text, file = "state.json") => {
      if (text.length > STATE_CHARS_MAX) {
        return err({ code: "SCH0122", what: `the state has more than ${STATE_CHARS_MAX} characters` });
      }
      const scanner = new Scanner(text);
      try {
        const value = read(scanner, 0);
        if (!Number.isNaN(scanner.peek())) scanner.fail(`expected the end of the text, found ${scanner.found()}`);
        return ok(value as Value.Record);
      } catch (error) {
        if (error instanceof JsonRefusal) return err(problemOf(error, text, file));
        throw error;
      }
    },
    write: writerOf(types)(type),
    check: conformsTo(types)(type),
  };
}

const CODE_OF = { syntax: "SCH0120", value: "SCH0121", bound: "SCH0122" } as const satisfies Record<string, Code>;

/** A refusal of the reader with its line and column. */
export function problemOf(refusal: JsonRefusal, text: string, file: string): Problem {
  return {
    code: CODE_OF[refusal.kind],
    what: refusal.what,
    path: `$${refusal.path.join("")}`,
    at: placeInText(text, refusal.offset, file),
  };
}

export function placeInText(text: string, offset: number, file: string): Place {
  let line = 1;
  let lineStart = 0;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { file, line, column: offset - lineStart + 1 };
}
