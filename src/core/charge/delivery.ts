import { unreachable } from '../../shared/assert.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { SentBefore, WithPeople } from '../../shared/api/sent-before.ts';
import type { Result } from '../../shared/result.ts';
import type { Minor } from '../../shared/money.ts';
import { isNewResolution, isSameResolution } from '../../shared/model/resolution.ts';
import type { Resolution } from '../../shared/model/resolution.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import type { ChargeEvent } from './charge-life.ts';

/**
 * How a call to the operator can fail. The codes say what is known, because that decides about money:
 * - `network.unreachable`: the request surely did not leave (no address, refused, no connection in time);
 * - `network.timeout`: it left, or may have; no whole answer came (time-out, connection dropped);
 * - `network.portal`: the network itself answered, to have somebody log in or agree (captive portal);
 * - `network.unproven`: something answered, but it is not signed by the operator's key: whatever it says, nothing is known;
 * - `operator.refused`: our operator says that these bytes are wrong, and what is sent again is refused again;
 * - `operator.conflict`: 409, it has other bytes by this id; `operator.unknown_charge`: 404 with that word;
 * - `operator.unauthenticated` (401, 403): trouble with the cabinet's key, number or clock, not with the request;
 * - `operator.not_served`: our operator does not take this kind of request now (a path that it does not know, a bound
 *   that is too low, a word that does not fit its status): a faulty deployment, and no word about this one;
 * - `operator.busy`: 429, not taken;
 * - `operator.unavailable`: 408, 5xx: it may have been taken all the same;
 * - `operator.garbage`: something answered, but not our operator's API (proxy, bug): nothing is known.
 * Which answer is which: answer.ts.
 */
export type OperatorErrorCode =
  | 'network.unreachable'
  | 'network.timeout'
  | 'network.portal'
  | 'network.unproven'
  | 'operator.unauthenticated'
  | 'operator.refused'
  | 'operator.conflict'
  | 'operator.unknown_charge'
  | 'operator.not_served'
  | 'operator.busy'
  | 'operator.unavailable'
  | 'operator.garbage';

export interface OperatorFailure {
  readonly code: OperatorErrorCode;
  readonly message: string;
  /** From the Retry-After header: the least wait for this one entry, ms. */
  readonly retryAfterMs?: number;
  /** The answer had our operator's own error body: only then Retry-After holds the other entries, too. */
  readonly isOperators?: boolean;
  /** Our operator says that it takes too many of this one's kind, and holds nothing else back. */
  readonly othersMayCome?: boolean;
}

/** What an attempt can mean; each is one event of the charge's life. */
export type DeliveryEvent = Extract<
  ChargeEvent,
  { readonly type: 'reply' | 'resolved' | 'defer' | 'doubt' | 'unknown_there' | 'reject' }
>;

/** What of a charge decides what an answer means. */
export interface QueriedCharge {
  /** The last decision that is known here. */
  readonly resolution: Resolution | null;
  /** What the screen named: billed and held. */
  readonly namedMinor: Minor;
}

/**
 * What one attempt means for the charge.
 * `step` is what was tried: `send` (PUT of the body) or `query` (GET). The whole table: docs/payments.md#retry-classes. To know:
 * - Only two answers are a final no: our operator's typed refusal of these bytes, and its conflict.
 * - 401/403 on a PUT is retried, not put on the human list: a wrong clock or a key being renewed is no fault of the
 *   charge, and it must leave by itself once that is mended.
 * - A failing operator, and an answer that is not from our API, say nothing about what happened behind it: in doubt,
 *   so query first.
 * - A decision that was told before is no decision: then the answer says only how the charge stands under it.
 * - A 4xx on a query decides nothing about the money: query again later.
 */
