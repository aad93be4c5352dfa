import type { Clock } from '../../shared/clock.ts';
import { type UpdateOrder, updateOrderSchema } from '../../shared/model/update-order.schema.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, UpdateOrderAnswer } from './operator-client.ts';
import { keptInMeta } from './kept-in-meta.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface UpdateOrderSyncOptions {
  readonly store: Pick<MetaStore, 'get' | 'set'>;
  readonly client: {
    updateOrder(etag: string | null): Promise<Result<UpdateOrderAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Keeps what the operator wants this cabinet to run. Its word that nothing is wanted ends what was. */
export class UpdateOrderSync extends VersionedSync<UpdateOrder> {
  constructor({ store, client, ...common }: UpdateOrderSyncOptions) {
    super({
      ...common,
      name: 'update_order',
      endsWhenNotServed: true,
      store: keptInMeta(store, 'update_order', updateOrderSchema),
      fetch: async (etag) => {
        const answer = await client.updateOrder(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        return ok({ changed: true, etag: answer.value.etag, value: answer.value.order });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ percent }) => ({ percent }),
    });
  }
}
