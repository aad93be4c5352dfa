export interface BackoffOptions {
  /** Failures in a row so far, from 0. */
  readonly failureCount: number;
  /** The bound after the first failure; it doubles with each one that follows. */
  readonly firstMs: number;
  /** The bound never grows beyond this. */
  readonly capMs: number;
  /** Never less than this, whatever the draw says: no busy loop. */
  readonly floorMs?: number;
  /** Which part of the bound is random: 1 all of it ("full jitter"), 0.5 its upper half, 0 none. */
  readonly jitterShare?: number;
  /** A uniform draw in [0, 1). */
  readonly random01: number;
}

/** Doubling ends here: 2^40 ms are 35 years, and no number overflows. */
const doublingMax = 40;

/**
 * How long to wait before the next try, in whole ms: exponential with full jitter unless told otherwise, so that what
 * failed together does not come back together ("Exponential Backoff And Jitter", AWS Architecture Blog).
 */
export function backoffMs(options: BackoffOptions): number {
  const { failureCount, firstMs, capMs, floorMs = 0, jitterShare = 1, random01 } = options;
  const boundMs = Math.min(capMs, firstMs * 2 ** Math.min(Math.max(failureCount, 0), doublingMax));
  const steadyMs = boundMs * (1 - jitterShare);
  return Math.max(Math.floor(steadyMs + random01 * boundMs * jitterShare), floorMs);
}
