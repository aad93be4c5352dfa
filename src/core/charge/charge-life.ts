import { unreachable } from '../../shared/assert.ts';
import type { Minor } from '../../shared/money.ts';
import type { ChargeState, ReasonCode } from '../../shared/model/charge.ts';
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
  /** What the operator last said it bills; never above `totalMinor`, never rises. */
  readonly billedMinor: Minor | null;
  /** Why it is not paid yet; null when there is nothing to say. */
  readonly reason: ReasonCode | null;
}

export type VoidReason = 'nothing_taken' | 'not_opened' | 'unlock_failed' | 'cancelled';

export type ChargeEvent =
  /** The visit has ended: the body is fixed. */
  | { readonly type: 'finalise'; readonly totalMinor: Minor }
  | { readonly type: 'enqueue' }
  | { readonly type: 'void'; readonly why: VoidReason }
  /** About to be sent: stored before the first byte leaves. */
  | { readonly type: 'submit' }
  /** The operator has spoken about this charge (answer to a PUT or a GET). */
  | {
      readonly type: 'reply';
      readonly state: 'accepted' | 'paid' | 'collecting' | 'needs_attention';
      readonly totalMinor: Minor;
      readonly reason: ReasonCode | null;
    }
  /** Nothing was settled by this attempt, and it is safe to repeat it later. */
  | { readonly type: 'defer'; readonly reason: ReasonCode }
  /** The request may have arrived; nobody knows: ask first. */
  | { readonly type: 'doubt'; readonly reason: ReasonCode }
  /** The operator definitely does not have it: send the same id with the same body. */
  | { readonly type: 'unknown_there' }
  /** The operator said no to these bytes: a human looks; only what is `system.rejected` is sent again, hours later. */
  | { readonly type: 'reject'; readonly reason: 'system.rejected' | 'system.conflict' }
  /** The program starts: what was being sent when it ended is in doubt. */
  | { readonly type: 'recover' };

export type ChargeLifeError = Failure<'charge.illegal'>;

export const newCharge: ChargeLife = { state: 'open', totalMinor: null, billedMinor: null, reason: null };

/** No event changes these. */
export const terminalStates: readonly ChargeState[] = ['paid', 'voided'];

/** Our operator has refused these bytes and does not have the charge: sent once more now and then, in case it was wrong. */
function isRefused({ state, reason, billedMinor }: Omit<ChargeLife, 'totalMinor'>): boolean {
  return state === 'needs_attention' && reason === 'system.rejected' && billedMinor === null;
}

/**
 * What the cabinet does next with a charge in this state: `send` the body, `query` the operator, or nothing by itself.
 */
export function nextStep(charge: Omit<ChargeLife, 'totalMinor'>): 'send' | 'query' | 'none' {
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
      return isRefused(charge) ? 'send' : 'none';
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
    case 'defer':
      if (state === 'submitting') return ok({ ...charge, state: 'queued', reason: event.reason });
      if (state === 'in_doubt') return ok({ ...charge, reason: event.reason });
      // The operator has it: that a question got no answer says nothing new about the charge.
      return isWithOperator(state) ? ok(charge) : illegal(charge, event);
    case 'doubt':
      if (state === 'submitting' || state === 'in_doubt') {
        return ok({ ...charge, state: 'in_doubt', reason: event.reason });
      }
      return isWithOperator(state) ? ok(charge) : illegal(charge, event);
    case 'unknown_there':
      if (state === 'in_doubt') return ok({ ...charge, state: 'queued' });
      // It was there and is not any more (a restored back-up): same id, same body, so sending it again cannot double it.
      if (isWithOperator(state)) return ok({ ...charge, state: 'queued', reason: 'system.operator_error' });
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
  const { state, totalMinor, billedMinor } = charge;
  if (state !== 'submitting' && state !== 'in_doubt' && !isWithOperator(state)) return illegal(charge, event);
  const ceilingMinor = billedMinor ?? totalMinor;
  if (ceilingMinor === null || event.totalMinor > ceilingMinor) {
    // Money moves only downward after confirmation: whatever this is, a human decides.
    return ok({ ...charge, state: 'needs_attention', reason: 'system.conflict' });
  }
  const next = { ...charge, billedMinor: event.totalMinor, reason: event.reason };
  switch (event.state) {
    case 'paid':
      return ok({ ...next, state: 'paid', reason: null });
    case 'accepted':
      // The provider tries again after a refusal: for the shopper that is still "being collected".
      return ok(
        state === 'collecting'
          ? { ...next, state, reason: event.reason ?? charge.reason }
          : { ...next, state: 'accepted' },
      );
    case 'collecting':
    case 'needs_attention':
      return ok({ ...next, state: event.state });
    default:
      return unreachable(event.state);
  }
}

/** Durable at the operator, not settled yet. */
function isWithOperator(state: ChargeState): state is 'accepted' | 'collecting' {
  return state === 'accepted' || state === 'collecting';
}

function illegal(charge: ChargeLife, event: ChargeEvent): Result<ChargeLife, ChargeLifeError> {
  return fail('charge.illegal', `${event.type} has no place in ${charge.state}`);
}
