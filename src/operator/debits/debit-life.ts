import type { ChargeReply } from '../../shared/api/operator.ts';
import { unreachable } from '../../shared/assert.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import type { ResolutionActor, ResolutionHow } from '../../shared/model/resolution.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import {
  collection,
  debitLateMaxMs,
  settlingAskEveryMs,
  settlingFirstAskMs,
  unansweredMaxMs,
  unsentTellEvery,
} from '../limits.ts';
import type { DebitOutcome } from '../providers/provider.ts';
import { isCollectionOver, isForShopper, remindersBy } from './collection-schedule.ts';

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
  /** What disputes have taken off what is due, and no human has decided about yet: due and this are what is due without them. */
  readonly contestedMinor: number;
  /** What a human has decided is to be debited; null: the total without what is disputed. */
  readonly approvedMinor: number | null;
  /**
   * The provider may have been asked to debit (a lease is out), and we have not heard how it went: query before anything
   * else, in whatever state.
   */
  readonly inDoubt: boolean;
  /**
   * What the provider was last asked to debit, and when, or when its collection ended (wall time, ms; later by the time in
   * which nobody looked since);
   * null: nothing that could still be under way.
   */
  readonly askedMinor: number | null;
  readonly askedAtMs: number | null;
  /** The provider has said that it goes on asking the account for `askedMinor` by itself; how that ends is in doubt. */
  readonly collectedByProvider: boolean;
  /** The most that the provider has said it has debited. Never falls, never forgotten. */
  readonly debitedMinor: number | null;
  /** What was paid in all: debited, and paid in another way as a human has said. */
  readonly paidMinor: number | null;
  /** What a human was told by now to pay back. */
  readonly refundDueMinor: number;
  /** Rises with each lease. */
  readonly leaseCount: number;
  /** Since when it is in collection (wall time, ms); null: it is not, or nobody knows. */
  readonly collectingSinceMs: number | null;
  /** It is not asked for by itself: only once the member pays, or has another account. */
  readonly waitsForShopper: boolean;
  /** How often the member was reminded of it. */
  readonly remindedCount: number;
  /** Nothing goes on by itself any more, but for what the provider does: people decide. The member owes it, and can pay it. */
  readonly collectionEnded: boolean;
  /** Declines since its collection began, and answers in a row that did not come. */
  readonly declineCount: number;
  readonly unreachableCount: number;
  /** How it was put right the last time that it had waited for a human or gone another way; null: never. */
  readonly resolution: DebitResolution | null;
}

export interface DebitResolution {
  readonly how: ResolutionHow;
  readonly by: ResolutionActor;
}

/**
 * `debit`: so much is debited; `waive`: no more than this is asked for, and what was paid beyond it is paid back; `settled`:
 * so much was paid in all, the rest of it in another way; `debited`: the provider has debited so much, as somebody has
 * looked up there; `deny_dispute`: what was reported after it was paid stays paid, so that this is what is due.
 */
export type ChargeDecision = 'debit' | 'waive' | 'settled' | 'debited' | 'deny_dispute';

export type DebitEvent =
  /**
   * Somebody wants to ask the provider at `atMs`: because it is due, because the member pays now, or because the member's
   * account is another one since it was asked. What is only to be remembered of, or ends, is not leased.
   */
  | {
      readonly type: 'lease';
      readonly purpose: LeasePurpose;
      readonly atMs: number;
      /** So much later than it was planned for, ms. */
      readonly lateMs: number;
    }
  /** What came of the lease. */
  | {
      readonly type: 'answer';
      readonly leaseCount: number;
      readonly outcome: AttemptOutcome;
      /** Wall time, ms. */
      readonly atMs: number;
      /** So long after the end of the lease, ms. */
      readonly lateMs: number;
    }
  /**
   * Its cabinet knows that people had it in hand, and that, or the last of it, is not here: lost with a database that was put back.
   * `known`: what the cabinet knows, in words.
   */
  | { readonly type: 'lost'; readonly known: string }
  /** The sum of all that is disputed by now. `perhapsBefore`: it may have been here before, and is lost; left out: no. */
  | {
      readonly type: 'disputed';
      readonly disputeId: string;
      readonly disputedMinor: number;
      readonly perhapsBefore?: boolean;
    }
  /**
   * A human has decided (`mayResolve`). Out of `needs_attention` there is no other way, but for a late answer that it is paid.
   * What is paid can only be left so, or paid back, which is told to its cabinet as a decision.
   */
  | {
      readonly type: 'resolved';
      readonly by: string;
      readonly decision: ChargeDecision;
      readonly amountMinor: number;
      /** The sum of what is disputed, as the human has seen it; left out: nobody says. */
      readonly disputedMinor?: number | undefined;
      /** Why, in the words of whoever decides; for the history alone. */
      readonly reason?: string | undefined;
    };

