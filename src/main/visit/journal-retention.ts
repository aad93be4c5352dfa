import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import type { VisitStore } from './visit-store.ts';

/**
 * Deletes journals, and visits, that have been kept long enough, a few at a time, while nobody is served. Only by the operator's
 * time, and not while that is unknown (null): a clock that was a year ahead for a moment would take this week's.
 */
export function journalRetention(
  visits: Pick<VisitStore, 'forgetOld'>,
  operatorNowMs: () => number | null,
  logger: Logger,
): BackgroundJob {
  return {
    name: 'journal_retention',
    everyMs: 10 * 60_000,
    retryMs: 60_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      const nowMs = operatorNowMs();
      if (nowMs === null) return;
      const forgotten = visits.forgetOld(nowMs);
      if (!forgotten.ok) logger.warn('visit.journal_not_tidied', { error: forgotten.error });
      else if (forgotten.value > 0) logger.info('visit.journal_tidied', { count: forgotten.value });
    },
  };
}
