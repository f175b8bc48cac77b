/** States what our own code guarantees. A failure is a bug of this project, never a user's mistake, so it throws. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}

/** Marks a case that the types rule out. */
export function never(value: never): never {
  throw new Error(`internal error: unexpected case ${JSON.stringify(value)}`);
}
