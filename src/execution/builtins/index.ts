/** Every intrinsic of `language/core/builtins.ts`, implemented. A test asserts that table and implementations agree. */
import { byteStrings } from "./bytes.ts";
import { decimals } from "./decimal.ts";
import { floats } from "./float.ts";
import { funds } from "./funds.ts";
import type { Implementation } from "./Implementation.ts";
import { ints } from "./int.ts";
import { jsons } from "./json.ts";
import { lists } from "./list.ts";
import { maps } from "./map.ts";
import { sets } from "./set.ts";
import { texts } from "./text.ts";
import { times } from "./time.ts";
import { values } from "./value.ts";

export const implementations: ReadonlyMap<string, Implementation> = new Map(
  [values, ints, decimals, floats, texts, byteStrings, lists, maps, sets, times, funds, jsons]
    .flat()
    .map((implementation) => [implementation.name, implementation]),
);

export type { Implementation } from "./Implementation.ts";
