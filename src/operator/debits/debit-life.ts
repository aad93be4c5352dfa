import type { ChargeReply } from '../../shared/api/operator.ts';
import { unreachable } from '../../shared/assert.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { DebitOutcome } from '../providers/provider.ts';

/**
 * The life of a charge at the operator, as a pure function: what is stored of it, what happens to it, and what becomes of
 * it. All amounts are minor units. Who stores it: debit-store.ts.
 */
export interface DebitLife {
  readonly state: ChargeReply['state'];
  readonly reason: ReasonCode | null;
  /** A human shall look at it, whether or not it is debited meanwhile. */
  readonly review: boolean;
  /** What was billed, and what was held for a human. Together they are what the screen named; no debit goes beyond. */
  readonly totalMinor: number;
  readonly heldMinor: number;
  /** Sum of the disputed lines. Never falls. */
  readonly disputedMinor: number;
  /** What a human has decided is to be debited; null: the total without what is disputed. */
  readonly approvedMinor: number | null;
  /** The provider was asked to debit and we have not heard how it went: query before anything else. */
  readonly inDoubt: boolean;
  /** What the provider was last asked to debit. */
  readonly askedMinor: number | null;
  /** What the provider says it has debited. */
  readonly paidMinor: number | null;
  /** What a human was told by now to pay back. */
  readonly refundDueMinor: number;
  /** Rises with each lease. */
  readonly leaseCount: number;
  /** Declines in all, and answers in a row that did not come. */
  readonly declineCount: number;
  readonly unreachableCount: number;
}

/** `debit`: so much is debited; `waive`: nothing (more) is asked for; `settled`: so much was paid in another way. */
export type ChargeDecision = 'debit' | 'waive' | 'settled';

export type DebitEvent =
  /** Somebody wants to ask the provider: because it is due, or because the member pays now. */
  | { readonly type: 'lease'; readonly purpose: 'due' | 'payment' }
  /** The provider has nothing under this number: from here on what is due by now is asked for. */
  | { readonly type: 'renew'; readonly leaseCount: number }
  /** What came of the lease. `nothing_due`: nobody was asked, because a dispute has left nothing to debit. */
  | { readonly type: 'answer'; readonly leaseCount: number; readonly outcome: AttemptOutcome }
  /** The sum of all that is disputed by now. */
  | { readonly type: 'disputed'; readonly disputeId: string; readonly disputedMinor: number }
  /** A human has decided. The only way out of `needs_attention`. */
  | {
      readonly type: 'resolved';
      readonly by: string;
      readonly decision: ChargeDecision;
      readonly amountMinor: number;
    };

export type AttemptOutcome = DebitOutcome | { readonly kind: 'nothing_due' };

/**
 * `debit.illegal`: the event has no place in this state. `debit.stale`: the answer is to an older lease. `debit.amount`:
 * not an amount that may be decided.
 */
export type DebitLifeError = Failure<'debit.illegal' | 'debit.stale' | 'debit.amount'>;

/** When to look at it next. `keep`: as planned before; `never`: not by itself. */
export type NextAttempt = 'now' | 'after_lease' | 'after_decline' | 'after_no_answer' | 'never' | 'keep';

export type DebitIncident = 'provider_rejected' | 'refund_due' | 'underpaid';

export interface DebitStep {
  readonly life: DebitLife;
  readonly next: NextAttempt;
  /** For the append-only history of the charge. */
  readonly history: readonly { readonly kind: DebitHistoryKind; readonly detail: string }[];
  /** For the list that a human reads. */
  readonly incidents: readonly { readonly kind: DebitIncident; readonly detail: string }[];
}

export type DebitHistoryKind =
  'debit_leased' | 'paid' | 'declined' | 'in_doubt' | 'needs_attention' | 'disputed' | 'resolved';

/** What is to be debited now. */
export function dueMinorOf(life: Pick<DebitLife, 'totalMinor' | 'disputedMinor' | 'approvedMinor'>): number {
  return life.approvedMinor ?? life.totalMinor - life.disputedMinor;
}

/** The most that may ever be debited: what the screen named, without what is disputed. */
export function ceilingMinorOf(life: Pick<DebitLife, 'totalMinor' | 'heldMinor' | 'disputedMinor'>): number {
  return Math.min(life.totalMinor + life.heldMinor - life.disputedMinor, amountMaxMinor);
}

