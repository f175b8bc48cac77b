/**
 * Grants in a tree: whoever holds a grant may use of it and divide it, and never has more than it was given
 * (ADR 016, "Resource Governance"). The invariant, whatever is called in whatever order: a grant's own use and the grants
 * below it never exceed it, and what was released is back.
 */
import type { Value } from "../content/index.ts";
import { err, ok, type Result } from "../std/index.ts";
import { add, isValid, lacking, noResources, RESOURCES, type Resource, type Resources, subtract } from "./Resources.ts";

export type GrantId = string;

export interface ResourceRequest {
  readonly memoryBytes: number;
  readonly cpuMillis: number;
  readonly ioOperations: number;
  readonly effectCount: number;
}

export interface ResourceGrant {
  readonly grantId: GrantId;
  readonly granted: Resources;
  readonly metadata: ReadonlyMap<string, Value.Value>;
}

export interface ResourceUsage {
  readonly granted: Resources;
  /** Used for good by the holder, and by released grants below it. */
  readonly used: Resources;
  /** In grants below that are still held. */
  readonly divided: Resources;
  readonly left: Resources;
}

export type AllocationError =
  | { readonly kind: "Exhausted"; readonly resource: Resource; readonly requested: number; readonly available: number }
  | { readonly kind: "InvalidRequest"; readonly resource: Resource; readonly requested: number }
  | { readonly kind: "UnknownGrant"; readonly grantId: GrantId };

export interface ResourceAllocator {
  allocate(request: ResourceRequest): Result<ResourceGrant, AllocationError>;
  /** Gives back what is left, of this grant and all below it. A second release does nothing. */
  release(grant: ResourceGrant): void;
  checkUsage(grant: ResourceGrant): Result<ResourceUsage, AllocationError>;
  /** All of the requests, or none. */
  subdivide(
    grant: ResourceGrant,
    requests: readonly ResourceRequest[],
  ): Result<readonly ResourceGrant[], AllocationError>;
  /** Uses of a grant; refused, and nothing used, when it would exceed it. */
  use(grant: ResourceGrant, amount: Resources): Result<ResourceUsage, AllocationError>;
}

interface Node {
  readonly id: GrantId;
  readonly parent: Node | undefined;
  readonly granted: Resources;
  readonly children: Set<Node>;
  used: Resources;
  divided: Resources;
}

/**
 * The hierarchical allocator: what is granted is set aside at once. CPU, operations and effects that were used are gone;
 * memory comes back with the release.
 */
export function staticAllocator(total: Resources): ResourceAllocator {
  const nodes = new Map<GrantId, Node>();
  let count = 0;
  const newNode = (parent: Node | undefined, granted: Resources): Node => ({
    id: `grant-${count++}`,
    parent,
    granted,
    children: new Set(),
    used: noResources,
    divided: noResources,
  });
  const root = newNode(undefined, total);

  const left = (node: Node): Resources => subtract(subtract(node.granted, node.used), node.divided);
  const usage = (node: Node): ResourceUsage => ({
    granted: node.granted,
    used: node.used,
    divided: node.divided,
    left: left(node),
  });
  const refusal = (wanted: Resources, node: Node): AllocationError | undefined => {
    if (!isValid(wanted)) {
      const resource = RESOURCES.find((one) => !Number.isSafeInteger(wanted[one]) || wanted[one] < 0)!;
      return { kind: "InvalidRequest", resource, requested: wanted[resource] };
    }
    const available = left(node);
    const resource = lacking(wanted, available);
    return resource === undefined
      ? undefined
      : { kind: "Exhausted", resource, requested: wanted[resource], available: available[resource] };
  };
  const find = (grant: ResourceGrant): Result<Node, AllocationError> => {
    const node = nodes.get(grant.grantId);
    return node === undefined ? err({ kind: "UnknownGrant", grantId: grant.grantId }) : ok(node);
  };

  function grantFrom(parent: Node, requests: readonly ResourceRequest[]): Result<ResourceGrant[], AllocationError> {
    const wanted = requests.map(resourcesOf);
    for (const one of wanted) {
      const invalid = refusal(one, parent);
      if (invalid !== undefined) return err(invalid);
    }
    const refused = refusal(wanted.reduce(add, noResources), parent);
    if (refused !== undefined) return err(refused);
    return ok(
      wanted.map((granted) => {
        const node = newNode(parent, granted);
        parent.divided = add(parent.divided, granted);
        parent.children.add(node);
        nodes.set(node.id, node);
        return { grantId: node.id, granted, metadata: new Map() };
      }),
    );
  }

  function release(node: Node): void {
    for (const child of node.children) release(child);
    nodes.delete(node.id);
    const parent = node.parent!;
    parent.children.delete(node);
    parent.divided = subtract(parent.divided, node.granted);
    parent.used = add(parent.used, { ...node.used, memoryBytes: 0 });
  }

  return {
    allocate(request) {
      const granted = grantFrom(root, [request]);
      return granted.ok ? ok(granted.value[0]!) : granted;
    },
    subdivide(grant, requests) {
      const node = find(grant);
      return node.ok ? grantFrom(node.value, requests) : node;
    },
    release(grant) {
      const node = nodes.get(grant.grantId);
      if (node !== undefined) release(node);
    },
    checkUsage(grant) {
      const node = find(grant);
      return node.ok ? ok(usage(node.value)) : node;
    },
    use(grant, amount) {
      const node = find(grant);
      if (!node.ok) return node;
      const refused = refusal(amount, node.value);
      if (refused !== undefined) return err(refused);
      node.value.used = add(node.value.used, amount);
      return ok(usage(node.value));
    },
  };
}

const resourcesOf = (request: ResourceRequest): Resources => ({
  memoryBytes: request.memoryBytes,
  cpuMillis: request.cpuMillis,
  ioOperations: request.ioOperations,
  effectCount: request.effectCount,
});
