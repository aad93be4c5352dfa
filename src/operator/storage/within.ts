import { type AnyColumn, type SQL, and, gt, gte, lte } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';

/**
 * The time in this column is no longer ago than `windowMs` (wall time, ms), and not further ahead than that either: what
 * was written while the clock was ahead would else count for as long as that was.
 */
export function isWithin(column: AnyColumn, nowMs: number, windowMs: number): SQL {
  return bothOf(gt(column, nowMs - windowMs), lte(column, nowMs + windowMs));
}

/**
 * What ends at the time in this column is good now: `isWithinLife` (shared/lifetime.ts) for the database. The end is not
 * past, and not further ahead than `lifetimeMs`.
 */
export function endsWithin(column: AnyColumn, nowMs: number, lifetimeMs: number): SQL {
  return bothOf(gte(column, nowMs), lte(column, nowMs + lifetimeMs));
}

function bothOf(one: SQL, other: SQL): SQL {
  const both = and(one, other);
  assert(both !== undefined, 'of two conditions there is one');
  return both;
}
