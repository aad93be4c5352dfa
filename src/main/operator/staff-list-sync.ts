import type { StaffList } from '../../shared/model/service.schema.ts';
import { ok } from '../../shared/result.ts';
import type { ServiceStore } from '../storage/service-store.ts';
import type { OperatorClient } from './operator-client.ts';
import { type OwnSyncParts, VersionedSync } from './versioned-sync.ts';

/**
 * Keeps the operator's list of who works at this cabinet. An operator of a version that does not know of it ends nothing: the
 * list that is kept has an end of its own.
 */
export class StaffListSync extends VersionedSync<StaffList> {
  constructor({
    store,
    client,
    ...common
  }: OwnSyncParts<
    Pick<ServiceStore, 'list' | 'keepList' | 'forgetList'>,
    Pick<OperatorClient, 'cabinetStaff'>
  >) {
    super({
      ...common,
      name: 'staff_list',
      endsWhenNotServed: false,
      store: {
        load: () => {
          const kept = store.list();
          if (!kept.ok) return kept;
          return ok(kept.value && { etag: kept.value.etag, value: kept.value.list });
        },
        keep: ({ etag, value }) => store.keepList({ etag, list: value }),
        forget: () => store.forgetList(),
      },
      fetch: (etag) => client.cabinetStaff(etag),
      toldNowMs: () => client.toldNowMs(),
      describe: ({ staff }) => ({ staff: staff.length }),
    });
  }
}
