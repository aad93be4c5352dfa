import { useEffect, useState } from 'react';
import { systemClock } from '../../../shared/clock.ts';

/** False until the part of the screen that asks has been there for so long, ms; `html[data-reading]` meanwhile. */
export function useReadTime(readMs: number): boolean {
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    const { dataset } = document.documentElement;
    dataset['reading'] = '';
    const stop = systemClock.after(readMs, () => {
      delete dataset['reading'];
      setRead(true);
    });
    return () => {
      stop();
      delete dataset['reading'];
    };
  }, [readMs]);
  return isRead;
}
