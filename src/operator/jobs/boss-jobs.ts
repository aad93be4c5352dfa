import { PgBoss } from 'pg-boss';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import {
  databaseTimeouts,
  jobConnectionsMax,
  jobRunMaxS,
  jobStatementMaxMs,
  jobStopMaxMs,
  jobsStartRetryMs,
} from '../limits.ts';
import type { Job, JobSchedule, JobScheduleOptions } from './jobs.ts';
import { runJob } from './jobs.ts';

export interface BossJobsOptions extends JobScheduleOptions {
  /** The service's own PostgreSQL. */
  readonly databaseUrl: string;
}

/** Its tables are beside ours, in a schema of their own, which it makes and migrates itself. */
export const jobsSchema = 'kaimen_jobs';

/**
 * Several instances on one PostgreSQL do each hour's job once between them, by the database's time; an hour in which none of
 * them ran is made up for, once. Its connections are its own: what it holds or breaks off is no transaction of money. A
 * database that does not let it begin is tried again; nothing else waits for it.
 */
export class BossJobs implements JobSchedule {
  readonly #options: BossJobsOptions;
  readonly #loop: RetryLoop;
  readonly #abort = new AbortController();
  #boss: PgBoss | null = null;

  constructor(options: BossJobsOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#begin(),
      onBug: (bug) => options.logger.error('jobs_not_started', { error: String(bug) }),
    });
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop.stop();
    await this.#boss?.stop({ graceful: true, timeout: jobStopMaxMs });
    this.#boss = null;
  }

  /** Null: it runs, and there is nothing to try again. */
  async #begin(): Promise<number | null> {
    const { jobs, logger } = this.#options;
    const boss = this.#make();
    try {
      await boss.start();
      for (const job of jobs) await this.#add(boss, job);
      this.#boss = boss;
      logger.info('jobs_started', { count: jobs.length });
      return null;
    } catch (error) {
      logger.error('jobs_not_started', { error: String(error) });
      await boss.stop({ graceful: false }).catch(() => undefined);
      return jobsStartRetryMs;
    }
  }

  #make(): PgBoss {
    const { databaseUrl, logger } = this.#options;
    const boss = new PgBoss({
      connectionString: databaseUrl,
      schema: jobsSchema,
      application_name: 'kaimen-jobs',
      max: jobConnectionsMax,
      connectionTimeoutMillis: databaseTimeouts.connectMs,
      options: `-c statement_timeout=${jobStatementMaxMs}`,
      // No index of these few rows ever needs it, and it may not be ours to rebuild.
      reindex: false,
    });
    boss.on('error', (error) => logger.warn('jobs_database', { error: String(error) }));
    boss.on('warning', ({ message }) => logger.warn('jobs_warning', { message }));
    return boss;
  }

  async #add(boss: PgBoss, job: Job): Promise<void> {
    const { name, minute } = job;
    // Exclusive: while one waits or runs, wherever, there is no second.
    await boss.createQueue(name, { policy: 'exclusive', retryLimit: 2, expireInSeconds: jobRunMaxS });
    await boss.work(name, async (batch) => {
      await runJob(
        this.#options,
        job,
        AbortSignal.any([this.#abort.signal, ...batch.map((one) => one.signal)]),
      );
    });
    await boss.schedule(name, `${minute} * * * *`, null, { missed: 'once' });
  }
}
