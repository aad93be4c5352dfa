import type { Visit, VisitChart } from '../../core/visit/visit.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { ShelfReader } from './shelf-reader.ts';
import type { StoredVisitRow } from './visit-records.ts';

/** A program that was gone for longer may have been gone for hours: others may have stood at the open door, ms. */
const unwatchedAfterMs = 60_000;

/**
 * The visit and what the estimator remembers of it: one without the other would be billed as "nothing taken". What stood
 * on the screen is out of date: it is recovering from now on, however long the disk refuses `resumed`. `nowMs`: by the
 * clock that stamps what is stored.
 */
export function restoreVisit(
  { state, savedAtMs, currency }: StoredVisitRow,
  { chart, shelf, nowMs }: { chart: VisitChart; shelf: ShelfReader; nowMs: number },
): Result<Visit, Failure<'visit.unreadable'>> {
  const restored = chart.restore(state, currency);
  if (!restored.ok) return restored;
  const { visit, estimator } = restored.value;
  // A clock that went back says nothing about how long it was.
  const goneMs = nowMs - savedAtMs;
  if (!shelf.restore(estimator, goneMs < 0 || goneMs > unwatchedAfterMs))
    return fail('visit.unreadable', 'the memory of the inventory estimator');
  // Killed before the estimator, which remembers it with the next step, was told.
  for (const door of visit.context.releasedDoors) shelf.released(door);
  return ok({ ...visit, state: 'recovering' });
}
