import { type Counted, acceptStock, countStock, moveStock, openedBy } from '../../core/stock/stock-book.ts';
import { type HeardTags, tagsPastDay } from '../../core/stock/dated-tags.ts';
import { type LotFailure, addLot, expiredOf, removeLot } from '../../core/stock/lots.ts';
import type { Clock } from '../../shared/clock.ts';
import {
  type StockBook,
  type StockDifference,
  type StockLot,
  stockBookSchema,
  stockDifferenceSchema,
} from '../../shared/model/stock.schema.ts';
import type { Random } from '../../shared/random.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Database, StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import type { StockRecords } from '../visit/visit-records.ts';
import { localDayOf } from './local-day.ts';

/** Differences that are kept here, the newest; the operator has them all. */
export const differencesKept = 1_000;
const idByteCount = 16;
type Kept = Result<void, StorageFailure>;

export interface StockLedgerOptions {
  readonly database: Database;
  /** What lies inside behind the shut door, by SKU; null: not settled. */
  readonly counted: () => Counted | null;
  /** Their tags. */
  readonly heard: () => HeardTags | null;
  readonly clock: Clock;
  /** The operator's time, ms. */
  readonly nowMs: () => number;
  readonly random: Pick<Random, 'bytes'>;
  readonly logger: Logger;
}

/**
 * The book of what lies in the cabinet: it follows visits and the staff, and says what differs when the goods are counted. Each
 * method is one transaction, or joins the outer one: what a visit has taken is in the book with the visit's end, or neither is.
 */
export class StockLedger implements StockRecords {
  readonly #o: StockLedgerOptions;
  readonly #listeners: Listeners;

  constructor(options: StockLedgerOptions) {
    this.#o = options;
    this.#listeners = new Listeners(options.clock);
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Null: nothing was ever counted, or it cannot be read; the next count begins anew. */
  book(): StockBook | null {
    const { database } = this.#o;
    const kept = database.read(() => {
      const row = database.prepare('SELECT book_json FROM stock_book WHERE id = 1 LIMIT 1').first();
      return stockBookSchema.safeParse(fromJson(row?.['book_json']));
    });
    return kept.ok && kept.value.success ? kept.value.data : null;
  }

  /** While something is undecided nothing is counted: the next count then has more people between it and the one before. */
  before(who: string): Kept {
    const counted = this.#o.counted();
    return this.#change((book) => {
      if (counted === null) return book && openedBy(book, who);
      const { book: now, found } = countStock(book, counted, this.#o.nowMs(), this.#heard());
      for (const difference of found) this.#add(difference);
      return openedBy(now, who);
    });
  }

  after(...moved: Parameters<StockRecords['after']>): Kept {
    return this.#change((book) => book && moveStock(book, ...moved));
  }

  /** The staff says that what lies there now is right; with it, or not at all, what counts from then on. */
  accept<T>(counted: Counted, also: () => Result<T, StorageFailure>): Result<T, StorageFailure> {
    return this.#o.database.transaction(() => {
      const kept = this.#change((book) => acceptStock(book, counted, this.#o.nowMs(), this.#heard()));
      return kept.ok ? also() : kept;
    });
  }

  /** These were put in on that day. `unknown`: the goods were never counted. */
  addLot(lot: StockLot, day: string): Result<void, LotFailure | StorageFailure> {
    return this.#tryChange((book) => addLot(book, lot, day));
  }
  /** These were taken out by the staff. */
  removeLot(lot: StockLot): Result<void, LotFailure | StorageFailure> {
    return this.#tryChange((book) => removeLot(book, lot));
  }
  /** How many of each article are past their day. */
  expired(): ReadonlyMap<string, number> {
    const book = this.book();
    return book === null ? new Map() : expiredOf(book, this.today);
  }
  /** Tags of those, of articles each piece of which is known by its tag. */
  pastDay(): ReadonlyMap<string, ReadonlySet<string>> {
    const book = this.book();
    return book === null ? new Map() : tagsPastDay(book, this.today);
  }
  /** The cabinet's own day. */
  get today(): string {
    return localDayOf(this.#o.nowMs());
  }

  /** The newest ones first. */
  differences(limit: number): readonly StockDifference[] {
    return this.#read('SELECT difference_json FROM stock_difference ORDER BY seq DESC LIMIT ?', limit);
  }

  /** Those that the operator does not have yet, the oldest first. */
  untold(limit: number): readonly StockDifference[] {
    const sql = 'SELECT difference_json FROM stock_difference WHERE is_told = 0 ORDER BY seq LIMIT ?';
    return this.#read(sql, limit);
  }

  told(differences: readonly StockDifference[]): Kept {
    const { database } = this.#o;
    return database.transaction(() => {
      for (const { id } of differences)
        database.prepare('UPDATE stock_difference SET is_told = 1 WHERE id = ?').run(id);
      return ok();
    });
  }

  #heard(): HeardTags {
    return this.#o.heard() ?? new Map();
  }

  #tryChange(
    step: (book: StockBook) => Result<StockBook, LotFailure>,
  ): Result<void, LotFailure | StorageFailure> {
    const book = this.book();
    if (book === null) return fail('unknown', 'the goods were never counted');
    const stepped = step(book);
    return stepped.ok ? this.#change(() => stepped.value) : stepped;
  }

  #change(step: (book: StockBook | null) => StockBook | null): Kept {
    const { database, logger } = this.#o;
    const kept = database.transaction((): Kept => {
      const book = step(this.book());
      if (book === null) return ok();
      // One that could not be read again would take with it all that is known. No visit waits for it.
      if (!stockBookSchema.safeParse(book).success) {
        logger.error('stock.step_left_out', { sinceMs: book.sinceMs, between: book.betweenCount });
        return ok();
      }
      database
        .prepare(
          `INSERT INTO stock_book (id, book_json) VALUES (1, ?)
           ON CONFLICT (id) DO UPDATE SET book_json = excluded.book_json`,
        )
        .run(JSON.stringify(book));
      return ok();
    });
    // In a turn of its own: what this is part of may still be undone.
    this.#o.clock.after(0, () => {
      this.#listeners.emit();
    });
    return kept;
  }

  #add(difference: Omit<StockDifference, 'id'>): void {
    const { database, random, logger } = this.#o;
    const id = Buffer.from(random.bytes(idByteCount)).toString('base64url');
    const json = JSON.stringify({ id, ...difference });
    database.prepare('INSERT INTO stock_difference (id, difference_json) VALUES (?, ?)').run(id, json);
    database
      .prepare('DELETE FROM stock_difference WHERE seq <= (SELECT max(seq) FROM stock_difference) - ?')
      .run(differencesKept);
    const { sku, expected, counted } = difference;
    logger.warn('stock.differs', { sku, expected, counted });
  }

  #read(sql: string, limit: number): readonly StockDifference[] {
    const { database, logger } = this.#o;
    const rows = database.read(() => database.prepare(sql).all(limit));
    if (!rows.ok) {
      logger.error('stock.not_read', { error: rows.error });
      return [];
    }
    return rows.value.flatMap((row) => {
      const parsed = stockDifferenceSchema.safeParse(fromJson(row['difference_json']));
      return parsed.success ? [parsed.data] : [];
    });
  }
}
