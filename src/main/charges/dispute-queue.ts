import { isRetryable, retryDelayMs } from '../../core/charge/delivery.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { DisputeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { DisputeStore, DueDispute } from './dispute-store.ts';
import { QueueLoop } from './queue-loop.ts';
import type { QueueFailure, QueueLink } from './queue-loop.ts';

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
  readonly link: QueueLink;
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
  readonly #loop: QueueLoop;
  #abort = new AbortController();

  constructor(options: DisputeQueueOptions) {
    this.#o = options;
    this.#loop = new QueueLoop({
      ...{ clock: options.clock, link: options.link, name: 'disputes' },
      work: () => this.#work(),
      onLinkBack: () => this.#linkIsBack(),
      ...{ onStopped: options.onStopped, logger: options.logger },
    });
  }

  get running(): boolean {
    return this.#loop.running;
  }

  start(): void {
    this.#loop.start(() => {
      this.#abort = new AbortController();
    });
  }

  /** Gives up what is under way (it will be sent again) and ends. */
  stop(): Promise<void> {
    return this.#loop.stop(() => this.#abort.abort());
  }

  /** A dispute has just been put on record: look now. */
  poke(): void {
    this.#loop.kick();
  }

  async #work(): Promise<void> {
    const done = await this.#sendDue();
    if (!done.ok) this.#loop.fail('queue.storage', done.error.message);
  }

  async #sendDue(): Promise<Result<unknown, StorageFailure>> {
    const { store, clock } = this.#o;
    for (;;) {
      const nowMs = clock.nowMs();
      const due = this.#loop.running ? store.nextDue(nowMs) : null;
      if (due === null || !due.ok) return due ?? { ok: true, value: null };
      if (due.value === null) {
        const next = store.nextDueMs();
        if (next.ok && next.value !== null) this.#loop.sleep(next.value - nowMs);
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
    if (!answer.ok && isRetryable(answer.error)) {
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

  #linkIsBack(): void {
    const reset = this.#o.store.resetBackoff();
    if (reset.ok) this.poke();
    else this.#loop.fail('queue.storage', reset.error.message);
  }
}
