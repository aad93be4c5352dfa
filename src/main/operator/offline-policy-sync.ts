import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { ok } from '../../shared/result.ts';
import type { OfflineStore } from '../storage/offline-store.ts';
import type { OperatorClient } from './operator-client.ts';
import { type SyncParts, VersionedSync } from './versioned-sync.ts';

/** Keeps the operator's policy for opening offline. Its own word that it has none lets nobody open offline. */
export class OfflinePolicySync extends VersionedSync<OfflinePolicy> {
  constructor({
    store,
    client,
    ...common
  }: SyncParts<
    Pick<OfflineStore, 'policy' | 'keepPolicy' | 'forgetPolicy'>,
    Pick<OperatorClient, 'offlinePolicy'>
  >) {
    super({
      ...common,
      name: 'offline_policy',
      endsWhenNotServed: true,
      store: {
        load: () => {
          const kept = store.policy();
          if (!kept.ok) return kept;
          return ok(kept.value && { etag: kept.value.etag, value: kept.value.policy });
        },
        keep: ({ etag, value }) => store.keepPolicy({ etag, policy: value }),
        forget: () => store.forgetPolicy(),
      },
      fetch: (etag) => client.offlinePolicy(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ memberDigests, denied, faces }) => ({
        members: memberDigests.length,
        denied: denied.length,
        faces: faces.length,
      }),
    });
  }
}
