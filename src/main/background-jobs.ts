import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/util/logger.ts';
import type { QuietOptions, Quiescence } from './quiescence.ts';

/** Housekeeping that may hold up the whole process for a moment. */
export interface BackgroundJob {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  /** When the cabinet was not quiet, or the job says so, it is tried again after this. */
  readonly retryMs: number;
  /** What quiet means for this job. */
  readonly quiet: QuietOptions;
  /** `again`: it failed, or there is more to do: after `retryMs`. */
  readonly run: () => 'again' | undefined;
}

/** Runs each job again and again, the first time after `everyMs`, and only while the cabinet is quiet. */
export class BackgroundJobs {
  readonly #jobs: readonly BackgroundJob[];
  readonly #quiescence: Quiescence;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #cancels = new Map<BackgroundJob, () => void>();

  constructor(options: {
    readonly jobs: readonly BackgroundJob[];
    readonly quiescence: Quiescence;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#jobs = options.jobs;
    this.#quiescence = options.quiescence;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  start(): void {
    for (const job of this.#jobs) this.#schedule(job, job.everyMs);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  #schedule(job: BackgroundJob, afterMs: number): void {
    this.#cancels.get(job)?.();
    this.#cancels.set(
      job,
      this.#clock.after(afterMs, () => {
        const activity = this.#quiescence.activity(job.quiet);
        if (activity !== null) this.#logger.debug('job.deferred', { job: job.name, activity });
        // Planned before it runs: a bug in it ends no job for good.
        this.#schedule(job, job.retryMs);
        if (activity === null && job.run() !== 'again') this.#schedule(job, job.everyMs);
      }),
    );
  }
}
