/** What an execution may use. All amounts are whole numbers from 0 to 2^53−1. */
export interface Resources {
  readonly memoryBytes: number;
  /** Fuel through `FUEL_PER_MILLISECOND`, so that running out is deterministic. */
  readonly cpuMillis: number;
  /** Requests that go outside the machine and the clock. */
  readonly ioOperations: number;
  readonly effectCount: number;
}

export type Resource = keyof Resources;

export const RESOURCES: readonly Resource[] = ["memoryBytes", "cpuMillis", "ioOperations", "effectCount"];

/** A constant of the executor version: one CPU millisecond of a grant is this much fuel. */
export const FUEL_PER_MILLISECOND = 100_000;

export const noResources: Resources = { memoryBytes: 0, cpuMillis: 0, ioOperations: 0, effectCount: 0 };

/** 1 GiB, 10 minutes, and as many effects as a run may have. */
export const defaultResources: Resources = {
  memoryBytes: 2 ** 30,
  cpuMillis: 600_000,
  ioOperations: 100_000,
  effectCount: 1_000_000,
};

function each(work: (resource: Resource) => number): Resources {
  return {
    memoryBytes: work("memoryBytes"),
    cpuMillis: work("cpuMillis"),
    ioOperations: work("ioOperations"),
    effectCount: work("effectCount"),
  };
}

export const add = (a: Resources, b: Resources): Resources => each((resource) => a[resource] + b[resource]);
export const subtract = (a: Resources, b: Resources): Resources => each((resource) => a[resource] - b[resource]);

/** The first resource of which `available` has less than `wanted`. */
export const lacking = (wanted: Resources, available: Resources): Resource | undefined =>
  RESOURCES.find((resource) => wanted[resource] > available[resource]);

/** Whole and not negative: what a caller may ask for. */
export const isValid = (resources: Resources): boolean =>
  RESOURCES.every((resource) => Number.isSafeInteger(resources[resource]) && resources[resource] >= 0);
