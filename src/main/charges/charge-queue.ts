import { nextStep } from '../../core/charge/charge-life.ts';
import {
  chargeEventFor,
  isRetryable,
  pollDelayMs,
  retryAfterMaxMs,
  retryDelayMs,
} from '../../core/charge/delivery.ts';
import type { DeliveryEvent, OperatorFailure } from '../../core/charge/delivery.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ChargeRecord } from './charge-record.ts';
import type { ChargeStore, ChargeStoreFailure } from './charge-store.ts';
import { QueueLoop } from './queue-loop.ts';
import type { QueueFailure, QueueLink } from './queue-loop.ts';

/** When the link comes back, an attempt older than this was sent into the gap: it is given up and asked about. */
const staleAttemptMs = 500;

export interface ChargeClient {
  putCharge(
    chargeId: string,
    bodyJson: string,
    signal?: AbortSignal,
  ): Promise<Result<ChargeReply, OperatorFailure>>;
  getCharge(chargeId: string, signal?: AbortSignal): Promise<Result<ChargeReply, OperatorFailure>>;
}

export interface ChargeQueueOptions {
  readonly store: Pick<
    ChargeStore,
    | 'recoverSubmitting'
    | 'resetBackoff'
    | 'listDue'
    | 'nextDueMs'
    | 'markSubmitting'
    | 'recordOutcome'
    | 'get'
  >;
  readonly client: ChargeClient;
  readonly link: QueueLink;
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  /** The state or the reason of this charge may have changed. */
  readonly onChange: (chargeId: ChargeId) => void;
  readonly onStopped?: (failure: QueueFailure) => void;
  readonly logger?: Logger;
}

/**
 * Brings charges to the operator: one request at a time, its intention on the disk before the first byte leaves, its
 * outcome on the disk before the next. What happens after which outcome is decided in core/charge.
 *
 * Two waits apply: each charge has its own back-off (stored), and the queue as a whole slows down while the operator
 * answers nothing useful, so that 200 waiting charges do not mean 200 requests at each step.
 */
export class ChargeQueue {
  readonly #o: ChargeQueueOptions;
  readonly #loop: QueueLoop;
  #inFlight: { readonly abort: AbortController; readonly startedMs: number } | null = null;
  /** Attempts in a row, over all charges, that the operator did not answer usefully. */
  #failureCount = 0;
  /** Monotonic: nothing is sent before. `poke` lifts the first, never the second (the operator asked for it). */
  #pauseUntilMs = 0;
  #retryAfterUntilMs = 0;

