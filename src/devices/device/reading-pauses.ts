import type { PollMode } from '../../shared/model/device.ts';
import { listeningGapMaxMs } from '../../shared/reading-capacity.ts';
import { type PauseCause, UselessPauses } from './useless-run.ts';

/** Why a reader that reads now and then is an error: in its pauses goods leave unseen. */
export const losesAnswers: PauseCause = {
  detail: 'many answers of the tag reader are lost or late (cable, noise or a converter on its line)',
  fault: 'fault.line',
};
export const answersUnusable: PauseCause = {
  detail:
    'many answers of the tag reader cannot be used (blank or damaged tags, or another firmware than configured)',
  fault: 'fault.unreadable',
};
export function oftenCannotRead(why: string): PauseCause {
  return { detail: `the tag reader often cannot read: ${why}`, fault: 'fault.unreadable' };
}

/**
 * One that lost too much of the time without a pause has to read on for so much of it, ms: longer than it takes until staff is
 * told of an error (a minute, looked at every 10 s), so that none sells again before.
 */
export const showsForMs = 90_000;

/** The time in which a tag reader was asked and nothing useful came: whether it is so much that goods leave unseen. */
export class ReadingPauses {
  /** Since when something useful is due: what was said last, or the end of a pause of our own. */
  #dueMs = 0;
  /** What has come since then instead; the last of it. */
  #cause = losesAnswers;
  #pauses = new UselessPauses();
  /**
   * The same while it is read without a pause, by the time that was asked for (`#askedMs`): kept from one visit to the next,
   * whatever the short looks between them give.
   */
  #askedPauses = new UselessPauses();
  #askedMs = 0;
  /** That it was too much, at this asked time and by this; null: it never was. */
  #failure: { readonly atMs: number; readonly cause: PauseCause } | null = null;

  /** Since when something useful is due, ms. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Too much of the time without a pause was lost: it has to show that it can read so. */
  get hasToShow(): boolean {
    return this.#stillToShow !== null;
  }

  /** What most of the time was lost by; null: it was not too much. */
  errorAt(nowMs: number): PauseCause | null {
    return this.#stillToShow ?? this.#pauses.errorAt(nowMs);
  }

  get #stillToShow(): PauseCause | null {
    const failure = this.#failure;
    return failure !== null && this.#askedMs - failure.atMs < showsForMs ? failure.cause : null;
  }

  /** Something useful is due from now on. */
  begin(nowMs: number): void {
    this.#dueMs = nowMs;
    this.#cause = losesAnswers;
  }

  /** This has come instead of what is due. */
  blame(cause: PauseCause): void {
    this.#cause = cause;
  }

  /** What was due has come, or is not waited for any more. `listensSinceMs`: since when it has listened for what came. */
  end({ nowMs, listensSinceMs, mode }: { nowMs: number; listensSinceMs: number; mode: PollMode }): void {
    this.note(listensSinceMs, mode);
    if (mode === 'active') this.#askedMs += nowMs - this.#dueMs;
    this.begin(nowMs);
  }

  /** It was asked all the time until then, and nothing useful came: a pause in which goods leave unseen, if it was long. */
  note(endMs: number, mode: PollMode): void {
    const tookMs = endMs - this.#dueMs;
    if (tookMs <= listeningGapMaxMs) return;
    const cause = this.#cause;
    this.#pauses.note({ endMs, tookMs, cause });
    if (mode !== 'active') return;
    const atMs = this.#askedMs + tookMs;
    this.#askedPauses.note({ endMs: atMs, tookMs, cause });
    const most = this.#askedPauses.errorAt(atMs);
    if (most !== null) this.#failure = { atMs, cause: most };
  }

  /** The reader was connected anew because it gave nothing: it is the same one, and what it lost without a pause is kept. */
  forgetRest(): void {
    this.#pauses = new UselessPauses();
  }

  forget(): void {
    this.forgetRest();
    this.#askedPauses = new UselessPauses();
    [this.#askedMs, this.#failure] = [0, null];
  }
}
