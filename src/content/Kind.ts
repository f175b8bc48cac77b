/**
 * Every block is a list that starts with its kind and format version: `[kind, version, …]`.
 * Kinds are never re-used. The layer that owns a kind writes its encoder and a page in docs/spec.
 */
export const Kind = {
  value: 1,
  component: 2,
  member: 3,
  meta: 4,
  compiledProgram: 5,
  deploymentConfig: 6,
  schema: 7,
  evolutionRecord: 8,
  fact: 9,
  message: 10,
  logEntry: 11,
  trace: 12,
  traceEvent: 13,
  snapshot: 14,
  task: 15,
  receipt: 16,
  namespace: 17,
  export: 18,
  grant: 19,
  observation: 20,
  tombstone: 21,
  retraction: 22,
  typing: 23,
} as const;
