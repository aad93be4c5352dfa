import type { Clock } from '../shared/clock.ts';
import { backoffMs } from '../shared/util/backoff.ts';
import type { Logger } from '../shared/util/logger.ts';
import { RetryLoop } from '../shared/util/retry-loop.ts';

/** Between two tries to come into service, ms. */
export const startAgain = { firstMs: 1_000, capMs: 60_000 } as const;

/** What one try has led to: in service, or a sign that says why not. */
export interface Started<App> {
  readonly app: App;
  readonly isInService: boolean;
}

export interface StartUpOptions<App> {
  /** Opens files and builds the app; starts nothing. */
  readonly open: () => Started<App>;
  /** A sign, while what was in service is closed and not open again: nobody is to be invited by its last picture. */
  readonly standIn: () => App;
  /** Another app than before is the one that counts: another reason, or in service at last. */
  readonly onChange: (app: App) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Brings the app into service. What keeps it from that may pass (another process holds the database, the disk is full, a
 * file is mended by hand), so it is tried again, ever more slowly and without end, until it succeeds. The same when what
 * it stands on fails later.
 */
export class StartUp<App extends { start(): void; stop(): Promise<void> }> {
  readonly #options: StartUpOptions<App>;
  readonly #loop: RetryLoop;
  #started: Started<App>;
  #failureCount = 0;
  #inServiceSinceMs = 0;
  #isRestarting = false;
  /** Of what was in service before the sign. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: StartUpOptions<App>) {
    this.#options = options;
    this.#started = options.open();
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#again() });
  }

  get app(): App {
    return this.#started.app;
  }

  start(): void {
    this.app.start();
    this.#inServiceSinceMs = this.#options.clock.monotonicMs();
    // In service: nothing to do until `restart`.
    this.#loop.start(this.#started.isInService ? null : this.#waitMs());
  }

  /**
   * A file that the app stands on (its database) is in doubt, and only opening it again tells what is in it: the app is
   * stopped and opened anew, as after a loss of power.
   */
  restart(): void {
    // What never came into service is opened again anyway: twice, there would be two.
    if (this.#isRestarting || !this.#loop.running || !this.#started.isInService) return;
    this.#isRestarting = true;
    const { clock, logger, standIn, onChange } = this.#options;
    // After a while in service it is another trouble.
    if (clock.monotonicMs() - this.#inServiceSinceMs > startAgain.capMs) this.#failureCount = 0;
    const waitMs = this.#waitMs();
    logger.error('app.restarts', { waitMs });
    this.#ended = this.app.stop();
    this.#started = { app: standIn(), isInService: false };
    onChange(this.app);
    void this.#ended.finally(() =>
      clock.after(waitMs, () => {
        this.#isRestarting = false;
        this.#loop.wake();
      }),
    );
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#ended;
    await this.app.stop();
  }

  #again(): number | null {
    const { open, onChange, logger } = this.#options;
    this.#started = open();
    onChange(this.app);
    if (!this.#started.isInService) return this.#waitMs();
    logger.info('app.in_service_at_last', { failureCount: this.#failureCount });
    this.app.start();
    this.#inServiceSinceMs = this.#options.clock.monotonicMs();
    return null;
  }

  /** Without jitter: nobody else waits for the same. */
  #waitMs(): number {
    return backoffMs({ ...startAgain, failureCount: this.#failureCount++, jitterShare: 0, random01: 0 });
  }
}
