import { type OpeningsRecord, unseenOpeningsSchema } from '../../shared/model/host-messages.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaKey, MetaStore } from '../storage/meta-store.ts';

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

  /** Of each door, the first one first: none where nothing, or nothing that makes sense, is on record. */
  load(): OpeningsRecord[] {
    return names.map((name) => {
      const [stored, failed] = [this.#meta.get(name.unseen), this.#meta.get(name.failed)];
      const count = unseenOpeningsSchema.safeParse(Number(stored.ok ? stored.value : 0));
      return { unseen: count.success ? count.data : 0, isFailed: failed.ok && failed.value === 'true' };
    });
  }

  /** What the database does not take is lost with the next restart: later openings are counted all the same. */
  keep({ ofDoor, unseen, isFailed }: OpeningsRecord & { readonly ofDoor: number }): void {
    const name = names[ofDoor - 1];
    if (name === undefined) return;
    for (const kept of [
      this.#meta.set(name.unseen, String(unseen)),
      this.#meta.set(name.failed, String(isFailed)),
    ]) {
      if (!kept.ok) this.#logger.warn('openings.not_kept', { code: kept.error.code });
    }
  }
}

/** The first door's are from when there was one. */
const names = [
  { unseen: 'unseen_openings', failed: 'opening_failed' },
  { unseen: 'unseen_openings_2', failed: 'opening_failed_2' },
  { unseen: 'unseen_openings_3', failed: 'opening_failed_3' },
  { unseen: 'unseen_openings_4', failed: 'opening_failed_4' },
] as const satisfies readonly { readonly unseen: MetaKey; readonly failed: MetaKey }[];
