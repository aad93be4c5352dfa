import type { DoorState } from '../../shared/model/device.ts';
import { UselessRun } from './useless-run.ts';

export const neverOpenDetail =
  'the door was not seen open after ten openings: its contact or its bolt is stuck, or the contact is not wired';

/** Whether a door is ever seen open after it has been unlocked. A shopper who does not pull is no news, ten in a row are. */
export class OpeningWatch {
  readonly #unseen = new UselessRun();
  /** An opening of which nothing has been seen yet. */
  #isAwaited = false;

  get isError(): boolean {
    return this.#unseen.isError;
  }

  /** The lock has taken an opening, with the door as it was seen then. */
  opened(door: DoorState): void {
    if (door === 'open') return;
    if (this.#isAwaited) this.#unseen.note(false);
    this.#isAwaited = true;
  }

  seen(door: DoorState): void {
    if (door !== 'open') return;
    this.#unseen.note(true);
    this.#isAwaited = false;
  }
}
