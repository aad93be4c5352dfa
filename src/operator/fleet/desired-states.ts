import { desc, isNotNull, isNull, max, sql } from 'drizzle-orm';
import {
  type DesiredMarks,
  type DesiredStateReply,
  type DesiredStateRequest,
  changeSpreadMaxMs,
  desiredParts,
} from '../../shared/api/desired-state.schema.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ApiFailure } from '../http/errors.ts';
import { tooManyOfKind } from '../http/errors.ts';
import { changeFetchesPerS, desiredStatePollMs, desiredStateWaitersMax } from '../limits.ts';
import {
  cabinetSettings,
  cabinetStaffVersion,
  evidenceWish,
  offlinePolicy,
  planogram,
  promotionVersion,
  updateOrder,
} from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { CatalogInForce } from './catalog-in-force.ts';
import type { OfflinePolicies } from './offline-policy.ts';
import { NewestOfCabinets } from './versions.ts';

export interface DesiredStatesOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalog: Pick<CatalogInForce, 'refresh' | 'etag'>;
  readonly offlinePolicies: Pick<OfflinePolicies, 'renew'>;
  /** Left out: the service's own bound. */
  readonly waitersMax?: number;
}

/** A cabinet that waits for a change. */
interface Waiter {
  readonly known: DesiredStateRequest['known'];
  readonly answer: () => void;
}

interface Marks {
  readonly ofFleet: DesiredMarks;
  /** The newest order of each cabinet that has one of its own. */
  readonly ownOrders: ReadonlyMap<string, number>;
  /** The same of its settings. */
  readonly settings: ReadonlyMap<string, number>;
  /** The newest plan of each cabinet that has one. */
  readonly plans: ReadonlyMap<string, number>;
  /** The newest wish for evidence of each cabinet that was asked for any. */
  readonly wishes: ReadonlyMap<string, number>;
}

/**
 * Tells cabinets that wait when something that is decided for them has changed. Each instance looks at the database once a second
 * for all who wait at it, so that a change that came through another instance is seen as well, and rests while nobody waits.
 */
export class DesiredStates {
  readonly #o: DesiredStatesOptions;
  readonly #waiters = new Map<string, Waiter>();
  readonly #loop: RetryLoop;
  /** Null: not known since anybody has waited, or the database does not answer. */
  #marks: Marks | null = null;
  readonly #ownOrders = new NewestOfCabinets(updateOrder);
  readonly #settings = new NewestOfCabinets(cabinetSettings);
  readonly #plans = new NewestOfCabinets(planogram);
  readonly #wishes = new NewestOfCabinets(evidenceWish);
  #isClosed = false;
  #isFailing = false;
  /** Nobody has waited since the last look: what was known then may be of long ago. */
  #isResting = true;

