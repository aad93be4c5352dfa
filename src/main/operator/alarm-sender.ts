import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { OperatorFailure } from './operator-client.ts';
import { Sender } from './sender.ts';
import type { NetworkLink } from './sender.ts';

/** Alarms that wait for the network; of more, the newest are dropped: the first ones say what began it. */
const waitingMax = 50;
/** Of the words for people. */
const detailMaxChars = 300;
/** After a failure; the link's return comes first, as a rule. */
const retryMs = 10_000;

export interface AlarmSenderOptions {
  readonly client: { alarm(alarm: Alarm): Promise<Result<null, OperatorFailure>> };
  readonly link: NetworkLink;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Brings alarms to the operator in their order, at least once each: whoever breaks in may have cut the network first. What
 * cannot be sent waits until the link is back. In memory only: after a restart an open door is an alarm anew.
 */
export class AlarmSender {
  readonly #o: AlarmSenderOptions;
  readonly #waiting: Alarm[] = [];
  readonly #sender: Sender<Alarm, null>;
  /** Monotonic: nothing is sent before. */
  #pauseUntilMs = 0;

  constructor(options: AlarmSenderOptions) {
    this.#o = options;
    const { client, clock, link, logger } = options;
    this.#sender = new Sender({
      name: 'alarms',
      outbox: {
        next: () => ok(this.#waiting[0] ?? null),
        nextDueMs: () => ok(null),
        networkIsBack: () => {
          this.#pauseUntilMs = 0;
          return ok();
        },
        record: (alarm, answer) => this.#record(alarm, answer),
      },
      send: (alarm) => client.alarm(alarm),
      pauseMs: () => this.#pauseUntilMs - clock.monotonicMs(),
      clock,
      link,
      logger,
    });
    this.#sender.start();
  }

  raise(alarm: Alarm): void {
    if (this.#waiting.length >= waitingMax) {
      this.#o.logger.error('alarm.dropped', { kind: alarm.kind });
      return;
    }
    this.#waiting.push(alarm);
    this.#pauseUntilMs = 0;
    this.#sender.wake();
  }

  /** Something about the cabinet itself that staff has to look at. */
  deviceFault(detail: string): void {
    const atMs = this.#o.clock.nowMs();
    this.raise({ kind: 'device_fault', visitId: null, atMs, detail: detail.slice(0, detailMaxChars) });
  }

  stop(): void {
    void this.#sender.stop();
  }

  #record(alarm: Alarm, answer: Result<null, OperatorFailure>): Result<void, never> {
    if (!answer.ok) {
      const { logger, clock } = this.#o;
      logger.warn('alarm.not_sent', { kind: alarm.kind, error: answer.error.code });
      // The operator's no is final; anything else says nothing about the alarm.
      if (answer.error.code !== 'operator.refused') {
        this.#pauseUntilMs = clock.monotonicMs() + retryMs;
        return ok();
      }
    }
    this.#waiting.shift();
    return ok();
  }
}
