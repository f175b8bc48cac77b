/** The keys of the lookup table, which is the same for every program; a test compares them with `keyOf`. */
import type { RunMachine } from "../RunMachine.ts";

export const CONSTANTS_KEY: RunMachine["constantsKey"] = {
  plain: {
    root: Uint32Array.from([
      802395539, 4038500906, 2351083919, 1471455673, 932343602, 3207684236, 3856954975, 3325408637,
    ]),
    logHeights: [16],
  },
  hiding: {
    root: Uint32Array.from([
      2439164168, 3562957400, 2205758030, 3915837307, 4038379002, 1070849294, 2838638636, 3477324437,
    ]),
    logHeights: [17],
  },
};
