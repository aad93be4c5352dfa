import { retryDelayMs } from '../../core/charge/delivery.ts';
import type { FaceCount } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Failure, Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { OperatorFailure } from './operator-client.ts';

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
  readonly logger: Logger;
}

/**
 * Tells the operator how many people's faces are kept here, because the law counts them over the whole fleet: whenever that changes,
 * when the link is back, and once a day. Nothing is queued or remembered: what is told is what the vault holds at that
 * moment, nobody included, so after a failure or a restart the next report makes up for all that were lost.
 */
export class FaceCountSender {
  readonly #o: FaceCountSenderOptions;
  #sending = false;
  #stopped = false;
  #failureCount = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: FaceCountSenderOptions) {
    this.#o = options;
    options.vault.onChange(() => void this.#report());
    // The first time it is there after the start, too.
    options.link.onChange(() => void this.#report());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** One at a time; offline the link's return comes first, and does it. */
  async #report(): Promise<void> {
    if (this.#sending || this.#stopped || !this.#o.link.isOnline()) return;
    this.#sending = true;
    this.#cancelTimer();
    const waitMs = await this.#send();
    this.#sending = false;
    this.#reportIn(waitMs);
  }

  #reportIn(waitMs: number): void {
    if (!this.#stopped) this.#cancelTimer = this.#o.clock.after(waitMs, () => void this.#report());
  }

  /** Sends until what has arrived is what the vault holds; says how long to wait before the next report. */
  async #send(): Promise<number> {
    const { vault, client } = this.#o;
    let arrived: number | null = null;
    while (!this.#stopped) {
      const count = vault.enrolledCount();
      if (!count.ok) return this.#failed(count.error);
      if (count.value === arrived) break;
      const sent = await client.faceCount({ enrolled: count.value });
      if (!sent.ok) return this.#failed(sent.error);
      arrived = count.value;
    }
    this.#failureCount = 0;
    return faceCountEveryMs;
  }

  /** How long to wait after this. */
  #failed({ code, retryAfterMs }: { readonly code: string; readonly retryAfterMs?: number }): number {
    this.#o.logger.warn('face_count.not_sent', { error: code });
    // The operator's no is final; anything else says nothing about the number.
    if (code === 'operator.refused') return faceCountEveryMs;
    return retryDelayMs(this.#failureCount++, this.#o.random(), retryAfterMs);
  }
}
