import { retryDelayMs } from '../../core/charge/delivery.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { DisputeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../platform/logger.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { ChargeLink, QueueFailure } from './charge-queue.ts';
import type { DisputeStore, DueDispute } from './dispute-store.ts';

/** The longest sleep, so that a wall clock that jumps forward is noticed. */
const wakeAtLeastEveryMs = 60_000;

export interface DisputeQueueOptions {
  readonly store: Pick<
    DisputeStore,
    'nextDue' | 'nextDueMs' | 'markSent' | 'markRefused' | 'defer' | 'resetBackoff'
  >;
  readonly client: {
    sendDispute(
      chargeId: string,
      disputeId: string,
      bodyJson: string,
      signal?: AbortSignal,
    ): Promise<Result<DisputeReply, OperatorFailure>>;
  };
  readonly link: ChargeLink;
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  /** A dispute has arrived or was refused: a charge that waited for it may go. */
  readonly onDone: () => void;
  readonly onStopped?: (failure: QueueFailure) => void;
  readonly logger?: Logger;
}

/**
 * Brings disputes to the operator, one at a time, until each is answered. A repeat is harmless (the operator counts an id
 * once), so nothing has to be on the disk before it is sent: what was not marked as sent is sent again.
 */
export class DisputeQueue {
  readonly #o: DisputeQueueOptions;
  #running = false;
  #working: Promise<void> | null = null;
  #again = false;
  #abort = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #cancelLink: () => void = () => undefined;

  constructor(options: DisputeQueueOptions) {
    this.#o = options;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#abort = new AbortController();
    this.#cancelLink = this.#o.link.onChange((online) => {
      if (online && this.#running) this.#linkIsBack();
    });
    this.poke();
  }

  /** Gives up what is under way (it will be sent again) and ends. */
  async stop(): Promise<void> {
    this.#halt();
    this.#abort.abort();
    await this.#working;
  }

  /** A dispute has just been put on record: look now. */
  poke(): void {
    if (!this.#running) return;
    this.#again = this.#working !== null;
    if (this.#working !== null) return;
    this.#cancelTimer();
    this.#working = this.#work()
      .then((done) => {
        if (!done.ok) this.#fail('queue.storage', done.error.message);
      })
      .catch((bug: unknown) => {
        this.#fail('queue.bug', String(bug));
      })
      .finally(() => {
        this.#working = null;
        if (this.#again) this.poke();
      });
  }

  async #work(): Promise<Result<unknown, StorageFailure>> {
    // Begins in a turn of its own, so that a poke from inside a transaction sees it committed.
    await Promise.resolve();
    const { store, clock } = this.#o;
    for (;;) {
      const nowMs = clock.nowMs();
      const due = this.#running ? store.nextDue(nowMs) : null;
      if (due === null || !due.ok) return due ?? { ok: true, value: null };
      if (due.value === null) {
        const next = store.nextDueMs();
        if (next.ok && next.value !== null) this.#sleep(next.value - nowMs);
        return next;
      }
      const recorded = await this.#attempt(due.value);
      if (!recorded.ok) return recorded;
    }
  }

  async #attempt({
    disputeId,
    chargeId,
    bodyJson,
    attempts,
  }: DueDispute): Promise<Result<void, StorageFailure>> {
    const { store, client, clock, random, logger } = this.#o;
    const { signal } = this.#abort;
    const answer = await client.sendDispute(chargeId, disputeId, bodyJson, signal);
    if (!answer.ok && isPassing(answer.error)) {
      logger?.warn('dispute.no_answer', { disputeId, chargeId, attempts, error: answer.error });
      return store.defer(
        disputeId,
        clock.nowMs() + retryDelayMs(attempts, random(), answer.error.retryAfterMs),
      );
    }
    if (answer.ok) logger?.info('dispute.delivered', { disputeId, chargeId });
    else logger?.error('dispute.refused', { disputeId, chargeId, error: answer.error });
    const recorded = answer.ok ? store.markSent(disputeId) : store.markRefused(disputeId, answer.error.code);
    if (recorded.ok) this.#o.onDone();
    return recorded;
  }

  /** A bug stops the queue with a word; it goes no further. */
  #linkIsBack(): void {
    try {
      const reset = this.#o.store.resetBackoff();
      if (reset.ok) this.poke();
      else this.#fail('queue.storage', reset.error.message);
    } catch (bug) {
      this.#fail('queue.bug', String(bug));
    }
  }

  #sleep(delayMs: number): void {
    this.#cancelTimer = this.#o.clock.after(Math.min(Math.max(delayMs, 1), wakeAtLeastEveryMs), () => {
      this.poke();
    });
  }

  #fail(code: QueueFailure['code'], message: string): void {
    if (!this.#running) return;
    this.#halt();
    this.#o.logger?.error('disputes.stopped', { failure: code, message });
    this.#o.onStopped?.({ code, message });
  }

  #halt(): void {
    this.#running = false;
    this.#cancelTimer();
    this.#cancelLink();
  }
}

/** Nothing against this dispute: the same bytes may be taken later. */
function isPassing(failure: OperatorFailure): boolean {
  switch (failure.code) {
    case 'network.unreachable':
    case 'network.timeout':
    case 'operator.unauthenticated':
    case 'operator.unavailable':
    case 'operator.garbage':
      return true;
    case 'operator.refused':
    case 'operator.conflict':
    case 'operator.unknown_charge':
      return false;
  }
}
