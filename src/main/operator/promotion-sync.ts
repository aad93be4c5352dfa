import type { Clock } from '../../shared/clock.ts';
import { type PromotionOrder, promotionOrderSchema } from '../../shared/model/promotion.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, PromotionAnswer } from './operator-client.ts';
import { keptInMeta } from './kept-in-meta.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface PromotionSyncOptions {
  readonly store: Pick<MetaStore, 'get' | 'set'>;
  readonly client: {
    promotions(etag: string | null): Promise<Result<PromotionAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  /** Of another cabinet no order is taken. */
  readonly cabinetId: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Keeps the promotions that the operator has drawn up for this cabinet. */
export class PromotionSync extends VersionedSync<PromotionOrder> {
  constructor({ store, client, cabinetId, ...common }: PromotionSyncOptions) {
    super({
      ...common,
      name: 'promotions',
      endsWhenNotServed: true,
      store: keptInMeta(store, 'promotions', promotionOrderSchema),
      fetch: async (etag) => {
        const answer = await client.promotions(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        const { order, etag: newEtag } = answer.value;
        if (order.cabinetId !== cabinetId) return fail('network.unproven', 'promotions of another cabinet');
        return ok({ changed: true, etag: newEtag, value: order });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ promotions }) => ({ promotions: promotions.length }),
    });
  }
}
