import { type OpeningsRecord, unseenOpeningsSchema } from '../../shared/model/host-messages.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';

/**
 * After how many openings in a row the door was not seen open, kept over restarts: a cabinet that is switched off each night
 * would else never find that its door contact is stuck, and call a dead output one. The first look at the open door sets it
 * back.
 */
export class UnseenOpenings {
  readonly #meta: Pick<MetaStore, 'get' | 'set'>;
  readonly #logger: Logger;

  constructor(meta: Pick<MetaStore, 'get' | 'set'>, logger: Logger) {
    this.#meta = meta;
    this.#logger = logger;
  }

  /** None where nothing, or nothing that makes sense, is on record. */
  load(): OpeningsRecord {
    const [stored, failed] = [this.#meta.get('unseen_openings'), this.#meta.get('opening_failed')];
    const count = unseenOpeningsSchema.safeParse(Number(stored.ok ? stored.value : 0));
    return { unseen: count.success ? count.data : 0, isFailed: failed.ok && failed.value === 'true' };
  }

  /** What the database does not take is lost with the next restart: later openings are counted all the same. */
  keep({ unseen, isFailed }: OpeningsRecord): void {
    for (const kept of [
      this.#meta.set('unseen_openings', String(unseen)),
      this.#meta.set('opening_failed', String(isFailed)),
    ]) {
      if (!kept.ok) this.#logger.warn('openings.not_kept', { code: kept.error.code });
    }
  }
}
