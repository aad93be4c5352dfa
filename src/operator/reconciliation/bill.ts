import type { Failure, Result } from '../../shared/result.ts';

/** As stored: none is ever renamed. */
export const billLineKinds = [
  'payment',
  'refund',
  'refund_failed',
  'chargeback',
  'chargeback_reversed',
] as const;
export type BillLineKind = (typeof billLineKinds)[number];

/** One movement of money in a bill. */
export interface BillLine {
  /**
   * `refund`: money that went back; `refund_failed`: of that, what did not reach the payer and is ours again, perhaps weeks
   * later; `chargeback`: what the payer's bank has taken back; `chargeback_reversed`: that it has given to us again. The
   * amount is positive all the same.
   */
  readonly kind: BillLineKind;
  /** The order as we number it, where the provider's number can be led back to ours; else the provider's. */
  readonly orderId: string;
  /** The provider's own number of this movement: no other line of its kind has it. */
  readonly ref: string;
  /** Minor units. */
  readonly amountMinor: number;
  /** As the bill has it: also one that we do not know. */
  readonly currency: string;
  /** Wall time, ms. */
  readonly atMs: number;
}

/** What a provider says has moved on one day. */
export interface Bill {
  readonly lines: readonly BillLine[];
}

export type BillFailure = Failure<
  /** Not there yet, or nobody answers: asked for again. */
  | 'bill_not_ready'
  /** It is not what its own hash, totals or format say: asked for again, and people are told. */
  | 'bill_damaged'
  /** More than we read (`billBytesMax`, `billLinesMax`). */
  | 'bill_too_large'
>;

/** Where the bills of one merchant at one provider come from. */
export interface BillSource {
  /** As charges have it. */
  readonly provider: string;
  /** As the provider names the merchant. */
  readonly merchant: string;
  /** By how much the provider's days begin before those of UTC, ms. */
  readonly offsetMs: number;
  /** How long after its day's end a bill can be asked for, ms. */
  readonly readyAfterMs: number;
  /** The whole bill of a day, checked; a day on which nothing moved is an empty one. Never rejects for what the provider does. */
  fetch(day: Day, signal: AbortSignal): Promise<Result<Bill, BillFailure>>;
}

/** A day of a provider, YYYY-MM-DD. */
export type Day = string & { readonly __brand: 'Day' };

const dayMs = 86_400_000;

/** The day of a wall time (ms) where days begin `offsetMs` before those of UTC. */
export function dayOf(atMs: number, offsetMs: number): Day {
  return new Date(atMs + offsetMs).toISOString().slice(0, 10) as Day;
}

/** Null: no day. */
export function parseDay(text: string): Day | null {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(atMs) && dayOf(atMs, 0) === text ? (text as Day) : null;
}

/** Wall time (ms) at which a day begins. */
export function startOf(day: Day, offsetMs: number): number {
  return Date.parse(`${day}T00:00:00Z`) - offsetMs;
}

/** So many days later, or earlier. */
export function addDays(day: Day, count: number): Day {
  return dayOf(Date.parse(`${day}T00:00:00Z`) + count * dayMs, 0);
}

/**
 * An amount as a bill writes it, with at most two decimals → minor units; null: it is none. Texts, because a float has no
 * 0.29.
 */
export function minorOf(text: string): number | null {
  const [, sign = '', whole = '', part = ''] = /^([-+]?)(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (whole === '') return null;
  const minor = Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return sign === '-' ? -minor : minor;
}

/** A time as Chinese bills write it (`2026-11-28 16:33:45`, of Beijing) → wall time, ms; null: it is none. */
export function beijingTimeMs(text: string): number | null {
  const [, day = '', time = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(text) ?? [];
  const atMs = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(atMs) ? null : atMs - beijingOffsetMs;
}

/** Beijing has had no summer time since 1992. */
export const beijingOffsetMs = 8 * 3_600_000;
