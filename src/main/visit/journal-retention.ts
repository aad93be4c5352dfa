import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import { retentionJob } from '../retention-job.ts';
import type { VisitStore } from './visit-store.ts';

/** Deletes journals, and visits, that have been kept long enough. */
export function journalRetention(
  visits: Pick<VisitStore, 'forgetOld'>,
  operatorNowMs: () => number | null,
  logger: Logger,
): BackgroundJob {
  return retentionJob({
    name: 'journal_retention',
    forgetOld: (nowMs) => visits.forgetOld(nowMs),
    operatorNowMs,
    log: 'visit.journal',
    logger,
  });
}
