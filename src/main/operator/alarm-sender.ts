import type { Alarm } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { OperatorFailure } from './operator-client.ts';

/** Alarms that wait for the network; of more, the newest are dropped: the first ones say what began it. */
const waitingMax = 50;
/** After a failure; the link's return comes first, as a rule. */
const retryMs = 10_000;

export interface AlarmSenderOptions {
  readonly client: { alarm(alarm: Alarm): Promise<Result<null, OperatorFailure>> };
  readonly link: { onChange(listener: (online: boolean) => void): () => void };
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
  #sending = false;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(options: AlarmSenderOptions) {
    this.#o = options;
    options.link.onChange((online) => {
      if (online) void this.#send();
    });
  }

  raise(alarm: Alarm): void {
    if (this.#waiting.length >= waitingMax) {
      this.#o.logger.error('alarm.dropped', { kind: alarm.kind });
      return;
    }
    this.#waiting.push(alarm);
    void this.#send();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  async #send(): Promise<void> {
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    this.#cancelRetry();
    for (let alarm = this.#waiting[0]; alarm !== undefined; alarm = this.#waiting[0]) {
      const sent = await this.#o.client.alarm(alarm);
      if (!sent.ok) {
        this.#o.logger.warn('alarm.not_sent', { kind: alarm.kind, error: sent.error.code });
        // The operator's no is final; anything else says nothing about the alarm.
        if (sent.error.code !== 'operator.refused') {
          this.#cancelRetry = this.#o.clock.after(retryMs, () => void this.#send());
          break;
        }
      }
      this.#waiting.shift();
    }
    this.#sending = false;
  }
}
