import { unreachable } from '../../shared/assert.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail } from '../../shared/result.ts';
import { debited } from './debit-answer.ts';
import type { DebitEvent, DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
import { ceilingMinorOf, dueMinorOf, isDebt } from './debit-life.ts';
import { perhapsAsked } from './debit-put-back.ts';
import { illegal, step, withRefundDue } from './debit-step.ts';
import { decisionDetail, howFound, howOf } from './debit-words.ts';

export function resolved(
  life: DebitLife,
  event: DebitEvent & { type: 'resolved' },
): Result<DebitStep, DebitLifeError> {
  const { decision, amountMinor } = event;
  if (!mayResolve(life, event)) return illegal(life, event);
  // What was reported since, nobody has looked at.
  const { disputedMinor: seenMinor = life.disputedMinor } = event;
  if (seenMinor !== life.disputedMinor)
    return fail('debit.illegal', `${life.disputedMinor} is reported of it by now, not ${seenMinor}`);
  const history = [{ kind: 'resolved', detail: decisionDetail(event) }] as const;
  const resolution = { how: howOf(life, decision, amountMinor), by: 'support' } as const;
  const decided = {
    ...life,
    contestedMinor: 0,
    approvedMinor: amountMinor,
    reason: null,
    review: false,
    resolution,
  };
  const ceilingMinor = ceilingMinorOf(life);
  const paidMinor = life.paidMinor ?? 0;
  switch (decision) {
    case 'debit':
      // The order number is used up once something was debited under it.
      if (life.paidMinor !== null) return illegal(life, event);
      if (amountMinor <= 0 || amountMinor > ceilingMinor)
        return fail('debit.amount', `${amountMinor} is not between 1 and ${ceilingMinor}`);
      // Whatever was asked for before is queried first, but for what was declined to the end.
      return step(
        {
          ...(life.awaitsCabinet ? perhapsAsked(decided) : decided),
          ...{ state: 'accepted', declineCount: 0, awaitsCabinet: false },
          inDoubt: life.inDoubt || life.awaitsCabinet || (life.askedMinor !== null && !isDebt(life)),
        },
        'now',
        history,
      );
    case 'waive': {
      if (amountMinor < 0 || amountMinor > paidMinor)
        return fail('debit.amount', `${amountMinor} is not between 0 and what was paid, ${paidMinor}`);
      // Money that has moved is not let go: it is paid back. What is to be paid back already stays so.
      const waived = { ...decided, approvedMinor: Math.min(amountMinor, dueMinorOf(life)) };
      return end(withRefundDue(waived), paidMinor, history);
    }
    case 'settled':
      if (amountMinor < paidMinor || amountMinor > ceilingMinor)
        return fail('debit.amount', `${amountMinor} is not between ${paidMinor} and ${ceilingMinor}`);
      // What a human settles is what is due: nothing of it is to be paid back.
      return end({ ...decided, refundDueMinor: 0 }, amountMinor, history);
    case 'deny_dispute': {
      const dueMinor = dueMinorOf(life);
      const deniedMaxMinor = Math.min(paidMinor, dueMinor + life.contestedMinor);
      if (deniedMaxMinor <= dueMinor)
        return fail('debit.illegal', 'nothing is paid that was reported and not decided about');
      if (amountMinor <= dueMinor || amountMinor > deniedMaxMinor)
        return fail('debit.amount', `${amountMinor} is not between ${dueMinor + 1} and ${deniedMaxMinor}`);
      return end({ ...decided, refundDueMinor: paidMinor - amountMinor }, paidMinor, history);
    }
    case 'debited':
      if (amountMinor <= (life.debitedMinor ?? 0) || amountMinor > amountMaxMinor)
        return fail('debit.amount', `${amountMinor} is not more than was known to be debited`);
      return foundDebited(life, amountMinor, history);
    default:
      return unreachable(decision);
  }
}

/**
 * As if the provider had said it, but that a human has: what is due is as it was, and what is beyond it is paid back. What is
 * in doubt is queried on, for the provider may have debited more than was seen there.
 */
function foundDebited(
  life: DebitLife,
  amountMinor: number,
  history: DebitStep['history'],
): Result<DebitStep, DebitLifeError> {
  const found = debited(life, amountMinor);
  if (!found.ok) return found;
  const { inDoubt } = life;
  const booked = { ...found.value.life, inDoubt };
  const isPaid = booked.state === 'paid';
  const isTold = isPaid || booked.resolution !== life.resolution;
  const resolution = isTold ? { how: howFound(booked), by: 'support' as const } : life.resolution;
  // A report, or what is to be paid back, is still to be looked at; why it waited is not.
  const review = !isPaid || booked.contestedMinor > 0 || booked.refundDueMinor > 0;
  const incidents = found.value.incidents.filter(({ kind }) => kind !== 'late_paid');
  return step(
    { ...booked, resolution, review },
    inDoubt ? 'keep' : 'never',
    [...history, ...found.value.history],
    incidents,
  );
}

/**
 * What people may say about a charge that waits for them: anything. About one that is paid: no more than this is asked for
 * (also what was paid, because a cabinet that was told less before, as the operator has forgotten a report or its database
 * was put back, waits for that word), or that a report is denied. And that the provider has debited is a fact in whatever
 * state, once it was asked to.
 */
function mayResolve(
  { state, askedMinor }: DebitLife,
  { decision }: DebitEvent & { type: 'resolved' },
): boolean {
  if (state === 'needs_attention') return true;
  if (state === 'paid') return decision !== 'debit' && decision !== 'settled';
  return decision === 'debited' && askedMinor !== null;
}

/** Settled by a human. A debit that is still in doubt is queried until it is known. */
function end(
  life: DebitLife,
  paidMinor: number,
  history: DebitStep['history'],
): Result<DebitStep, DebitLifeError> {
  return step({ ...life, state: 'paid', paidMinor }, life.inDoubt ? 'keep' : 'never', history);
}
