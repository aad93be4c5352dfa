import { isUnheard } from '../../core/identity/offline-admission.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Reachability, OperatorFailure } from './operator-client.ts';

/** While there is no link, a probe begins this often, whether or not the one before has ended. */
export const offlineProbeEveryMs = 1000;
/** While there is one. Below the idle time of a connection, so that probes keep one open for the next shopper. */
export const onlineProbeEveryMs = 15_000;
/** While our operator itself answers that it cannot: ever more rarely, up to this, so that a fleet does not press it. */
export const overloadedProbeMaxMs = 15_000;
/** Probes under way at once: one that is stuck on a dead connection does not hold up the next. */
const probeCountMax = 3;

const overloaded: readonly OperatorFailure['code'][] = ['operator.busy', 'operator.unavailable'];

/** The part of OperatorClient that is used. */
export interface NetworkLinkClient {
  health(): Promise<Result<null, OperatorFailure>>;
  onReachability(listener: (reachability: Reachability) => void): () => void;
  forgetConnections(): void;
}

/**
 * Knows whether the operator can be reached now. Online: its API has answered. Offline: a health probe has failed. Any
 * call that finds silence makes a probe at once; a probe that succeeds makes it online within `offlineProbeEveryMs`
 * and one round trip of the network's return.
 */
export class NetworkLinkMonitor {
  readonly #client: NetworkLinkClient;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #listeners: Listeners<boolean>;
  #online = false;
  /** Why the last probe that made it offline, or left it so, came to nothing. */
  #failure: OperatorFailure['code'] | null = null;
  #probing = 0;
  /** How long the operator took for the last probe that it answered. */
  #answerMs: number | null = null;
  /** Probes in a row that the operator answered with 429, 408 or 5xx. */
  #overloadedCount = 0;
  readonly #random: () => number;
  /** How often the operator has spoken: a probe that fails after it did has only lost an older connection. */
  #answeredCount = 0;
  #running = false;
  #cancelTimer: () => void = () => undefined;
  #cancelReachability: () => void = () => undefined;

  constructor(options: {
    readonly client: NetworkLinkClient;
    readonly clock: Clock;
    /** Uniform in [0, 1): jitter. */
    readonly random?: () => number;
    readonly logger?: Logger;
  }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#listeners = new Listeners(options.clock);
    this.#logger = options.logger;
    this.#random = options.random ?? (() => 0.5);
  }

  /** False until the operator has answered once. */
  isOnline(): boolean {
    return this.#online;
  }

  /**
   * Nobody who is known to be the operator was heard when it was looked last: whatever is asked now is answered by nobody, or
   * after its whole time. False until there was a look, and where the operator itself (or what stands before it) cannot.
   */
  isCutOff(): boolean {
    return !this.#online && this.#failure !== null && isUnheard(this.#failure);
  }

  /** How long the operator took to answer when it was last asked whether it is there, ms; null: it is not heard. */
  get answerMs(): number | null {
    return this.#online ? this.#answerMs : null;
  }

  /** Called on each change. Returns the way to stop that. */
  onChange(listener: (online: boolean) => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#cancelReachability = this.#client.onReachability((reachability) =>
      this.#onReachability(reachability),
    );
    this.#probe();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
    this.#cancelReachability();
  }

  #onReachability(reachability: Reachability): void {
    if (!this.#running) return;
    if (reachability === 'reachable') {
      this.#answeredCount++;
      this.#become(true);
    } else if (reachability === 'unreachable' && this.#online && this.#probing === 0) {
      this.#probe();
    }
  }

  #probe(): void {
    if (!this.#running) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(this.#waitMs(), () => this.#probe());
    if (this.#probing >= probeCountMax) return;
    this.#probing++;
    const answeredBefore = this.#answeredCount;
    const begunMs = this.#clock.monotonicMs();
    // A success was reported through onReachability already, like that of any other call.
    void this.#client.health().then((answer) => {
      this.#probing--;
      if (answer.ok) this.#answerMs = this.#clock.monotonicMs() - begunMs;
      const isOverloaded = !answer.ok && overloaded.includes(answer.error.code);
      this.#overloadedCount = isOverloaded ? this.#overloadedCount + 1 : 0;
      const answeredMeanwhile = this.#answeredCount > answeredBefore;
      if (!this.#running || answer.ok || answeredMeanwhile) return;
      this.#failure = answer.error.code;
      this.#become(false);
    });
  }

  #become(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    this.#logger?.info('link.changed', { online });
    if (!online) this.#client.forgetConnections();
    // The pace has changed.
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(this.#waitMs(), () => this.#probe());
    this.#listeners.emit(online);
  }

  /** Until the next probe begins. */
  #waitMs(): number {
    if (this.#online) return onlineProbeEveryMs;
    if (this.#overloadedCount === 0) return offlineProbeEveryMs;
    const bounds = { firstMs: 2 * offlineProbeEveryMs, capMs: overloadedProbeMaxMs, jitterShare: 0.5 };
    return backoffMs({ ...bounds, failureCount: this.#overloadedCount - 1, random01: this.#random() });
  }
}
