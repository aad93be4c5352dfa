import { useEffect, useState } from 'react';

/** Milliseconds since something was answered, in whole seconds, by a clock that nobody can set. */
export function useSecondsSince(sinceMs: number): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.floor((nowMs - sinceMs) / 1_000));
}
