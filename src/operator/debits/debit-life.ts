import type { ChargeReply } from '../../shared/api/operator.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import type { ResolutionActor, ResolutionHow } from '../../shared/model/resolution.ts';
import type { Failure } from '../../shared/result.ts';
import type { DebitOutcome } from '../providers/provider.ts';

/**
 * The life of a charge at the operator: what is stored of it, what happens to it, and what becomes of it (the function:
 * debit-events.ts). All amounts are minor units. Who stores it: debit-store.ts.
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
  /**
   * The member (or whoever has the address) is paying it: for when the account was to be asked before that began (wall time, ms;
   * where nothing was planned, when it began). Who comes to the page and does not pay puts nothing off, and counts as no decline.
   * Null: nobody is.
   */
  readonly plannedAtMs: number | null;
  /** While it is paid: `askedAtMs` before that. An account that has changed since then is another one. */
  readonly askedBeforeMs: number | null;
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
  /**
   * How often the account was asked and has declined, since its collection began; answers in a row that did not come, or said
   * that the provider goes on as before.
   */
  readonly declineCount: number;
  readonly unreachableCount: number;
  /** The database was put back, and its cabinet has not said since what it knows of it: until then nobody asks for money. */
  readonly awaitsCabinet: boolean;
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
   * account is another one since it was asked. What is only to be remembered of, or ends, is not leased; nor is what waits
   * for its cabinet: due, it has waited long enough and is held.
   */
  | {
      readonly type: 'lease';
      readonly purpose: LeasePurpose;
      readonly atMs: number;
      /** So much later than it was planned for, ms. */
      readonly lateMs: number;
      /** For when it was planned (wall time, ms); left out, or null: not by itself. */
      readonly plannedAtMs?: number | null;
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
   * Its cabinet says at `atMs` (wall time, ms) what it knows. `known`, in words: that people had it in hand, and that, or
   * the last of it, is not here: lost with a database that was put back. Null: it knows of nothing like that, for which a
   * charge of such a database has waited.
   */
  | { readonly type: 'cabinet_spoke'; readonly atMs: number; readonly known: string | null }
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

export const isOpen = (life: DebitLife): boolean => life.state === 'accepted' || life.state === 'collecting';

/** The member owes it, and can pay it: while it is collected, and after that. */
export function isDebt({ state, collectionEnded }: Pick<DebitLife, 'state' | 'collectionEnded'>): boolean {
  return state === 'collecting' || (state === 'needs_attention' && collectionEnded);
}

/** That it is debited is no surprise. */
export const isOwed = (life: DebitLife): boolean => isOpen(life) || isDebt(life);
