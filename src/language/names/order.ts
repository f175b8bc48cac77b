/** Which definitions need which: groups that call each other, each group after the ones that it calls. */

/** Strongly connected components in dependency order (Tarjan, 1972), without recursion: call chains may be long. */
export function order<T>(nodes: Iterable<T>, edges: (node: T) => Iterable<T>): readonly (readonly T[])[] {
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const onStack = new Set<T>();
  const stack: T[] = [];
  const groups: T[][] = [];
  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { readonly node: T; readonly next: Iterator<T> }[] = [];
    const enter = (node: T): void => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      stack.push(node);
      onStack.add(node);
      work.push({ node, next: edges(node)[Symbol.iterator]() });
    };
    enter(root);
    while (work.length > 0) {
      const { node, next } = work[work.length - 1]!;
      const step = next.next();
      if (step.done !== true) {
        if (!index.has(step.value)) enter(step.value);
        else if (onStack.has(step.value)) low.set(node, Math.min(low.get(node)!, index.get(step.value)!));
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above !== undefined) low.set(above.node, Math.min(low.get(above.node)!, low.get(node)!));
      if (low.get(node) !== index.get(node)) continue;
      const group: T[] = [];
      for (;;) {
        const member = stack.pop()!;
        onStack.delete(member);
        group.push(member);
        if (member === node) break;
      }
      groups.push(group.reverse());
    }
  }
  return groups;
}
