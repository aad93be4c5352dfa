import {
  applyChargeEvent,
  billsTooMuch,
  forgetsReports,
  isRefused,
  nextStep,
  waitsForHuman,
} from '../../core/charge/charge-life.ts';
import type { ChargeLife } from '../../core/charge/charge-life.ts';
import {
  chargeEventFor,
  isRetryable,
  pollDelayMs,
  quotaDelayMs,
  refusedAgainMs,
  retryAfterForAllMaxMs,
  retryAfterMaxMs,
  isUnanswered,
  retryDelayMs,
  waitingDelayMs,
  waitingEveryMs,
} from '../../core/charge/delivery.ts';
import type { DeliveryEvent, OperatorFailure } from '../../core/charge/delivery.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { SentBefore } from '../../shared/api/sent-before.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { passingReasons } from './charge-due.ts';
import { lifeOf, namedMinorOf, reportedMinorIn } from './charge-record.ts';
import type { ChargeRecord } from './charge-record.ts';
import { DeliveryTrouble } from '../operator/delivery-trouble.ts';
import { QueuePause } from '../operator/queue-pause.ts';
import { Sender } from '../operator/sender.ts';
import type { NetworkLink, Outbox, SenderFailure } from '../operator/sender.ts';
import type { ChargeStore, ChargeStoreFailure } from './charge-store.ts';
import type { DisputeStore, SentAgain } from './dispute-store.ts';
import { HeldByABug } from './held-by-a-bug.ts';

/** A new charge lifts the pause of the queue at most this often: it goes beside the one that is tried for all. */
const liveProbeEveryMs = 30_000;
/** So many refusals in a row are no matter of one charge any more: the queue slows down. */
const refusalsInARowMax = 3;
/** When the link comes back, an attempt older than this was sent into the gap: it is given up and queried. */
const staleAttemptMs = 500;

export interface ChargeClient {
  putCharge(
    chargeId: string,
    bodyJson: string,
    sentBefore: SentBefore | null,
    signal?: AbortSignal,
  ): Promise<Result<ChargeReply, OperatorFailure>>;
  getCharge(
    chargeId: string,
    sentBefore: SentBefore | null,
    signal?: AbortSignal,
  ): Promise<Result<ChargeReply, OperatorFailure>>;
}

export interface ChargeQueueOptions {
  readonly store: Pick<
    ChargeStore,
    | 'recoverSubmitting'
    | 'nextDue'
    | 'nextDueMs'
    | 'markSubmitting'
    | 'sentBefore'
    | 'heldBefore'
    | 'recordOutcome'
    | 'putAside'
    | 'get'
  >;
  readonly disputes: Pick<DisputeStore, 'skusOf' | 'sendAgain'>;
  readonly client: ChargeClient;
  readonly link: NetworkLink;
  /** Of operating time (main/operating-clock.ts): the store's waits are counted by it. */
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  /** The state or the reason of this charge may have changed. */
  readonly onChange: (chargeId: ChargeId) => void;
  /** Disputes that were sent are to be sent again. */
  readonly onDisputesDue: () => void;
  readonly onStopped?: (failure: SenderFailure) => void;
  /** Tells staff what the operator does not take, once for each spell of it. */
  readonly tellStaff?: (detail: string) => void;
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
  readonly #sender: Sender<ChargeRecord, ChargeReply>;
  /** A new charge may lift this, and never `#retryAfterUntilMs` (the operator asked for it). */
  readonly #pause: QueuePause;
  #refusalCount = 0;
  readonly #trouble: DeliveryTrouble;
  readonly #held: HeldByABug;
  /** Monotonic: when a new charge last lifted the pause. */
  #liftedAtMs = -Infinity;
  /** Monotonic: nothing is sent before. */
  #retryAfterUntilMs = 0;
  /** Monotonic: before this nothing that waits for a human is queried. */
  #waitingFromMs = 0;

  constructor(options: ChargeQueueOptions) {
    this.#o = options;
    const { clock, link, onStopped, tellStaff = () => undefined, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#trouble = new DeliveryTrouble('charge', tellStaff);
    this.#held = new HeldByABug('charge', tellStaff);
    this.#sender = new Sender({
      name: 'charges',
      outbox: this.#outbox(),
      send: (charge, signal) => this.#send(charge, signal),
      pauseMs: () => Math.max(this.#pause.waitMs, this.#retryAfterUntilMs - clock.monotonicMs()),
      abortOlderThanMs: staleAttemptMs,
      clock,
      link,
      onStopped,
      logger,
    });
  }

