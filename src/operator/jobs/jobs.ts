import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { Metrics } from '../operations/metrics.ts';

/** Work that is done again and again, however often it is begun: what it finds done it leaves. */
export interface Job {
  /** Of `[a-z_]`; a label of metrics and the name of a queue. */
  readonly name: string;
  /** Minute of each hour at which it is due, where several instances share it. */
  readonly minute: number;
  /** Rejects when it could not be done; the next time does it. Ends soon after `signal` is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What begins the jobs. */
export interface JobSchedule {
  start(): void;
  /** Begins no more, and waits for what runs, within `jobStopMaxMs`. */
  stop(): Promise<void>;
}

export interface JobScheduleOptions {
  readonly jobs: readonly Job[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'jobEnded'>;
}

/** Does one job once, and writes down how it went. Rejects as the job does. */
export async function runJob(
  { clock, logger, metrics }: JobScheduleOptions,
  { name, run }: Job,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const ended = (outcome: 'done' | 'failed'): void =>
    metrics.jobEnded({ job: name, outcome, tookMs: clock.monotonicMs() - startedMs, atMs: clock.nowMs() });
  try {
    await run(signal);
    ended('done');
    logger.info('job_done', { name });
  } catch (error) {
    ended('failed');
    logger.error('job_failed', { name, error: String(error) });
    throw error;
  }
}

const hourMs = 3_600_000;

/**
 * On the given clock, each job an hour after the start and then hourly: where one process has the database to itself (the
 * embedded one), and in the simulation, whose time is not the machine's.
 */
export class LoopJobs implements JobSchedule {
  readonly #abort = new AbortController();
  readonly #loops: readonly RetryLoop[];

  constructor(options: JobScheduleOptions) {
    this.#loops = options.jobs.map(
      (job) =>
        new RetryLoop({
          clock: options.clock,
          turn: async () => {
            await runJob(options, job, this.#abort.signal).catch(() => undefined);
            return hourMs;
          },
        }),
    );
  }

  start(): void {
    for (const loop of this.#loops) loop.start(hourMs);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }
}
