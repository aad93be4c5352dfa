import { type UpdateOrder, updateOrderSchema } from '../../shared/model/update-order.schema.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import { keptInMeta } from './kept-in-meta.ts';
import type { OperatorClient } from './operator-client.ts';
import { type SyncParts, VersionedSync } from './versioned-sync.ts';

/** Keeps what the operator wants this cabinet to run. Its word that nothing is wanted ends what was. */
export class UpdateOrderSync extends VersionedSync<UpdateOrder> {
  constructor({
    store,
    client,
    ...common
  }: SyncParts<Pick<MetaStore, 'get' | 'set'>, Pick<OperatorClient, 'updateOrder'>>) {
    super({
      ...common,
      name: 'update_order',
      endsWhenNotServed: true,
      store: keptInMeta(store, 'update_order', updateOrderSchema),
      fetch: (etag) => client.updateOrder(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ percent }) => ({ percent }),
    });
  }
}
