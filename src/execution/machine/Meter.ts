/**
 * What a run may still use, and how it ends when that is gone. Fuel counts work, memory counts bytes built plus the
 * frames that are on the stack. Both are defined on Core (docs/spec/execution.md), so every tier counts the same.
 */

/** Mutable: the hot loop takes slices from it. Amounts are whole numbers below 2^53. */
export interface Meter {
  /** Fuel that the loop may use before it asks again; kept below 2^31 so that the host holds it as a small integer. */
  fuel: number;
  /** Fuel beyond the slice. */
  reserve: number;
  /** Fuel that is kept back while `run` is to pause before it is used. */
  held: number;
  /** Bytes left. */
  memory: number;
}

export const FUEL_SLICE_MAX = 2 ** 30;

export const meterOf = (fuel: number, memory: number): Meter => ({ fuel: 0, reserve: fuel, held: 0, memory });

export const fuelLeft = (meter: Meter): number => meter.fuel + meter.reserve + meter.held;

/** Leaves the work that could not be paid for. Never escapes the machine. */
export class OutOfFuel {}
export class OutOfMemory {}

/** A deterministic failure of the program; the machine turns it into the run's result. */
export class Fault {
  readonly code: string;
  readonly message: string;
  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Code did what no checked code does: a value of another type, a missing case, a definition that is not there. */
export class Stuck {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Charges before the work is done; throws when there is not enough. Fuel is looked at first. */
export function spend(meter: Meter, fuel: number, bytes: number): void {
  if (fuel > 0) {
    const left = meter.fuel - fuel;
    if (left >= 0) meter.fuel = left;
    else {
      if (left + meter.reserve < 0) throw new OutOfFuel();
      meter.reserve += left;
      meter.fuel = 0;
    }
  }
  if (bytes > 0) {
    if (bytes > meter.memory) throw new OutOfMemory();
    meter.memory -= bytes;
  }
}

/** Moves fuel from the reserve into the slice; false when there is none. */
export function refill(meter: Meter): boolean {
  const take = Math.min(meter.reserve, FUEL_SLICE_MAX - Math.min(meter.fuel, FUEL_SLICE_MAX));
  if (take <= 0) return false;
  meter.reserve -= take;
  meter.fuel += take;
  return true;
}
