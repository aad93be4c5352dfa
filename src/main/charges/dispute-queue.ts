import {
  disputeHoldMaxMs,
  disputeOfNoChargeMaxMs,
  isFinalNo,
  retryAfterMaxMs,
  retryDelayMs,
} from '../../core/charge/delivery.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { DisputeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { DeliveryTrouble } from '../operator/delivery-trouble.ts';
import { QueuePause } from '../operator/queue-pause.ts';
import { Sender } from '../operator/sender.ts';
import type { NetworkLink, SenderFailure } from '../operator/sender.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { DisputeStore, DueDispute } from './dispute-store.ts';
import { HeldByABug } from './held-by-a-bug.ts';

/** A dispute that was refused, or that a bug holds, is sent again after this, the first for as long as it holds its charge. */
const disputeAgainMs = retryAfterMaxMs;
/** What is told again (`toldAgainAfterMs`) is looked for so often. */
const tellAgainLookMs = 3_600_000;

export interface DisputeQueueOptions {
  readonly store: Pick<
    DisputeStore,
    'nextDue' | 'nextDueMs' | 'tellAgain' | 'markSent' | 'markRefused' | 'defer'
  >;
  readonly client: {
    sendDispute(
      chargeId: string,
      disputeId: string,
      bodyJson: string,
      signal?: AbortSignal,
    ): Promise<Result<DisputeReply, OperatorFailure>>;
  };
  readonly link: NetworkLink;
  /** Of operating time (main/operating-clock.ts): the store's waits are counted by it. */
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  /** A dispute has arrived or was refused: its charge, which may have waited for it, may go. */
  readonly onDone: (chargeId: ChargeId) => void;
  readonly onStopped?: (failure: SenderFailure) => void;
  /** Tells staff what the operator does not take, once for each spell of it. */
  readonly tellStaff?: (detail: string) => void;
  readonly logger?: Logger;
}

/**
 * Brings disputes to the operator, one at a time, until each is answered. A repeat is harmless (the operator counts an id
 * once), so nothing has to be on the disk before it is sent: what was not marked as sent is sent again.
 */
export class DisputeQueue {
  readonly #o: DisputeQueueOptions;
  readonly #sender: Sender<DueDispute, DisputeReply>;
  readonly #pause: QueuePause;
  readonly #trouble: DeliveryTrouble;
  readonly #held: HeldByABug;
  /** Monotonic: when to look for what is told again. */
  #tellAgainAtMs = 0;

  constructor(options: DisputeQueueOptions) {
    this.#o = options;
    const { client, clock, link, onStopped, tellStaff = () => undefined, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#trouble = new DeliveryTrouble('dispute', tellStaff);
    this.#held = new HeldByABug('dispute', tellStaff);
    this.#sender = new Sender({
      name: 'disputes',
      outbox: {
        recover: () => this.#pause.linkIsBack(),
        next: (nowMs) => this.#next(nowMs),
        nextDueMs: () => this.#nextDueMs(),
        networkIsBack: () => this.#pause.linkIsBack(),
        record: (dispute, answer, isAborted) => this.#record(dispute, answer, isAborted),
        putAside: ({ disputeId, attempts }) => {
          this.#held.note(disputeId);
          return options.store.defer(disputeId, clock.nowMs() + disputeAgainMs, attempts + 1);
        },
      },
      pauseMs: () => this.#pause.waitMs,
      send: ({ chargeId, disputeId, bodyJson }, signal) =>
        client.sendDispute(chargeId, disputeId, bodyJson, signal),
      clock,
      link,
      onStopped,
      logger,
    });
  }

  get running(): boolean {
    return this.#sender.running;
  }

  start(): void {
    this.#sender.start();
  }

  /** Aborts what is under way (it will be sent again) and ends. */
  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** A dispute has just been put on record: look now. */
  wake(): void {
    this.#sender.wake();
  }

  #next(nowMs: number): Result<DueDispute | null, StorageFailure> {
    const { store, clock, logger } = this.#o;
    if (clock.monotonicMs() >= this.#tellAgainAtMs) {
      const again = store.tellAgain();
      if (!again.ok) return again;
      this.#tellAgainAtMs = clock.monotonicMs() + tellAgainLookMs;
      if (again.value > 0) logger?.info('disputes.told_again', { count: again.value });
    }
    return store.nextDue(nowMs, this.#pause.linkBackMs);
  }

  /** Operating time; at the latest when it is time to look for what is told again. */
  #nextDueMs(): Result<number, StorageFailure> {
    const { store, clock } = this.#o;
    const lookMs = clock.nowMs() + Math.max(0, this.#tellAgainAtMs - clock.monotonicMs());
    const due = store.nextDueMs();
    return due.ok ? ok(Math.min(due.value ?? lookMs, lookMs)) : due;
  }

  /**
   * The operator's no to this one: after how long it is tried again, and until which age. Null: that was none.
   */
  #noOf(error: OperatorFailure): { againMs: (attempts: number) => number; givenUpAfterMs: number } | null {
    // A faulty deployment refuses all: what a shopper has said is not lost to it, and its charge waits as well.
    if (isFinalNo(error)) return { againMs: () => disputeAgainMs, givenUpAfterMs: disputeHoldMaxMs };
    if (error.code !== 'operator.unknown_charge') return null;
    return {
      againMs: (attempts) => retryDelayMs(attempts, this.#o.random(), error.retryAfterMs),
      givenUpAfterMs: disputeOfNoChargeMaxMs,
    };
  }

  #record(
    dispute: DueDispute,
    answer: Result<DisputeReply, OperatorFailure>,
    isAborted: boolean,
  ): Result<void, StorageFailure> {
    const { store, clock, random, logger, onDone } = this.#o;
    const { disputeId, chargeId } = dispute;
    const attempts = this.#pause.attemptsOf(dispute);
    if (!isAborted) this.#trouble.note(answer);
    const no = answer.ok ? null : this.#noOf(answer.error);
    if (!answer.ok && no === null) {
      const { othersMayCome } = answer.error;
      if (othersMayCome === true) this.#pause.answered();
      else this.#pause.unanswered();
      logger?.warn('dispute.no_answer', { disputeId, chargeId, attempts, error: answer.error });
      const delayMs = retryDelayMs(attempts, random(), answer.error.retryAfterMs);
      return store.defer(disputeId, clock.nowMs() + delayMs, attempts + 1);
    }
    this.#pause.answered();
    if (!answer.ok && no !== null && clock.nowMs() - dispute.heldFromMs < no.givenUpAfterMs) {
      logger?.warn('dispute.refused_for_now', { disputeId, chargeId, error: answer.error });
      return store.defer(disputeId, clock.nowMs() + no.againMs(attempts), attempts + 1);
    }
    if (answer.ok) logger?.info('dispute.delivered', { disputeId, chargeId });
    else logger?.error('dispute.refused', { disputeId, chargeId, error: answer.error });
    const recorded = answer.ok
      ? store.markSent(disputeId, answer.value.charge !== null)
      : store.markRefused(disputeId, answer.error.code);
    if (recorded.ok) onDone(chargeId);
    return recorded;
  }
}
