import { and, desc, eq, inArray } from 'drizzle-orm';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { replyFor } from '../charges/charge-reply.ts';
import type { DebitEvent } from '../debits/debit-life.ts';
import { dueMinorOf } from '../debits/debit-life.ts';
import { decisionDetail } from '../debits/debit-words.ts';
import type { ChargeRow } from '../debits/debit-store.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import { lockCharge } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, chargeEvent } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { resolveEarly } from './early-resolution.ts';
import { notePaidByHand, refundOut } from './incidents.ts';

/**
 * A human decides about a charge that waits for one, or that has not arrived here (then not to debit it), or leaves one
 * that is paid as it is, has something of it paid back, or denies what was reported of it. The same request once more is the
 * same answer, and decides nothing again.
 * `unknown_charge`: it is not here, and to be debited, or of a cabinet that is not named; `conflict`: it does not wait (any
 * more), cannot be debited, more is reported of it by now than was seen, or it is said to be paid back by hand while the
 * operator is just paying it back; `bad_request`: not an amount that may be decided, which is never more than what the screen
 * named. After `debit` the caller wakes the debit worker.
 */
export async function resolveCharge(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  chargeId: ChargeId,
  sent: ResolveChargeRequest,
): Promise<Result<ChargeReply, ApiFailure>> {
  const { reason: why } = sent;
  const reason = why === undefined ? undefined : plainText(why);
  const request = { ...sent, by: plainText(sent.by), reason };
  return db.transaction(async (tx): Promise<Result<ChargeReply, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
    const { by, decision, amountMinor, disputedMinor, cabinetId = row?.cabinetId } = request;
    // What another cabinet has sent under this number is not the charge that is meant.
    if (row === undefined || row.cabinetId !== cabinetId) return resolveEarly(tx, clock, chargeId, request);
    const event = { type: 'resolved', by, decision, amountMinor, disputedMinor, reason } as const;
    if (await isDecidedSo(tx, row, event)) return ok(replyFor(row));
    if (decision === 'debit' && row.provider === null)
      return fail('conflict', 'the member has no account that could be debited');
    // More stays paid than is due: they have paid back the rest by hand, or are about to.
    const isByHand = decision === 'waive' && amountMinor > dueMinorOf(row);
    const outId = isByHand ? await refundOut(tx, chargeId) : null;
    if (outId !== null) return fail('conflict', `the operator pays it back by itself: refund ${outId}`);
    const resolved = await storeDebitEvent(tx, clock, row, event, 0);
    if (resolved.ok) {
      if (isByHand) await notePaidByHand(tx, resolved.value);
      return ok(replyFor(resolved.value));
    }
    const { code, message } = resolved.error;
    return fail(code === 'debit.amount' ? 'bad_request' : 'conflict', message);
  });
}

/** This very decision is the last one, and nothing has come since that asks for another: its answer may have been lost. */
async function isDecidedSo(
  tx: Db,
  { chargeId, resolvedBy }: ChargeRow,
  event: DebitEvent & { type: 'resolved' },
): Promise<boolean> {
  if (resolvedBy !== 'support') return false;
  const asks = inArray(chargeEvent.kind, ['resolved', 'disputed', 'needs_attention']);
  const [last] = await tx
    .select()
    .from(chargeEvent)
    .where(and(eq(chargeEvent.chargeId, chargeId), asks))
    .orderBy(desc(chargeEvent.id))
    .limit(1);
  return last?.kind === 'resolved' && last.detail === decisionDetail(event);
}
