import { z } from 'zod';
import { judgedVisits } from '../../shared/model/judged-visits.ts';
import {
  type Usefulness,
  afterOpening,
  afterRunning,
  afterTurnedAway,
  afterVisit,
  quietOf,
  runningNow,
} from '../../core/updates/usefulness.ts';
import { type VisitStateName, openVisitStates } from '../../core/visit/visit-model.ts';
import type { Clock } from '../../shared/clock.ts';
import { ownOf } from '../../shared/util/own.ts';
import { type ReasonCode, causeOf } from '../../shared/model/charge.ts';
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
  // An older program kept none of these.
  ranMs: z.number().min(0).default(0),
  sinceMs: z.number().min(0).default(0),
  visitedMs: z.array(z.number()).max(judgedVisits).default([]),
  usualMs: z.number().min(0).nullable().default(null),
  turnedAway: countSchema.default(0),
});
/** How long it ran goes onto the disk so often: a restart loses less than that. */
const keepEveryMs = 3_600_000;
/** With the door shut and nobody before it: what a device says from here on belongs to the next visit. */
const restStates: readonly VisitStateName[] = ['attract', 'outOfService'];

/** What of a visit counts here. */
interface SeenVisit {
  readonly state: VisitStateName;
  readonly context: { readonly refusedReason: ReasonCode | null };
}

export interface UsefulnessKeeperOptions {
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  readonly running: string;
  readonly devices: () => readonly DeviceHealth[];
  readonly clock: Pick<Clock, 'monotonicMs'>;
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
  #isTurnedAway = false;
  #countedMs: number;
  #keptRanMs: number;

  constructor(options: UsefulnessKeeperOptions) {
    this.#o = options;
    const text = options.meta.get('device_usefulness');
    const kept = keptSchema.safeParse(text.ok ? fromJson(text.value) : null).data ?? null;
    this.#kept = runningNow(kept, options.running);
    this.#countedMs = options.clock.monotonicMs();
    this.#keptRanMs = this.#kept.ranMs;
    if (this.#kept !== kept) this.#keep();
  }

  onVisitChanged({ state, context }: SeenVisit): void {
    if (openVisitStates.includes(state) && !this.#isOpened) this.#open();
    // Once for each of them, however often the screen changes.
    const isTurnedAway = state === 'refused' && isOurs(context.refusedReason);
    if (isTurnedAway && !this.#isTurnedAway) this.#turnAway();
    this.#isTurnedAway = isTurnedAway;
    if (!restStates.includes(state)) return;
    const now = countsOf(this.#o.devices());
    if (this.#isOpened && this.#atRest !== null) this.#count(this.#atRest, now);
    this.#isOpened = false;
    this.#atRest = now;
  }

  /** For the operator; null: nobody has shopped with this version yet, and that tells nothing either. */
  report(): NonNullable<UpdateReport['usefulness']> | null {
    this.#run();
    const { version, first, before } = this.#kept;
    const quiet = quietOf(this.#kept);
    if (first.visits === 0 && quiet === null) return null;
    return {
      ...(quiet !== null && { quiet }),
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

  /** Counts at once: a version that falls in each visit lets people in all the same. */
  #open(): void {
    this.#isOpened = true;
    this.#run();
    this.#kept = afterOpening(this.#kept);
    this.#keep();
  }

  #turnAway(): void {
    this.#run();
    this.#kept = afterTurnedAway(this.#kept);
    this.#keep();
  }

  /** Until now. */
  #run(): void {
    const nowMs = this.#o.clock.monotonicMs();
    this.#kept = afterRunning(this.#kept, nowMs - this.#countedMs);
    this.#countedMs = nowMs;
    if (this.#kept.ranMs - this.#keptRanMs >= keepEveryMs) this.#keep();
  }

  #keep(): void {
    this.#keptRanMs = this.#kept.ranMs;
    const kept = this.#o.meta.set('device_usefulness', JSON.stringify(this.#kept));
    if (!kept.ok) this.#o.logger.error('update.usefulness_not_kept', { error: kept.error });
  }
}

/** Not their account, not their code: the system's, or the network's. */
const isOurs = (reason: ReasonCode | null): boolean =>
  reason !== null && ['system', 'network'].includes(causeOf(reason));

function countsOf(devices: readonly DeviceHealth[]): ReadonlyMap<string, number> {
  return new Map(
    devices.flatMap(({ id, usefulCount }) => (usefulCount === undefined ? [] : [[id, usefulCount]])),
  );
}
