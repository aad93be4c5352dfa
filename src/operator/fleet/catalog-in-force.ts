import type { SQL } from 'drizzle-orm';
import { and, desc, eq, inArray, isNotNull, isNull, not, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ApiFailure } from '../http/errors.ts';
import { catalogsDraftedMax, catalogsPutMax } from '../limits.ts';
import { catalogVersion, staffProposal } from '../storage/schema.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import type { Db } from '../storage/storage.ts';
import type { CatalogFailure, ServedCatalog } from './catalog.ts';
import { serveCatalog } from './catalog.ts';
import { recordPrices } from './catalog-prices.ts';

export interface CatalogInForceOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the file that the service was started with: served until the database says otherwise. */
  readonly file: ServedCatalog;
  /** See `recordPrices`. */
  readonly isTimeSure: () => boolean;
}

/** A catalogue that was made, or was in force; `number` is how the database calls it. */
export type KnownCatalog = Pick<
  typeof catalogVersion.$inferSelect,
  'number' | 'version' | 'madeBy' | 'madeAtMs' | 'putOrder'
>;

const newest = sql`${catalogVersion.putOrder} desc nulls last`;

/**
 * The catalogue that is sold by, for all instances on one database. It is a `ServedCatalog` that becomes another one: whoever
 * is given it reads what is in force now. A file that this database has not seen yet is put in force at the start, once; from
 * then on the console decides.
 */
export class CatalogInForce implements ServedCatalog {
  readonly #o: CatalogInForceOptions;
  #served: ServedCatalog;
  /** What the database calls that; null: it is the file, which nobody has put in force. */
  #servedEtag: string | null = null;
  /** Of two that read side by side the one that began later has seen more. */
  #readsBegun = 0;
  #readTaken = 0;

  constructor(options: CatalogInForceOptions) {
    this.#o = options;
    this.#served = options.file;
  }

  get catalog(): Catalog {
    return this.#served.catalog;
  }
  get text(): string {
    return this.#served.text;
  }
  get etag(): string {
    return this.#served.etag;
  }

  /**
   * At a start: the file is put in force if it is a new one, and the prices of what is in force are noted. Fails where what was
   * in force is none that this program takes.
   */
  async begin(): Promise<Result<void, CatalogFailure>> {
    const { db, clock, file, isTimeSure } = this.#o;
    // All of it while nobody puts another one in force: the prices of that one would end.
    return db.transaction(async (tx): Promise<Result<void, CatalogFailure>> => {
      await lockPutting(tx);
      const isIt = and(eq(catalogVersion.etag, file.etag), eq(catalogVersion.fromFile, true));
      if ((await tx.$count(catalogVersion, isIt)) === 0) {
        const number = await this.#insert(tx, file, { madeBy: 'CATALOG_FILE', fromFile: true });
        await this.#putRow(tx, number);
      }
      const read = await this.#read(tx);
      if (read.ok) await recordPrices(tx, clock, this.catalog, isTimeSure());
      return read;
    });
  }

  /** Reads what another instance, or the console, has put in force. Without the database: what is known stays. */
  async refresh(): Promise<void> {
    const { logger } = this.#o;
    try {
      const read = await this.#read(this.#o.db);
      if (!read.ok) logger.error('catalog_not_taken', { error: read.error.message });
    } catch (error) {
      logger.warn('catalog_not_read', { error: String(error) });
    }
  }

