import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { providerOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * What an adapter has to remember of an order: the numbers that the provider has given it, and acts that were begun. It is
 * on record before the provider is asked, so that a repeat after a crash is the same act.
 */
export interface ProviderOrders<T> {
  /** Null: nothing is known of this order. */
  find(orderId: string): Promise<T | null>;
  /**
   * Stores what `next` makes of what is known, and gives it. One at a time for each order; `next` does no I/O and may be
   * called again.
   */
  change(orderId: string, next: (known: T | null) => T): Promise<T>;
}

/** The orders of one provider in the database, as JSON that `schema` reads. */
export class StoredOrders<T> implements ProviderOrders<T> {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #provider: string;
  readonly #schema: z.ZodType<T>;

  constructor(db: Db, clock: Clock, provider: string, schema: z.ZodType<T>) {
    this.#db = db;
    this.#clock = clock;
    this.#provider = provider;
    this.#schema = schema;
  }

  async find(orderId: string): Promise<T | null> {
    return this.#read(this.#db, orderId);
  }

  async change(orderId: string, next: (known: T | null) => T): Promise<T> {
    const provider = this.#provider;
    return this.#db.transaction(async (tx) => {
      // The row is there before it is locked, so that two who begin at once come one after the other.
      const atMs = this.#clock.nowMs();
      const empty = { orderId, provider, known: null, beganAtMs: atMs, changedAtMs: atMs };
      await tx.insert(providerOrder).values(empty).onConflictDoNothing();
      await tx.select().from(providerOrder).where(this.#is(orderId)).for('update');
      const changed = next(await this.#read(tx, orderId));
      await tx
        .update(providerOrder)
        .set({ known: JSON.stringify(changed), changedAtMs: atMs })
        .where(this.#is(orderId));
      return changed;
    });
  }

  async #read(db: Db, orderId: string): Promise<T | null> {
    const [row] = await db.select().from(providerOrder).where(this.#is(orderId));
    return row?.known === undefined || row.known === null ? null : this.#schema.parse(JSON.parse(row.known));
  }

  #is(orderId: string) {
    return and(eq(providerOrder.orderId, orderId), eq(providerOrder.provider, this.#provider));
  }
}
