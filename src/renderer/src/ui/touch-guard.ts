/** A screen that has just changed takes touches only after so long: nobody can have meant what was not there yet. */
export const deafMs = 500;
/** The same button within so long of its last touch is a trembling hand (EN 301 549, 5.8). */
export const doubleStrikeMs = 500;
/**
 * A pointer that was not heard of for so long is not believed to lie there: its lift was lost (the touch controller began
 * anew), or it is a drop of water. A finger that rests on the glass is heard of again and again.
 */
export const unheardMaxMs = 5_000;
/** Fingers that were refused are known for so many more: each touch of the glass has a number of its own. */
const refusedMax = 64;
/** A contact wider than this share of the shorter side is a palm or an arm: 45 mm of a 21.5" screen. */
const palmShare = 1 / 6;

/** A finger that comes down. Times are those of the event, ms, so that a touch that waited in a queue is judged right. */
export interface Touch {
  readonly id: number;
  /** What it came down on: the same text for the same button, whatever was drawn in between. */
  readonly target: string;
  readonly atMs: number;
  /** The wider side of the contact as a share of the shorter side of the screen; 0: a mouse. */
  readonly contactShare: number;
}

/**
 * Decides which touches act. One finger acts, on a screen that has stood still for `deafMs` since it changed and since
 * the finger that lay on it then was lifted. A second finger, a palm, a double strike do nothing, and neither does a
 * finger that was down before the screen changed.
 */
export class TouchGuard {
  /** Fingers on the glass, and when each was last heard of. */
  readonly #down = new Map<number, number>();
  /** A pointer that was refused stays so for all that follows from it, the click after its lift too. */
  readonly #refused = new Set<number>();
  #openFromMs = 0;
  /** A finger lies on the glass that was there when the screen changed. */
  #waitsForLift = false;
  #last: { readonly target: string; readonly atMs: number } | null = null;

  /** Other things may be touched from now on than before. Returns the fingers whose touch is over by that. */
  screenChanged(atMs: number): readonly number[] {
    this.#forgetUnheard(atMs);
    this.#openFromMs = Math.max(this.#openFromMs, atMs + deafMs);
    this.#waitsForLift = this.#down.size > 0;
    return this.#refuseAll();
  }

  /** Returns the fingers whose touch does nothing: the new one, or both when a second one comes. */
  down({ id, target, atMs, contactShare }: Touch): readonly number[] {
    this.#forgetUnheard(atMs);
    const others = [...this.#down.keys()].some((other) => other !== id);
    this.#down.set(id, atMs);
    this.#refused.delete(id);
    if (others) return this.#refuseAll();
    const struckTwice = this.#last?.target === target && atMs - this.#last.atMs < doubleStrikeMs;
    if (this.#waitsForLift || atMs < this.#openFromMs || contactShare > palmShare || struckTwice)
      return this.#refuseAll();
    this.#last = { target, atMs };
    return [];
  }

  /**
   * A finger that is down is heard of again: it moves, or lies wider than when it came down. Returns the fingers whose
   * touch is over by that.
   */
  moved({ id, atMs, contactShare }: Omit<Touch, 'target'>): readonly number[] {
    if (!this.#down.has(id)) return [];
    this.#down.set(id, atMs);
    return contactShare > palmShare ? this.#refuseAll() : [];
  }

  /** The one finger from which a touch of the glass begins: of all others the lift was lost. */
  alone(id: number): void {
    for (const other of this.#down.keys()) if (other !== id) this.#forget(other);
  }

  /** A finger was lifted, or the browser took its touch for a scroll. */
  up(id: number, atMs: number): void {
    this.#down.delete(id);
    if (!this.#waitsForLift || this.#down.size > 0) return;
    this.#waitsForLift = false;
    this.#openFromMs = Math.max(this.#openFromMs, atMs + deafMs);
  }

  /** From when on a touch acts; infinite while a finger lies on a screen that has changed under it. */
  get opensAtMs(): number {
    return this.#waitsForLift ? Number.POSITIVE_INFINITY : this.#openFromMs;
  }

  /** True when nothing may come of this pointer until it comes down again. */
  isRefused(id: number): boolean {
    return this.#refused.has(id);
  }

  #forgetUnheard(atMs: number): void {
    for (const [id, heardMs] of this.#down) if (atMs - heardMs > unheardMaxMs) this.#forget(id);
    if (this.#down.size === 0) this.#waitsForLift = false;
  }

  /** Nothing may come of it any more, should it be heard of after all. */
  #forget(id: number): void {
    this.#down.delete(id);
    this.#refuse(id);
  }

  /** Of a touch that is long over nothing more comes: without an end they would be kept for months. */
  #refuse(id: number): void {
    this.#refused.delete(id);
    this.#refused.add(id);
    for (const old of this.#refused) {
      if (this.#refused.size <= refusedMax) return;
      if (!this.#down.has(old)) this.#refused.delete(old);
    }
  }

  #refuseAll(): readonly number[] {
    const over = [...this.#down.keys()].filter((id) => !this.#refused.has(id));
    for (const id of over) this.#refuse(id);
    return over;
  }
}
