import { type Result, fail, ok } from '../../shared/result.ts';
import { readStoredVisit } from './stored-visit.ts';
import type { VisitEvent } from './visit-model.ts';
import type { Visit, VisitChart } from './visit.ts';

/**
 * Plays the journal of a visit again: from the visit as it was when the journal began, event by event. The chart must
 * have the same limits as the one that ran. `visit.unreadable`: the start is none; `visit.not_replayed`: an event
 * that was applied then does nothing.
 */
export function replayJournal(
  chart: VisitChart,
  start: unknown,
  events: readonly VisitEvent[],
): Result<Visit, { code: 'visit.unreadable' | 'visit.not_replayed'; message: string }> {
  const started = readStoredVisit(start);
  if (!started.ok) return started;
  let visit: Visit = started.value.visit;
  for (const [index, event] of events.entries()) {
    const step = chart.step(visit, event);
    if (!step.handled) {
      return fail('visit.not_replayed', `event ${index}, ${event.type}, does nothing in ${visit.state}`);
    }
    visit = step.visit;
  }
  return ok(visit);
}
