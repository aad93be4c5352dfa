import type { Clock } from '../../shared/clock.ts';
import type { DeviceHealth, DoorState } from '../../shared/model/device.ts';
import { unseenOpeningsMax } from '../../shared/model/host-messages.ts';
import { uselessMax } from './useless-run.ts';

const neverOpen = {
  fault: 'fault.contact',
  detail:
    'the door was not seen open after ten openings: its contact or its bolt is stuck, or the contact is not wired',
} as const;
const neverTaken = {
  fault: 'fault.bolt',
  detail: 'the lock answers, but takes no opening: its output, its bolt or its wiring is broken',
} as const;

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
  #isFailed = false;

  /** `unseenCount`: as it was when the cabinet was last switched off. */
  constructor(clock: Clock, unseenCount = 0) {
    this.#clock = clock;
    this.#unseenCount = unseenCount;
    this.#restFromMs = clock.monotonicMs();
  }

  /** Openings in a row after which the door was not seen open; the last of them may still be pulled. */
  get unseenCount(): number {
    return this.#unseenCount;
  }

  /** Why the lock is of no use now; null: it may be opened. */
  get error(): Required<Pick<DeviceHealth, 'fault' | 'detail'>> | null {
    const isResting = this.#clock.monotonicMs() - this.#restFromMs < this.#restMs;
    if (!this.#isOver || !isResting) return null;
    return this.#isFailed ? neverTaken : neverOpen;
  }

  /** The lock has taken an opening, with the door as it was seen then. */
  opened(door: DoorState): void {
    if (door !== 'open') this.#count(1, false);
  }

  /** The lock has not taken an opening. */
  failed(): void {
    this.#count(failedWeight, true);
  }

  seen(door: DoorState): void {
    if (door !== 'open') return;
    this.#unseenCount = 0;
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
    this.#isFailed = isFailed;
    this.#unseenCount = Math.min(this.#unseenCount + weight, unseenOpeningsMax);
  }
}
