/**
 * An expected outcome: a value, or a refusal that the caller must look at.
 * Refusals are tagged by `kind` and carry what was expected and what came; our own bugs throw instead.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
