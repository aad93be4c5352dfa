import { useEffect, useState } from 'react';
import { systemClock } from '../../../shared/clock.ts';
import type { Countdown } from '../../../shared/model/visit.schema.ts';
import { doneShare, secondsLeft } from './countdown.ts';
import { useKiosk } from './context.ts';

const tickMs = 200;

/** Follows a count-down of the snapshot: whole seconds left and the share that is done. */
export function useCountdown(countdown: Countdown): { seconds: number; share: number; over: boolean } {
  const { receivedAtMs } = useKiosk();
  const [nowMs, setNowMs] = useState(receivedAtMs);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(systemClock.monotonicMs()), tickMs);
    return () => clearInterval(timer);
  }, []);
  const since = nowMs - receivedAtMs;
  const seconds = secondsLeft(countdown, since);
  return { seconds, share: doneShare(countdown, since), over: seconds === 0 };
}
