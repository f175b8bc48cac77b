/** The keys of the lookup table, which is the same for every program; a test compares them with `keyOf`. */
import { Bytes } from "../../std/index.ts";
import * as Blake3 from "../Blake3.ts";
import type { Key } from "../layout.ts";
import type { RunMachine } from "../RunMachine.ts";

const key = (hex: string, logHeight: number): Key => ({
  root: Blake3.fromBytes(Bytes.fromHex(hex)!),
  logHeights: [logHeight],
});

export const CONSTANTS_KEY: RunMachine["constantsKey"] = {
  plain: key("9395d32f2aa2b6f08fb1228cb9a1b457326f92378c6031bf5f76e4e57db535c6", 16),
  hiding: key("08b16291586a5ed44e3279837bef66e9fac5b4f00eddd33f2c3032a995c243cf", 17),
};
