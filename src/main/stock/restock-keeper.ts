import { type RestockFacts, type RestockFailure, afterStep, beginRestock } from '../../core/stock/restock.ts';
import { type Restock, restockSchema } from '../../shared/model/restock.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';

type Kept<T = void> = Result<
  T,
  RestockFailure | StorageFailure | { code: 'no_restock' | 'begun'; message: string }
>;

/** The restock that is under way: each step is on the disk before the next one begins. */
export class RestockKeeper {
  readonly #meta: Pick<MetaStore, 'get' | 'set'>;
  /** Begun, or taken up again, since the program has started. */
  #isKnown = false;

  constructor(meta: Pick<MetaStore, 'get' | 'set'>) {
    this.#meta = meta;
  }

  /** Null: there is none, or none that can be read. */
  get current(): Restock | null {
    const kept = this.#meta.get('restock');
    const restock = restockSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    return restock.success ? restock.data : null;
  }
  /** The program has ended in the middle of it, and nobody has gone on with it yet. */
  get isInterrupted(): boolean {
    return !this.#isKnown && this.current !== null;
  }

  begin(by: string, atMs: number): Kept {
    if (this.current !== null) return fail('begun', 'one is under way');
    return this.#keep(beginRestock(by, atMs));
  }

  /** The step that is done now, and which comes; null: it is over. */
  next(by: string, facts: RestockFacts): Kept<Restock['step'] | null> {
    const restock = this.current;
    if (restock === null) return fail('no_restock', 'none is under way');
    const after = afterStep(restock.step, facts);
    if (!after.ok) return after;
    const kept = this.#keep(after.value === null ? null : { ...restock, by, step: after.value });
    return kept.ok ? ok(after.value) : kept;
  }

  /** It ends as it is: what was put in stays to be accepted, or to be found as a difference. */
  breakOff(): Kept {
    return this.current === null ? fail('no_restock', 'none is under way') : this.#keep(null);
  }

  #keep(restock: Restock | null): Result<void, StorageFailure> {
    const kept = this.#meta.set('restock', JSON.stringify(restock));
    if (kept.ok) this.#isKnown = true;
    return kept;
  }
}
