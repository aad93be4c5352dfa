import { z } from 'zod';
import { chargeIdSchema } from '../../shared/ids.schema.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { skuSchema } from '../../shared/model/catalog.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';

/** So many charges have a draft at most; the oldest goes first. */
export const draftsMax = 50;

const draftsSchema = z
  .array(z.object({ chargeId: chargeIdSchema, skus: z.array(skuSchema).min(1).max(lineCountMax) }))
  .max(draftsMax);
type Drafts = z.infer<typeof draftsSchema>;

/**
 * Reports that shoppers have begun and not sent, one for each charge, oldest first: what was marked. Kept with each mark, so
 * that whoever is called away, or stands before a cabinet that loses its power, finds it again among the purchases.
 */
export class DisputeDrafts {
  readonly #meta: Pick<MetaStore, 'get' | 'set'>;
  readonly #logger: Logger;
  /** Null: not read yet. */
  #drafts: Drafts | null = null;

  constructor(meta: Pick<MetaStore, 'get' | 'set'>, logger: Logger) {
    this.#meta = meta;
    this.#logger = logger;
  }

  /** What is marked; nothing when there is no draft. */
  skusOf(chargeId: string): readonly string[] {
    return this.#read().find((draft) => draft.chargeId === chargeId)?.skus ?? [];
  }

  /**
   * Keeps what is marked now in the place of what was; nothing marked: there is no draft any more. A disk that refuses is
   * logged: the draft then lasts as long as the program.
   */
  put(chargeId: ChargeId, skus: readonly string[]): void {
    const before = this.skusOf(chargeId);
    if (before.length === skus.length && skus.every((sku) => before.includes(sku))) return;
    const others = this.#read().filter((draft) => draft.chargeId !== chargeId);
    const drafts = skus.length === 0 ? others : [...others, { chargeId, skus: [...skus] }];
    this.#drafts = drafts.slice(-draftsMax);
    const written = this.#meta.set('dispute_drafts', JSON.stringify(this.#drafts));
    if (!written.ok) this.#logger.error('dispute.draft_not_kept', { chargeId, error: written.error });
  }

  #read(): Drafts {
    if (this.#drafts !== null) return this.#drafts;
    const stored = this.#meta.get('dispute_drafts');
    if (!stored.ok) return [];
    this.#drafts = parse(stored.value);
    return this.#drafts;
  }
}

/** What cannot be read is no draft: the report can be made anew. */
function parse(stored: string | null): Drafts {
  try {
    const parsed = draftsSchema.safeParse(JSON.parse(stored ?? '[]'));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
