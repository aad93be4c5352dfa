import { useEffect, useState } from 'react';
import { systemClock } from '../../../shared/clock.ts';

/** False until the part of the screen that asks has been there for so long, ms. */
export function useReadTime(readMs: number): boolean {
  const [isRead, setRead] = useState(false);
  useEffect(() => systemClock.after(readMs, () => setRead(true)), [readMs]);
  return isRead;
}
