import type { Clock } from '../../shared/clock.ts';
import { type SettingsOrder, settingsOrderSchema } from '../../shared/model/settings-order.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import type { OperatorFailure, SettingsOrderAnswer } from './operator-client.ts';
import { keptInMeta } from './kept-in-meta.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface CabinetSettingsSyncOptions {
  readonly store: Pick<MetaStore, 'get' | 'set'>;
  readonly client: {
    cabinetSettings(etag: string | null): Promise<Result<SettingsOrderAnswer, OperatorFailure>>;
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

/** Keeps what the operator wants the settings of this cabinet to be; that it is followed: settings/settings-follower.ts. */
export class CabinetSettingsSync extends VersionedSync<SettingsOrder> {
  constructor({ store, client, cabinetId, ...common }: CabinetSettingsSyncOptions) {
    super({
      ...common,
      name: 'settings_order',
      endsWhenNotServed: false,
      store: keptInMeta(store, 'settings_order', settingsOrderSchema),
      fetch: async (etag) => {
        const answer = await client.cabinetSettings(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        const { order, etag: newEtag } = answer.value;
        if (order.cabinetId !== cabinetId) return fail('network.unproven', 'settings of another cabinet');
        return ok({ changed: true, etag: newEtag, value: order });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ changes }) => ({ changes: Object.keys(changes).length }),
    });
  }
}
