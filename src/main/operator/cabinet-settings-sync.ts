import { type SettingsOrder, settingsOrderSchema } from '../../shared/model/settings-order.schema.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import { keptInMeta } from './kept-in-meta.ts';
import type { OperatorClient } from './operator-client.ts';
import { type OwnSyncParts, VersionedSync } from './versioned-sync.ts';

/** Keeps what the operator wants the settings of this cabinet to be; that it is followed: settings/settings-follower.ts. */
export class CabinetSettingsSync extends VersionedSync<SettingsOrder> {
  constructor({
    store,
    client,
    ...common
  }: OwnSyncParts<Pick<MetaStore, 'get' | 'set'>, Pick<OperatorClient, 'cabinetSettings'>>) {
    super({
      ...common,
      name: 'settings_order',
      endsWhenNotServed: false,
      store: keptInMeta(store, 'settings_order', settingsOrderSchema),
      fetch: (etag) => client.cabinetSettings(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ changes }) => ({ changes: Object.keys(changes).length }),
    });
  }
}
