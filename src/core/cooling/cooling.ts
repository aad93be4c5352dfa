/**
 * Whether what lies in a cabinet was kept cold enough to be sold. Times are operating time (main/operating-clock.ts), which nobody
 * sets and which goes on after a restart; what passed while the power was off is not known to anybody.
 */
export interface Cooling {
  /** Since when every reading was above the limit; null: the last one was not. */
  readonly aboveSinceMs: number | null;
  /** They were too warm for too long: nothing is sold before somebody of the staff has looked at them. */
  readonly isSpoilt: boolean;
}

export interface CoolingLimit {
  /** Thousandths of a degree Celsius. */
  readonly maxMilliC: number;
  /** So long it may be above that: a door that is open for a restock is no harm. */
  readonly forMs: number;
}

export const coolAtFirst: Cooling = { aboveSinceMs: null, isSpoilt: false };

/**
 * After one reading, `milliC` being the warmest of all thermometers; null: none has been read since the start, and it is as it was.
 */
export function stepCooling(
  before: Cooling,
  { milliC, nowMs }: { readonly milliC: number | null; readonly nowMs: number },
  { maxMilliC, forMs }: CoolingLimit,
): Cooling {
  const isAbove = milliC === null ? before.aboveSinceMs !== null : milliC > maxMilliC;
  if (!isAbove) return before.aboveSinceMs === null ? before : { ...before, aboveSinceMs: null };
  const aboveSinceMs = Math.min(before.aboveSinceMs ?? nowMs, nowMs);
  return { aboveSinceMs, isSpoilt: before.isSpoilt || nowMs - aboveSinceMs >= forMs };
}

/**
 * Somebody has looked at the goods, and taken out what is spoilt. Null: not while it is too warm still, for the cause persists.
 */
export function acceptedAfter(before: Cooling): Cooling | null {
  return before.aboveSinceMs === null ? coolAtFirst : null;
}
