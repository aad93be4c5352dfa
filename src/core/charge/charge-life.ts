import type { WithPeople } from '../../shared/api/sent-before.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Minor } from '../../shared/money.ts';
import type { ChargeState, ReasonCode } from '../../shared/model/charge.ts';
import { isNewResolution } from '../../shared/model/resolution.ts';
import type { Resolution } from '../../shared/model/resolution.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

/**
 * The life of one charge (docs/payments.md#a-charges-life), as a pure function. What is stored is exactly what is needed to go on after
 * a power cut; the events are what the append-only log keeps, so the state can be computed again from the log.
 */
export interface ChargeLife {
  readonly state: ChargeState;
  /** What the shopper was told, in minor units; null until finalised, never changes after. */
  readonly totalMinor: Minor | null;
  /** What the operator last said it bills; never rises and never above `totalMinor`, but by a decision (`resolved`). */
  readonly billedMinor: Minor | null;
  /** Why it is not paid yet; null when there is nothing to say. */
  readonly reason: ReasonCode | null;
  /** The decision about it that was told last; null: none. */
  readonly resolution: Resolution | null;
}

export type VoidReason = 'nothing_taken' | 'not_opened' | 'unlock_failed' | 'cancelled';

export type ChargeEvent =
  /** The visit has ended: the body is fixed. */
  | { readonly type: 'finalise'; readonly totalMinor: Minor }
  | { readonly type: 'enqueue' }
  | { readonly type: 'void'; readonly why: VoidReason }
  /** About to be sent: stored before the first byte leaves. */
  | { readonly type: 'submit' }
  /**
   * The operator has spoken about this charge (answer to a PUT or a GET). `namedMinor`: it is told under the decision that
   * is on record here; so the amount may be any up to this, as with the decision itself.
   */
  | {
      readonly type: 'reply';
      readonly state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
      readonly totalMinor: Minor;
      readonly reason: ReasonCode | null;
      readonly namedMinor?: Minor | undefined;
    }
  /**
   * The operator tells of a decision that was not known here (`isNewResolution`), and how the charge stands with it. The
   * amount may be any up to `namedMinor`, which is what the screen named: what was billed and what was held.
   */
  | ({
      readonly type: 'resolved';
      readonly state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
      readonly totalMinor: Minor;
      readonly reason: ReasonCode | null;
      readonly namedMinor: Minor;
    } & Resolution)
  /** Nothing was settled by this attempt, and it is safe to repeat it later. */
  | { readonly type: 'defer'; readonly reason: ReasonCode }
  /** The request may have arrived; nobody knows: query first. */
  | { readonly type: 'doubt'; readonly reason: ReasonCode }
  /** The operator definitely does not have it: send the same id with the same body. */
  | { readonly type: 'unknown_there' }
  /** The operator said no to these bytes: a human looks; only what is `system.rejected` is sent again, hours later. */
  | { readonly type: 'reject'; readonly reason: 'system.rejected' | 'system.conflict' }
  /** The program starts: what was being sent when it ended is in doubt. */
  | { readonly type: 'recover' };

export type ChargeLifeError = Failure<'charge.illegal'>;

export const newCharge: ChargeLife = {
  state: 'open',
  totalMinor: null,
  billedMinor: null,
  reason: null,
  resolution: null,
};

/** No event changes these. */
export const terminalStates: readonly ChargeState[] = ['paid', 'voided'];

/** What says where a charge stands on its way. */
type Standing = Pick<ChargeLife, 'state' | 'reason' | 'billedMinor'>;

/** Our operator has refused these bytes and does not have the charge: sent once more now and then, in case it was wrong. */
export function isRefused({ state, reason, billedMinor }: Standing): boolean {
  return state === 'needs_attention' && reason === 'system.rejected' && billedMinor === null;
}

/** A human at the operator has to look at it; it is queried now and then for what was decided (`waitingDelayMs`). */
export function waitsForHuman(charge: Standing): boolean {
  return charge.state === 'needs_attention' && !isRefused(charge);
}

/**
 * What the cabinet does next with a charge in this state: `send` the body, `query` the operator, or nothing by itself.
 */
export function nextStep(charge: Standing): 'send' | 'query' | 'none' {
  switch (charge.state) {
    case 'queued':
      return 'send';
    case 'in_doubt':
    case 'accepted':
    case 'collecting':
      return 'query';
    case 'open':
    case 'finalised':
    case 'submitting':
    case 'paid':
    case 'voided':
      return 'none';
    case 'needs_attention':
      return isRefused(charge) ? 'send' : 'query';
    default:
      return unreachable(charge.state);
  }
}

