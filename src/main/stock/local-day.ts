import { twoDigits } from '../../shared/util/clock-text.ts';

/** The day on the calendar of this machine: `2026-12-31`. */
export function localDayOf(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
}
