/** Which definitions need which: groups that call each other, each group after the ones that it calls. */

/** Strongly connected components in dependency order (Tarjan, 1972), without recursion: call chains may be long. */
export function order<T>(nodes: Iterable<T>, edges: (node: T) => readonly T[]): readonly (readonly T[])[] {
  const places = new Map<T, Place<T>>();
  const stack: Place<T>[] = [];
  const work: Place<T>[] = [];
  const groups: T[][] = [];
  const enter = (node: T): void => {
    const index = places.size;
    const place: Place<T> = { node, index, low: index, isOpen: true, edges: edges(node), next: 0 };
    places.set(node, place);
    stack.push(place);
    work.push(place);
  };
  for (const root of nodes) {
    if (!places.has(root)) enter(root);
    while (work.length > 0) {
      const place = work[work.length - 1]!;
      if (place.next < place.edges.length) {
        const next = place.edges[place.next++]!;
        const to = places.get(next);
        if (to === undefined) enter(next);
        else if (to.isOpen) place.low = Math.min(place.low, to.index);
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above !== undefined) above.low = Math.min(above.low, place.low);
      if (place.low !== place.index) continue;
      const group = stack.splice(stack.lastIndexOf(place));
      for (const each of group) each.isOpen = false;
      groups.push(group.map(({ node }) => node));
    }
  }
  return groups;
}

interface Place<T> {
  readonly node: T;
  /** In the order in which they were met. */
  readonly index: number;
  /** The earliest that is reached from here and is not in a group yet. */
  low: number;
  isOpen: boolean;
  readonly edges: readonly T[];
  /** The edge to follow next. */
  next: number;
}
