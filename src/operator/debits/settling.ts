import { debitLateMaxMs, settlingAskEveryMs, settlingFirstAskMs } from '../limits.ts';

/**
 * From when on the settling period counts. Time in which nobody looked is not counted: nobody knows whether it has passed,
 * or the clock was only set forward while the request was on its way.
 */
export function watchedSince(askedAtMs: number | null, lateMs: number): number | null {
  const unwatchedMs = lateMs > debitLateMaxMs ? lateMs : 0;
  return askedAtMs === null ? null : askedAtMs + unwatchedMs;
}

/** When the provider is asked again about a number that was sent at `askedAtMs` and that it does not know yet. */
export function nextQueryAtMs(askedAtMs: number, nowMs: number, settlingMs: number): number {
  const ageMs = nowMs - askedAtMs;
  const nextMs = ageMs < settlingFirstAskMs ? settlingFirstAskMs : ageMs + settlingAskEveryMs;
  return askedAtMs + Math.min(nextMs, settlingMs);
}
