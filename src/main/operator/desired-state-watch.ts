import {
  type DesiredPart,
  type DesiredStateReply,
  type DesiredStateRequest,
  type InForce,
  changeSpreadMaxMs,
  desiredParts,
  desiredStateWaitMaxMs,
  nothingKnown,
} from '../../shared/api/desired-state.schema.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { OperatorFailure } from './operator-client.ts';
import { syncEveryMs } from './versioned-sync.ts';

/** An answer that came sooner was not held: several in a row are spaced out, whoever gives them. */
export const quickAnswerMs = 5_000;
/** From the first quick answer, or failure, to the next question; it doubles up to the cap. */
const pauseFirstMs = 1_000;
export const pauseMaxMs = 60_000;
/** What is in force is said again after so long, though nothing has changed: the operator may have lost it. */
export const inForceEveryMs = 86_400_000;

/** Where the word of a change comes from: a held request today, a broker's message as well. Never throws. */
export interface ChangeFeed {
  desiredState(
    request: DesiredStateRequest,
    signal: AbortSignal,
  ): Promise<Result<DesiredStateReply, OperatorFailure>>;
}

export interface DesiredStateWatchOptions {
  readonly feed: ChangeFeed;
  readonly link: {
    isOnline(): boolean;
    onChange(listener: (isOnline: boolean) => void): () => void;
  };
  readonly inForce: () => InForce;
  /** What to do about a part that has changed: it is fetched by its own call, which proves what it is. */
  readonly changed: Readonly<Record<DesiredPart, () => void>>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Has one question open at the operator, which answers when something that it decides for this cabinet has changed. A wrong word
 * costs a look; a missing one is made up for by the looks that are taken anyway, every few minutes.
 */
export class DesiredStateWatch {
  readonly #o: DesiredStateWatchOptions;
  readonly #loop: RetryLoop;
  #abort = new AbortController();
  #known: DesiredStateRequest['known'] = nothingKnown;
  #toldInForce = { text: '', againAtMs: 0 };
  /** Failures, or answers that were not held, in a row. */
  #quickCount = 0;
  readonly #looks = new Map<DesiredPart, () => void>();
  #cancelLink: () => void = () => undefined;

  constructor(options: DesiredStateWatchOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#ask() });
  }

  start(): void {
    if (this.#loop.running) return;
    this.#cancelLink = this.#o.link.onChange((isOnline) => {
      if (isOnline) this.#loop.wake();
      else this.#abort.abort();
    });
    this.#loop.start();
  }

  stop(): void {
    this.#cancelLink();
    for (const cancel of this.#looks.values()) cancel();
    this.#looks.clear();
    void this.#loop.stop();
    this.#abort.abort();
  }

  /** The cabinet has been made known to its operator anew: another one may call other things by the same marks. */
  forget(): void {
    this.#known = nothingKnown;
    this.#toldInForce = { text: '', againAtMs: 0 };
    this.#abort.abort();
    this.#loop.wake();
  }

  /** Answers after how many ms to ask again; null: once the link is back. */
  async #ask(): Promise<number | null> {
    const { feed, link, clock, random, logger } = this.#o;
    if (!link.isOnline()) return null;
    const beganMs = clock.monotonicMs();
    const { inForce, text } = this.#news(beganMs);
    this.#abort = new AbortController();
    const known = this.#known;
    const waitMs = desiredStateWaitMaxMs;
    const answer = await feed.desiredState({ waitMs, known, inForce }, this.#abort.signal);
    // Of a question that was given up; the loop asks anew.
    if (!this.#loop.running || this.#abort.signal.aborted || known !== this.#known) return this.#pauseMs();
    if (!answer.ok && answer.error.code === 'operator.not_served') return syncEveryMs * (1 + random());
    if (!answer.ok) {
      const { code, message } = answer.error;
      logger.debug('desired_state.no_answer', { code, message });
      return this.#pauseMs();
    }
    if (inForce !== null) this.#toldInForce = { text, againAtMs: beganMs + inForceEveryMs };
    this.#take(answer.value);
    if (clock.monotonicMs() - beganMs < quickAnswerMs) return this.#pauseMs();
    this.#quickCount = 0;
    return 0;
  }

  /** What the operator does not have yet, or not surely. */
  #news(nowMs: number): { readonly inForce: InForce | null; readonly text: string } {
    const inForce = this.#o.inForce();
    const text = JSON.stringify(inForce);
    const isTold = text === this.#toldInForce.text && nowMs < this.#toldInForce.againAtMs;
    return { inForce: isTold ? null : inForce, text };
  }

  #take({ marks, spreadMs }: DesiredStateReply): void {
    const known = this.#known;
    this.#known = { ...known, ...marks };
    for (const part of desiredParts) {
      if (marks[part] !== undefined && marks[part] !== known[part]) this.#lookAt(part, spreadMs);
    }
  }

  #lookAt(part: DesiredPart, spreadMs: number): void {
    const { clock, random, changed, logger } = this.#o;
    if (this.#looks.has(part)) return;
    logger.debug('desired_state.changed', { part });
    const afterMs = 1 + Math.floor(random() * Math.min(spreadMs, changeSpreadMaxMs));
    const cancel = clock.after(afterMs, () => {
      this.#looks.delete(part);
      changed[part]();
    });
    this.#looks.set(part, cancel);
  }

  #pauseMs(): number {
    const bounds = { firstMs: pauseFirstMs, capMs: pauseMaxMs, jitterShare: 0.5 };
    return backoffMs({ ...bounds, failureCount: this.#quickCount++, random01: this.#o.random() });
  }
}
