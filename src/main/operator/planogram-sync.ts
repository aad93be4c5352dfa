import { type Planogram, planogramSchema } from '../../shared/model/planogram.schema.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import { keptInMeta } from './kept-in-meta.ts';
import type { OperatorClient } from './operator-client.ts';
import { type OwnSyncParts, VersionedSync } from './versioned-sync.ts';

/** Keeps the operator's newest plan of what is to stand here: a draft until somebody restocks. */
export class PlanogramSync extends VersionedSync<Planogram> {
  constructor({
    store,
    client,
    ...common
  }: OwnSyncParts<Pick<MetaStore, 'get' | 'set'>, Pick<OperatorClient, 'planogram'>>) {
    super({
      ...common,
      name: 'planogram',
      endsWhenNotServed: false,
      store: keptInMeta(store, 'planogram_draft', planogramSchema),
      fetch: (etag) => client.planogram(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ slots }) => ({ slots: slots.length }),
    });
  }
}
