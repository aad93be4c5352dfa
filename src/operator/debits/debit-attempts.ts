import { and, eq, ne, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { charge, debitAttempt } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { DebitAttempt, DebitLease } from './debit-store.ts';
import { lockRow } from './debit-store.ts';

type AttemptState = (typeof debitAttempt.$inferSelect)['state'];

/**
 * Writes down that the provider is about to be asked. Null: somebody else has leased the charge meanwhile (this process
 * stood still for longer than its lease), so that nothing may be asked on this one any more.
 */
export async function recordAttemptStart(
  db: Db,
  clock: Clock,
  lease: DebitLease,
  call: DebitAttempt['call'],
): Promise<DebitAttempt | null> {
  return db.transaction(async (tx) => {
    const held = await lockRow(tx, lease.chargeId, eq(charge.leaseCount, lease.leaseCount));
    if (held === undefined) return null;
    const [row] = await tx
      .insert(debitAttempt)
      .values({
        chargeId: lease.chargeId,
        provider: lease.provider ?? '',
        orderId: lease.request.orderId,
        call,
        state: 'unanswered',
        count: 1,
        startedAtMs: clock.nowMs(),
      })
      .returning({ id: debitAttempt.id });
    assert(row !== undefined, 'an insert returns its row');
    return { id: row.id, call };
  });
}

/** What comes to nothing is counted in the row of the same call that came to the same, instead of in a row of its own. */
const countedStates: readonly AttemptState[] = ['unknown', 'not_sent', 'not_found'];

export async function recordAttemptEnd(
  db: Db,
  clock: Clock,
  { chargeId }: DebitLease,
  { id, call }: DebitAttempt,
  state: AttemptState,
): Promise<void> {
  const endedAtMs = clock.nowMs();
  if (!countedStates.includes(state)) {
    await db.update(debitAttempt).set({ endedAtMs, state }).where(eq(debitAttempt.id, id));
    return;
  }
  await db.transaction(async (tx) => {
    const isSame = and(
      eq(debitAttempt.chargeId, chargeId),
      eq(debitAttempt.call, call),
      eq(debitAttempt.state, state),
      ne(debitAttempt.id, id),
    );
    const [counted] = await tx
      .update(debitAttempt)
      .set({ endedAtMs, count: sql`${debitAttempt.count} + 1` })
      .where(isSame)
      .returning({ id: debitAttempt.id });
    const isIt = eq(debitAttempt.id, id);
    if (counted !== undefined) await tx.delete(debitAttempt).where(isIt);
    else await tx.update(debitAttempt).set({ endedAtMs, state }).where(isIt);
  });
}
