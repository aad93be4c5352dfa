import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth, DoorState } from '../../shared/model/device.ts';
import { type OpeningsRecord, unseenOpeningsMax } from '../../shared/model/host-messages.ts';
import { uselessMax } from './useless-run.ts';

const neverOpen = {
  fault: 'fault.contact',
  detail:
    'the door was not seen open after many openings: its contact or its bolt is stuck, or the contact is not wired',
} as const;
const neverTaken = {
  fault: 'fault.bolt',
  detail: 'the lock answers, but takes no opening: its output, its bolt or its wiring is broken',
} as const;

/** A lock of which nothing is known. */
const noOpenings: OpeningsRecord = { unseen: 0, isFailed: false };

/** Commands so close together are one opening: the same shopper has asked for it again. */
export const sameOpeningMs = 60_000;
/** What an opening counts that the lock itself has not taken: three of them are enough. */
const failedWeight = 4;
/** The lock is out of use for so long after it was found of no use, doubled each time that it was found so again. */
export const restFirstMs = 15 * 60_000;
const restMaxMs = 4 * 3_600_000;

/**
 * Whether a door is ever seen open after it has been unlocked. A shopper who does not pull is no news, ten in a row are.
 * Nobody can open a door that is out of use: so after a rest one more opening is let through, which shows whether it is well.
 */
export class OpeningWatch {
  readonly #clock: Clock;
  #unseenCount: number;
  #countedMs: number | null = null;
  #restFromMs: number;
  #restMs = restFirstMs;
  /** None of those that are counted was taken, so its bolt has not moved since the door was seen last. */
  #isFailed: boolean;

  /** As it was when the cabinet was last switched off. */
  constructor(clock: Clock, { unseen, isFailed }: OpeningsRecord = noOpenings) {
    this.#clock = clock;
    this.#unseenCount = unseen;
    this.#isFailed = isFailed;
    this.#restFromMs = clock.monotonicMs();
  }

  /** The last of them may still be pulled. */
  get record(): OpeningsRecord {
    return { unseen: this.#unseenCount, isFailed: this.#isFailed };
  }

  /**
   * What is wrong with the lock, until its door is seen open; null: nothing. `error`: it is of no use now. `ready`: it is as
   * it was, and one more opening is let through to try it.
   */
  get trouble(): Required<Pick<DeviceHealth, 'state' | 'fault' | 'detail'>> | null {
    if (!this.#isOver) return null;
    const isResting = this.#clock.monotonicMs() - this.#restFromMs < this.#restMs;
    const { fault, detail } = this.#isFailed ? neverTaken : neverOpen;
    return isResting
      ? { state: 'error', fault, detail }
      : { state: 'ready', fault, detail: `is tried again: ${detail}` };
  }

  /** The lock has taken an opening, with the door as it was seen then. */
  opened(door: DoorState): void {
    if (door === 'open') return;
    // Counted or not: from here on its bolt may have moved, and nobody knows whether its contact would show it.
    this.#isFailed = false;
    this.#count(1, false);
  }

  /** The lock has not taken an opening. */
  failed(): void {
    this.#count(failedWeight, true);
  }

  seen(door: DoorState): void {
    if (door !== 'open') return;
    this.#unseenCount = 0;
    this.#isFailed = false;
    this.#countedMs = null;
    this.#restMs = restFirstMs;
  }

  get #isOver(): boolean {
    return this.#unseenCount > uselessMax;
  }

  #count(weight: number, isFailed: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#countedMs !== null && nowMs - this.#countedMs < sameOpeningMs) return;
    if (this.#isOver) this.#restMs = Math.min(2 * this.#restMs, restMaxMs);
    this.#countedMs = nowMs;
    this.#restFromMs = nowMs;
    this.#isFailed = isFailed && (this.#isFailed || this.#unseenCount === 0);
    this.#unseenCount = Math.min(this.#unseenCount + weight, unseenOpeningsMax);
  }
}
