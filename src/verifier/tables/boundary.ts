/**
 * The memory boundary: every place that a run touches, once, with its first and last contents. Addresses go up
 * strictly, so no place has two histories. Places of the program's image take their contents from it, and all of them
 * are here, touched or not; any other is a word of the window that starts as 0.
 */
import { add, compose, defineTable, mul, next, not, sub } from "../air.ts";
import { boundaryBus, imageBus, memoryBus, pairBus, rangeBus, SPACE, WORDS_AT } from "./buses.ts";

/**
 * Bits of the low part of the distance between neighbouring addresses: distances are below 2^26, addresses below 2^25
 * (the image's by the key, others by their offset), so that a step up cannot wrap around p.
 */
export const GAP_LOW_BITS = 9;

export const Boundary = defineTable("boundary", (t) => {
  const active = t.bit("active");
  const begin = t.column("begin");
  const space = t.column("space");
  const address = t.column("address");
  const first = t.columns("first", 4);
  const last = t.columns("last", 4);
  const time = t.column("time");
  const image = t.bit("image");
  const gapLow = t.column("gap.low");
  const gapHigh = t.column("gap.high");
  const offsetLow = t.column("offset.low");
  const offsetHigh = t.column("offset.high");

  t.first("the first row begins", sub(begin, 1));
  t.step("no other row begins", next(begin));
  t.receive(boundaryBus, begin, [1]);

  t.zero("only places are of the image", mul(image, not(active)));
  t.step("places come first", mul(next(active), not(active)));
  t.send(rangeBus, active, [gapLow]);
  t.send(rangeBus, active, [gapHigh]);
  const gap = compose([gapLow, gapHigh], 2 ** GAP_LOW_BITS);
  t.step("addresses go up", mul(next(active), sub(next(address), add(address, 1, gap))));

  t.receive(imageBus, image, [space, address, ...first]);
  const blank = sub(active, image);
  t.zero("other places are data", mul(blank, sub(space, SPACE.data)));
  for (let i = 0; i < 4; i++) t.zero(`other places start as 0, byte ${i}`, mul(blank, first[i]!));
  t.send(rangeBus, blank, [offsetLow]);
  t.send(pairBus, blank, [offsetHigh, 0]);
  const offset = add(offsetLow, mul(offsetHigh, 2 ** 16));
  t.zero("other places are words of the window", mul(blank, sub(address, add(offset, WORDS_AT))));

  t.send(memoryBus, active, [space, address, ...first, 0]);
  t.receive(memoryBus, active, [space, address, ...last, time]);
});