  constructor(options: DesiredStatesOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#look() });
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Resolves when something is another than `known`, after `waitMs`, and when the same cabinet asks again, `left` or `close` end
   * it. `unavailable`: too many wait, or the database does not answer.
   */
  async wait(
    cabinetId: string,
    { known, waitMs }: Pick<DesiredStateRequest, 'known' | 'waitMs'>,
    left: AbortSignal,
  ): Promise<Result<DesiredStateReply, ApiFailure>> {
    this.#waiters.get(cabinetId)?.answer();
    if (this.#waiters.size >= (this.#o.waitersMax ?? desiredStateWaitersMax))
      return tooManyOfKind('too many wait for changes', 60);
    if (!this.#isClosed && !left.aborted) await this.#heldUntil(cabinetId, known, waitMs, left);
    if (this.#marks === null) return fail('unavailable', 'what is decided cannot be read now');
    const spreadMs = Math.min(changeSpreadMaxMs, (this.#waiters.size * 1_000) / changeFetchesPerS);
    return ok({ marks: marksOf(this.#marks, cabinetId), spreadMs: Math.floor(spreadMs) });
  }

  /** Answers all who wait, and looks no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of [...this.#waiters.values()]) waiter.answer();
    await this.#loop.stop();
  }

  #heldUntil(
    cabinetId: string,
    known: DesiredStateRequest['known'],
    waitMs: number,
    left: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve) => {
      const answer = (): void => {
        cancel();
        left.removeEventListener('abort', answer);
        if (this.#waiters.get(cabinetId) === waiter) this.#waiters.delete(cabinetId);
        resolve();
      };
      const waiter: Waiter = { known, answer };
      const cancel = this.#o.clock.after(waitMs, answer);
      left.addEventListener('abort', answer);
      this.#waiters.set(cabinetId, waiter);
      if (this.#isResting) this.#begin();
    });
  }

  #begin(): void {
    this.#isResting = false;
    this.#marks = null;
    this.#loop.start(null);
    this.#loop.wake();
  }

  /** Answers after how many ms to look again; null: when somebody waits. */
  async #look(): Promise<number | null> {
    if (this.#waiters.size === 0) return this.#rest();
    try {
      this.#marks = await this.#read();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#o.logger.warn('desired_state_not_read', { error: String(error) });
      this.#isFailing = true;
    }
    if (this.#marks !== null) this.#tell(this.#marks);
    return desiredStatePollMs;
  }

  #rest(): null {
    this.#isResting = true;
    return null;
  }

  #tell(now: Marks): void {
    for (const [cabinetId, { known, answer }] of [...this.#waiters]) {
      const marks = marksOf(now, cabinetId);
      // Of a part that it does not name it is told nothing: it has an older program, and would be told so without end.
      if (desiredParts.some((part) => known[part] !== undefined && known[part] !== marks[part])) answer();
    }
  }

  async #read(): Promise<Marks> {
    const { db, catalog, offlinePolicies } = this.#o;
    await catalog.refresh();
    await offlinePolicies.renew();
    // Each time anew: a condition that is added to a question changes that question.
    const newestOf = () => db.select({ it: max(updateOrder.version) }).from(updateOrder);
    const [heads] = await db
      .select({
        newest: sql<number>`coalesce((${newestOf()}), 0)`.mapWith(Number),
        fleet: sql<number>`coalesce((${newestOf().where(isNull(updateOrder.cabinetId))}), 0)`.mapWith(Number),
        staff: sql<number>`coalesce((select max(${cabinetStaffVersion.version}) from ${cabinetStaffVersion}), 0)`,
        promotions: sql<number>`coalesce((select max(${promotionVersion.version}) from ${promotionVersion}), 0)`,
        settings: sql<number>`coalesce((${db
          .select({ it: max(cabinetSettings.version) })
          .from(cabinetSettings)}), 0)`.mapWith(Number),
        policy: sql<string>`coalesce((${db
          .select({ it: offlinePolicy.fingerprint })
          .from(offlinePolicy)
          .where(isNotNull(offlinePolicy.told))
          .orderBy(desc(offlinePolicy.version))
          .limit(1)}), '')`,
        plans: sql<string>`coalesce((select sum(${planogram.version}) from ${planogram}), 0)::text`,
        wishes: sql<string>`coalesce((select sum(${evidenceWish.version}) from ${evidenceWish}), 0)::text`,
      })
      .from(sql`(select 1) as one`);
    const { newest = 0, fleet = 0, staff = 0, promotions = 0, policy = '' } = heads ?? {};
    const { settings = 0, plans = '', wishes = '' } = heads ?? {};
    const ofFleet = {
      catalog: catalog.etag.slice(0, 64),
      offlinePolicy: policy.slice(0, 32),
      cabinetStaff: String(staff),
      cabinetSettings: '0',
      updateOrder: String(fleet),
      promotions: String(promotions),
      planogram: '',
      wantedEvidence: '',
    };
    return {
      ofFleet,
      ownOrders: await this.#ownOrders.read(db, newest),
      settings: await this.#settings.read(db, settings),
      // Another sum with each plan that is made: each is later than all before it of its cabinet, and only the oldest go.
      plans: await this.#plans.read(db, plans),
      wishes: await this.#wishes.read(db, wishes),
    };
  }
}

function marksOf({ ofFleet, ownOrders, settings, plans, wishes }: Marks, cabinetId: string): DesiredMarks {
  const own = ownOrders.get(cabinetId);
  const updateOrder = own === undefined ? ofFleet.updateOrder : `${ofFleet.updateOrder} ${own}`;
  const cabinetSettings = String(settings.get(cabinetId) ?? 0);
  return {
    ...{ ...ofFleet, updateOrder, cabinetSettings },
    planogram: String(plans.get(cabinetId) ?? ''),
    wantedEvidence: String(wishes.get(cabinetId) ?? ''),
  };
}
