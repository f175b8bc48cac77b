import fc from "fast-check";
import { expect, test } from "vitest";
import { type ResourceGrant, staticAllocator } from "./ResourceAllocator.ts";
import { add, noResources, RESOURCES, type Resources } from "./Resources.ts";

const TOTAL: Resources = { memoryBytes: 1000, cpuMillis: 1000, ioOperations: 100, effectCount: 100 };

const amounts = fc.record({
  memoryBytes: fc.integer({ min: 0, max: 700 }),
  cpuMillis: fc.integer({ min: 0, max: 700 }),
  ioOperations: fc.integer({ min: 0, max: 70 }),
  effectCount: fc.integer({ min: 0, max: 70 }),
});

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("allocate" as const), request: amounts }),
    fc.record({
      do: fc.constant("subdivide" as const),
      grant: fc.nat(),
      requests: fc.array(amounts, { maxLength: 3 }),
    }),
    fc.record({ do: fc.constant("use" as const), grant: fc.nat(), amount: amounts }),
    fc.record({ do: fc.constant("release" as const), grant: fc.nat() }),
  ),
  { maxLength: 60 },
);

test("own use and the grants below never exceed a grant, and all that is released is back, whatever the order", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const allocator = staticAllocator(TOTAL);
      const grants: ResourceGrant[] = [];
      const roots: ResourceGrant[] = [];
      const used: Resources[] = [];
      for (const step of all) {
        const grant = "grant" in step ? grants[step.grant % Math.max(1, grants.length)] : undefined;
        if (step.do === "allocate") {
          const made = allocator.allocate(step.request);
          if (made.ok) {
            grants.push(made.value);
            roots.push(made.value);
          }
        } else if (grant === undefined) continue;
        else if (step.do === "release") allocator.release(grant);
        else if (step.do === "use") {
          if (allocator.use(grant, step.amount).ok) used.push(step.amount);
        } else {
          const before = allocator.checkUsage(grant);
          const made = allocator.subdivide(grant, step.requests);
          if (made.ok) grants.push(...made.value);
          else expect(allocator.checkUsage(grant)).toEqual(before);
        }
        for (const one of grants) {
          const usage = allocator.checkUsage(one);
          if (!usage.ok) continue;
          const { granted, divided, left } = usage.value;
          const taken = add(usage.value.used, divided);
          for (const resource of RESOURCES) {
            expect(taken[resource]).toBeLessThanOrEqual(granted[resource]);
            expect(left[resource]).toBe(granted[resource] - taken[resource]);
          }
        }
      }
      for (const root of roots) {
        allocator.release(root);
        allocator.release(root);
      }
      // What is left is all but what was used for good; memory comes back.
      const gone = used.reduce(add, noResources);
      const rest = { ...TOTAL, memoryBytes: TOTAL.memoryBytes };
      const whole = allocator.allocate({
        memoryBytes: rest.memoryBytes,
        cpuMillis: rest.cpuMillis - gone.cpuMillis,
        ioOperations: rest.ioOperations - gone.ioOperations,
        effectCount: rest.effectCount - gone.effectCount,
      });
      expect(whole.ok).toBe(true);
      expect(allocator.allocate({ ...noResources, memoryBytes: 1 }).ok).toBe(false);
    }),
  );
});

test("a request that is no amount is refused", () => {
  const allocator = staticAllocator(TOTAL);
  for (const memoryBytes of [-1, 0.5, Number.NaN, 2 ** 60])
    expect(allocator.allocate({ ...noResources, memoryBytes })).toMatchObject({
      ok: false,
      error: { kind: "InvalidRequest", resource: "memoryBytes" },
    });
});

test("a refusal says which resource, how much was asked and how much there is", () => {
  const allocator = staticAllocator(TOTAL);
  expect(allocator.allocate({ ...TOTAL, effectCount: 101 })).toEqual({
    ok: false,
    error: { kind: "Exhausted", resource: "effectCount", requested: 101, available: 100 },
  });
  const grant = allocator.allocate(TOTAL);
  if (!grant.ok) throw new Error(grant.error.kind);
  allocator.release(grant.value);
  expect(allocator.use(grant.value, noResources)).toEqual({
    ok: false,
    error: { kind: "UnknownGrant", grantId: grant.value.grantId },
  });
});