export type LeasePurpose = 'due' | 'payment' | 'account';

export type AttemptOutcome =
  | DebitOutcome
  /**
   * The provider knows of no debit under this number. Within its settling period after the number was last sent that is
   * "not yet": the request may still be on its way.
   */
  | { readonly kind: 'not_found'; readonly atMs: number; readonly settlingMs: number };

/**
 * `debit.illegal`: the event has no place in this state. `debit.stale`: the answer is to an older lease. `debit.amount`:
 * not an amount that may be decided.
 */
export type DebitLifeError = Failure<'debit.illegal' | 'debit.stale' | 'debit.amount'>;

/** When to look at it next. `keep`: as planned before; `never`: not by itself; a number: at that wall time, ms. */
export type NextAttempt =
  'now' | 'after_lease' | 'after_decline' | 'after_no_answer' | 'never' | 'keep' | number;

/**
 * `late_paid`: the provider has debited what was held, waived or settled in another way meanwhile. `paid_unreadable`: it
 * says that it has debited an amount that cannot be. `collection_ended`: it was asked for as often and as long as it may be.
 * `debit_unanswered`: for about a day it has not said whether it has debited, or could not be asked. `decision_lost`: people had it in hand, and what they decided is lost.
 */
export type DebitIncident =
  | 'provider_rejected'
  | 'underpaid'
  | 'late_paid'
  | 'paid_unreadable'
  | 'debit_unanswered'
  | 'decision_lost'
  | 'collection_ended';

export interface DebitStep {
  readonly life: DebitLife;
  readonly next: NextAttempt;
  /** For the append-only history of the charge. */
  readonly history: readonly { readonly kind: DebitHistoryKind; readonly detail: string }[];
  /** For the list that a human reads; what is to be paid back comes there by `refundDueMinor`. */
  readonly incidents: readonly { readonly kind: DebitIncident; readonly detail: string }[];
}

export type DebitHistoryKind =
  | 'debit_leased'
  | 'paid'
  | 'declined'
  | 'in_doubt'
  | 'not_sent'
  | 'needs_attention'
  | 'disputed'
  | 'resolved';

/** What is to be debited now. */
export function dueMinorOf(life: Pick<DebitLife, 'totalMinor' | 'disputedMinor' | 'approvedMinor'>): number {
  return life.approvedMinor ?? life.totalMinor - life.disputedMinor;
}

/** The most that may ever be debited: what the screen named, without what is disputed. */
export function ceilingMinorOf(life: Pick<DebitLife, 'totalMinor' | 'heldMinor' | 'disputedMinor'>): number {
  return Math.min(life.totalMinor + life.heldMinor - life.disputedMinor, amountMaxMinor);
}

/**
 * What the cabinet is told that the shopper pays: what was paid, may have been debited, or will be. Never more than the
 * screen named: what was paid beyond that is paid back. Without a decision (`resolution`) it never rises.
 */
export function toldMinorOf(
  life: Pick<
    DebitLife,
    'totalMinor' | 'heldMinor' | 'disputedMinor' | 'approvedMinor' | 'inDoubt' | 'askedMinor' | 'paidMinor'
  >,
): number {
  const outMinor = life.inDoubt ? life.askedMinor : null;
  const namedMinor = Math.min(life.totalMinor + life.heldMinor, amountMaxMinor);
  return Math.min(life.paidMinor ?? outMinor ?? dueMinorOf(life), namedMinor);
}

/** Total: defined for every state and event. A failure leaves the charge as it is. */
export function applyDebitEvent(life: DebitLife, event: DebitEvent): Result<DebitStep, DebitLifeError> {
  switch (event.type) {
    case 'lease':
      return lease(life, event);
    case 'answer':
      return answer(life, event);
    case 'lost':
      return lost(life, event.known);
    case 'disputed':
      return disputed(life, event.disputeId, event.disputedMinor);
    case 'resolved':
      return resolved(life, event);
    default:
      return unreachable(event);
  }
}

