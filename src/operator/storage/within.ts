import { type AnyColumn, type SQL, and, gt, lte } from 'drizzle-orm';

/**
 * The time in this column is no longer ago than `windowMs` (wall time, ms), and not further ahead than that either: what
 * was written while the clock was ahead would else count for as long as that was.
 */
export function isWithin(column: AnyColumn, nowMs: number, windowMs: number): SQL {
  const both = and(gt(column, nowMs - windowMs), lte(column, nowMs + windowMs));
  if (both === undefined) throw new Error('two conditions are one');
  return both;
}
