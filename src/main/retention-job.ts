import type { Failure, Result } from '../shared/result.ts';
import type { Logger } from '../shared/util/logger.ts';
import type { BackgroundJob } from './background-jobs.ts';

export interface RetentionJobOptions {
  readonly name: string;
  /** Removes some of what has been kept long enough by this wall time, a moment's work; answers how many rows. */
  readonly forgetOld: (nowMs: number) => Result<number, Failure<string>>;
  /** Done whatever the time is, and first: what is more than there is room for goes. */
  readonly makeRoom?: () => Result<number, Failure<string>>;
  /** Wall time that is not ahead of the true one; null: unknown. */
  readonly operatorNowMs: () => number | null;
  /** What is tidied, as the log names it. */
  readonly log: string;
  readonly logger: Logger;
}

/**
 * Removes what has been kept long enough, a few rows at a time, while nobody is served. Only by the operator's time, and not
 * while that is unknown: a clock that was a year ahead for a moment would take this week's.
 */
export function retentionJob(options: RetentionJobOptions): BackgroundJob {
  const { name, forgetOld, makeRoom, operatorNowMs, log, logger } = options;
  const tidy = (forgotten: Result<number, Failure<string>>): void => {
    if (!forgotten.ok) logger.warn(`${log}_not_tidied`, { error: forgotten.error });
    else if (forgotten.value > 0) logger.info(`${log}_tidied`, { count: forgotten.value });
  };
  return {
    name,
    everyMs: 10 * 60_000,
    retryMs: 60_000,
    // A door that stands open, or is broken, must not stop it for good.
    quiet: { ignore: ['door'] },
    run: () => {
      if (makeRoom !== undefined) tidy(makeRoom());
      const nowMs = operatorNowMs();
      if (nowMs !== null) tidy(forgetOld(nowMs));
    },
  };
}