/** Total: defined for every state and event. A failure leaves the charge as it is. */
export function applyDebitEvent(life: DebitLife, event: DebitEvent): Result<DebitStep, DebitLifeError> {
  switch (event.type) {
    case 'lease':
      return lease(life, event.purpose);
    case 'renew':
      if (!isOpen(life) || !life.inDoubt) return illegal(life, event);
      if (event.leaseCount !== life.leaseCount) return stale(life, event.leaseCount);
      return step({ ...life, askedMinor: dueMinorOf(life) }, 'keep');
    case 'answer':
      return answer(life, event.leaseCount, event.outcome);
    case 'disputed':
      return disputed(life, event.disputeId, event.disputedMinor);
    case 'resolved':
      return resolved(life, event);
    default:
      return unreachable(event);
  }
}

function lease(life: DebitLife, purpose: 'due' | 'payment'): Result<DebitStep, DebitLifeError> {
  // Beside an attempt that is out or in doubt a payment could be the second one.
  const may = purpose === 'due' ? isOpen(life) : life.state === 'collecting' && !life.inDoubt;
  if (!may) return illegal(life, { type: `lease for ${purpose}` });
  // What is in doubt keeps its own amount until it is settled.
  const askedMinor = life.inDoubt ? (life.askedMinor ?? life.totalMinor) : dueMinorOf(life);
  const why = purpose === 'due' ? 'debit' : 'payment by the member';
  return step({ ...life, inDoubt: true, askedMinor, leaseCount: life.leaseCount + 1 }, 'after_lease', [
    { kind: 'debit_leased', detail: life.inDoubt ? 'query first' : why },
  ]);
}

function answer(
  life: DebitLife,
  leaseCount: number,
  outcome: AttemptOutcome,
): Result<DebitStep, DebitLifeError> {
  // That money has moved is true whoever asked, also when a later answer has ended the doubt meanwhile. Everything
  // else is about a question that has been asked anew since.
  if (!isOpen(life) || !(life.inDoubt || outcome.kind === 'paid'))
    return illegal(life, { type: `answer ${outcome.kind}` });
  if (leaseCount !== life.leaseCount && outcome.kind !== 'paid') return stale(life, leaseCount);
  switch (outcome.kind) {
    case 'paid':
      return paid(life, outcome.amountMinor);
    case 'nothing_due':
      return heldByDispute(life);
    case 'declined': {
      if (dueMinorOf(life) === 0) return heldByDispute(life);
      const { reason } = outcome;
      const declineCount = life.declineCount + 1;
      return step(
        { ...life, state: 'collecting', reason, declineCount, unreachableCount: 0, inDoubt: false },
        'after_decline',
        [{ kind: 'declined', detail: reason }],
      );
    }
    case 'unknown': {
      // A charge in collection keeps saying why; that the provider is away now is not the member's matter.
      const reason = life.state === 'collecting' ? life.reason : 'system.provider_error';
      return step({ ...life, reason, unreachableCount: life.unreachableCount + 1 }, 'after_no_answer', [
        { kind: 'in_doubt', detail: outcome.message },
      ]);
    }
    case 'rejected':
      return step(
        { ...needsAttention(life, 'system.provider_error'), inDoubt: false },
        'never',
        [{ kind: 'needs_attention', detail: outcome.message }],
        [{ kind: 'provider_rejected', detail: outcome.message }],
      );
    default:
      return unreachable(outcome);
  }
}

function paid(life: DebitLife, paidMinor: number): Result<DebitStep, DebitLifeError> {
  const dueMinor = dueMinorOf(life);
  const settled = { ...life, paidMinor, inDoubt: false };
  if (paidMinor < dueMinor) {
    const detail = `debited ${paidMinor}, due ${dueMinor}`;
    return step(
      needsAttention(settled, 'system.conflict'),
      'never',
      [{ kind: 'needs_attention', detail }],
      [{ kind: 'underpaid', detail }],
    );
  }
  const refund = refundDue({ ...settled, state: 'paid', reason: null });
  return step(refund.life, 'never', [{ kind: 'paid', detail: '' }], refund.incidents);
}

function heldByDispute(life: DebitLife): Result<DebitStep, DebitLifeError> {
  return step({ ...needsAttention(life, 'recognition.line_reported'), inDoubt: false }, 'never', [
    { kind: 'needs_attention', detail: 'recognition.line_reported' },
  ]);
}

