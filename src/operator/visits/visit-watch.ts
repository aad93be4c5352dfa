import { and, asc, eq, gt, lte, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { visitSilentMs, visitWatchBatchMax, visitWatchEveryMs } from '../limits.ts';
import { charge, visit, visitClosing } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';

export interface VisitWatchOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Lists the visits of which nothing was heard for too long: allowed and silent, or a charge that was said to follow and has
 * not come. A list and no more: whoever was let in is not kept out by it, and it is put right when the word comes late.
 * Several instances may do it side by side: each row is taken up under its lock.
 */
export class VisitWatch {
  readonly #options: VisitWatchOptions;
  readonly #loop: RetryLoop;

  constructor(options: VisitWatchOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.clock,
      turn: () => this.#turn(),
      onBug: (bug) => options.logger.error('visit_watch_failed', { error: String(bug) }),
    });
  }

  start(): void {
    this.#loop.start(visitWatchEveryMs);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(): Promise<number> {
    const { db, clock, logger } = this.#options;
    try {
      const nowMs = clock.nowMs();
      const { watchAtMs } = visit;
      // What is to be looked at later than any wait was written while the clock was ahead.
      const isDue = or(lte(watchAtMs, nowMs), gt(watchAtMs, nowMs + visitSilentMs));
      const due = await db
        .select({ id: visit.id })
        .from(visit)
        .where(isDue)
        .orderBy(asc(watchAtMs))
        .limit(visitWatchBatchMax);
      for (const { id } of due) await db.transaction((tx) => listIfSilent(tx, clock, id));
      return due.length < visitWatchBatchMax ? visitWatchEveryMs : 0;
    } catch (error) {
      logger.warn('visit_watch_failed', { error: String(error) });
      return visitWatchEveryMs;
    }
  }
}

/** Under the lock of its row, which a charge takes as well before it is stored: so none is listed whose charge has come. */
async function listIfSilent(tx: Db, clock: Clock, id: number): Promise<void> {
  const [row] = await tx.select().from(visit).where(eq(visit.id, id)).for('update', { skipLocked: true });
  // Somebody else has it in hand, or has looked at it meanwhile.
  if (row === undefined || row.watchAtMs === null || row.chargeId === null) return;
  const { cabinetId, visitId, chargeId } = row;
  const isOf = and(eq(charge.visitId, visitId), eq(charge.cabinetId, cabinetId));
  const come = await tx.select({ chargeId: charge.chargeId }).from(charge).where(isOf).limit(1);
  const [closing] = await tx
    .select()
    .from(visitClosing)
    .where(and(eq(visitClosing.visitId, visitId), eq(visitClosing.cabinetId, cabinetId)));
  const isMissing = closing?.ended === 'charge' || closing?.ended === 'left_open';
  const isListed = come.length === 0 && (closing === undefined || isMissing);
  await tx
    .update(visit)
    .set({ watchAtMs: null, ...(isListed ? { listedAtMs: clock.nowMs() } : {}) })
    .where(eq(visit.id, id));
  if (!isListed) return;
  if (closing === undefined) {
    const detail = `visit ${visitId}: allowed, and neither charge nor report has come`;
    await addIncident(tx, clock, 'visit_silent', cabinetId, chargeId, detail);
    return;
  }
  const { ended, totalMinor, heldMinor } = closing;
  const detail = `visit ${visitId}: ${ended}, ${totalMinor} and ${heldMinor} held, and no charge has come`;
  await addIncident(tx, clock, 'charge_missing', cabinetId, chargeId, detail);
}
