import type { Clock } from '../../shared/clock.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { ShelfReader } from './shelf-reader.ts';
import type { VisitRecords } from './visit-records.ts';

/** What changes with each round of a reader is written no more often than this, ms. */
const writtenAgainMs = 10_000;

/**
 * Keeps on record which goods are in doubt between two visits. Else a restart would make them goods that were never there:
 * the next shopper takes them, and no charge and no alarm says a word of it.
 */
export class GoodsInDoubt {
  readonly #shelf: Pick<ShelfReader, 'doubts' | 'recallDoubts'>;
  readonly #records: NonNullable<VisitRecords['goodsInDoubt']>;
  readonly #clock: Clock;
  /** As on record; null: not loaded yet. */
  #stored: string | null = null;
  #writtenMs = Number.NEGATIVE_INFINITY;

  constructor(options: {
    shelf: Pick<ShelfReader, 'doubts' | 'recallDoubts'>;
    records: NonNullable<VisitRecords['goodsInDoubt']>;
    clock: Clock;
  }) {
    this.#shelf = options.shelf;
    this.#records = options.records;
    this.#clock = options.clock;
  }

  /** To be called often, and whenever the door has moved. What the database does not take is tried again. */
  keep(door: DoorState): void {
    if (this.#stored === null && !this.#load()) return;
    // While nobody can see the door, nothing is known that was not known before.
    if (door !== 'open' && door !== 'closed') return;
    const json = JSON.stringify(this.#shelf.doubts);
    const nowMs = this.#clock.monotonicMs();
    if (json === this.#stored || (door === 'closed' && nowMs < this.#writtenMs + writtenAgainMs)) return;
    this.#writtenMs = nowMs;
    if (this.#records.keep(json).ok) this.#stored = json;
  }

  #load(): boolean {
    const loaded = this.#records.load();
    if (!loaded.ok) return false;
    this.#stored = loaded.value ?? '[]';
    try {
      this.#shelf.recallDoubts(JSON.parse(this.#stored));
    } catch {
      // Damaged: nothing is in doubt.
    }
    return true;
  }
}
