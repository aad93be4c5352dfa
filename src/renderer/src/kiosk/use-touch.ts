import { useEffect, useRef } from 'react';
import { systemClock } from '../../../shared/clock.ts';
import { TouchTeller } from './touch-teller.ts';

/** A touch is told to main at most so often, ms; far below each wait that it begins anew. */
const usualEveryMs = 2_000;

interface TouchOptions {
  /** At most so often, ms. */
  readonly everyMs?: number;
  /** False: something else says that the screen is touched. */
  readonly isHeard?: boolean;
  /** A touch soon after one that was told is told at the end of the pause; false: not at all. */
  readonly isLateTold?: boolean;
}

/** On the way down: a button keeps what it is touched by to itself (react-aria), and would be no touch at all. */
export const anyTouch = { capture: true, passive: true } as const;

/** Calls back when the screen is touched or scrolled, at most once in `everyMs`: somebody is there. */
export function useTouch(
  onTouch: () => void,
  { everyMs = usualEveryMs, isHeard = true, isLateTold = true }: TouchOptions = {},
): void {
  const latest = useRef({ onTouch, isHeard });
  useEffect(() => {
    latest.current = { onTouch, isHeard };
  });
  useEffect(() => {
    const tell = (): boolean => {
      if (latest.current.isHeard) latest.current.onTouch();
      return latest.current.isHeard;
    };
    const teller = new TouchTeller({ clock: systemClock, everyMs, isLateTold, tell });
    const onEvent = (): void => teller.touched();
    const types = ['pointerdown', 'wheel'] as const;
    for (const type of types) window.addEventListener(type, onEvent, anyTouch);
    return () => {
      for (const type of types) window.removeEventListener(type, onEvent, anyTouch);
      teller.end();
    };
  }, [everyMs, isLateTold]);
}
