import { twoDigits } from './clock-text.ts';

type CivilPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/** What clocks and calendars show there at that moment. */
export function civilOf(atMs: number, timeZone: string): Readonly<Record<CivilPart, number>> {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'iso8601', hourCycle: 'h23', ...numeric },
    ...{ minute: 'numeric', second: 'numeric' },
  });
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const of = (part: CivilPart): number => parts.get(part) ?? 0;
  return {
    ...{ year: of('year'), month: of('month'), day: of('day') },
    ...{ hour: of('hour'), minute: of('minute'), second: of('second') },
  };
}

/** The day on the calendar there: `2026-12-31`. */
export function civilDayOf(atMs: number, timeZone: string): string {
  const { year, month, day } = civilOf(atMs, timeZone);
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}
