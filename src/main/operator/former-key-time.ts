import type { OperatorKeys } from '../platform/secrets.ts';

/** After the next key has signed for the first time, the one before counts for so long: instances change one by one. */
export const formerKeyCountsMs = 7 * 86_400_000;
/** What is known of the operator's time is written to the disk in steps of this. */
export const formerKeyStepMs = 3_600_000;

type FormerKey = NonNullable<OperatorKeys['former']>;

/**
 * Which time it is at least for the key that was replaced: what the operator's other keys have signed, carried on by a
 * clock that nobody sets, and never back. The machine's own clock has no say: it may be dead, or set by the same thief.
 * Over restarts goes on what is kept with the key (`seenMs`); the time that the machine is off is not counted.
 */
export class FormerKeyTime {
  readonly #monotonicMs: () => number;
  readonly #startedAtMs: number;
  /** `atMs`: of the monotonic clock, when it was `seenMs`. */
  #of: { readonly key: string; readonly seenMs: number; readonly atMs: number } | null = null;
  #isTold = false;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
    this.#startedAtMs = monotonicMs();
  }

  /** The operator's time is this now, or later, ms. */
  seenMs(former: FormerKey): number {
    if (this.#of?.key !== former.key)
      this.#of = { key: former.key, seenMs: keptOf(former), atMs: this.#startedAtMs };
    return this.#of.seenMs + this.#monotonicMs() - this.#of.atMs;
  }

  /** `key` has been replaced by an answer of this time. */
  begin(key: string, untilMs: number): FormerKey {
    this.#of = { key, seenMs: untilMs - formerKeyCountsMs, atMs: this.#monotonicMs() };
    return { key, untilMs };
  }

  /** One of the other keys has signed that it is `signedMs`. Returns the former key as it is to be kept; null: it has ended. */
  tell(former: FormerKey, signedMs: number): FormerKey | null {
    this.#isTold = true;
    const seenMs = Math.max(signedMs, this.seenMs(former));
    this.#of = { key: former.key, seenMs, atMs: this.#monotonicMs() };
    if (seenMs > former.untilMs) return null;
    return seenMs - keptOf(former) < formerKeyStepMs ? former : { ...former, seenMs };
  }

  /**
   * An answer of the former key itself is believed. Returns it as it is to be kept: while nobody else has told the time in this
   * run of the program, the next step is written down before it passes, so that no number of restarts is for nothing.
   */
  use(former: FormerKey): FormerKey {
    const seenMs = this.seenMs(former);
    return this.#isTold || seenMs < keptOf(former) ? former : { ...former, seenMs: seenMs + formerKeyStepMs };
  }
}

/** Kept from before there was `seenMs`: the time of the change, by whatever clock that was. */
function keptOf({ untilMs, seenMs = untilMs - formerKeyCountsMs }: FormerKey): number {
  return seenMs;
}
