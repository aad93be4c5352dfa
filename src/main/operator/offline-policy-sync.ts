import type { Clock } from '../../shared/clock.ts';
import type { OfflinePolicy } from '../../shared/model/offline-policy.schema.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { OfflineStore } from '../storage/offline-store.ts';
import type { OfflinePolicyAnswer, OperatorFailure } from './operator-client.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface OfflinePolicySyncOptions {
  readonly store: Pick<OfflineStore, 'policy' | 'keepPolicy' | 'forgetPolicy'>;
  readonly client: {
    offlinePolicy(etag: string | null): Promise<Result<OfflinePolicyAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/** Keeps the operator's policy for opening offline. Its own word that it has none lets nobody open offline. */
export class OfflinePolicySync extends VersionedSync<OfflinePolicy> {
  constructor({ store, client, ...common }: OfflinePolicySyncOptions) {
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
      fetch: async (etag) => {
        const answer = await client.offlinePolicy(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        return ok({ changed: true, etag: answer.value.etag, value: answer.value.policy });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ memberDigests, denied, faces }) => ({
        members: memberDigests.length,
        denied: denied.length,
        faces: faces.length,
      }),
    });
  }
}