/**
 * The next state, or `charge.illegal` when the event has no place in this state (the state then stays as it is).
 * Total: defined for every pair of state and event.
 */
export function applyChargeEvent(
  charge: ChargeLife,
  event: ChargeEvent,
): Result<ChargeLife, ChargeLifeError> {
  const { state } = charge;
  switch (event.type) {
    case 'finalise':
      if (state !== 'open') return illegal(charge, event);
      return ok({ ...charge, state: 'finalised', totalMinor: event.totalMinor });
    case 'enqueue':
      return state === 'finalised' ? ok({ ...charge, state: 'queued' }) : illegal(charge, event);
    case 'void':
      // A finalised charge may only be dropped when it asks for nothing (docs/payments.md#a-charges-life).
      if (state === 'open' || (state === 'finalised' && charge.totalMinor === 0)) {
        return ok({ ...charge, state: 'voided', reason: null });
      }
      return illegal(charge, event);
    case 'submit':
      return state === 'queued' || isRefused(charge)
        ? ok({ ...charge, state: 'submitting' })
        : illegal(charge, event);
    case 'reply':
      return applyReply(charge, event);
    case 'resolved':
      return applyResolved(charge, event);
    case 'defer':
      if (state === 'submitting') return ok({ ...charge, state: 'queued', reason: event.reason });
      if (state === 'in_doubt') return ok({ ...charge, reason: event.reason });
      // The operator has it: that a query got no answer says nothing new about the charge.
      return isAskedAbout(charge) ? ok(charge) : illegal(charge, event);
    case 'doubt':
      if (state === 'submitting' || state === 'in_doubt') {
        return ok({ ...charge, state: 'in_doubt', reason: event.reason });
      }
      return isAskedAbout(charge) ? ok(charge) : illegal(charge, event);
    case 'unknown_there':
      // It has other bytes by this id, or had: whatever was sent again would be refused again.
      if (waitsForHuman(charge) && charge.billedMinor === null) return ok(charge);
      if (state === 'in_doubt') return ok({ ...charge, state: 'queued' });
      // It was there and is not any more (a restored back-up): same id, same body, and it is said that it was sent before
      // (`sentBeforeOf`).
      if (isAskedAbout(charge)) return ok({ ...charge, state: 'queued', reason: 'system.operator_error' });
      return illegal(charge, event);
    case 'reject':
      return state === 'submitting'
        ? ok({ ...charge, state: 'needs_attention', reason: event.reason })
        : illegal(charge, event);
    case 'recover':
      return state === 'submitting'
        ? ok({ ...charge, state: 'in_doubt', reason: 'network.timeout' })
        : illegal(charge, event);
    default:
      return unreachable(event);
  }
}

function applyReply(
  charge: ChargeLife,
  event: ChargeEvent & { type: 'reply' },
): Result<ChargeLife, ChargeLifeError> {
  const { state, reason } = charge;
  if (!mayBeAnswered(charge)) return illegal(charge, event);
  if (isOfOtherBytes(charge) && !isUnderDecision(charge, event)) return ok(charge);
  if (billsTooMuch(charge, event)) return ok(conflicting(charge));
  // The provider tries again after a refusal: for the shopper that is still "being collected".
  if (state === 'collecting' && event.state === 'accepted')
    return ok({ ...charge, billedMinor: event.totalMinor, reason: event.reason ?? reason });
  return ok(answered(charge, event));
}

function applyResolved(
  charge: ChargeLife,
  event: ChargeEvent & { type: 'resolved' },
): Result<ChargeLife, ChargeLifeError> {
  if (!mayBeAnswered(charge) || !isNewResolution(charge.resolution, event)) return illegal(charge, event);
  if (billsTooMuch(charge, event)) return ok(isDecidedEarly(charge) ? refused(charge) : conflicting(charge));
  const { how, by, atMs } = event;
  return ok({ ...answered(charge, event), resolution: { how, by, atMs } });
}

/** What the operator says about how a charge stands. */
type Told = Extract<ChargeEvent, { readonly type: 'reply' | 'resolved' }>;

/** A decision is told first with the amount of an attempt that is in doubt, and later with its own. */
function isUnderDecision(charge: ChargeLife, event: Told): boolean {
  return event.type === 'resolved' || (charge.resolution !== null && event.namedMinor !== undefined);
}

