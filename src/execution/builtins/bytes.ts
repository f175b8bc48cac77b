/** Byte strings. */
import { Value } from "../../content/index.ts";
import { Bytes } from "../../std/index.ts";
import { spend } from "../machine/Meter.ts";
import { items } from "./GrownList.ts";
import { builtin, bytes, type Implementation, int, option, position, tagged, text } from "./Implementation.ts";
import { chargeLength } from "./size.ts";

function fromNumbers(numbers: readonly Value.Value[]): Uint8Array | undefined {
  const result = new Uint8Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const byte = int(numbers[i]!);
    if (typeof byte === "bigint" || byte < 0 || byte > 255) return undefined;
    result[i] = byte;
  }
  return result;
}

/** Digits only: the `0x` that content accepts is no digit of a program's text. */
function fromDigits(digits: string): Uint8Array | undefined {
  return digits.startsWith("0x") ? undefined : Bytes.fromHex(digits);
}

const optionBytes = (value: Uint8Array | undefined) => option(value === undefined ? undefined : Value.bytes(value));

export const byteStrings: readonly Implementation[] = [
  builtin("bytes.length", 1, (a) => bytes(a).length),
  builtin("bytes.get", 2, (a, b) => {
    const at = int(b);
    return option(typeof at === "number" && at >= 0 ? bytes(a)[at] : undefined);
  }),
  builtin(
    "bytes.slice",
    3,
    (a, b, c) => {
      const all = bytes(a);
      const from = position(b, all.length);
      return Value.bytes(all.slice(from, Math.max(from, position(c, all.length))));
    },
    (meter, a) => chargeLength(meter, bytes(a).length, 16 + bytes(a).length),
  ),
  builtin(
    "bytes.concat",
    2,
    (a, b) => Value.bytes(Bytes.concat(bytes(a), bytes(b))),
    (meter, a, b) => {
      const size = bytes(a).length + bytes(b).length;
      chargeLength(meter, size, 16 + size);
    },
  ),
  builtin(
    "bytes.toList",
    1,
    (a) => Value.list([...bytes(a)]),
    (meter, a) => spend(meter, bytes(a).length, 16 + 8 * bytes(a).length),
  ),
  builtin(
    "bytes.fromList",
    1,
    (a) => optionBytes(fromNumbers(items(tagged(a, "list")))),
    (meter, a) => {
      const count = items(tagged(a, "list")).length;
      spend(meter, count, 16 + count);
    },
  ),
  builtin(
    "bytes.toHex",
    1,
    (a) => Bytes.toHex(bytes(a)),
    (meter, a) => chargeLength(meter, 2 * bytes(a).length, 16 + 4 * bytes(a).length),
  ),
  builtin(
    "bytes.fromHex",
    1,
    (a) => optionBytes(fromDigits(text(a))),
    (meter, a) => chargeLength(meter, text(a).length, 16 + text(a).length),
  ),
];
