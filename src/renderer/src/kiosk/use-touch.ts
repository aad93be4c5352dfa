import { useEffect, useRef } from 'react';
import { systemClock } from '../../../shared/clock.ts';

/** A touch is told to main at most so often, ms; far below each wait that it begins anew. */
const usualEveryMs = 2_000;

/** Calls back when the screen is touched or scrolled, at most once in `everyMs`: somebody is there. */
export function useTouch(onTouch: () => void, everyMs: number = usualEveryMs): void {
  const latest = useRef(onTouch);
  useEffect(() => {
    latest.current = onTouch;
  });
  useEffect(() => {
    let saidMs = -Infinity;
    const say = (): void => {
      const nowMs = systemClock.monotonicMs();
      if (nowMs - saidMs < everyMs) return;
      saidMs = nowMs;
      latest.current();
    };
    const types = ['pointerdown', 'wheel'] as const;
    for (const type of types) window.addEventListener(type, say, { passive: true });
    return () => {
      for (const type of types) window.removeEventListener(type, say);
    };
  }, [everyMs]);
}
