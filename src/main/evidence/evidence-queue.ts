import { type OperatorFailure, isFinalNo } from '../../core/charge/delivery.ts';
import type { EvidencePart } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { QueuePause } from '../operator/queue-pause.ts';
import { type NetworkLink, Sender } from '../operator/sender.ts';
import type { StorageFailure } from '../storage/database.ts';
import type { DueEvidence, EvidenceStore } from './evidence-store.ts';

/** What the operator does not take, or not now, is told again after this; until it is deleted for its age. */
export const evidenceAgainMs = 3_600_000;

export interface EvidenceQueueOptions {
  readonly store: Pick<EvidenceStore, 'nextDue' | 'told'>;
  readonly client: {
    sendEvidence(
      visitId: string,
      part: number,
      body: EvidencePart,
      signal?: AbortSignal,
    ): Promise<Result<null, OperatorFailure>>;
  };
  readonly link: NetworkLink;
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Tells the operator what the shelf was seen to do in visits that people look at, part by part: after a break it goes on with
 * the part that was not answered. Nothing waits for it, and of other visits nothing is ever told.
 */
export class EvidenceQueue {
  readonly #o: EvidenceQueueOptions;
  readonly #sender: Sender<DueEvidence, null>;
  readonly #pause: QueuePause;
  /** Visits that are put off, and until when, by the monotonic clock. */
  readonly #putOff = new Map<VisitId, number>();

  constructor(options: EvidenceQueueOptions) {
    this.#o = options;
    const { client, clock, link, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#sender = new Sender({
      name: 'evidence',
      outbox: {
        next: () => this.#next(),
        nextDueMs: () => this.#nextDueMs(),
        networkIsBack: () => this.#pause.linkIsBack(),
        record: (due, answer) => this.#record(due, answer),
        putAside: (due) => this.#later(due),
      },
      send: ({ visitId, chargeId, why, part, isLast, dropped, events }, signal) =>
        client.sendEvidence(visitId, part, { chargeId, why, isLast, dropped, events: [...events] }, signal),
      pauseMs: () => this.#pause.waitMs,
      clock,
      link,
      logger,
    });
  }

  start(): void {
    this.#sender.start();
  }

  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** A visit has ended, or was disputed. */
  wake(): void {
    this.#sender.wake();
  }

  #next(): Result<DueEvidence | null, StorageFailure> {
    const nowMs = this.#o.clock.monotonicMs();
    for (const [visitId, untilMs] of this.#putOff) if (untilMs <= nowMs) this.#putOff.delete(visitId);
    return this.#o.store.nextDue(new Set(this.#putOff.keys()));
  }

  #nextDueMs(): Result<number | null, StorageFailure> {
    const due = this.#next();
    if (!due.ok) return due;
    const { clock } = this.#o;
    if (due.value !== null) return ok(clock.nowMs() + Math.max(0, this.#pause.waitMs));
    if (this.#putOff.size === 0) return ok(null);
    return ok(clock.nowMs() + Math.min(...this.#putOff.values()) - clock.monotonicMs());
  }

  #record(due: DueEvidence, answer: Result<null, OperatorFailure>): Result<void, StorageFailure> {
    const { store, logger } = this.#o;
    if (answer.ok) {
      this.#pause.answered();
      return store.told(due);
    }
    const { code, othersMayCome, retryAfterMs } = answer.error;
    logger.warn('evidence.not_told', { visitId: due.visitId, part: due.part, error: code });
    if (isFinalNo(answer.error) || othersMayCome === true) {
      this.#pause.answered();
      return this.#later(due);
    }
    this.#pause.unanswered(retryAfterMs);
    return ok();
  }

  #later({ visitId }: DueEvidence): Result<void, never> {
    this.#putOff.set(visitId, this.#o.clock.monotonicMs() + evidenceAgainMs);
    return ok();
  }
}
