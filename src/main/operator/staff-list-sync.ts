import type { Clock } from '../../shared/clock.ts';
import type { StaffList } from '../../shared/model/service.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ServiceStore } from '../storage/service-store.ts';
import type { OperatorFailure, StaffListAnswer } from './operator-client.ts';
import { VersionedSync } from './versioned-sync.ts';

export interface StaffListSyncOptions {
  readonly store: Pick<ServiceStore, 'list' | 'keepList' | 'forgetList'>;
  readonly client: {
    cabinetStaff(etag: string | null): Promise<Result<StaffListAnswer, OperatorFailure>>;
    toldNowMs(): number | null;
  };
  /** Of another cabinet no list is taken. */
  readonly cabinetId: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * Keeps the operator's list of who works at this cabinet. An operator of a version that does not know of it ends nothing: the
 * list that is kept has an end of its own.
 */
export class StaffListSync extends VersionedSync<StaffList> {
  constructor({ store, client, cabinetId, ...common }: StaffListSyncOptions) {
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
      fetch: async (etag) => {
        const answer = await client.cabinetStaff(etag);
        if (!answer.ok) return answer;
        if (!answer.value.changed) return ok({ changed: false });
        const { list, etag: newEtag } = answer.value;
        if (list.cabinetId !== cabinetId) return fail('network.unproven', 'a staff list of another cabinet');
        return ok({ changed: true, etag: newEtag, value: list });
      },
      toldNowMs: () => client.toldNowMs(),
      describe: ({ staff }) => ({ staff: staff.length }),
    });
  }
}