  /** Takes up what the last run left, and begins. */
  start(): void {
    this.#sender.start();
  }

  /** Aborts what is under way (it becomes in doubt) and ends; resolves when that is on the disk. */
  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** A charge has just been finalised: look now. */
  wake(): void {
    const nowMs = this.#o.clock.monotonicMs();
    if (nowMs - this.#liftedAtMs >= liveProbeEveryMs) {
      this.#liftedAtMs = nowMs;
      this.#pause.lift();
    }
    this.#sender.wake();
  }

  get running(): boolean {
    return this.#sender.running;
  }
  /** A request about a charge is under way at this moment. */
  get isSending(): boolean {
    return this.#sender.isSending;
  }

  #outbox(): Outbox<ChargeRecord, ChargeReply> {
    const { store, clock, logger } = this.#o;
    return {
      recover: () => {
        // What failed in the last run is tried again at once: what was wrong may have passed.
        this.#pause.linkIsBack();
        this.#spaceWaiting();
        const recovered = store.recoverSubmitting();
        if (recovered.ok && recovered.value > 0)
          logger?.warn('charges.in_doubt_after_restart', { count: recovered.value });
        return recovered;
      },
      next: (nowMs) => store.nextDue(nowMs, this.#pause.linkBackMs, this.#waitingPauseMs() <= 0),
      nextDueMs: () => store.nextDueMs(clock.nowMs() + this.#waitingPauseMs()),
      networkIsBack: () => this.#pause.linkIsBack(),
      markSending: (charge) => (nextStep(charge) === 'send' ? store.markSubmitting(charge.chargeId) : ok()),
      record: (charge, answer, isAborted) => this.#record(charge, answer, isAborted),
      putAside: ({ chargeId }) => {
        this.#held.note(chargeId);
        return store.putAside(chargeId, clock.nowMs() + retryAfterMaxMs);
      },
    };
  }

  #waitingPauseMs(): number {
    return this.#waitingFromMs - this.#o.clock.monotonicMs();
  }

