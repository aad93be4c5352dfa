import { and, eq, inArray, isNotNull, not, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { putBackWaitMs } from '../limits.ts';
import { dueMinor } from './due-minor.ts';
import { charge, databaseIdentity } from './schema.ts';
import type { Db, Storage } from './storage.ts';
import { isWithin } from './within.ts';

export interface PutBackOptions {
  readonly storage: Pick<Storage, 'db' | 'kind'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whoever starts the service says that the database was put back. */
  readonly isSaid: boolean;
}

/**
 * To be called before anything is debited. A database that was put back knows less than its cabinets and its providers do:
 * what may be debited in it (by itself, by its member who pays a debt, by a decision of people) may have been settled since,
 * or written off. So each such charge waits until its cabinet has asked about it, with which the cabinet says what it knows
 * of it; then the provider is queried before anything is asked for. One about which no cabinet asks in `putBackWaitMs` is held for people (`cabinetSilent` in debits/debit-put-back.ts): its
 * cabinet may have heard its end. That the database was put back is seen by PostgreSQL's own identity (another cluster, or
 * another time line of it: a backup that was recovered, a replica that was promoted), or said. Gives how many wait.
 */
export async function holdAfterPutBack({ storage, clock, logger, isSaid }: PutBackOptions): Promise<number> {
  const { db, kind } = storage;
  const now = kind === 'postgres' ? await identityOf(db, logger) : null;
  const held = await db.transaction(async (tx) => {
    // Several instances that begin at once: the first one looks, and the others find it done.
    await tx.execute(sql`lock table ${databaseIdentity} in exclusive mode`);
    const [row] = await tx.select().from(databaseIdentity);
    const known = row?.identity ?? '';
    const isAnother = now !== null && known !== '' && known !== now;
    const isPutBack = isSaid || isAnother;
    // Who has given money back since then, nobody here knows: of what was here by now people do it (refunds/refund-plan.ts).
    const change = { identity: now ?? known, ...(isPutBack && { putBackAtMs: clock.nowMs() }) };
    if (now !== null || isPutBack)
      await tx
        .insert(databaseIdentity)
        .values(change)
        .onConflictDoUpdate({ target: databaseIdentity.onlyRow, set: change });
    return isPutBack ? holdAll(tx, clock) : null;
  });
  if (held === null) return 0;
  logger.warn('database_put_back', { held, isSaid });
  return held;
}

/** It was put back so long ago at most, ms: what was on record since the backup is forgotten. */
export async function wasPutBackWithin(db: Db, clock: Clock, ms: number): Promise<boolean> {
  const isLately = isWithin(databaseIdentity.putBackAtMs, clock.nowMs(), ms);
  const rows = await db.select({ onlyRow: databaseIdentity.onlyRow }).from(databaseIdentity).where(isLately);
  return rows.length > 0;
}

async function holdAll(tx: Db, clock: Clock): Promise<number> {
  const nowMs = clock.nowMs();
  const { state, collectionEnded, nextAttemptAtMs, provider, inDoubt, askedMinor } = charge;
  const waits = { awaitsCabinet: true, nextAttemptAtMs: nowMs + putBackWaitMs };
  const isWithPeople = eq(state, 'needs_attention');
  const heldIds = [
    await tx
      .update(charge)
      .set(waits)
      .where(and(inArray(state, ['accepted', 'collecting']), isNotNull(nextAttemptAtMs)))
      .returning({ chargeId: charge.chargeId }),
    // A debt that its member alone may pay: perhaps they have.
    await tx
      .update(charge)
      .set({
        ...{ ...waits, inDoubt: true, askedAtMs: null },
        askedMinor: sql`case when ${inDoubt} then ${askedMinor} else ${dueMinor} end`,
      })
      .where(and(isWithPeople, collectionEnded))
      .returning({ chargeId: charge.chargeId }),
    // With all else people are waited for.
    await tx
      .update(charge)
      .set({ awaitsCabinet: true })
      .where(and(isWithPeople, not(collectionEnded), isNotNull(provider)))
      .returning({ chargeId: charge.chargeId }),
  ];
  return heldIds.flat().length;
}

/** Of the cluster and its time line; null: the server does not say, as some that are rented do not. */
async function identityOf(db: Db, logger: Logger): Promise<string | null> {
  try {
    const answer: unknown = await db.execute(
      sql`select s.system_identifier::text || '/' || c.timeline_id::text as identity
          from pg_control_system() s, pg_control_checkpoint() c`,
    );
    return (answer as { rows: { identity: string }[] }).rows[0]?.identity ?? null;
  } catch (error) {
    logger.warn('database_identity_unknown', { error: String(error) });
    return null;
  }
}
