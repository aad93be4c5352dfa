import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { DoorState } from '../../shared/model/device.ts';
import type { StockMark } from '../../shared/model/visit.ts';
import type { CapacityVerdict } from '../../shared/reading-capacity.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { GoodsInDoubt } from './goods-in-doubt.ts';
import type { ShelfReader } from './shelf-reader.ts';
import type { VisitRecords } from './visit-records.ts';

export interface ShelfWatchOptions {
  readonly shelf: ShelfReader;
  /** Absent: what is on the shelf is forgotten by a restart. */
  readonly goodsInDoubt: VisitRecords['goodsInDoubt'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly door: () => DoorState;
  /** The bolt may have moved, and the bill has not been made. */
  readonly visitRuns: () => boolean;
  /** The staff has the door: what goes is theirs. */
  readonly isStaffAtWork: () => boolean;
  /** Goods have gone through a shut door, most likely with this visit; null: none is known. */
  readonly reportVanished: (visitId: VisitId | null) => void;
  /** What this visit was asked for as gone lies inside after all; null: it is not known any more which visit. */
  readonly reportFoundAgain: (visitId: VisitId | null) => void;
  /** The scale of this lane is not believed any more. */
  readonly reportAtOdds: (lane: number) => void;
  /** What is shown beside the visit has changed. */
  readonly onChange: () => void;
}

/** Watches the shelf beside the visit: whether the reader is heard, what is in stock, what goes through a shut door. */
export class ShelfWatch {
  readonly #options: ShelfWatchOptions;
  readonly #inDoubt: GoodsInDoubt | null;
  #capacity: CapacityVerdict | null = null;
  #stock: Readonly<Record<string, StockMark>> = {};
  #isEmpty = false;
  #readerWasAlive = false;

  constructor(options: ShelfWatchOptions) {
    this.#options = options;
    const { shelf, goodsInDoubt: records, clock } = options;
    this.#inDoubt = records === undefined ? null : new GoodsInDoubt({ shelf, records, clock });
  }

  /** Of which products there is no or one piece, as the shelf was read last between visits. */
  get stock(): Readonly<Record<string, StockMark>> {
    return this.#stock;
  }
  /** Nothing was heard on the shelf, as it was read last between visits. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }
  /** Whether what is in stock can be read to the end after a visit, as far as that was known last. */
  get capacity(): CapacityVerdict | null {
    return this.#capacity;
  }

  /** To be called often. */
  look(): void {
    const { shelf, onChange, door, visitRuns } = this.#options;
    if (this.#readerWasAlive !== shelf.isAlive) {
      this.#readerWasAlive = shelf.isAlive;
      onChange();
    }
    this.#readStock();
    this.#readCapacity();
    this.#tellVanished();
    for (const visitId of shelf.newlyFoundAgain()) this.#options.reportFoundAgain(visitId);
    this.#tellAtOdds();
    this.#inDoubt?.keep({ door: door(), visitRuns: visitRuns() });
  }

  /** While a visit runs the shelf is as it was when it began; after it, unknown until it has been read. */
  #readStock(): void {
    const { shelf, visitRuns, onChange } = this.#options;
    if (visitRuns()) return;
    this.#isEmpty = shelf.isEmpty ?? this.#isEmpty;
    const { stock } = shelf;
    if (isDeepStrictEqual(stock, this.#stock)) return;
    this.#stock = stock;
    onChange();
  }

  #readCapacity(): void {
    const { capacity } = this.#options.shelf;
    if (capacity === this.#capacity || capacity === null) return;
    this.#capacity = capacity;
    if (capacity === 'fits') return;
    this.#options.logger.warn('shelf.more_tags_than_reader_carries', { verdict: capacity });
  }

  /** What a scale says does not go with what all others say, visit after visit: it needs a hand, and has no say until then. */
  #tellAtOdds(): void {
    for (const lane of this.#options.shelf.newlyAtOdds()) {
      this.#options.logger.warn('shelf.scale_at_odds', { lane });
      this.#options.reportAtOdds(lane);
    }
  }

  /** Goods do not leave through a shut door: an antenna is blind, or the contact says "shut" of an open door. */
  #tellVanished(): void {
    const { shelf, visitRuns, isStaffAtWork, logger, reportVanished } = this.#options;
    if (isStaffAtWork()) {
      shelf.acceptVanished();
      return;
    }
    const count = visitRuns() ? 0 : shelf.newlyVanished();
    if (count === 0) return;
    logger.warn('shelf.goods_vanished', { count });
    reportVanished(shelf.vanishedAfter);
  }
}
