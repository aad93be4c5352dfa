import type { ReasonCode } from '../../shared/model/charge.ts';
import { civilOf } from '../../shared/util/civil-time.ts';
import { collection } from '../limits.ts';
import type { DeclineReason } from '../providers/provider.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** On which days after the first decline the account is asked again by itself; null: not by itself, the shopper is asked. */
type Repeats = readonly number[] | null;

/** A balance may be there on any day, most likely on the next; who declines without a reason soon changes nothing. */
const repeatsOf: Readonly<Record<DeclineReason, Repeats>> = {
  'account.insufficient_funds': [1, 2, 4, 7, 11, 16, 22, 29],
  'account.declined': [1, 3, 7, 14, 22],
  // The same answer each time, until the shopper has acted.
  'account.expired_card': null,
  'account.authentication_required': null,
};

/** How a charge in collection stands. Times are wall time, ms. */
export interface Collection {
  readonly reason: ReasonCode | null;
  readonly waitsForShopper: boolean;
  /** Of the first decline. */
  readonly sinceMs: number;
}

/** Whether what was declined for this reason is left to the shopper alone. */
export function isForShopper(reason: DeclineReason): boolean {
  return repeatsOf[reason] === null;
}

/** For so long it is collected; then people decide. */
export function isCollectionOver(sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs >= collection.endsAfterMs;
}

/** How often the member was to be reminded by now. The hour of a day may be earlier than so many whole days. */
export function remindersBy(sinceMs: number, nowMs: number): number {
  const earlyMs = dayMs - collection.hour * hourMs;
  return collection.remindOnDays.filter((day) => nowMs - sinceMs >= day * dayMs - earlyMs).length;
}

/**
 * When a charge in collection is looked at next: to ask the account again, to remind the member, or to end it. At a civil
 * hour of this IANA time zone, some of an hour later (`random01`, a uniform draw in [0, 1)), so that not all come at once.
 * A time in which nobody looked is passed over, and not made up for.
 */
export function nextCollectionMs(
  { reason, waitsForShopper, sinceMs }: Collection,
  nowMs: number,
  timeZone: string,
  random01: number,
): number {
  const isDecline = (code: ReasonCode | null): code is DeclineReason =>
    code !== null && Object.hasOwn(repeatsOf, code);
  const repeats = waitsForShopper ? null : repeatsOf[isDecline(reason) ? reason : 'account.declined'];
  const days = repeats ?? collection.remindOnDays;
  const moments = [
    ...(repeats === null ? [] : [firstRepeatMs(sinceMs, timeZone)]),
    ...days.map((day) => atHourMs(sinceMs, day, timeZone)),
  ];
  const next = moments.find((momentMs) => momentMs > nowMs) ?? Infinity;
  return Math.min(next + Math.floor(random01 * collection.spreadMs), sinceMs + collection.endsAfterMs);
}

/** Soon after the first decline, but not in the night. */
function firstRepeatMs(sinceMs: number, timeZone: string): number {
  const soonMs = sinceMs + collection.firstRepeatMs;
  const { hour } = civilOf(soonMs, timeZone);
  if (hour < collection.dayBegins) return atHourMs(soonMs, 0, timeZone);
  return hour < collection.dayEnds ? soonMs : atHourMs(soonMs, 1, timeZone);
}

/** The hour at which accounts are asked, so many civil days after this moment. */
function atHourMs(fromMs: number, days: number, timeZone: string): number {
  const { year, month, day } = civilOf(fromMs, timeZone);
  const asUtcMs = Date.UTC(year, month - 1, day + days, collection.hour);
  // Near a change of the clocks the offset is that of the moment itself.
  const nearMs = asUtcMs - offsetMs(asUtcMs, timeZone);
  return asUtcMs - offsetMs(nearMs, timeZone);
}

function offsetMs(atMs: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = civilOf(atMs, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000;
}
