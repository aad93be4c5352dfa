import { type AnyColumn, type SQL, and, gt, lte } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';

/**
 * The time in this column is no longer ago than `windowMs` (wall time, ms), and not further ahead than that either: what
 * was written while the clock was ahead would else count for as long as that was.
 */
export function isWithin(column: AnyColumn, nowMs: number, windowMs: number): SQL {
  const both = and(gt(column, nowMs - windowMs), lte(column, nowMs + windowMs));
  assert(both !== undefined, 'of two conditions there is one');
  return both;
}