function lease(
  life: DebitLife,
  { purpose, atMs, lateMs }: DebitEvent & { type: 'lease' },
): Result<DebitStep, DebitLifeError> {
  // Beside an attempt that is out or in doubt a payment could be the second one.
  const may = purpose === 'due' ? isOpen(life) || life.inDoubt : isDebt(life) && !life.inDoubt;
  if (!may) return illegal(life, { type: `lease for ${purpose}` });
  if (purpose === 'due' && life.state === 'collecting' && !life.inDoubt) {
    const told = remembered(life, atMs);
    // Only an account that changes after this has it asked for once more (`isAccountNew`).
    if (isCollectionOver(told.collectingSinceMs, atMs)) return collectionEnds({ ...told, askedAtMs: atMs });
    if (told.waitsForShopper) return step(told, 'after_decline');
  }
  const inHand = purpose === 'account' ? begunAnew(life) : life;
  const leased = { ...inHand, inDoubt: true, leaseCount: life.leaseCount + 1 };
  // What is in doubt keeps its own amount until it is settled.
  if (life.inDoubt) {
    const watchedAtMs = watchedSince(life.askedAtMs, lateMs);
    // Unknown, or from a moment when the clock was ahead: it counts from now.
    const askedAtMs = watchedAtMs === null || watchedAtMs > atMs ? atMs : watchedAtMs;
    const asked = { ...leased, askedAtMs };
    const history = newsOf(life, [{ kind: 'debit_leased', detail: 'query first' }]);
    if (!isOpen(life) || atMs - askedAtMs < unansweredMaxMs) return step(asked, 'after_lease', history);
    // People look it up at the provider and say what is so. It is queried on: what the provider says then counts, too.
    const detail = 'the provider does not say whether it has debited';
    return step(
      needsAttention(asked, 'system.provider_error'),
      'after_lease',
      [...history, { kind: 'needs_attention', detail }],
      [{ kind: 'debit_unanswered', detail: `${detail}: asked for ${asked.askedMinor ?? 0}` }],
    );
  }
  const askedMinor = dueMinorOf(life);
  const detail = leaseDetails[purpose];
  const history: DebitStep['history'] = [{ kind: 'debit_leased', detail }];
  // `askedMinor` null: the request before never left. Another sum than the time before (a line was reported meanwhile) is
  // written down even while the provider stays away, when the same again is not (`newsOf`).
  const isAnother = life.askedMinor !== null && askedMinor !== life.askedMinor;
  return step(
    { ...leased, askedMinor, askedAtMs: atMs },
    'after_lease',
    isAnother ? history : newsOf(life, history),
  );
}

const leaseDetails: Readonly<Record<LeasePurpose, string>> = {
  due: 'debit',
  payment: 'payment by the member',
  account: 'debit: another account',
};

function answer(
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
  const declineCount = life.declineCount + 1;
  const waitsForShopper = again === 'never' || isForShopper(reason) || declineCount >= collection.declinesMax;
  const collecting = {
    ...life,
    ...{ state: 'collecting' as const, reason, declineCount, waitsForShopper },
    ...{ unreachableCount: 0, inDoubt: false },
  };
  return step(remembered(collecting, atMs), 'after_decline', [
    { kind: 'declined', detail: again === 'never' ? `${reason}, never again by itself` : reason },
  ]);
}

/** With since when it is in collection, and how often the member was to be reminded of it by now. */
function remembered(life: DebitLife, atMs: number): DebitLife & { readonly collectingSinceMs: number } {
  // Not known, or from a moment when the clock was ahead: it counts from now.
  const collectingSinceMs = Math.min(life.collectingSinceMs ?? atMs, atMs);
  const remindedCount = Math.max(life.remindedCount, remindersBy(collectingSinceMs, atMs));
  return { ...life, collectingSinceMs, remindedCount };
}

/** The member has another account: it is asked, and again by itself. Was its collection over, a new one begins. */
function begunAnew(life: DebitLife): DebitLife {
  const collecting = { ...life, state: 'collecting' as const, waitsForShopper: false };
  return life.collectionEnded ? { ...collecting, ...notInCollection, declineCount: 0 } : collecting;
}

/** People decide; the member is told once more. What the provider does by itself goes on, and is queried. */
function collectionEnds(
  life: DebitLife,
  history: DebitStep['history'] = [],
): Result<DebitStep, DebitLifeError> {
  const ended: DebitLife = {
    ...life,
    ...{ state: 'needs_attention', collectionEnded: true },
    remindedCount: life.remindedCount + 1,
  };
  const goesOn = life.collectedByProvider ? ', the provider goes on' : '';
  const detail = `collection has ended: ${life.reason ?? ''}, due ${dueMinorOf(life)}${goesOn}`;
  return step(
    ended,
    life.collectedByProvider ? 'after_decline' : 'never',
    [...history, { kind: 'needs_attention', detail }],
    [{ kind: 'collection_ended', detail }],
  );
}

