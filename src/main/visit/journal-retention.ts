import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import type { VisitStore } from './visit-store.ts';

/** Deletes journal entries that have been kept long enough, a few at a time, while nobody is served. */
export function journalRetention(visits: Pick<VisitStore, 'forgetOld'>, logger: Logger): BackgroundJob {
  return {
    name: 'journal_retention',
    everyMs: 10 * 60_000,
    retryMs: 60_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      const forgotten = visits.forgetOld();
      if (!forgotten.ok) logger.warn('visit.journal_not_tidied', { error: forgotten.error });
      else if (forgotten.value > 0) logger.info('visit.journal_tidied', { count: forgotten.value });
    },
  };
}
