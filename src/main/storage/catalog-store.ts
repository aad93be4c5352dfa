import type { Clock } from '../../shared/clock.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { Database, StorageFailure } from './database.ts';
import { fromJson } from './json-text.ts';

export interface CachedCatalog {
  readonly etag: string | null;
  readonly catalog: Catalog;
}

/** The last catalogue that the operator gave, for a start without network. */
export class CatalogStore {
  readonly #db: Database;
  readonly #clock: Clock;
  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Null when there is none, or none that this version can read: it is fetched again anyway. */
  load(): Result<CachedCatalog | null, StorageFailure> {
    return this.#db.read(() => {
      const row = this.#db
        .prepare('SELECT etag, catalog_json FROM catalog_cache WHERE id = 1 LIMIT 1')
        .first();
      if (row === undefined) return null;
      const catalog = catalogSchema.safeParse(fromJson(row['catalog_json']));
      if (!catalog.success) return null;
      return { etag: typeof row['etag'] === 'string' ? row['etag'] : null, catalog: catalog.data };
    });
  }

  save(cached: CachedCatalog): Result<void, StorageFailure> {
    return this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO catalog_cache (id, etag, catalog_json, fetched_ms) VALUES (1, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, catalog_json = excluded.catalog_json,
             fetched_ms = excluded.fetched_ms`,
        )
        .run(cached.etag, JSON.stringify(cached.catalog), this.#clock.nowMs());
      return ok();
    });
  }
}