  constructor(options: ChargeQueueOptions) {
    this.#o = options;
    this.#loop = new QueueLoop({
      ...{ clock: options.clock, link: options.link, name: 'charges' },
      work: () => this.#work(),
      onLinkBack: () => this.#linkIsBack(),
      ...{ onStopped: options.onStopped, logger: options.logger },
    });
  }

  /** Takes up what the last run left, and begins. */
  start(): void {
    this.#loop.start(() => {
      const recovered = this.#o.store.recoverSubmitting();
      if (!recovered.ok) this.#loop.fail('queue.storage', recovered.error.message);
      else if (recovered.value > 0)
        this.#o.logger?.warn('charges.in_doubt_after_restart', { count: recovered.value });
    });
  }

  /** Gives up what is under way (it becomes in doubt) and ends; resolves when that is on the disk. */
  stop(): Promise<void> {
    return this.#loop.stop(() => this.#inFlight?.abort.abort());
  }

  /** A charge has just been finalised: look now. */
  poke(): void {
    this.#pauseUntilMs = 0;
    this.#loop.kick();
  }

  get running(): boolean {
    return this.#loop.running;
  }

  #linkIsBack(): void {
    const reset = this.#o.store.resetBackoff();
    if (!reset.ok) {
      this.#loop.fail('queue.storage', reset.error.message);
      return;
    }
    this.#failureCount = 0;
    this.#pauseUntilMs = 0;
    const nowMs = this.#o.clock.monotonicMs();
    if (this.#inFlight !== null && nowMs - this.#inFlight.startedMs > staleAttemptMs) {
      this.#inFlight.abort.abort();
    }
    this.#loop.kick();
  }

  async #work(): Promise<void> {
    while (this.#loop.running) {
      const { store, clock } = this.#o;
      const pauseMs = Math.max(this.#pauseUntilMs, this.#retryAfterUntilMs) - clock.monotonicMs();
      if (pauseMs > 0) {
        this.#loop.sleep(pauseMs);
        return;
      }
      const nowMs = clock.nowMs();
      const due = store.listDue(nowMs, 1);
      if (!due.ok) {
        this.#loop.fail('queue.storage', due.error.message);
        return;
      }
      const charge = due.value[0];
      if (charge === undefined) {
        const next = store.nextDueMs();
        if (!next.ok) this.#loop.fail('queue.storage', next.error.message);
        else if (next.value !== null) this.#loop.sleep(next.value - nowMs);
        return;
      }
      const done = await this.#attempt(charge);
      if (!done.ok) {
        const storage = done.error.code.startsWith('storage.');
        this.#loop.fail(storage ? 'queue.storage' : 'queue.bug', `${charge.chargeId}: ${done.error.message}`);
        return;
      }
    }
  }

  async #attempt(charge: ChargeRecord): Promise<Result<void, ChargeStoreFailure>> {
    const { store, client, clock } = this.#o;
    const { chargeId, bodyJson } = charge;
    const step = nextStep(charge.state);
    assert(step !== 'none' && bodyJson !== null, 'a due charge has a body and something to do');
    if (step === 'send') {
      const marked = store.markSubmitting(chargeId);
      if (!marked.ok) return marked;
    }
    const abort = new AbortController();
    this.#inFlight = { abort, startedMs: clock.monotonicMs() };
    const result = await (step === 'send'
      ? client.putCharge(chargeId, bodyJson, abort.signal)
      : client.getCharge(chargeId, abort.signal));
    this.#inFlight = null;
    const isAborted = abort.signal.aborted && !result.ok;
    if (!isAborted) this.#pace(result);
    const event = chargeEventFor(step, result);
    const delayMs = isAborted ? 0 : this.#delayAfter(charge, event, result);
    const recorded = store.recordOutcome(chargeId, event, clock.nowMs() + delayMs);
    if (recorded.ok) this.#announce(charge, step, event, result);
    return recorded;
  }

  /** How long the queue as a whole waits after this answer. */
  #pace(result: Result<ChargeReply, OperatorFailure>): void {
    if (result.ok || !isRetryable(result.error)) {
      this.#failureCount = 0;
      return;
    }
    const nowMs = this.#o.clock.monotonicMs();
    this.#pauseUntilMs = nowMs + retryDelayMs(this.#failureCount, this.#o.random());
    this.#failureCount++;
    const { retryAfterMs } = result.error;
    if (retryAfterMs !== undefined) this.#retryAfterUntilMs = nowMs + Math.min(retryAfterMs, retryAfterMaxMs);
  }

  #delayAfter(
    charge: ChargeRecord,
    event: DeliveryEvent,
    result: Result<ChargeReply, OperatorFailure>,
  ): number {
    const random01 = this.#o.random();
    const retryAfterMs = result.ok ? 0 : result.error.retryAfterMs;
    // The operator has just spoken: send at once. What keeps getting lost waits after each loss, ever longer.
    if (event.type === 'unknown_there') return 0;
    if (event.type === 'reply') {
      return pollDelayMs(event.state === charge.state ? charge.attempts + 1 : 0, random01);
    }
    return charge.state === 'accepted' || charge.state === 'collecting'
      ? pollDelayMs(charge.attempts + 1, random01, retryAfterMs)
      : retryDelayMs(charge.attempts, random01, retryAfterMs);
  }

  #announce(
    charge: ChargeRecord,
    step: 'send' | 'query',
    event: DeliveryEvent,
    result: Result<ChargeReply, OperatorFailure>,
  ): void {
    const { chargeId, state, attempts } = charge;
    const what = event.type === 'reply' ? event.state : event.type;
    if (result.ok) {
      this.#o.logger?.debug('charge.answer', { chargeId, step, state, what });
    } else {
      this.#o.logger?.warn('charge.no_answer', {
        chargeId,
        step,
        state,
        what,
        attempts,
        error: result.error,
      });
    }
    try {
      this.#o.onChange(chargeId);
    } catch (bug) {
      // A screen that cannot be drawn must not hold up the money.
      this.#o.logger?.error('charge.listener_failed', { error: bug });
    }
  }
}
