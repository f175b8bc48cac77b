/** Whether two trees mean the same text: equal but for places, comments, and parentheses that only group. */

/** Fields that hold places or comments. */
const ignored = new Set(["span", "opSpan", "comments"]);

export function sameTree(a: unknown, b: unknown): boolean {
  const stack: [unknown, unknown][] = [[a, b]];
  while (stack.length > 0) {
    const [left, right] = stack.pop()!.map(withoutGroup) as [unknown, unknown];
    if (left === right) continue;
    if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
    if (Array.isArray(left) !== Array.isArray(right)) return false;
    const keys = Object.keys(left);
    if (keys.length !== Object.keys(right).length) return false;
    for (const key of keys) {
      if (ignored.has(key)) continue;
      if (!Object.hasOwn(right, key)) return false;
      stack.push([left[key as keyof typeof left], right[key as keyof typeof right]]);
    }
  }
  return true;
}

function withoutGroup(node: unknown): unknown {
  let inner = node;
  while (typeof inner === "object" && inner !== null && "kind" in inner && inner.kind === "group")
    inner = (inner as unknown as { inner: unknown }).inner;
  return inner;
}
