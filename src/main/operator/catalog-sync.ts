import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { CachedCatalog, CatalogStore } from '../storage/catalog-store.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { CatalogAnswer, OperatorFailure } from './operator-client.ts';

/** Between two looks at the operator's catalogue. */
export const catalogEveryMs = 60_000;
/** The same while there is none at all: without it nothing can be sold. */
export const catalogMissingEveryMs = 2000;

export interface CatalogClient {
  catalog(etag: string | null): Promise<Result<CatalogAnswer, OperatorFailure>>;
}

/** Keeps the catalogue: the stored one at once after the start, then the operator's, looked at every minute. */
export class CatalogSync {
  readonly #store: Pick<CatalogStore, 'load' | 'save'>;
  readonly #client: CatalogClient;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #listeners: Listeners<Catalog>;
  #cached: CachedCatalog | null = null;
  #running = false;
  #fetching = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: {
    readonly store: Pick<CatalogStore, 'load' | 'save'>;
    readonly client: CatalogClient;
    readonly clock: Clock;
    readonly logger?: Logger;
  }) {
    this.#store = options.store;
    this.#client = options.client;
    this.#clock = options.clock;
    this.#listeners = new Listeners(options.clock);
    this.#logger = options.logger;
  }

  /** Null until there is one. */
  current(): Catalog | null {
    return this.#cached?.catalog ?? null;
  }

  /** Called with each new catalogue. Returns the way to stop that. */
  onChange(listener: (catalog: Catalog) => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    const stored = this.#store.load();
    if (!stored.ok) this.#logger?.error('catalog.not_loaded', { error: stored.error });
    else if (stored.value !== null) this.#take(stored.value);
    this.poke();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
  }

  /** Looks now (the link is back). */
  poke(): void {
    if (!this.#running || this.#fetching) return;
    this.#cancelTimer();
    this.#fetching = true;
    void this.#fetch().finally(() => {
      this.#fetching = false;
      if (!this.#running) return;
      const everyMs = this.#cached === null ? catalogMissingEveryMs : catalogEveryMs;
      this.#cancelTimer = this.#clock.after(everyMs, () => this.poke());
    });
  }

  async #fetch(): Promise<void> {
    const answer = await this.#client.catalog(this.#cached?.etag ?? null);
    if (!this.#running) return;
    if (!answer.ok) {
      this.#logger?.warn('catalog.not_fetched', { error: answer.error });
      return;
    }
    if (!answer.value.changed) return;
    const { etag, catalog } = answer.value;
    // An operator that knows no ETags sends the same one every time.
    if (JSON.stringify(catalog) === JSON.stringify(this.#cached?.catalog)) return;
    const saved = this.#store.save({ etag, catalog });
    // Not kept for the next start, but good for now.
    if (!saved.ok) this.#logger?.error('catalog.not_saved', { error: saved.error });
    this.#take({ etag, catalog });
  }

  #take(cached: CachedCatalog): void {
    this.#cached = cached;
    this.#logger?.info('catalog.changed', {
      version: cached.catalog.version,
      products: cached.catalog.products.length,
    });
    this.#listeners.emit(cached.catalog);
  }
}
