import { useEffect, useState, useSyncExternalStore } from 'react';
import { isNight } from '../theme/night.ts';

const clockEveryMs = 15_000;
const darkQuery = '(prefers-color-scheme: dark)';

/** Wall time, renewed often enough for a clock with minutes. */
function useWallClock(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), clockEveryMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Whether the dark theme is on. */
export function useNight(): boolean {
  const now = useWallClock();
  const prefersDark = useSyncExternalStore(
    (changed) => {
      const query = window.matchMedia(darkQuery);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => window.matchMedia(darkQuery).matches,
    () => false,
  );
  return isNight(now.getHours(), prefersDark);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of an element in design units (one pixel on a 1080 x 1920 screen); `fallback` until it has been measured. */
export function useSize(element: Element | null, fallback: Size): Size {
  const [size, setSize] = useState<Size | null>(null);
  useEffect(() => {
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const unit = unitPx(window.innerWidth, window.innerHeight);
      setSize({ width: entry.contentRect.width / unit, height: entry.contentRect.height / unit });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size ?? fallback;
}

/** CSS pixels of one design unit; the same rule as `--u` in the theme. */
function unitPx(viewportWidth: number, viewportHeight: number): number {
  return viewportWidth > viewportHeight
    ? Math.min(viewportWidth / 1920, viewportHeight / 1080)
    : Math.min(viewportWidth / 1080, viewportHeight / 1920);
}