/**
 * This answer names more than the one before, or than what was confirmed: never taken. Under a decision it may be what the
 * screen named.
 */
export function billsTooMuch(charge: ChargeLife, event: Told): boolean {
  const { totalMinor, billedMinor } = charge;
  if (totalMinor === null) return true;
  const ceilingMinor = isUnderDecision(charge, event)
    ? Math.max(totalMinor, event.namedMinor ?? 0)
    : (billedMinor ?? totalMinor);
  return event.totalMinor > ceilingMinor;
}

/**
 * The operator has other bytes by this id, so that its word on them is none on ours: out of that leads only a decision.
 * (A bill that was too high ends also with one that fits.)
 */
function isOfOtherBytes(charge: ChargeLife): boolean {
  return waitsForHuman(charge) && charge.reason === 'system.conflict' && charge.billedMinor === null;
}

/**
 * Whether this answer shows that the operator may have forgotten reports that it had taken (its database was put back): it
 * does not have the charge; it bills more than it did; or its first or its last word on the charge (`paid`, also by a
 * decision of people, who may have seen no report) bills lines that were reported. `reportedMinor`: their sum. Sent once
 * more they change nothing where they are known.
 */
export function forgetsReports(charge: ChargeLife, event: ChargeEvent, reportedMinor: Minor): boolean {
  if (event.type === 'unknown_there') return !isOfOtherBytes(charge);
  if ((event.type !== 'reply' && event.type !== 'resolved') || isOfOtherBytes(charge)) return false;
  const isReportBilled = event.totalMinor > (charge.totalMinor ?? 0) - reportedMinor;
  if (isUnderDecision(charge, event)) return event.state === 'paid' && isReportBilled;
  const isFirstOrLast = charge.billedMinor === null || event.state === 'paid';
  return billsTooMuch(charge, event) || (isFirstOrLast && isReportBilled);
}

/**
 * Whether this answer shows that the operator has forgotten what people had in hand (its database was put back): it waited
 * for them, also again under a decision, and goes on without another; or they had decided, and no decision is told, or an
 * older one. `stage`: how it stood by the answer before; null: not
 * with people. What waits goes on by a decision alone, and the last decision is told with every answer.
 */
export function forgetsDecision(
  charge: ChargeLife,
  event: ChargeEvent,
  stage: WithPeople['stage'] | null,
): boolean {
  if (event.type !== 'reply' || isOfOtherBytes(charge)) return false;
  const isUndecided = event.namedMinor === undefined;
  return (stage === 'decided' && isUndecided) || (stage === 'waiting' && event.state !== 'needs_attention');
}

/**
 * Its bytes were sent, and nothing but a decision came back: the operator does not have it. Such a decision is made without
 * knowing what the screen named; what is put right of it is told in answer to the bytes, as it was.
 */
function isDecidedEarly({ state, billedMinor }: ChargeLife): boolean {
  return state === 'submitting' && billedMinor === null;
}

function refused(charge: ChargeLife): ChargeLife {
  return { ...charge, state: 'needs_attention', reason: 'system.rejected' };
}

/** Money moves only downward after confirmation: whatever this is, a human decides. */
function conflicting(charge: ChargeLife): ChargeLife {
  return { ...charge, state: 'needs_attention', reason: 'system.conflict' };
}

function answered(charge: ChargeLife, event: Told): ChargeLife {
  const { state, totalMinor: billedMinor, reason } = event;
  switch (state) {
    case 'paid':
      return { ...charge, state, billedMinor, reason: null };
    case 'accepted':
    case 'collecting':
    case 'needs_attention':
      return { ...charge, state, billedMinor, reason };
    default:
      return unreachable(state);
  }
}

/** Durable at the operator, not settled yet: queried. */
function isAskedAbout(charge: ChargeLife): boolean {
  return charge.state === 'accepted' || charge.state === 'collecting' || waitsForHuman(charge);
}

/** A request about it may be out, and what it answers counts. */
function mayBeAnswered(charge: ChargeLife): boolean {
  return charge.state === 'submitting' || charge.state === 'in_doubt' || isAskedAbout(charge);
}

function illegal(charge: ChargeLife, event: ChargeEvent): Result<ChargeLife, ChargeLifeError> {
  return fail('charge.illegal', `${event.type} has no place in ${charge.state}`);
}
