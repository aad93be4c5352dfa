import type { DeviceFault } from '../../shared/model/device.ts';

/** So many answers in a row that are of no use, and a device is as good as none: an error that says why, never "ready". */
export const uselessMax = 10;

/** Counts answers that were of no use: codes that cannot be read, tags without a number, weights that are none. */
export class UselessRun {
  #count = 0;

  /** Whether nothing useful has come for so long that the device is in error. */
  get isError(): boolean {
    return this.#count >= uselessMax;
  }

  note(isUseful: boolean): void {
    this.#count = isUseful ? 0 : this.#count + 1;
  }
}

/** The answers that a share is taken of, and how many of them make it a matter for staff. */
const shareWindow = 200;
const shareMax = 20;

/** How many of the last answers were of no use, between good ones. */
export class UselessShare {
  readonly #window: boolean[] = [];
  #uselessCount = 0;

  /** A tenth or more: what is behind them is lost again and again. */
  get isNotable(): boolean {
    return this.#uselessCount >= shareMax;
  }

  note(isUseful: boolean): void {
    this.#window.push(isUseful);
    if (!isUseful) this.#uselessCount++;
    if (this.#window.length <= shareWindow) return;
    if (this.#window.shift() === false) this.#uselessCount--;
  }
}

/** What a device's time is lost by: what staff is told. */
export interface PauseCause {
  readonly detail: string;
  readonly fault: DeviceFault;
}

/** The time that a device's pauses are added up in; and how much of it makes the device an error, ms. */
const pausesWithinMs = 60_000;
export const pausesMaxMs = 10_000;

/** A stretch in which a device was asked and gave nothing of use, and what it was lost by. */
interface Pause {
  readonly endMs: number;
  readonly tookMs: number;
  readonly cause: PauseCause;
}

/** Time that a device wastes between useful answers, by whichever time its owner counts in. */
export class UselessPauses {
  #pauses: Pause[] = [];

  note(pause: Pause): void {
    this.#pauses.push(pause);
  }

  /** What most of the time was lost by, when a sixth of the last minute or more was; null: it was less. */
  errorAt(nowMs: number): PauseCause | null {
    this.#pauses = this.#pauses.filter(({ endMs }) => nowMs - endMs < pausesWithinMs);
    if (this.#pauses.reduce((sum, { tookMs }) => sum + tookMs, 0) < pausesMaxMs) return null;
    const lostBy = ({ detail }: PauseCause): number =>
      this.#pauses.reduce((sum, { tookMs, cause }) => sum + (cause.detail === detail ? tookMs : 0), 0);
    const causes = this.#pauses.map(({ cause }) => cause);
    return causes.reduce((most, cause) => (lostBy(cause) > lostBy(most) ? cause : most));
  }
}