/**
 * It may have been settled in another way since, or less was decided, and what was decided may have been debited: it is
 * held, and the provider is asked. When it was asked to debit that nobody knows: it counts from the first query.
 */
function lost(life: DebitLife, known: string): Result<DebitStep, DebitLifeError> {
  if (!isOpen(life)) return illegal(life, { type: 'lost' });
  const asked = life.inDoubt
    ? life
    : { ...life, inDoubt: true, askedMinor: dueMinorOf(life), askedAtMs: null };
  return step(
    needsAttention(asked, 'system.conflict'),
    life.inDoubt ? 'keep' : 'now',
    [{ kind: 'needs_attention', detail: `system.conflict: ${known}` }],
    [{ kind: 'decision_lost', detail: known }],
  );
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
  const heard = {
    ...life,
    collectedByProvider: true,
    askedMinor: amountMinor,
    askedAtMs: null,
    declineCount: life.declineCount + 1,
    unreachableCount: 0,
  };
  // What waits for a human, or was settled in another way, stays so; what was debited after all is heard by the query.
  const collecting = isOpen(life)
    ? remembered({ ...heard, state: 'collecting', reason }, atMs)
    : isDebt(life)
      ? { ...heard, reason }
      : heard;
  // The same again is not written down each time.
  const isSame =
    life.collectedByProvider && life.reason === collecting.reason && life.askedMinor === amountMinor;
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

/**
 * From when on the settling period counts. Time in which nobody looked is not counted: nobody knows whether it has passed,
 * or the clock was only set forward while the request was on its way.
 */
function watchedSince(askedAtMs: number | null, lateMs: number): number | null {
  const unwatchedMs = lateMs > debitLateMaxMs ? lateMs : 0;
  return askedAtMs === null ? null : askedAtMs + unwatchedMs;
}

/** When the provider is asked again about a number that was sent at `askedAtMs` and that it does not know yet. */
function nextQueryAtMs(askedAtMs: number, nowMs: number, settlingMs: number): number {
  const ageMs = nowMs - askedAtMs;
  const nextMs = ageMs < settlingFirstAskMs ? settlingFirstAskMs : ageMs + settlingAskEveryMs;
  return askedAtMs + Math.min(nextMs, settlingMs);
}

/** For certain nothing was debited: what is due by now may be asked for. */
function notDebited(life: DebitLife): Result<DebitStep, DebitLifeError> {
  if (!isOpen(life)) return step({ ...life, inDoubt: false }, 'never');
  return dueMinorOf(life) === 0 ? heldByDispute(life) : step({ ...life, inDoubt: false }, 'now');
}

/** The provider says that so much was debited under this number. */
function debited(life: DebitLife, amountMinor: number): Result<DebitStep, DebitLifeError> {
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

/**
 * How it is told that this was debited after all: what goes back is told with it. What a report has taken off is still to be
 * looked at, so of that nothing is said.
 */
function howFound(life: DebitLife): ResolutionHow {
  const keptMinor = dueMinorOf(life) + life.contestedMinor;
  if ((life.paidMinor ?? 0) <= keptMinor) return 'debited';
  return keptMinor > 0 ? 'refunded_in_part' : 'refunded';
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
  const dueMinor = dueMinorOf({ ...life, disputedMinor, approvedMinor });
  const contestedMinor = life.contestedMinor + dueMinorOf(life) - dueMinor;
  const lowered = { ...life, disputedMinor, contestedMinor, approvedMinor, review: true };
  const history = [{ kind: 'disputed', detail: `${disputeId}: due ${dueMinor}` }] as const;
  // In doubt: the attempt that is out is settled first, with its own amount; then what is left is looked at.
  if (dueMinor === 0 && !life.inDoubt && isOwed(life)) {
    const reason = 'recognition.line_reported';
    return step(needsAttention(lowered, reason), 'never', [
      ...history,
      { kind: 'needs_attention', detail: reason },
    ]);
  }
  return step(withRefundDue(lowered), 'keep', history);
}

/** With what has become due to be paid back. It never falls by itself. */
function withRefundDue(life: DebitLife): DebitLife {
  const beyondMinor = life.paidMinor === null ? 0 : life.paidMinor - dueMinorOf(life);
  return { ...life, refundDueMinor: Math.max(life.refundDueMinor, beyondMinor) };
}

function resolved(
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
          ...{ ...decided, state: 'accepted', declineCount: 0 },
          inDoubt: life.inDoubt || (life.askedMinor !== null && !isDebt(life)),
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

/** A decision as it is written down: by it a request that comes twice is known. */
export function decisionDetail({
  by,
  decision,
  amountMinor,
  reason,
}: Pick<DebitEvent & { type: 'resolved' }, 'by' | 'decision' | 'amountMinor' | 'reason'>): string {
  return JSON.stringify({ by, decision, amountMinor, reason });
}

/** The word for it that cabinets and shoppers are told. */
function howOf(life: DebitLife, decision: ChargeDecision, amountMinor: number): ResolutionHow {
  const billedMinor = life.totalMinor - life.disputedMinor;
  const paidMinor = life.paidMinor ?? 0;
  switch (decision) {
    case 'debit':
      if (amountMinor !== billedMinor) return amountMinor > billedMinor ? 'lines_released' : 'adjusted';
      return life.heldMinor > 0 ? 'lines_dropped' : 'debited';
    case 'waive': {
      // What is to be paid back already stays so: to leave it at that says that it was, or is.
      const dueMinor = Math.min(amountMinor, dueMinorOf(life));
      if (dueMinor < paidMinor) return dueMinor > 0 ? 'refunded_in_part' : 'refunded';
      return howItStays(life, paidMinor);
    }
    case 'settled':
      return amountMinor > paidMinor ? 'settled' : howItStays(life, paidMinor);
    case 'deny_dispute':
      // What was debited beyond what the screen named goes back as well; nobody was told that it was paid.
      return amountMinor < toldMinorOf(life) ? 'refunded_in_part' : 'dispute_denied';
    case 'debited':
      return 'debited';
    default:
      return unreachable(decision);
  }
}

/** Where it is left as it is paid: what of that what the screen named is not asked for, or else how it was paid. */
function howItStays({ totalMinor, heldMinor, debitedMinor }: DebitLife, paidMinor: number): ResolutionHow {
  if (paidMinor < totalMinor) return 'written_off';
  if (paidMinor > (debitedMinor ?? 0)) return 'settled';
  if (paidMinor > totalMinor) return 'lines_released';
  if (heldMinor > 0) return 'lines_dropped';
  return totalMinor > 0 ? 'debited' : 'voided';
}

/** Settled by a human. A debit that is still in doubt is queried until it is known. */
function end(
  life: DebitLife,
  paidMinor: number,
  history: DebitStep['history'],
): Result<DebitStep, DebitLifeError> {
  return step({ ...life, state: 'paid', paidMinor }, life.inDoubt ? 'keep' : 'never', history);
}

/** The same again, while the provider stays away, is not written down each time. */
function newsOf(life: DebitLife, history: DebitStep['history']): DebitStep['history'] {
  return life.unreachableCount === 0 ? history : [];
}

const isOpen = (life: DebitLife): boolean => life.state === 'accepted' || life.state === 'collecting';

/** The member owes it, and can pay it: while it is collected, and after that. */
export function isDebt({ state, collectionEnded }: Pick<DebitLife, 'state' | 'collectionEnded'>): boolean {
  return state === 'collecting' || (state === 'needs_attention' && collectionEnded);
}

/** That it is debited is no surprise. */
const isOwed = (life: DebitLife): boolean => isOpen(life) || isDebt(life);

const notInCollection = {
  collectingSinceMs: null,
  waitsForShopper: false,
  remindedCount: 0,
  collectionEnded: false,
} as const;

function needsAttention(life: DebitLife, reason: ReasonCode): DebitLife {
  return { ...life, ...notInCollection, state: 'needs_attention', reason, review: true };
}

function step(
  life: DebitLife,
  next: NextAttempt,
  history: DebitStep['history'] = [],
  incidents: DebitStep['incidents'] = [],
): Result<DebitStep, DebitLifeError> {
  // It goes on by itself only as long as nobody knows how that ends.
  const collectedByProvider = life.collectedByProvider && life.inDoubt;
  const about = isDebt(life) ? {} : notInCollection;
  return ok({ life: { ...life, collectedByProvider, ...about }, next, history, incidents });
}

function illegal(life: DebitLife, event: { readonly type: string }): Result<never, DebitLifeError> {
  return fail('debit.illegal', `${event.type} has no place in ${life.state}`);
}

function stale(life: DebitLife, leaseCount: number): Result<never, DebitLifeError> {
  return fail('debit.stale', `an answer to lease ${leaseCount} when lease ${life.leaseCount} is out`);
}
