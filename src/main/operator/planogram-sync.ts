import type { Clock } from '../../shared/clock.ts';
import { type Planogram, planogramSchema } from '../../shared/model/planogram.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, PlanogramAnswer } from './operator-client.ts';
import { keptInMeta } from './kept-in-meta.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface PlanogramSyncOptions {
  readonly store: Pick<MetaStore, 'get' | 'set'>;
  readonly client: {
    planogram(etag: string | null): Promise<Result<PlanogramAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  /** Of another cabinet no plan is taken. */
  readonly cabinetId: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Keeps the operator's newest plan of what is to stand here: a draft until somebody restocks. */
export class PlanogramSync extends VersionedSync<Planogram> {
  constructor({ store, client, cabinetId, ...common }: PlanogramSyncOptions) {
    super({
      ...common,
      name: 'planogram',
      endsWhenNotServed: false,
      store: keptInMeta(store, 'planogram_draft', planogramSchema),
      fetch: async (etag) => {
        const answer = await client.planogram(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        const { plan, etag: newEtag } = answer.value;
        if (plan.cabinetId !== cabinetId) return fail('network.unproven', 'a plan of another cabinet');
        return ok({ changed: true, etag: newEtag, value: plan });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ slots }) => ({ slots: slots.length }),
    });
  }
}