  async #read(db: Db): Promise<Result<void, CatalogFailure>> {
    const read = ++this.#readsBegun;
    const { etag } = catalogVersion;
    const isPut = isNotNull(catalogVersion.putOrder);
    const [head] = await db.select({ etag }).from(catalogVersion).where(isPut).orderBy(newest).limit(1);
    if (head === undefined || head.etag === this.#servedEtag) return ok();
    const [row] = await db.select().from(catalogVersion).where(isPut).orderBy(newest).limit(1);
    if (row === undefined || read < this.#readTaken) return ok();
    const served = serveCatalog(JSON.parse(row.body) as unknown, `catalogue ${row.version} of the database`);
    if (!served.ok) return served;
    this.#served = served.value;
    this.#servedEtag = row.etag;
    this.#readTaken = read;
    return ok();
  }

  /**
   * Keeps one that may be put in force; the oldest that never was go, but for those that wait for a second person. `conflict`: its
   * name was another one's.
   */
  async draft(tx: Db, made: ServedCatalog, madeBy: string): Promise<Result<number, ApiFailure>> {
    const { version } = made.catalog;
    const namesakes = await tx
      .select({ etag: catalogVersion.etag, number: catalogVersion.number, putOrder: catalogVersion.putOrder })
      .from(catalogVersion)
      .where(eq(catalogVersion.version, version));
    if (namesakes.some(({ etag, putOrder }) => putOrder !== null && etag !== made.etag))
      return fail('conflict', `another catalogue was in force as ${version}`);
    const same = namesakes.find(({ etag }) => etag === made.etag);
    if (same !== undefined) return ok(same.number);
    const number = await this.#insert(tx, made, { madeBy, fromFile: false });
    const isLeft = and(isNull(catalogVersion.putOrder), not(waitsAt(this.#o.clock.nowMs())));
    await forgetOld(tx, isLeft, desc(catalogVersion.number), catalogsDraftedMax);
    return ok(number);
  }

  /** In the transaction of whoever decides it; other instances, and this one, see it by `refresh`. */
  async put(tx: Db, number: number): Promise<Result<void, ApiFailure>> {
    const { clock, isTimeSure } = this.#o;
    // The prices of before would not end then (recordPrices), and there is no start to come that makes up for it.
    if (!isTimeSure()) return fail('unavailable', 'the time is not sure: it disagrees with this machine’s');
    await lockPutting(tx);
    const [row] = await tx.select().from(catalogVersion).where(eq(catalogVersion.number, number));
    if (row === undefined) return fail('not_found', 'no such catalogue, or not any more');
    const catalog = catalogOf(row);
    if (catalog.currency !== this.catalog.currency)
      return fail('conflict', `this service sells in ${this.catalog.currency}`);
    await this.#putRow(tx, number);
    await recordPrices(tx, clock, catalog);
    return ok();
  }

  async #insert(
    tx: Db,
    { catalog, text, etag }: ServedCatalog,
    of: { readonly madeBy: string; readonly fromFile: boolean },
  ): Promise<number> {
    const [row] = await tx
      .insert(catalogVersion)
      .values({ version: catalog.version, etag, body: text, madeAtMs: this.#o.clock.nowMs(), ...of })
      .returning({ number: catalogVersion.number });
    assert(row !== undefined, 'what was inserted is there');
    return row.number;
  }

  async #putRow(tx: Db, number: number): Promise<void> {
    const next = sql`(select coalesce(max(put_order), 0) + 1 from catalog_version)`;
    await tx.update(catalogVersion).set({ putOrder: next }).where(eq(catalogVersion.number, number));
    // Of files all are kept: one that was forgotten would be put in force again by the next start with it.
    const isOurs = and(isNotNull(catalogVersion.putOrder), eq(catalogVersion.fromFile, false));
    await forgetOld(tx, isOurs, newest, catalogsPutMax);
  }
}

const lockPutting = (tx: Db): Promise<void> => lockOneAtATime(tx, 'catalog');

/** Somebody has proposed it, and nobody has answered yet. */
function waitsAt(nowMs: number): SQL {
  return sql`exists (select 1 from ${staffProposal} p where p.state = 'open' and p.ends_at_ms > ${nowMs}
    and p.act::json ->> 'kind' = 'put_goods'
    and (p.act::json ->> 'number')::bigint = ${catalogVersion}.number)`;
}

/** All but so many of these, in this order. */
async function forgetOld(tx: Db, which: SQL | undefined, order: SQL, most: number): Promise<void> {
  const { number } = catalogVersion;
  const old = await tx.select({ number }).from(catalogVersion).where(which).orderBy(order).offset(most);
  const numbers = old.map((row) => row.number);
  if (numbers.length > 0) await tx.delete(catalogVersion).where(inArray(number, numbers));
}

/** It was checked before it was stored, and is again before it is served. */
function catalogOf({ body }: { readonly body: string }): Catalog {
  return JSON.parse(body) as Catalog;
}

/** What is in force and the one with that number, where they are; nobody puts another one in force before `tx` has ended. */
export async function lockCatalogs(
  tx: Db,
  number: number,
): Promise<{ readonly inForce: StoredCatalog | null; readonly wanted: StoredCatalog | null }> {
  await lockPutting(tx);
  const isPut = isNotNull(catalogVersion.putOrder);
  const [head] = await tx.select().from(catalogVersion).where(isPut).orderBy(newest).limit(1);
  const [row] = await tx.select().from(catalogVersion).where(eq(catalogVersion.number, number));
  return { inForce: storedOf(head), wanted: storedOf(row) };
}

type StoredCatalog = Pick<ServedCatalog, 'catalog' | 'etag'>;
function storedOf(row: typeof catalogVersion.$inferSelect | undefined): StoredCatalog | null {
  return row === undefined ? null : { catalog: catalogOf(row), etag: row.etag };
}

/** Those that were made and are not in force, newest first; behind them those that were, of which the first is. */
export function listCatalogs(db: Db): Promise<KnownCatalog[]> {
  const { number, version, madeBy, madeAtMs, putOrder } = catalogVersion;
  return db
    .select({ number, version, madeBy, madeAtMs, putOrder })
    .from(catalogVersion)
    .orderBy(sql`${putOrder} desc nulls first`, desc(number))
    .limit(catalogsPutMax + catalogsDraftedMax);
}
