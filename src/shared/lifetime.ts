/** For how long something is good, and by how much whoever writes its end and whoever reads it may differ in time, ms. */
export interface Life {
  readonly lifetimeMs: number;
  readonly skewMs: number;
}

/**
 * What ends at `endsAtMs` (wall time, ms) is good now: its end is not past, and is no further ahead than its whole life. An
 * end that was written while a clock was ahead would else be good for as long as that was. (For columns: `endsWithin` of
 * the operator's storage/within.ts.)
 */
export function isWithinLife(endsAtMs: number, nowMs: number, { lifetimeMs, skewMs }: Life): boolean {
  const leftMs = endsAtMs - nowMs;
  return leftMs >= -skewMs && leftMs <= lifetimeMs + skewMs;
}
