import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { CachedCatalog, CatalogStore } from '../storage/catalog-store.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
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
  readonly #logger: Logger | undefined;
  readonly #listeners: Listeners<Catalog>;
  #cached: CachedCatalog | null = null;
  readonly #loop: RetryLoop;

  constructor(options: {
    readonly store: Pick<CatalogStore, 'load' | 'save'>;
    readonly client: CatalogClient;
    readonly clock: Clock;
    readonly logger?: Logger;
  }) {
    this.#store = options.store;
    this.#client = options.client;
    this.#listeners = new Listeners(options.clock);
    this.#logger = options.logger;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#fetch() });
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
    if (this.#loop.running) return;
    const stored = this.#store.load();
    if (!stored.ok) this.#logger?.error('catalog.not_loaded', { error: stored.error });
    else if (stored.value !== null) this.#take(stored.value);
    this.#loop.start();
  }

  stop(): void {
    void this.#loop.stop();
  }

  /** Looks now (the link is back, or it is another one). */
  wake(): void {
    this.#loop.wake();
  }

  /** Answers after how many ms to look again. */
  async #fetch(): Promise<number> {
    const answer = await this.#client.catalog(this.#cached?.etag ?? null);
    if (this.#loop.running) this.#handle(answer);
    return this.#cached === null ? catalogMissingEveryMs : catalogEveryMs;
  }

  #handle(answer: Result<CatalogAnswer, OperatorFailure>): void {
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
