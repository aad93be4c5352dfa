import type { Countdown } from '../../../shared/model/visit.schema.ts';

/** What is left of a count-down, ms, so long after its snapshot came in. Never negative, never more than it began with. */
export function remainingMs(countdown: Countdown, sinceReceivedMs: number): number {
  const left = countdown.durationMs - countdown.elapsedMs - Math.max(sinceReceivedMs, 0);
  return Math.min(Math.max(left, 0), countdown.durationMs);
}

/** Whole seconds as people count them down: 15 at the start, 1 in the last second, 0 at the end. */
export function secondsLeft(countdown: Countdown, sinceReceivedMs: number): number {
  return Math.ceil(remainingMs(countdown, sinceReceivedMs) / 1000);
}

/** How far the ring has run, 0 to 1. */
export function doneShare(countdown: Countdown, sinceReceivedMs: number): number {
  if (countdown.durationMs <= 0) return 1;
  return 1 - remainingMs(countdown, sinceReceivedMs) / countdown.durationMs;
}
