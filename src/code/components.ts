/**
 * Strongly connected components of a graph, each after those it depends on (Tarjan 1972). With a stack of its own: a
 * chain of a hundred thousand definitions is an ordinary input.
 *
 * `edges[i]` lists the nodes that node i depends on. Members of a component are ascending.
 */
export function components(edges: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const UNSEEN = -1;
  const index = new Int32Array(edges.length).fill(UNSEEN);
  const low = new Int32Array(edges.length);
  const onPath = new Uint8Array(edges.length);
  const next = new Int32Array(edges.length);
  const path: number[] = [];
  const found: number[][] = [];
  let counter = 0;

  for (let root = 0; root < edges.length; root++) {
    if (index[root] !== UNSEEN) continue;
    const calls = [root];
    while (calls.length > 0) {
      const at = calls[calls.length - 1]!;
      if (index[at] === UNSEEN) {
        index[at] = low[at] = counter++;
        path.push(at);
        onPath[at] = 1;
      }
      const target = edges[at]![next[at]!];
      if (target !== undefined) {
        next[at]!++;
        if (index[target] === UNSEEN) calls.push(target);
        else if (onPath[target] === 1) low[at] = Math.min(low[at]!, index[target]!);
        continue;
      }
      calls.pop();
      const caller = calls[calls.length - 1];
      if (caller !== undefined) low[caller] = Math.min(low[caller]!, low[at]!);
      if (low[at] !== index[at]) continue;
      const members: number[] = [];
      let member: number;
      do {
        member = path.pop()!;
        onPath[member] = 0;
        members.push(member);
      } while (member !== at);
      found.push(members.sort((a, b) => a - b));
    }
  }
  return found;
}
