import { isFinalNo } from '../../core/charge/delivery.ts';
import type { FaceWithdrawal } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Withdrawal, WithdrawalOutbox } from '../face/withdrawal-outbox.ts';
import type { StorageFailure } from '../storage/database.ts';
import { DeliveryTrouble } from './delivery-trouble.ts';
import type { OperatorFailure } from './operator-client.ts';
import type { NetworkLink } from './sender.ts';
import { QueuePause } from './queue-pause.ts';
import { Sender } from './sender.ts';

export interface FaceWithdrawalSenderOptions {
  readonly vault: {
    readonly withdrawals: WithdrawalOutbox;
    onChange(listener: () => void): () => void;
  };
  readonly client: { withdrawFace(withdrawal: FaceWithdrawal): Promise<Result<null, OperatorFailure>> };
  readonly link: NetworkLink;
  /** The operator's time as far as it is known: days are counted by it. */
  readonly clock: Clock;
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Hears of what the operator does not take, once for each spell of it. */
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * Tells the operator which faces are kept here no more. What waits is in the vault, written with the deletion. What the
 * operator refuses, or has too many of today, is told again every hour; what it has taken, a few times in the next month (`toldAgainAfterMs`).
 */
export class FaceWithdrawalSender {
  readonly #o: FaceWithdrawalSenderOptions;
  readonly #sender: Sender<Withdrawal, null>;
  readonly #pause: QueuePause;
  readonly #trouble: DeliveryTrouble;

  constructor(options: FaceWithdrawalSenderOptions) {
    this.#o = options;
    const { vault, client, link, clock, logger } = options;
    this.#pause = new QueuePause(clock, options.random);
    this.#trouble = new DeliveryTrouble('face_withdrawal', options.tellStaff);
    this.#sender = new Sender({
      name: 'face_withdrawals',
      outbox: {
        next: (nowMs) => vault.withdrawals.next(nowMs),
        nextDueMs: () => vault.withdrawals.nextDueMs(),
        networkIsBack: () => this.#pause.linkIsBack(),
        record: (withdrawal, answer) => this.#record(withdrawal, answer),
      },
      send: ({ memberId, enrolmentId }) => client.withdrawFace({ memberId, enrolmentId }),
      pauseMs: () => this.#pause.waitMs,
      clock,
      link,
      logger,
    });
    vault.onChange(() => {
      this.#sender.wake();
    });
    this.#sender.start();
  }

  stop(): void {
    void this.#sender.stop();
  }

  #record({ withdrawalId }: Withdrawal, answer: Result<null, OperatorFailure>): Result<void, StorageFailure> {
    const { vault, clock, logger } = this.#o;
    this.#trouble.note(answer);
    if (answer.ok || isFinalNo(answer.error)) {
      this.#pause.answered();
      if (answer.ok) return vault.withdrawals.arrived(withdrawalId, clock.nowMs());
      logger.error('face_withdrawals.refused', { error: answer.error.code });
      return vault.withdrawals.putOff(withdrawalId, clock.nowMs());
    }
    logger.warn('face_withdrawals.not_sent', { error: answer.error.code });
    if (answer.error.othersMayCome === true) {
      this.#pause.answered();
      return vault.withdrawals.putOff(withdrawalId, clock.nowMs());
    }
    this.#pause.unanswered(answer.error.retryAfterMs);
    return ok();
  }
}