  /** One query of what waits for a human, and then none for a while, however many there are. */
  #spaceWaiting(): void {
    const { clock, random } = this.#o;
    this.#waitingFromMs = clock.monotonicMs() + Math.ceil(waitingEveryMs * (0.5 + random() / 2));
  }

  #send(charge: ChargeRecord, signal: AbortSignal): Promise<Result<ChargeReply, OperatorFailure>> {
    const { chargeId, bodyJson } = charge;
    const step = nextStep(charge);
    assert(step !== 'none' && bodyJson !== null, 'a due charge has a body and something to do');
    return step === 'send'
      ? this.#o.client.putCharge(chargeId, bodyJson, this.#o.store.sentBefore(charge), signal)
      : this.#o.client.getCharge(chargeId, this.#o.store.heldBefore(charge), signal);
  }

  #record(
    charge: ChargeRecord,
    answer: Result<ChargeReply, OperatorFailure>,
    isAborted: boolean,
  ): Result<void, ChargeStoreFailure> {
    const { store, clock } = this.#o;
    const step = nextStep(charge) === 'send' ? 'send' : 'query';
    if (!isAborted) {
      this.#slowDown(answer);
      this.#trouble.note(answer);
    }
    if (waitsForHuman(charge)) this.#spaceWaiting();
    const { resolution } = charge;
    const said = chargeEventFor(step, answer, { resolution, namedMinor: namedMinorOf(charge) });
    // It has had this charge: that it refuses it now (restored from a back-up, a faulty deployment) is no end of it.
    const isLate = said.type === 'reject' && charge.billedMinor !== null;
    const isReply = said.type === 'reply' || said.type === 'resolved';
    const isTooMuch = isReply && billsTooMuch(lifeWhenAsked(charge), said);
    const again = this.#disputesAgain(charge, said);
    if (!again.ok) return again;
    // A bill without a report that is sent (again) now is judged when that is there.
    const isEarly = isTooMuch && again.value !== 'none';
    const event: DeliveryEvent =
      isLate || isEarly ? { type: 'defer', reason: 'system.operator_error' } : said;
    // Failures before the network's return do not count: it is as if this were the first attempt.
    const isAnew = this.#waitedForLink(charge) || (isEarly && again.value === 'put_back');
    const attempts = isAnew ? 0 : charge.attempts;
    const delayMs = isAborted ? 0 : this.#delayAfter({ ...charge, attempts }, event, answer);
    const recorded = store.recordOutcome(charge.chargeId, event, clock.nowMs() + delayMs, attempts);
    if (!recorded.ok) return recorded;
    this.#announce(charge, step, event, answer);
    return recorded;
  }

  /** Has the reports of this charge sent again when the operator has forgotten them; a charge in conflict tries it once. */
  #disputesAgain(charge: ChargeRecord, event: DeliveryEvent): Result<SentAgain, ChargeStoreFailure> {
    const { disputes, logger, onDisputesDue } = this.#o;
    const { chargeId } = charge;
    const skus = disputes.skusOf(chargeId);
    // A report that cannot be read holds up no charge.
    if (!skus.ok || skus.value.length === 0) return ok('none');
    const reportedMinor = reportedMinorIn(charge, skus.value);
    if (!forgetsReports(lifeWhenAsked(charge), event, reportedMinor)) return ok('none');
    const again = disputes.sendAgain(chargeId, charge.reason === 'system.conflict');
    if (again.ok && again.value === 'put_back') {
      logger?.warn('charge.disputes_sent_again', { chargeId, state: charge.state });
      onDisputesDue();
    }
    return again;
  }

  #waitedForLink({ reason, updatedMs }: ChargeRecord): boolean {
    return updatedMs <= this.#pause.linkBackMs && passingReasons.some((passing) => passing === reason);
  }

  /** How long the queue as a whole waits after this answer. */
  #slowDown(result: Result<ChargeReply, OperatorFailure>): void {
    const isRefused = !result.ok && result.error.code === 'operator.refused';
    this.#refusalCount = isRefused ? this.#refusalCount + 1 : 0;
    const failsForAll =
      !result.ok &&
      result.error.othersMayCome !== true &&
      (isRetryable(result.error) || this.#refusalCount > refusalsInARowMax);
    if (!failsForAll) {
      this.#pause.answered();
      return;
    }
    this.#pause.unanswered();
    const { retryAfterMs, isOperators } = result.error;
    if (retryAfterMs !== undefined && isOperators === true)
      this.#retryAfterUntilMs = this.#o.clock.monotonicMs() + Math.min(retryAfterMs, retryAfterForAllMaxMs);
  }

  /** How long this charge waits, ms. */
  #delayAfter(
    charge: ChargeRecord,
    event: DeliveryEvent,
    result: Result<ChargeReply, OperatorFailure>,
  ): number {
    const random01 = this.#o.random();
    if (!result.ok && result.error.othersMayCome === true) return quotaDelayMs(random01);
    const retryAfterMs = result.ok ? 0 : result.error.retryAfterMs;
    const after = applyChargeEvent(lifeWhenAsked(charge), event);
    if (after.ok && waitsForHuman(after.value)) {
      // What nobody has answered leaves the count of answers as it is.
      const asks = charge.attempts + (isUnanswered(event) ? 0 : 1);
      return waitingDelayMs(waitsForHuman(charge) ? asks : 0, random01, retryAfterMs);
    }
    // The operator has just spoken: send at once. What keeps getting lost waits after each loss, ever longer.
    if (event.type === 'unknown_there') return 0;
    if (after.ok && isRefused(after.value)) return refusedAgainMs;
    if (event.type === 'reply' || event.type === 'resolved') {
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
    const what = event.type === 'reply' || event.type === 'resolved' ? event.state : event.type;
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
      // A listener that fails (drawing the screen) must not stop the delivery.
      this.#o.logger?.error('charge.listener_failed', { error: bug });
    }
  }
}

/** As it stood while the request was under way. */
function lifeWhenAsked(charge: ChargeRecord): ChargeLife {
  const life = lifeOf(charge);
  return nextStep(charge) === 'send' ? { ...life, state: 'submitting' } : life;
}
