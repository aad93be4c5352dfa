import { isFinalNo, retryAfterMaxMs, retryDelayMs } from '../../core/charge/delivery.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { VisitClosingReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { QueuePause } from '../operator/queue-pause.ts';
import { Sender } from '../operator/sender.ts';
import type { NetworkLink, SenderFailure } from '../operator/sender.ts';
import type { StorageFailure } from '../storage/database.ts';
import { HeldByABug } from './held-by-a-bug.ts';
import type { ClosingOutcome, DueClosing, VisitClosings } from './visit-closings.ts';

/** What the operator refuses, or has no such visit for, is sent again after this, ms, … */
const closingAgainMs = retryAfterMaxMs;
/** … for so long after the end of the visit, operating time: its answer "allowed" may have been on its way still. */
const noSuchVisitMaxMs = 2 * 3_600_000;
const refusedMaxMs = 24 * 3_600_000;
/** An operator that does not take it for so long is older than these reports, or has another one in its place. */
const closingMaxMs = 30 * 86_400_000;

export interface ClosingQueueOptions {
  readonly store: Pick<VisitClosings, 'endOthers' | 'nextDue' | 'nextDueMs' | 'done' | 'defer'>;
  readonly client: {
    closeVisit(
      visitId: string,
      bodyJson: string,
      signal?: AbortSignal,
    ): Promise<Result<VisitClosingReply, OperatorFailure>>;
  };
  readonly link: NetworkLink;
  /** Of operating time (main/operating-clock.ts): the store's waits are counted by it. */
  readonly clock: Clock;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly onStopped?: (failure: SenderFailure) => void;
  readonly tellStaff?: (detail: string) => void;
  readonly logger?: Logger;
}

/**
 * Brings closing reports to the operator, one at a time, beside the charges and never before them: nothing waits for one. A
 * repeat is harmless. An operator from before has no such call; it is asked ever more seldom, and for nobody's sake longer
 * than a month.
 */
export class ClosingQueue {
  readonly #o: ClosingQueueOptions;
  readonly #sender: Sender<DueClosing, VisitClosingReply>;
  readonly #held: HeldByABug;
  readonly #pause: QueuePause;

  constructor(options: ClosingQueueOptions) {
    this.#o = options;
    const { store, client, clock, link, onStopped, tellStaff = () => undefined, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#held = new HeldByABug('closing', tellStaff);
    this.#sender = new Sender({
      name: 'closings',
      outbox: {
        recover: () => {
          this.#pause.linkIsBack();
          return store.endOthers();
        },
        next: (nowMs) => store.nextDue(nowMs, this.#pause.linkBackMs),
        nextDueMs: () => store.nextDueMs(),
        networkIsBack: () => this.#pause.linkIsBack(),
        record: (closing, answer) => this.#record(closing, answer),
        putAside: ({ visitId, attempts }) => {
          this.#held.note(visitId);
          return store.defer(visitId, clock.nowMs() + closingAgainMs, attempts + 1);
        },
      },
      pauseMs: () => this.#pause.waitMs,
      send: ({ visitId, bodyJson }, signal) => client.closeVisit(visitId, bodyJson, signal),
      clock,
      link,
      onStopped,
      logger,
    });
  }

  start(): void {
    this.#sender.start();
  }

  /** Aborts what is under way (it will be sent again) and ends. */
  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** A visit has just ended: look now. */
  wake(): void {
    this.#sender.wake();
  }

  #record(
    closing: DueClosing,
    answer: Result<VisitClosingReply, OperatorFailure>,
  ): Result<void, StorageFailure> {
    const { store, clock, random, logger } = this.#o;
    const { visitId, endedMs } = closing;
    const attempts = this.#pause.attemptsOf(closing);
    const outcome = this.#outcomeOf(answer, clock.nowMs() - endedMs);
    if (outcome !== null) {
      this.#pause.answered();
      if (outcome === 'taken') logger?.info('closing.delivered', { visitId });
      else logger?.warn('closing.not_delivered', { visitId, outcome });
      return store.done(visitId, outcome);
    }
    if (answer.ok || isFinalNo(answer.error)) {
      this.#pause.answered();
      return store.defer(visitId, clock.nowMs() + closingAgainMs, attempts + 1);
    }
    const { retryAfterMs, code } = answer.error;
    logger?.debug('closing.no_answer', { visitId, attempts, code });
    this.#pause.unanswered();
    return store.defer(visitId, clock.nowMs() + retryDelayMs(attempts, random(), retryAfterMs), attempts + 1);
  }

  /** Null: it is sent again. */
  #outcomeOf(answer: Result<VisitClosingReply, OperatorFailure>, ageMs: number): ClosingOutcome | null {
    if (answer.ok) {
      if (answer.value.known) return 'taken';
      return ageMs < noSuchVisitMaxMs ? null : 'no_such_visit';
    }
    const { code } = answer.error;
    // What is there is another report of the same visit: people there are told.
    if (code === 'operator.conflict') return `given_up: ${code}`;
    return ageMs < (isFinalNo(answer.error) ? refusedMaxMs : closingMaxMs) ? null : `given_up: ${code}`;
  }
}
