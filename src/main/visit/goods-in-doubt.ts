import type { Clock } from '../../shared/clock.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { ShelfReader } from './shelf-reader.ts';
import type { VisitRecords } from './visit-records.ts';

/** What changes at rest is looked at, and written, no more often than this, ms: the disk may be a memory card. */
const writtenAgainMs = 10_000;

type Shelf = Pick<ShelfReader, 'betweenVisits' | 'recallBetweenVisits'>;

/**
 * Keeps on record what is behind the shut door between two visits: after a restart, what of it is not heard is in doubt.
 * Else an antenna that dies with the power would make its goods such as were never there: the next shopper takes them, and
 * no charge and no alarm says a word of it.
 */
export class GoodsInDoubt {
  readonly #shelf: Shelf;
  readonly #records: NonNullable<VisitRecords['goodsInDoubt']>;
  readonly #clock: Clock;
  /** As on record; null: not loaded yet. */
  #stored: string | null = null;
  /** That the door is open is on record. */
  #isOpenStored = false;
  /** A visit has run behind the shut door, and what it left is not on record. */
  #hasVisitRun = false;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: { shelf: Shelf; records: NonNullable<VisitRecords['goodsInDoubt']>; clock: Clock }) {
    this.#shelf = options.shelf;
    this.#records = options.records;
    this.#clock = options.clock;
  }

  /**
   * To be called often, and whenever the door has moved. What the database does not take is tried again. `visitRuns`: what is
   * behind a door that shuts in a visit is for its final reading to say.
   */
  keep({ door, visitRuns }: { door: DoorState; visitRuns: boolean }): void {
    if (this.#stored === null && !this.#load()) return;
    // While nobody can see the door, nothing is known that was not known before.
    if (door !== 'open' && door !== 'closed') return;
    const isOpen = door === 'open';
    if (!isOpen && visitRuns) {
      this.#hasVisitRun = true;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    // What may have left through an open door is forgotten at once; what a visit has left is kept with its end.
    const isDue = this.#hasVisitRun || (isOpen && !this.#isOpenStored);
    if (!isDue && nowMs < this.#lookedMs + writtenAgainMs) return;
    this.#lookedMs = nowMs;
    const memory = this.#shelf.betweenVisits;
    if (memory === null) return;
    const json = JSON.stringify(memory);
    if (json !== this.#stored && !this.#records.keep(json).ok) return;
    this.#stored = json;
    this.#isOpenStored = isOpen;
    this.#hasVisitRun = false;
  }

  #load(): boolean {
    const loaded = this.#records.load();
    if (!loaded.ok) return false;
    this.#stored = loaded.value ?? '';
    try {
      this.#shelf.recallBetweenVisits(JSON.parse(this.#stored));
    } catch {
      // None yet, or damaged: nothing is in doubt.
    }
    return true;
  }
}