export function chargeEventFor(
  step: 'send' | 'query',
  result: Result<ChargeReply, OperatorFailure>,
  { resolution, namedMinor }: QueriedCharge,
): DeliveryEvent {
  if (result.ok) {
    const { state, totalMinor, reason, resolved } = result.value;
    if (isNewResolution(resolution, resolved)) {
      const { how, by, atMs } = resolved;
      return { type: 'resolved', how, by, atMs, state, totalMinor, reason, namedMinor };
    }
    const reply = { type: 'reply', state, totalMinor, reason } as const;
    return isSameResolution(resolution, resolved) ? { ...reply, namedMinor } : reply;
  }
  switch (result.error.code) {
    case 'network.unreachable':
      return { type: 'defer', reason: 'network.unreachable' };
    case 'network.timeout':
      return { type: 'doubt', reason: 'network.timeout' };
    case 'network.portal':
    case 'network.unproven':
      return { type: 'doubt', reason: 'network.unreachable' };
    case 'operator.unauthenticated':
    case 'operator.not_served':
    case 'operator.busy':
      return { type: 'defer', reason: 'system.operator_error' };
    case 'operator.unavailable':
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

/**
 * What is said with a charge that is sent: whether the operator may have taken it before; null: it has not. `billedMinor`:
 * what the operator said that it bills, null where it has said nothing; `unansweredMs`: when it was first sent and nobody
 * knows what came of that, wall time; null: never. `withPeople`: that people had it in hand; null: not by the record.
 */
export function sentBeforeOf(
  billedMinor: Minor | null,
  unansweredMs: number | null,
  withPeople: WithPeople | null,
  nowMs: number,
): SentBefore | null {
  if (billedMinor !== null || withPeople !== null) return { agoMs: null, withPeople };
  if (unansweredMs === null) return null;
  // The clock was set back since: so nobody knows how long ago that was.
  return { agoMs: nowMs < unansweredMs ? null : nowMs - unansweredMs, withPeople };
}

/** First wait after a failed attempt, before jitter. */
export const retryFirstMs = 200;
/** The wait never grows beyond this, before jitter; retries have no end. */
export const retryCapMs = 5 * 60_000;
/** A longer Retry-After is not believed. */
export const retryAfterMaxMs = 10 * 60_000;
/** For so long at most our operator's Retry-After for one entry holds the others, too. */
export const retryAfterForAllMaxMs = 5 * 60_000;
/**
 * What our operator has refused is sent once more after this, again and again: a faulty deployment may have refused
 * everything, and a human who has mended it must not have to send thousands of charges by hand.
 */
export const refusedAgainMs = 6 * 3_600_000;
/** A charge waits so long at most for a dispute about it that the operator does not take. */
export const disputeHoldMaxMs = 24 * 60 * 60_000;
/**
 * So long a dispute goes on while the operator says that it has no such charge: it may be on its way. Beyond, it never
 * comes (it is another cabinet's there), and the dispute is given up: a wait has an end in total (ADR 0084).
 */
export const disputeOfNoChargeMaxMs = 30 * 24 * 60 * 60_000;
/**
 * An operator whose database was put back to an older copy has forgotten what it had taken since. What nothing else would
 * bring back there (a deleted face, a report of a charge that is settled) is told again, so long after it was told first,
 * second, …: by then the copy that it could be put back to is from after it.
 */
export const toldAgainAfterMs: readonly number[] = [1, 2, 4, 8, 16].map((days) => days * 86_400_000);
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

/**
 * Wait of a charge of whose kind the operator has too many for today, in ms: 5 to 10 min, however many times it has been
 * refused. What is beyond the quota is taken up to a day later, so that nothing is won by asking sooner.
 */
export function quotaDelayMs(random01: number): number {
  return Math.ceil(retryAfterMaxMs * (0.5 + random01 / 2));
}

/** First pause between two queries of a charge that the operator already has. */
export const pollFirstMs = 300;

/**
 * Wait before the next query of an `accepted` or `collecting` charge, in ms: doubling from 300 ms to 5 min, half
 * of it jitter, so that "paid" is seen soon but a debit that takes days costs 12 queries an hour.
 */
export function pollDelayMs(poll: number, random01: number, retryAfterMs = 0): number {
  const bounds = { firstMs: pollFirstMs, capMs: retryCapMs, jitterShare: 0.5 };
  const delayMs = backoffMs({ ...bounds, failureCount: poll, random01 });
  return Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));
}

/** First pause before the operator is queried again for what was decided about a charge that waits for a human. */
export const waitingFirstMs = 10 * 60_000;
/** The pause grows to this. */
export const waitingCapMs = 48 * 3_600_000;
/**
 * After so many answers in a row that told nothing new a charge that waits for a human is queried only about once a
 * week (`waitingSlowMs`): with the pauses above that is after 30 to 60 days.
 */
export const waitingQueriesMax = 38;
/** The longest pause from then on, without end: what is decided in the third month is still told. */
export const waitingSlowMs = 7 * 24 * 3_600_000;

/**
 * Wait before the next query of a charge that waits for a human, in ms: doubling from 10 min to 48 h, then 7 days, half
 * of it jitter. `queries`: answers in a row that told nothing new.
 */
export function waitingDelayMs(queries: number, random01: number, retryAfterMs = 0): number {
  const bounds =
    queries < waitingQueriesMax
      ? { firstMs: waitingFirstMs, capMs: waitingCapMs }
      : { firstMs: waitingSlowMs, capMs: waitingSlowMs };
  const delayMs = backoffMs({ ...bounds, jitterShare: 0.5, failureCount: queries, random01 });
  return Math.max(delayMs, Math.min(retryAfterMs, retryAfterMaxMs));
}

/** Whether this attempt brought no answer from anybody who may speak for the operator. */
export function isUnanswered(event: DeliveryEvent): boolean {
  return (event.type === 'defer' || event.type === 'doubt') && event.reason.startsWith('network.');
}

/** Between two such queries of any charges passes at least half of this, ms: a long list of them is no burst. */
export const waitingEveryMs = 10_000;

/** True unless the answer is about these very bytes: anything else sent now would have failed alike. */
export function isRetryable({ code }: OperatorFailure): boolean {
  return code !== 'operator.refused' && code !== 'operator.conflict' && code !== 'operator.unknown_charge';
}

/** Our operator's own no to these very bytes. Anything else is tried again. */
export function isFinalNo({ code }: OperatorFailure): boolean {
  return code === 'operator.refused' || code === 'operator.conflict';
}
