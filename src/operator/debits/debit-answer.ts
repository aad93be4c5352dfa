import { unreachable } from '../../shared/assert.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail } from '../../shared/result.ts';
import { collection, unsentTellEvery } from '../limits.ts';
import type { DebitOutcome } from '../providers/provider.ts';
import { isCollectionOver, isForShopper } from './collection-schedule.ts';
import { collectionEnds, remembered } from './debit-collection.ts';
import { howFound } from './debit-words.ts';
import type { AttemptOutcome, DebitEvent, DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
import { dueMinorOf, isDebt, isOpen, isOwed, toldMinorOf } from './debit-life.ts';
import { heldByDispute, illegal, needsAttention, newsOf, step, withRefundDue } from './debit-step.ts';
import { nextQueryAtMs, watchedSince } from './settling.ts';

export function answer(
  life: DebitLife,
  { leaseCount, outcome, atMs, lateMs }: DebitEvent & { type: 'answer' },
): Result<DebitStep, DebitLifeError> {
  // That money has moved is true whoever asked and whatever was decided meanwhile. Everything else is about a question
  // that has been asked anew since.
  if (outcome.kind === 'paid')
    return isAmount(outcome.amountMinor) ? debited(life, outcome.amountMinor) : unreadable(life, outcome);
  if (!life.inDoubt) return illegal(life, { type: `answer ${outcome.kind}` });
  if (leaseCount !== life.leaseCount) return stale(life, leaseCount);
  const watched = { ...life, askedAtMs: watchedSince(life.askedAtMs, lateMs) };
  switch (outcome.kind) {
    case 'declined':
      return declined(life, outcome, atMs);
    case 'collecting':
      return goesOnByItself(life, outcome, atMs);
    case 'unknown':
      return noAnswer(watched, [{ kind: 'in_doubt', detail: outcome.message }]);
    case 'not_sent': {
      // It never left, and a lease asks for a debit only when nothing is in doubt: so nothing is.
      const asked = { ...life, inDoubt: false, askedMinor: null, askedAtMs: null };
      // All of it was disputed meanwhile: nobody is asked for nothing.
      if (isOpen(asked) && dueMinorOf(asked) === 0) return heldByDispute(asked);
      // No page could be made: the account is asked as it was to be, and another one if there is one by then.
      if (life.plannedAtMs !== null) {
        const before = {
          ...asked,
          askedAtMs: life.askedBeforeMs,
          unreachableCount: life.unreachableCount + 1,
        };
        const history = newsOf(life, [{ kind: 'not_sent', detail: outcome.message }]);
        return step(before, isOpen(life) ? life.plannedAtMs : 'never', history);
      }
      // It goes on by itself once the provider can be reached; that it cannot, nobody may have seen.
      const isLong = isOpen(asked) && (life.unreachableCount + 1) % unsentTellEvery === 0;
      const incidents: DebitStep['incidents'] = isLong
        ? [{ kind: 'debit_unanswered', detail: `not sent for about a day: ${outcome.message}` }]
        : [];
      return noAnswer(asked, [{ kind: 'not_sent', detail: outcome.message }], incidents);
    }
    case 'not_found':
      return notFound(life, outcome);
    case 'rejected': {
      // No proof that nothing was debited (the number may have been used before): the doubt ends with the settling.
      const held = isOpen(life) ? needsAttention(watched, 'system.provider_error') : watched;
      return step(
        held,
        'after_no_answer',
        [{ kind: 'needs_attention', detail: outcome.message }],
        [{ kind: 'provider_rejected', detail: outcome.message }],
      );
    }
    default:
      return unreachable(outcome);
  }
}

function declined(
  life: DebitLife,
  { reason, again }: DebitOutcome & { kind: 'declined' },
  atMs: number,
): Result<DebitStep, DebitLifeError> {
  if (!isOpen(life)) return notDebited(life);
  if (dueMinorOf(life) === 0) return heldByDispute(life);
  // Where nobody has paid by the provider's own page, or in its own time, the account was not asked: it is as it was before.
  const isAsBefore = life.collectedByProvider || life.plannedAtMs !== null;
  const declineCount = isAsBefore ? life.declineCount : life.declineCount + 1;
  const waitsForShopper =
    again === 'never' ||
    isForShopper(reason) ||
    declineCount >= collection.declinesMax ||
    (isAsBefore && life.waitsForShopper);
  const collecting = {
    ...asBefore(life),
    ...{ state: 'collecting' as const, reason, declineCount, waitsForShopper },
    ...{ unreachableCount: 0, inDoubt: false },
  };
  return step(remembered(collecting, atMs), life.plannedAtMs ?? 'after_decline', [
    { kind: 'declined', detail: again === 'never' ? `${reason}, never again by itself` : reason },
  ]);
}

/**
 * The provider goes on by itself, and money may move at any time, so it stays in doubt with what it is asked for; only
 * queries follow. Each such answer ends the time in which nothing was heard.
 */
function goesOnByItself(
  life: DebitLife,
  { amountMinor, reason }: DebitOutcome & { kind: 'collecting' },
  atMs: number,
): Result<DebitStep, DebitLifeError> {
  if (!isAmount(amountMinor)) return unreadable(life, { amountMinor });
  // The same again is not written down each time, and asked about less and less often.
  const isReasonSame = life.reason === reason || !isOwed(life);
  const isSame = life.collectedByProvider && isReasonSame && life.askedMinor === amountMinor;
  const heard = {
    ...life,
    collectedByProvider: true,
    askedMinor: amountMinor,
    askedAtMs: null,
    unreachableCount: isSame ? life.unreachableCount + 1 : 0,
  };
  // What waits for a human, or was settled in another way, stays so; what was debited after all is heard by the query.
  const collecting = isOpen(life)
    ? remembered({ ...heard, state: 'collecting', reason }, atMs)
    : isDebt(life)
      ? { ...heard, reason }
      : heard;
  const history: DebitStep['history'] = isSame
    ? []
    : [{ kind: 'declined', detail: `${reason}, the provider goes on` }];
  const { collectingSinceMs: sinceMs } = collecting;
  const isOver = isOpen(life) && sinceMs !== null && isCollectionOver(sinceMs, atMs);
  return isOver ? collectionEnds(collecting, history) : step(collecting, 'after_decline', history);
}

/** The provider is away, or its answer was lost: asked again after a while. */
function noAnswer(
  life: DebitLife,
  history: DebitStep['history'],
  incidents: DebitStep['incidents'] = [],
): Result<DebitStep, DebitLifeError> {
  // A charge in collection keeps saying why; that the provider is away now is not the member's matter.
  const reason = life.state === 'accepted' ? 'system.provider_error' : life.reason;
  const again = { ...life, reason, unreachableCount: life.unreachableCount + 1 };
  if (!isOpen(life) && !life.inDoubt) return step(again, 'never');
  return step(again, 'after_no_answer', newsOf(life, history), incidents);
}

function notFound(
  life: DebitLife,
  { atMs, settlingMs }: AttemptOutcome & { kind: 'not_found' },
): Result<DebitStep, DebitLifeError> {
  const askedAtMs = life.askedAtMs ?? atMs;
  if (atMs - askedAtMs < settlingMs) return step(life, nextQueryAtMs(askedAtMs, atMs, settlingMs));
  return notDebited(life);
}

/** For certain nothing was debited: what is due by now may be asked for. */
function notDebited(life: DebitLife): Result<DebitStep, DebitLifeError> {
  const certain = { ...asBefore(life), inDoubt: false };
  if (!isOpen(life)) return step(certain, 'never');
  return dueMinorOf(life) === 0 ? heldByDispute(life) : step(certain, life.plannedAtMs ?? 'now');
}

/** Nobody has paid: it was asked for when it was before that. */
function asBefore(life: DebitLife): DebitLife {
  return life.plannedAtMs === null ? life : { ...life, askedAtMs: life.askedBeforeMs };
}

/** The provider says that so much was debited under this number. */
export function debited(life: DebitLife, amountMinor: number): Result<DebitStep, DebitLifeError> {
  const dueMinor = dueMinorOf(life);
  const debitedMinor = Math.max(life.debitedMinor ?? 0, amountMinor);
  // Paid in another way, as a human has said; it stays beside what was debited.
  const otherwiseMinor = (life.paidMinor ?? 0) - (life.debitedMinor ?? 0);
  const paidMinor = debitedMinor + otherwiseMinor;
  const booked = { ...life, debitedMinor, paidMinor, inDoubt: false };
  // The same said twice, by two answers to one debit.
  if (!isOpen(life) && debitedMinor === life.debitedMinor) return step(booked, 'never');
  const late: DebitStep['incidents'] = isOwed(life)
    ? []
    : [{ kind: 'late_paid', detail: `debited ${debitedMinor} when ${life.state}, due ${dueMinor}` }];
  if (paidMinor < dueMinor) {
    const detail = `debited ${debitedMinor}, due ${dueMinor}`;
    // More than was found out before: without a decision the cabinet would not believe what is more.
    const isMore = life.resolution === null && toldMinorOf(booked) > toldMinorOf(life);
    const resolution = isMore ? ({ how: 'debited', by: 'provider' } as const) : life.resolution;
    return step(
      { ...needsAttention(booked, 'system.conflict'), resolution },
      'never',
      [{ kind: 'needs_attention', detail }],
      [...late, { kind: 'underpaid', detail }],
    );
  }
  const settled = withRefundDue({ ...booked, state: 'paid', reason: null });
  // What is to be paid back somebody pays back.
  const review = life.review || late.length > 0 || settled.refundDueMinor > life.refundDueMinor;
  // What had waited for a human, was decided otherwise, or is more than was told by now, is put right by this.
  const isAsDecided = life.resolution === null || paidMinor <= dueMinor;
  const isAsTold = isOwed(life) && toldMinorOf(booked) <= toldMinorOf(life) && isAsDecided;
  const how = howFound(booked);
  const by = how === 'debited' ? 'provider' : 'system';
  const resolution: DebitLife['resolution'] = isAsTold ? life.resolution : { how, by };
  return step({ ...settled, review, resolution }, 'never', [{ kind: 'paid', detail: '' }], late);
}

const isAmount = (amountMinor: number): boolean =>
  Number.isInteger(amountMinor) && amountMinor >= 0 && amountMinor <= amountMaxMinor;

/**
 * Money has moved, and how much nobody can say: the answer was misread, or is wrong. Asked again it would be the same, so
 * that a human looks it up at the provider and says what was paid.
 */
function unreadable(
  life: DebitLife,
  { amountMinor }: { amountMinor: number },
): Result<DebitStep, DebitLifeError> {
  const detail = `debited an amount that cannot be: ${amountMinor}`;
  const held =
    life.state === 'paid' ? { ...life, review: true } : needsAttention(life, 'system.provider_error');
  const history: DebitStep['history'] = [{ kind: 'needs_attention', detail }];
  return step({ ...held, inDoubt: false }, 'never', history, [{ kind: 'paid_unreadable', detail }]);
}

function stale(life: DebitLife, leaseCount: number): Result<never, DebitLifeError> {
  return fail('debit.stale', `an answer to lease ${leaseCount} when lease ${life.leaseCount} is out`);
}
