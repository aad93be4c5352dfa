import { problemsOfPlan } from '../../core/stock/planogram.ts';
import { type Planogram, planogramSchema } from '../../shared/model/planogram.schema.ts';
import { type Result, fail } from '../../shared/result.ts';
import type { StorageFailure } from '../storage/database.ts';
import { fromJson } from '../storage/json-text.ts';
import type { MetaStore } from '../storage/meta-store.ts';

export interface PlanKeeperOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  /** The operator's newest plan; null: it has none. */
  readonly draft: () => Planogram | null;
  readonly skus: () => ReadonlySet<string>;
  /** Which article stands on which scale. */
  readonly laneOf: ReadonlyMap<string, number>;
  /** The operator's time, ms. */
  readonly nowMs: () => number;
}

/** What is to stand in this cabinet: the plan that was filled last, and the operator's newer one, which waits for a restock. */
export class PlanKeeper {
  readonly #o: PlanKeeperOptions;

  constructor(options: PlanKeeperOptions) {
    this.#o = options;
  }

  /** The one that was filled last; null: none, or none that this version can read. */
  inForce(): Planogram | null {
    const kept = this.#o.meta.get('planogram');
    const plan = planogramSchema.safeParse(kept.ok ? fromJson(kept.value) : null);
    return plan.success ? plan.data : null;
  }

  /** The operator's newer one; null: there is none, or it has ended. */
  draft(): Planogram | null {
    const draft = this.#o.draft();
    const isInTime = draft !== null && draft.expiresAtMs > this.#o.nowMs();
    return isInTime && draft.version > (this.inForce()?.version ?? 0) ? draft : null;
  }

  /** Why the draft cannot be filled here, `no_such_lane: cola 7`; null: it can, or there is none. */
  problem(): string | null {
    const draft = this.draft();
    if (draft === null) return null;
    const [first] = problemsOfPlan(draft.slots, { skus: this.#o.skus(), laneOf: this.#o.laneOf });
    return first === undefined ? null : `${first.problem}: ${first.about}`;
  }

  /** The cabinet has been made known to its operator anew: what another one has planned counts no more. */
  forget(): Result<void, StorageFailure> {
    return this.#o.meta.set('planogram', '');
  }

  /** From now on the draft is what is to stand here. */
  apply(): Result<void, StorageFailure | { code: 'no_draft' | 'does_not_fit'; message: string }> {
    const [draft, problem] = [this.draft(), this.problem()];
    if (draft === null) return fail('no_draft', 'the operator has no newer plan');
    if (problem !== null) return fail('does_not_fit', problem);
    return this.#o.meta.set('planogram', JSON.stringify(draft));
  }
}
