/**
 * Tries to come in, as they are kept on the disk. A try is counted and stored before it is looked at, and taken back only when it
 * was right: pulling the plug in between is a wrong one. `waitUntilMs` is of the operating time
 * (main/operating-clock.ts), which nobody sets.
 */
export interface Throttle {
  readonly failureCount: number;
  readonly waitUntilMs: number;
}

export const throttleLimits = {
  /** So many wrong ones cost nothing: a finger slips. */
  freeCount: 3,
  firstWaitMs: 30_000,
  /** It doubles with each, up to this: three tries in four hours, for ever. */
  waitMaxMs: 3_600_000,
  /** From so many on it is told to the operator, and again with each doubling of their number. */
  tellFromCount: 5,
  failureCountMax: 1_000_000,
  /** Half of them are forgotten each time that nobody has typed a wrong one for so long. */
  forgetMs: 6 * 3_600_000,
} as const;

export const noFailures: Throttle = { failureCount: 0, waitUntilMs: 0 };
/** What cannot be read was changed by somebody: as after very many. */
export function unreadable(nowMs: number): Throttle {
  return { failureCount: throttleLimits.failureCountMax, waitUntilMs: nowMs + throttleLimits.waitMaxMs };
}

/** How long to wait before the next try, ms; 0: it may be made now. Never longer than the longest wait, whatever is stored. */
export function waitMsOf({ failureCount, waitUntilMs }: Throttle, nowMs: number): number {
  return Math.min(Math.max(0, waitUntilMs - nowMs), pauseMs(failureCount));
}

/** As it is stored before a try is looked at: as if it were wrong. */
export function counted({ failureCount }: Throttle, nowMs: number): Throttle {
  const count = Math.min(failureCount + 1, throttleLimits.failureCountMax);
  return { failureCount: count, waitUntilMs: nowMs + pauseMs(count) };
}

/** What is left of them by now. */
export function eased({ failureCount, waitUntilMs }: Throttle, nowMs: number): Throttle {
  const halves = Math.min(Math.floor(Math.max(0, nowMs - waitUntilMs) / throttleLimits.forgetMs), 30);
  const count = failureCount >> halves;
  return count === 0
    ? noFailures
    : { failureCount: count, waitUntilMs: waitUntilMs + halves * throttleLimits.forgetMs };
}

/**
 * After one that was right: as before it, without those that were typed wrong just before at the same number (`slipCount`).
 * Others stay: somebody who works here and guesses at the PIN of another would else take back each guess with the own one.
 */
export function takenBack(before: Throttle, slipCount: number): Throttle {
  const failureCount = before.failureCount - slipCount;
  return failureCount <= 0 ? noFailures : { ...before, failureCount };
}

/** Whether this many wrong ones are news. */
export function isToBeTold({ failureCount }: Throttle): boolean {
  const times = failureCount / throttleLimits.tellFromCount;
  return times >= 1 && Number.isInteger(Math.log2(times));
}

function pauseMs(failureCount: number): number {
  const { freeCount, firstWaitMs, waitMaxMs } = throttleLimits;
  if (failureCount < freeCount) return 0;
  return Math.min(firstWaitMs * 2 ** Math.min(failureCount - freeCount, 32), waitMaxMs);
}
