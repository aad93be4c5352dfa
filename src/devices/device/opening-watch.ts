import type { DoorState } from '../../shared/model/device.ts';
import { uselessMax } from './useless-run.ts';

export const neverOpenDetail =
  'the door was not seen open after ten openings: its contact or its bolt is stuck, or the contact is not wired';

/** Whether a door is ever seen open after it has been unlocked. A shopper who does not pull is no news, ten in a row are. */
export class OpeningWatch {
  #unseenCount: number;

  /** `unseenCount`: as it was when the cabinet was last switched off. */
  constructor(unseenCount = 0) {
    this.#unseenCount = unseenCount;
  }

  /** Openings in a row after which the door was not seen open; the last of them may still be pulled. */
  get unseenCount(): number {
    return this.#unseenCount;
  }

  get isError(): boolean {
    return this.#unseenCount > uselessMax;
  }

  /** The lock has taken an opening, with the door as it was seen then. */
  opened(door: DoorState): void {
    if (door !== 'open' && !this.isError) this.#unseenCount++;
  }

  seen(door: DoorState): void {
    if (door === 'open') this.#unseenCount = 0;
  }
}
