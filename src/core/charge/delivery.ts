import { unreachable } from '../../shared/assert.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { Result } from '../../shared/result.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { ChargeEvent } from './charge-life.ts';

/**
 * How a call to the operator can fail. The codes say what is known, because that decides about money:
 * - `network.unreachable`: the request surely did not leave (no address, refused, no connection in time);
 * - `network.timeout`: it left, or may have; no whole answer came (time-out, connection dropped);
 * - `operator.unauthenticated` (401, 403): trouble with the cabinet's key or clock, not with the request;
 * - `operator.refused`: any other 4xx; `operator.conflict`: 409; `operator.unknown_charge`: 404 with that word;
 * - `operator.unavailable`: 408, 429, 5xx;
 * - `operator.garbage`: something answered, but not our operator's API (captive portal, proxy, bug): nothing is known.
 */
export type OperatorErrorCode =
  | 'network.unreachable'
  | 'network.timeout'
  | 'operator.unauthenticated'
  | 'operator.refused'
  | 'operator.conflict'
  | 'operator.unknown_charge'
  | 'operator.unavailable'
  | 'operator.garbage';

export interface OperatorFailure {
  readonly code: OperatorErrorCode;
  readonly message: string;
  /** From the Retry-After header, where the operator gave one. */
  readonly retryAfterMs?: number;
}

/** What an attempt can mean; each is one event of the charge's life. */
export type DeliveryEvent = Extract<
  ChargeEvent,
  { readonly type: 'reply' | 'defer' | 'doubt' | 'unknown_there' | 'reject' }
>;

/**
 * What one attempt means for the charge.
 * `step` is what was tried: `send` (PUT of the body) or `query` (GET). The whole table: docs/payments.md#retry-classes. To know:
 * - 401/403 on a PUT is retried, not put on the human list: a wrong clock or a key being renewed is no fault of the
 *   charge, and it must leave by itself once that is mended.
 * - An answer that is not from our API says nothing about what happened behind it: in doubt, so ask first.
 * - A 4xx on a question decides nothing about the money: ask again later.
 */
export function chargeEventFor(
  step: 'send' | 'query',
  result: Result<ChargeReply, OperatorFailure>,
): DeliveryEvent {
  if (result.ok) {
    const { state, totalMinor, reason } = result.value;
    return { type: 'reply', state, totalMinor, reason };
  }
  switch (result.error.code) {
    case 'network.unreachable':
      return { type: 'defer', reason: 'network.unreachable' };
    case 'network.timeout':
      return { type: 'doubt', reason: 'network.timeout' };
    case 'operator.unauthenticated':
    case 'operator.unavailable':
      return { type: 'defer', reason: 'system.operator_error' };
    case 'operator.garbage':
      return { type: 'doubt', reason: 'system.operator_error' };
    case 'operator.unknown_charge':
      // In answer to a PUT the word makes no sense; to repeat it later is safe.
      return step === 'query'
        ? { type: 'unknown_there' }
        : { type: 'defer', reason: 'system.operator_error' };
    case 'operator.refused':
      return step === 'send'
        ? { type: 'reject', reason: 'system.rejected' }
        : { type: 'defer', reason: 'system.operator_error' };
    case 'operator.conflict':
      return step === 'send'
        ? { type: 'reject', reason: 'system.conflict' }
        : { type: 'defer', reason: 'system.operator_error' };
    default:
      return unreachable(result.error.code);
  }
}

/** First wait after a failed attempt, before jitter. */
export const retryFirstMs = 200;
/** The wait never grows beyond this, before jitter; retries have no end. */
export const retryCapMs = 5 * 60_000;
/** A longer Retry-After is not believed. */
export const retryAfterMaxMs = 60 * 60_000;
/** A charge waits so long at most for a dispute about it that the operator does not take. */
export const disputeHoldMaxMs = 24 * 60 * 60_000;
/** Never less than this between two attempts of one charge, whatever the jitter says: no busy loop. */
export const retryFloorMs = 20;

/**
 * Wait before attempt `attempt` + 1, in ms: exponential with full jitter, first bound 200 ms, cap 5 min. A Retry-After is a
 * lower bound. `attempt` counts failures in a row from 0; `random01` is in [0, 1).
 */
export function retryDelayMs(attempt: number, random01: number, retryAfterMs = 0): number {
  const bounds = { firstMs: retryFirstMs, capMs: retryCapMs, floorMs: retryFloorMs };
  const delayMs = backoffMs({ ...bounds, failureCount: attempt, random01 });
  return Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));
}

/** First pause between two questions about a charge that the operator already has. */
export const pollFirstMs = 300;

/**
 * Wait before the next question about an `accepted` or `collecting` charge, in ms: doubling from 300 ms to 5 min, half
 * of it jitter, so that "paid" is seen soon but a debit that takes days costs 12 questions an hour.
 */
export function pollDelayMs(poll: number, random01: number, retryAfterMs = 0): number {
  const bounds = { firstMs: pollFirstMs, capMs: retryCapMs, jitterShare: 0.5 };
  const delayMs = backoffMs({ ...bounds, failureCount: poll, random01 });
  return Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));
}

/** True when anything else sent would have failed alike: the same bytes may be taken later. */
export function isRetryable(failure: OperatorFailure): boolean {
  switch (failure.code) {
    case 'network.unreachable':
    case 'network.timeout':
    case 'operator.unauthenticated':
    case 'operator.unavailable':
    case 'operator.garbage':
      return true;
    case 'operator.refused':
    case 'operator.conflict':
    case 'operator.unknown_charge':
      return false;
  }
}
