import type { Logger } from '../../shared/util/logger.ts';
import type { BackgroundJob } from '../background-jobs.ts';
import { retentionJob } from '../retention-job.ts';
import type { VisitStore } from './visit-store.ts';

/** Deletes journals, and visits, kept long enough by the cabinet's clock of then and by the operator's time since. */
export function journalRetention(
  visits: Pick<VisitStore, 'agedSeq' | 'forgetOld'>,
  operatorNowMs: () => number | null,
  logger: Logger,
): BackgroundJob {
  return retentionJob({
    name: 'journal_retention',
    forgetOld: (nowMs) => {
      const aged = visits.agedSeq(nowMs);
      return aged.ok ? visits.forgetOld(nowMs, aged.value) : aged;
    },
    operatorNowMs,
    log: 'visit.journal',
    logger,
  });
}
