import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/util/logger.ts';
import type { Quiescence } from './quiescence.ts';

/** Nobody has been served for so long before a restart: whoever has just left may come back for what they forgot. */
const idleForMs = 10_000;
const checkEveryMs = 1_000;

/**
 * Restarts the app when that disturbs nobody, however long it takes. A second call while one waits changes nothing.
 */
export class RestartWhenQuiet {
  readonly #options: {
    readonly quiescence: Quiescence;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly restart: () => void;
  };
  #isWaiting = false;

  constructor(options: {
    readonly quiescence: Quiescence;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly restart: () => void;
  }) {
    this.#options = options;
  }

  request(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const activity = this.#options.quiescence.activity({ idleForMs });
    this.#options.logger.info('restart.requested', { activity });
    this.#restartIfQuiet();
  }

  #restartIfQuiet(): void {
    const { quiescence, clock, restart } = this.#options;
    if (quiescence.activity({ idleForMs }) === null) restart();
    else clock.after(checkEveryMs, () => this.#restartIfQuiet());
  }
}
