import type { FaceCount } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { DeliveryTrouble } from './delivery-trouble.ts';
import type { OperatorFailure } from './operator-client.ts';
import { QueuePause } from './queue-pause.ts';
import { Sender } from './sender.ts';

/** Said again after so long, though nothing has changed: the operator may have lost what it had. */
export const faceCountEveryMs = 86_400_000;

export interface FaceCountSenderOptions {
  readonly vault: {
    enrolledCount(): Result<number, Failure<string>>;
    onChange(listener: () => void): () => void;
  };
  readonly client: { faceCount(count: FaceCount): Promise<Result<null, OperatorFailure>> };
  readonly link: { isOnline(): boolean; onChange(listener: (online: boolean) => void): () => void };
  readonly clock: Clock;
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Hears of what the operator does not take, once for each spell of it. */
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * Tells the operator how many people's faces are stored here, because the law counts them over the whole fleet: whenever that
 * changes, when the link is back, and once a day. Nothing is queued or remembered: what is sent is what the vault holds at
 * that moment, nobody included, so after a failure or a restart the next report makes up for all that were lost.
 */
export class FaceCountSender {
  readonly #o: FaceCountSenderOptions;
  readonly #sender: Sender<number, null>;
  /** The operator has this number; null: it is to be sent in any case. */
  #arrived: number | null = null;
  /** Something may have changed since it arrived. */
  #isRequested = false;
  readonly #pause: QueuePause;
  readonly #trouble: DeliveryTrouble;
  /** Monotonic: from then on it is sent again. */
  #repeatAtMs = 0;

  constructor(options: FaceCountSenderOptions) {
    this.#o = options;
    const { vault, client, link, clock, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#trouble = new DeliveryTrouble('face_count', options.tellStaff);
    this.#sender = new Sender({
      name: 'face_count',
      outbox: {
        next: () => this.#next(),
        nextDueMs: () => ok(this.#nextDueMs()),
        // The first time after the start, too.
        networkIsBack: () => {
          this.#request();
          return ok();
        },
        record: (count, answer) => this.#record(count, answer),
      },
      send: (enrolled) => client.faceCount({ enrolled }),
      pauseMs: () => this.#pause.waitMs,
      clock,
      link,
      logger,
    });
    vault.onChange(() => {
      this.#request();
      this.#sender.wake();
    });
    this.#sender.start();
  }

  stop(): void {
    void this.#sender.stop();
  }

  /** It is to be sent now; offline the link's return comes first, and does it. */
  #request(): void {
    this.#arrived = null;
    this.#isRequested = true;
    this.#pause.lift();
  }

  #next(): Result<number | null, never> {
    const { vault, link, clock } = this.#o;
    if (!link.isOnline()) return ok(null);
    const isRepeat = clock.monotonicMs() >= this.#repeatAtMs;
    if (isRepeat) this.#arrived = null;
    if (!isRepeat && !this.#isRequested) return ok(null);
    const count = vault.enrolledCount();
    if (!count.ok) {
      this.#failed(count.error);
      return ok(null);
    }
    this.#isRequested = count.value !== this.#arrived;
    return ok(this.#isRequested ? count.value : null);
  }

  #nextDueMs(): number | null {
    const { link, clock } = this.#o;
    if (!link.isOnline()) return null;
    // One that is wanted waits for the back-off alone, not for the daily repeat.
    const repeatMs = this.#isRequested ? -Infinity : this.#repeatAtMs - clock.monotonicMs();
    return clock.nowMs() + Math.max(repeatMs, this.#pause.waitMs);
  }

  #record(count: number, answer: Result<null, OperatorFailure>): Result<void, never> {
    this.#trouble.note(answer);
    if (!answer.ok) this.#failed(answer.error);
    // The operator's no is final; anything else says nothing about the number.
    if (!answer.ok && answer.error.code !== 'operator.refused') return ok();
    if (answer.ok) this.#pause.answered();
    this.#arrived = count;
    this.#repeatAtMs = this.#o.clock.monotonicMs() + faceCountEveryMs;
    return ok();
  }

  #failed({ code, retryAfterMs }: { readonly code: string; readonly retryAfterMs?: number }): void {
    this.#o.logger.warn('face_count.not_sent', { error: code });
    if (code !== 'operator.refused') this.#pause.unanswered(retryAfterMs);
  }
}
