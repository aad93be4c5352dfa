import { eq } from 'drizzle-orm';
import type { ResolveChargeRequest } from '../../shared/api/development-routes.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { replyFor } from '../charges/charge-reply.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import { lockCharge } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { resolveEarly } from './early-resolution.ts';

/**
 * A human decides about a charge that waits for one, or that has not arrived here (then not to debit it), or leaves one
 * that is paid as it is (`waive`, with what was paid), for a cabinet that waits for the word of a human.
 * `unknown_charge`: it is not here, and to be debited, or of a cabinet that is not named; `conflict`: it does not wait (any more), or cannot be debited; `bad_request`: not an amount that may
 * be decided, which is never more than what the screen named. After `debit` the caller wakes the debit worker.
 */
export async function resolveCharge(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  chargeId: ChargeId,
  request: ResolveChargeRequest,
): Promise<Result<ChargeReply, ApiFailure>> {
  return db.transaction(async (tx): Promise<Result<ChargeReply, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
    const { by, decision, amountMinor, cabinetId = row?.cabinetId } = request;
    // What another cabinet has sent under this number is not the charge that is meant.
    if (row === undefined || row.cabinetId !== cabinetId) return resolveEarly(tx, clock, chargeId, request);
    if (decision === 'debit' && row.provider === null)
      return fail('conflict', 'the member has no account that could be debited');
    const event = { type: 'resolved', by, decision, amountMinor } as const;
    const resolved = await storeDebitEvent(tx, clock, row, event, 0);
    if (resolved.ok) return ok(replyFor(resolved.value));
    const { code, message } = resolved.error;
    return fail(code === 'debit.amount' ? 'bad_request' : 'conflict', message);
  });
}
