/**
 * The library's exponential, logarithm, power and circle functions: beside the host's for size (which may differ in the last
 * place and between versions of Node, so never more than that is asked of it), and beside frozen bits for determinism.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressUnit } from "../../src/code/index.ts";
import { ContentHash, Decimal, encodeValue, memoryBlockStore, Value } from "../../src/content/index.ts";
import { codeSource } from "../../src/execution/codeSource.ts";
import { newLibrary } from "../../src/execution/machine/Library.ts";
import { run, start } from "../../src/execution/machine/schedule.ts";
import { check } from "../../src/language/index.ts";

const text = `
fn exp(x: Float) -> Float { float.exp(x) }
fn ln(x: Float) -> Float { float.ln(x) }
fn sin(x: Float) -> Float { float.sin(x) }
fn cos(x: Float) -> Float { float.cos(x) }
fn tan(x: Float) -> Float { float.tan(x) }
fn atan(x: Float) -> Float { float.atan(x) }
fn power(x: Float, y: Float) -> Float { float.power(x, y) }
fn root(x: Decimal, places: Int) -> Option<Decimal> { decimal.squareRoot(x, places) }
fn rootOfInt(n: Int) -> Int { int.squareRoot(n) }
fn there(x: Decimal, places: Int) -> Option<Decimal> { decimal.ln(decimal.exp(x, places), places) }
fn one(x: Decimal, places: Int) -> Decimal {
  let s = decimal.sin(x, places)
  let c = decimal.cos(x, places)
  s * s + c * c
}
`;
const { unit, problems } = check([{ path: "functions.tel", text }]);
expect(problems).toEqual([]);
const addressed = addressUnit(unit!);
const blocks = memoryBlockStore();
for (const block of addressed.blocks) blocks.put(block.bytes);
const library = newLibrary(codeSource(blocks));

function call(name: string, ...args: readonly Value.Value[]): Value.Value {
  const machine = start(library, addressed.definitions.get(name)!, args, { fuel: 1e8, memoryBytes: 2 ** 28 });
  expect(machine.ok).toBe(true);
  const end = machine.ok ? run(machine.value) : undefined;
  if (end?.kind !== "done") throw new Error(`${name}: ${JSON.stringify(end)}`);
  return end.value;
}

function floats(name: string, ...args: readonly number[]): number {
  const value = call(name, ...args.map((x) => Value.float(x)));
  if (typeof value !== "object" || value.tag !== "float") throw new Error("no Float");
  return value.value;
}

/** Places in the line of all doubles: neighbours are 1 apart. */
function order(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

const apart = (a: number, b: number): bigint => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0n : 1n << 64n;
  const distance = order(a) - order(b);
  return distance < 0n ? -distance : distance;
};

const anyFloat = fc.double({ noDefaultInfinity: false });
const middle = fc.double({ min: -1000, max: 1000, noNaN: true });
const SPECIAL = [0, -0, 1, -1, 2, 0.5, -0.5, 3, -3, 1e-320, 1e308, 2 ** 53, Infinity, -Infinity, Number.NaN];

describe("Float functions are those of the host, but for the last place", () => {
  test.each([
    ["exp", Math.exp, fc.oneof(anyFloat, middle)],
    ["ln", Math.log, fc.oneof(anyFloat, fc.double({ min: 0.9, max: 1.1, noNaN: true }))],
    ["sin", Math.sin, fc.oneof(anyFloat, middle)],
    ["cos", Math.cos, fc.oneof(anyFloat, middle)],
    ["tan", Math.tan, middle],
    ["atan", Math.atan, fc.oneof(anyFloat, middle)],
  ] as const)("%s", (name, host, inputs) => {
    for (const x of SPECIAL) expect([x, apart(floats(name, x), host(x)) <= 1n]).toEqual([x, true]);
    fc.assert(
      fc.property(inputs, (x) => {
        expect(apart(floats(name, x), host(x))).toBeLessThanOrEqual(1n);
      }),
      { numRuns: 60 },
    );
  });

  test("power, and its special cases to the letter", () => {
    // ECMAScript differs from IEEE 754 in one place: pow(±1, ±∞) and pow(1, NaN) are NaN there.
    const ieee = (x: number, y: number) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);
    for (const x of SPECIAL)
      for (const y of SPECIAL) {
        const ours = floats("power", x, y);
        const theirs = ieee(x, y);
        expect([x, y, apart(ours, theirs) <= 1n, Object.is(Math.sign(ours), Math.sign(theirs))]).toEqual([
          x,
          y,
          true,
          true,
        ]);
      }
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (x, y) => {
          expect(apart(floats("power", x, y), ieee(x, y))).toBeLessThanOrEqual(1n);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("the same bits everywhere", () => {
  const bits = [];
  let x = 0.001;
  for (let i = 0; i < 40; i++) {
    x *= 1.37;
    bits.push(...["exp", "ln", "sin", "cos", "tan", "atan"].map((name) => Value.float(floats(name, x))));
    bits.push(Value.float(floats("power", x, 0.3)));
  }
  expect(ContentHash.of(encodeValue(Value.list(bits)))).toMatchInlineSnapshot(
    `"bafyreia6bhnvrcuumngfm5x2prvxsjsrhe366ufe7rhvha3tqebokwvpjq"`,
  );
});

test("a whole root squared is the largest square that is not above", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 4000n }), (n) => {
      const root = BigInt(call("rootOfInt", n) as number | bigint);
      expect(root * root <= n && n < (root + 1n) * (root + 1n)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

const decimals = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: -20, max: 2 }))
  .map(([coefficient, exponent]) => Decimal.of(coefficient, exponent));

test("a decimal root is off by half a place at the most", () => {
  fc.assert(
    fc.property(decimals, fc.integer({ min: 0, max: 40 }), (x, places) => {
      const found = call("root", x, places) as Value.Variant;
      const root = found.payload as Decimal.Decimal;
      const half = Decimal.of(5n, -places - 1);
      const low = Decimal.add(root, Decimal.negate(half));
      const high = Decimal.add(root, half);
      if (low.coefficient > 0n) expect(Decimal.compare(Decimal.multiply(low, low), x)).toBeLessThanOrEqual(0);
      expect(Decimal.compare(Decimal.multiply(high, high), x)).toBe(1);
    }),
    { numRuns: 60 },
  );
});

test("ln takes exp back, and sine and cosine lie on the circle, as far as the places go", () => {
  fc.assert(
    fc.property(fc.integer({ min: -40, max: 400 }), fc.integer({ min: 30, max: 60 }), (tenths, places) => {
      const x = Decimal.of(BigInt(tenths), -1);
      const back = (call("there", x, places) as Value.Variant).payload as Decimal.Decimal;
      // e^x lost places where it is small: e^-4 is 0.018.
      const off = Decimal.add(back, Decimal.negate(x));
      expect(Decimal.compare(Decimal.multiply(off, off), Decimal.of(1n, 4 - 2 * places))).toBe(-1);
      const near = Decimal.add(call("one", x, places) as Decimal.Decimal, Decimal.of(-1n, 0));
      expect(Decimal.compare(Decimal.multiply(near, near), Decimal.of(9n, -2 * places))).toBe(-1);
    }),
    { numRuns: 40 },
  );
});