function disputed(
  life: DebitLife,
  disputeId: string,
  disputedMinor: number,
): Result<DebitStep, DebitLifeError> {
  if (disputedMinor < life.disputedMinor || disputedMinor > life.totalMinor)
    return fail(
      'debit.amount',
      `disputed ${disputedMinor} after ${life.disputedMinor} of ${life.totalMinor}`,
    );
  const moreMinor = disputedMinor - life.disputedMinor;
  const approvedMinor = life.approvedMinor === null ? null : Math.max(0, life.approvedMinor - moreMinor);
  const lowered = { ...life, disputedMinor, approvedMinor, review: true };
  const dueMinor = dueMinorOf(lowered);
  const history = [{ kind: 'disputed', detail: `${disputeId}: due ${dueMinor}` }] as const;
  // In doubt: the attempt that is out is settled first, with its own amount; then what is left is looked at.
  if (dueMinor === 0 && !life.inDoubt && isOpen(life)) {
    const reason = 'recognition.line_reported';
    return step(needsAttention(lowered, reason), 'never', [
      ...history,
      { kind: 'needs_attention', detail: reason },
    ]);
  }
  const refund = refundDue(lowered);
  return step(refund.life, 'keep', history, refund.incidents);
}

/** Says what has become due to be paid back since the last time it was said. */
function refundDue(life: DebitLife): Pick<DebitStep, 'life' | 'incidents'> {
  const dueMinor = dueMinorOf(life);
  const moreMinor = life.paidMinor === null ? 0 : life.paidMinor - dueMinor - life.refundDueMinor;
  if (moreMinor <= 0) return { life, incidents: [] };
  const detail = `pay back ${moreMinor}: debited ${life.paidMinor ?? 0}, due ${dueMinor}`;
  return {
    life: { ...life, refundDueMinor: life.refundDueMinor + moreMinor },
    incidents: [{ kind: 'refund_due', detail }],
  };
}

function resolved(
  life: DebitLife,
  event: DebitEvent & { type: 'resolved' },
): Result<DebitStep, DebitLifeError> {
  const { by, decision, amountMinor } = event;
  if (life.state !== 'needs_attention') return illegal(life, event);
  const history = [{ kind: 'resolved', detail: JSON.stringify({ by, decision, amountMinor }) }] as const;
  const decided = { ...life, approvedMinor: amountMinor, reason: null, review: false };
  const ceilingMinor = ceilingMinorOf(life);
  switch (decision) {
    case 'debit':
      // The order number is used up once something was debited under it.
      if (life.paidMinor !== null) return illegal(life, event);
      if (amountMinor <= 0 || amountMinor > ceilingMinor)
        return fail('debit.amount', `${amountMinor} is not between 1 and ${ceilingMinor}`);
      // Whatever was asked for before is looked up first.
      return step({ ...decided, state: 'accepted', inDoubt: life.askedMinor !== null }, 'now', history);
    case 'waive':
      if (amountMinor !== (life.paidMinor ?? 0))
        return fail('debit.amount', `to ask for no more leaves ${life.paidMinor ?? 0}, not ${amountMinor}`);
      return step({ ...decided, state: 'paid', paidMinor: amountMinor }, 'never', history);
    case 'settled':
      if (amountMinor < (life.paidMinor ?? 0) || amountMinor > ceilingMinor)
        return fail(
          'debit.amount',
          `${amountMinor} is not between ${life.paidMinor ?? 0} and ${ceilingMinor}`,
        );
      return step({ ...decided, state: 'paid', paidMinor: amountMinor }, 'never', history);
    default:
      return unreachable(decision);
  }
}

const isOpen = (life: DebitLife): boolean => life.state === 'accepted' || life.state === 'collecting';

function needsAttention(life: DebitLife, reason: ReasonCode): DebitLife {
  return { ...life, state: 'needs_attention', reason, review: true };
}

function step(
  life: DebitLife,
  next: NextAttempt,
  history: DebitStep['history'] = [],
  incidents: DebitStep['incidents'] = [],
): Result<DebitStep, DebitLifeError> {
  return ok({ life, next, history, incidents });
}

function illegal(life: DebitLife, event: { readonly type: string }): Result<never, DebitLifeError> {
  return fail('debit.illegal', `${event.type} has no place in ${life.state}`);
}

function stale(life: DebitLife, leaseCount: number): Result<never, DebitLifeError> {
  return fail('debit.stale', `an answer to lease ${leaseCount} when lease ${life.leaseCount} is out`);
}
