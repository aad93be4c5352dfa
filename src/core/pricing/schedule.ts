import type { Schedule } from '../../shared/model/promotion.schema.ts';
import { dayNumberOf, weekdayOf } from '../../shared/util/calendar-day.ts';

/** A moment as clock and calendar on the wall of a place show it. */
export interface LocalMoment {
  /** Days of year 0 to it (`dayNumberOf`). */
  readonly day: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Of a hostile order: no more of them are remembered. */
const formatsMax = 16;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit' },
  });
  if (formats.size < formatsMax) formats.set(timeZone, format);
  return format;
}

/** Null: no such time zone, or no such time. */
export function localMomentOf(atMs: number, timeZone: string): LocalMoment | null {
  try {
    const parts = new Map(
      formatOf(timeZone)
        .formatToParts(atMs)
        .map(({ type, value }) => [type, value]),
    );
    const day = `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`;
    const number = dayNumberOf(day);
    if (number === null) return null;
    return { day: number, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
  } catch {
    return null;
  }
}

function beginsOn({ firstDay, lastDay, weekdays }: Schedule, day: number): boolean {
  const [first, last] = [dayNumberOf(firstDay ?? ''), dayNumberOf(lastDay ?? '')];
  return (
    (first === null || day >= first) && (last === null || day <= last) && weekdays.includes(weekdayOf(day))
  );
}

/** What goes over midnight belongs to the day on which it began. */
export function isOn(schedule: Schedule, { day, minute }: LocalMoment): boolean {
  const { fromMinute, toMinute } = schedule;
  if (fromMinute < toMinute) return beginsOn(schedule, day) && minute >= fromMinute && minute < toMinute;
  if (minute >= fromMinute && beginsOn(schedule, day)) return true;
  return minute < toMinute && beginsOn(schedule, day - 1);
}
