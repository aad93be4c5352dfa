import { type PromotionOrder, promotionOrderSchema } from '../../shared/model/promotion.schema.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import { keptInMeta } from './kept-in-meta.ts';
import type { OperatorClient } from './operator-client.ts';
import { type OwnSyncParts, VersionedSync } from './versioned-sync.ts';

/** Keeps the promotions that the operator has drawn up for this cabinet. */
export class PromotionSync extends VersionedSync<PromotionOrder> {
  constructor({
    store,
    client,
    ...common
  }: OwnSyncParts<Pick<MetaStore, 'get' | 'set'>, Pick<OperatorClient, 'promotions'>>) {
    super({
      ...common,
      name: 'promotions',
      endsWhenNotServed: true,
      store: keptInMeta(store, 'promotions', promotionOrderSchema),
      fetch: (etag) => client.promotions(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ promotions }) => ({ promotions: promotions.length }),
    });
  }
}
