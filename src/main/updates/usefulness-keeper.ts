import { z } from 'zod';
import { judgedVisits } from '../../shared/model/judged-visits.ts';
import { type Usefulness, afterVisit, runningNow } from '../../core/updates/usefulness.ts';
import { type VisitStateName, openVisitStates } from '../../core/visit/visit-model.ts';
import { ownOf } from '../../shared/util/own.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaStore } from '../storage/meta-store.ts';
import { fromJson } from '../storage/json-text.ts';

const countSchema = z.number().int().min(0).max(judgedVisits);
const visitsSchema = z.object({ visits: countSchema, useful: z.record(z.string(), countSchema) });
const keptSchema = z.object({
  version: z.string().max(40),
  first: visitsSchema,
  latest: z.array(z.array(z.string().max(64)).max(32)).max(judgedVisits),
  before: visitsSchema.nullable(),
});
/** With the door shut and nobody before it: what a device says from here on belongs to the next visit. */
const restStates: readonly VisitStateName[] = ['attract', 'outOfService'];

export interface UsefulnessKeeperOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  readonly running: string;
  readonly devices: () => readonly DeviceHealth[];
  readonly logger: Logger;
}

/**
 * Counts in which visits each device was useful, beside the version before. A visit with a restart in it is not counted: nobody
 * can tell what its devices had said until then.
 */
export class UsefulnessKeeper {
  readonly #o: UsefulnessKeeperOptions;
  #kept: Usefulness;
  /** What each device had said when nobody was served last; null: not known since the start. */
  #atRest: ReadonlyMap<string, number> | null = null;
  #isOpened = false;

  constructor(options: UsefulnessKeeperOptions) {
    this.#o = options;
    const text = options.meta.get('device_usefulness');
    const kept = keptSchema.safeParse(text.ok ? fromJson(text.value) : null).data ?? null;
    this.#kept = runningNow(kept, options.running);
    if (this.#kept !== kept) this.#keep();
  }

  onVisitChanged({ state }: { readonly state: VisitStateName }): void {
    if (openVisitStates.includes(state)) this.#isOpened = true;
    if (!restStates.includes(state)) return;
    const now = countsOf(this.#o.devices());
    if (this.#isOpened && this.#atRest !== null) this.#count(this.#atRest, now);
    this.#isOpened = false;
    this.#atRest = now;
  }

  /** For the operator; null: nobody has shopped with this version yet. */
  report(): NonNullable<UpdateReport['usefulness']> | null {
    const { version, first, before } = this.#kept;
    if (first.visits === 0) return null;
    return {
      version,
      visits: first.visits,
      visitsBefore: before?.visits ?? 0,
      devices: this.#o
        .devices()
        .filter(({ usefulCount }) => usefulCount !== undefined)
        .slice(0, 32)
        .map(({ id, kind }) => ({
          id,
          kind,
          useful: ownOf(first.useful, id) ?? 0,
          usefulBefore: ownOf(before?.useful ?? {}, id) ?? 0,
        })),
    };
  }

  #count(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): void {
    const useful = [...now].filter(([id, count]) => {
      const was = before.get(id) ?? 0;
      // The device program was started anew meanwhile, and counts from nothing.
      return count > (count < was ? 0 : was);
    });
    this.#kept = afterVisit(
      this.#kept,
      useful.map(([id]) => id),
    );
    this.#keep();
  }

  #keep(): void {
    const kept = this.#o.meta.set('device_usefulness', JSON.stringify(this.#kept));
    if (!kept.ok) this.#o.logger.error('update.usefulness_not_kept', { error: kept.error });
  }
}

function countsOf(devices: readonly DeviceHealth[]): ReadonlyMap<string, number> {
  return new Map(
    devices.flatMap(({ id, usefulCount }) => (usefulCount === undefined ? [] : [[id, usefulCount]])),
  );
}
